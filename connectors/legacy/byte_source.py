"""The bytes of a file, unpacked on the way where it is a .gz or a .zip of one file; nothing is written to disk.

Archives come from outside: what one unpacks to is bounded in size and in ratio, one inside another is refused, and
the name inside is never used.
"""

import gzip
import lzma
import struct
import zipfile
import zlib
from pathlib import Path, PureWindowsPath
from typing import Protocol

from connectors.legacy.limits import Limits
from connectors.legacy.refusal import SourceProblem, SourceRefused

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
#: First bytes of archives and packed streams, for what may not be inside another and what nobody unpacks here.
ARCHIVES = (GZIP, ZIP, _EMPTY_ZIP, b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\x28\xb5\x2f\xfd")
_BLOCK = 1 << 20
#: The bit of a .zip entry.
ENCRYPTED = 0x1
# The first block of a small file of equal rows packs better than any whole one.
_FREE_OF_RATIO = 4 << 20


#: What a damaged archive makes the standard library raise, when it is opened and when it is read.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    NotImplementedError,  # a version or a method that nobody uses
    RuntimeError,
    ValueError,
    EOFError,
    OSError,
)


class ByteStream(Protocol):
    """What readers need of a file; `read` gives fewer bytes than asked for at its end only."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""

    def seek(self, offset: int, /) -> int:
        """Go to that byte."""

    def close(self) -> None:
        """Let go of the file."""


def open_bytes(path: Path, limits: Limits) -> ByteStream:
    """Open the file, or the one file inside the archive that it is; raises SourceRefused for an archive like no other.

    A workbook is a .zip by itself and is not for this function.
    """
    with path.open("rb") as file:
        magic = file.read(8)
    if magic.startswith((ZIP, _EMPTY_ZIP)):
        stream = _open_zip(path, limits)
    elif magic.startswith(GZIP):
        stream = Unpacked(gzip.GzipFile(path), None, packed=path.stat().st_size, limits=limits)
    else:
        return path.open("rb")
    try:
        if stream.read(8).startswith(ARCHIVES):
            raise SourceRefused(SourceProblem.ARCHIVE_NESTED)
        stream.seek(0)
    except SourceRefused:
        stream.close()
        raise
    return stream


def _open_zip(path: Path, limits: Limits) -> "Unpacked":
    try:
        archive = zipfile.ZipFile(path)
    except BROKEN:
        raise SourceRefused(SourceProblem.BROKEN) from None
    try:
        info = _only_file(archive)
        if info.file_size > limits.unpacked_bytes:
            raise SourceRefused(SourceProblem.ARCHIVE_SIZE)
        if info.file_size > max(_FREE_OF_RATIO, limits.unpacked_ratio * info.compress_size):
            raise SourceRefused(SourceProblem.ARCHIVE_RATIO)
        try:
            return Unpacked(archive.open(info), archive, packed=info.compress_size, limits=limits)
        except BROKEN:
            raise SourceRefused(SourceProblem.BROKEN) from None
    except SourceRefused:
        archive.close()
        raise


def _only_file(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    files = [info for info in archive.infolist() if not info.is_dir()]
    if len(files) != 1:
        raise SourceRefused(SourceProblem.ARCHIVE_FILES)
    name = PureWindowsPath(files[0].filename)  # it takes both kinds of slash, and drives
    if name.is_absolute() or name.drive or name.root or ".." in name.parts:
        # Nothing is written under this name, but an honest tool does not make it.
        raise SourceRefused(SourceProblem.ARCHIVE_PATH)
    if files[0].flag_bits & ENCRYPTED:
        raise SourceRefused(SourceProblem.ARCHIVE_ENCRYPTED)
    return files[0]


class Unpacked:
    """A packed stream, read forwards with bounds; going back begins again. `packed` is its size before."""

    def __init__(self, inner: ByteStream, archive: zipfile.ZipFile | None, *, packed: int, limits: Limits) -> None:
        self._inner = inner
        self._archive = archive
        self._most = limits.unpacked_bytes
        self._most_by_ratio = max(_FREE_OF_RATIO, limits.unpacked_ratio * packed)
        self._at = 0

    def read(self, size: int, /) -> bytes:
        """Return the next bytes; raises SourceRefused where they are too many or broken."""
        parts: list[bytes] = []
        while size > 0:
            try:
                part = self._inner.read(min(size, _BLOCK))
            except BROKEN:
                raise SourceRefused(SourceProblem.BROKEN) from None
            if not part:
                break
            parts.append(part)
            size -= len(part)
            self._count(len(part))
        return b"".join(parts)

    def seek(self, offset: int, /) -> int:
        """Go to that byte, through all that stand before it."""
        if offset < self._at:
            self._inner.seek(0)
            self._at = 0
        while self._at < offset and self.read(min(_BLOCK, offset - self._at)):
            pass
        return self._at

    def close(self) -> None:
        """Let go of the file."""
        self._inner.close()
        if self._archive is not None:
            self._archive.close()

    def _count(self, length: int) -> None:
        self._at += length
        if self._at > self._most:
            raise SourceRefused(SourceProblem.ARCHIVE_SIZE)
        if self._at > self._most_by_ratio:
            raise SourceRefused(SourceProblem.ARCHIVE_RATIO)
