"""Programs that some tests need and a machine may lack: Chromium, Node with its packages, slapd, SoftHSM."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent.parent
TOOLS = ("Chromium", "Node", "slapd", "Redis", "SoftHSM")
NEEDS = "needs {}: "


def leave_out(tool: str, why: str) -> NoReturn:
    """Leave the test out because `tool` is missing; the summary names both."""
    pytest.skip(NEEDS.format(tool) + why)


def tool_of(reason: str) -> str | None:
    """Return the tool for whose lack a test was left out, None where it was for another reason."""
    text = reason.removeprefix("Skipped: ")
    return next((tool for tool in TOOLS if text.startswith(NEEDS.format(tool))), None)


def find_chromium() -> Path | None:
    """Return the browser's program: the one that IDP_CHROMIUM names, else an installed one."""
    named = os.environ.get("IDP_CHROMIUM")
    if named:
        return Path(named) if Path(named).exists() else None
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name) or shutil.which(name, path="/usr/bin")
        if path:
            return Path(path)
    return None


def find_node() -> Path | None:
    """Return Node's program."""
    path = shutil.which("node") or shutil.which("nodejs")
    return Path(path) if path else None


def has_node_packages() -> bool:
    """Tell whether the packages of package.json are installed."""
    return (CHECKOUT / "node_modules" / "openid-client").is_dir()


def find_slapd() -> Path | None:
    """Return the LDAP server's program; Debian keeps it off an ordinary user's path."""
    path = shutil.which("slapd") or shutil.which("slapd", path="/usr/sbin:/usr/lib/openldap")
    return Path(path) if path else None


def find_softhsm() -> tuple[Path, Path] | None:
    """Return SoftHSM's library and the program that makes its tokens."""
    program = shutil.which("softhsm2-util") or shutil.which("softhsm2-util", path="/usr/bin")
    folders = (
        Path("/usr/lib"),
        Path("/usr/local/lib"),
        Path("/usr/lib64"),
        *sorted(Path("/usr/lib").glob("*-linux-gnu")),
    )
    library = next((path for each in folders if (path := each / "softhsm" / "libsofthsm2.so").exists()), None)
    return (library, Path(program)) if library and program else None


def presence() -> list[str]:
    """Return a line for each tool: where it is, or that it is missing."""
    node = find_node()
    packages = "" if has_node_packages() else ", its packages are missing (make node)"
    return [
        f"Chromium {find_chromium() or 'missing'}",
        f"Node {node}{packages}" if node else "Node missing",
        f"slapd {find_slapd() or 'missing'}",
        f"SoftHSM {softhsm[0] if (softhsm := find_softhsm()) else 'missing'}",
    ]


@pytest.fixture(scope="session")
def node() -> Path:
    """Node's program, with the packages of package.json beside it."""
    found = find_node()
    if found is None:
        leave_out("Node", "not installed")
    if not has_node_packages():
        leave_out("Node", "its packages are missing (make node)")
    return found


@pytest.fixture(scope="session")
def slapd() -> Path:
    """The LDAP server's program."""
    found = find_slapd()
    if found is None:
        leave_out("slapd", "not installed")
    return found
