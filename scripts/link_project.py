"""Makes the checkout importable in its environment, without building or downloading anything.

Writes a path file into site-packages and the `idp` launcher beside python. Both are relative, so the
checkout may be moved together with its environment.
"""

import os
import sys
import sysconfig
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
LAUNCHER = """\
#!/bin/sh
exec "$(dirname "$0")/python" -m idp.cli "$@"
"""


def main() -> None:
    """Link the checkout into the environment whose Python runs this script."""
    if sys.prefix == sys.base_prefix:
        sys.exit("link_project.py: run it with the Python of the project's environment")
    packages = Path(sysconfig.get_path("purelib"))
    (packages / "yihao.pth").write_text(os.path.relpath(CHECKOUT, packages) + "\n")
    launcher = Path(sysconfig.get_path("scripts")) / "idp"
    launcher.write_text(LAUNCHER)
    launcher.chmod(0o755)


if __name__ == "__main__":
    main()
