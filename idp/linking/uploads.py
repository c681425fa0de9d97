"""Files as they were uploaded: in a folder of the installation, each under a name of ours, told apart by digest."""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from idp.core.ids import new_id
from idp.crypto.blind_index import is_keyed_digest, keyed_digest, keyed_digests
from idp.crypto.keyring import Keyring

_BLOCK = 1 << 20
_KIND = "legacy file"  # keyed, for a file of a few rows could be guessed


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that lies here."""

    name: str
    digest: str
    digests: tuple[str, ...]  # under every live key
    size: int


class Uploads:
    """The folder of uploaded files, readable by its owner alone; what is done with is deleted."""

    def __init__(self, *, folder: Path, keyring: Keyring) -> None:
        self._folder = folder
        self._keyring = keyring

    def take(self, source: Path) -> Upload:
        """Copy a file in; raises OSError where the disk is full, and then nothing is left of it."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = new_id()
        target = self._folder / name
        try:
            with source.open("rb") as reading, os.fdopen(_create(target), "wb") as writing:
                shutil.copyfileobj(reading, writing, _BLOCK)
                writing.flush()
                os.fsync(writing.fileno())
        except OSError:
            target.unlink(missing_ok=True)
            raise
        found = self._hash(name)
        return Upload(
            name,
            keyed_digest(self._keyring, _KIND, found),
            keyed_digests(self._keyring, _KIND, found),
            target.stat().st_size,
        )

    def path(self, name: str) -> Path:
        """Return where a file lies; the name is one that `take` gave."""
        return self._folder / Path(name).name

    def is_same(self, name: str, digest: str) -> bool:
        """Tell whether the file is still the one of that digest; raises OSError."""
        return is_keyed_digest(self._keyring, _KIND, self._hash(name), digest)

    def _hash(self, name: str) -> bytes:
        found = hashlib.sha256()
        with self.path(name).open("rb") as file:
            while block := file.read(_BLOCK):
                found.update(block)
        return found.digest()

    def forget(self, name: str) -> None:
        """Delete a file."""
        self.path(name).unlink(missing_ok=True)


def _create(target: Path) -> int:
    return os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
