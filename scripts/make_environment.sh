#!/bin/sh
# Makes the virtual environment: make_environment.sh PYTHON FOLDER, with PYTHON empty for the best at hand.
# Needs no root.
#
# The system's own Python comes first: its security fixes come by themselves, and distributions build it with the
# optimisations that a Python compiled by hand mostly lacks: without them a request costs more (docs/performance.md).
set -eu

wanted=$1
folder=$2
system=${SYSTEM_PYTHON:-/usr/bin/python3}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# Debian splits venv off: the module is there without ensurepip, and venv would fail half-way.
has_venv() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null
}

chosen=
without_venv=
for candidate in ${wanted:+"$wanted"} "$system" python3 python3.13 python3.12 python3.11 python3.14; do
    if is_new_enough "$candidate"; then
        if has_venv "$candidate"; then
            chosen=$candidate
            break
        fi
        without_venv=${without_venv:-$candidate}
    fi
done

if [ -z "$chosen" ]; then
    if [ -n "$without_venv" ]; then
        echo "$without_venv has no venv module (Debian and Ubuntu: install the package python3-venv)." >&2
    else
        echo "Python 3.11 or newer is needed, and none was found." >&2
    fi
    echo "Name another one: make PYTHON=/path/to/python3.12 ..." >&2
    exit 1
fi
if [ -n "$wanted" ] && [ "$chosen" != "$wanted" ]; then
    echo "'$wanted' is not Python 3.11 or newer with venv: taking $chosen instead."
fi

echo "Making the environment $folder with $("$chosen" --version) ($chosen) ..."
"$chosen" -m venv --clear "$folder"
