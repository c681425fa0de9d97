#!/bin/sh
# Makes the virtual environment: make_environment.sh PYTHON FOLDER. Needs no root.
set -eu

wanted=$1
folder=$2

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

chosen=
for candidate in "$wanted" python3.13 python3.12 python3.11 python3.14; do
    if is_new_enough "$candidate"; then
        chosen=$candidate
        break
    fi
done

if [ -z "$chosen" ]; then
    echo "Python 3.11 or newer is needed; '$wanted' is $("$wanted" --version 2>&1 || true)." >&2
    echo "Name another one: make PYTHON=/path/to/python3.12 ..." >&2
    exit 1
fi
if [ "$chosen" != "$wanted" ]; then
    echo "'$wanted' is older than Python 3.11: taking $chosen instead."
fi

# Debian splits venv off: the module is there without ensurepip, and venv would fail half-way.
if ! "$chosen" -c 'import ensurepip, venv' 2>/dev/null; then
    echo "$chosen has no venv module (Debian and Ubuntu: install the package python3-venv)." >&2
    exit 1
fi

echo "Making the environment $folder with $("$chosen" --version) ..."
"$chosen" -m venv --clear "$folder"
