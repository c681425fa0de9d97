"""The strings of a workbook, which its cells name by number: kept on disk, for they may be millions."""

import mmap
import tempfile
from array import array
from dataclasses import dataclass, field
from typing import BinaryIO

from connectors.legacy.byte_source import ByteStream
from connectors.legacy.limits import Limits
from connectors.legacy.refusal import SourceProblem, SourceRefused
from connectors.legacy.xml_events import walk

# Eight bytes of memory each, 128 MiB of them.
_MOST_STRINGS = 1 << 24


class SharedStrings:
    """Strings by number, read from a file that has no name and ends with this object."""

    def __init__(self, data: mmap.mmap | None, ends: "array[int]") -> None:
        self._data = data
        self._ends = ends

    def get(self, number: int) -> str | None:
        """Return the string of that number, or None where there is none."""
        if not 0 <= number < len(self._ends) - 1 or self._data is None:
            return None
        return self._data[self._ends[number] : self._ends[number + 1]].decode()


def read_shared_strings(stream: ByteStream | None, limits: Limits) -> SharedStrings:
    """Return the strings of that part, if there is one; raises SourceRefused where they are too many."""
    ends = array("Q", [0])
    if stream is None:
        return SharedStrings(None, ends)
    with tempfile.TemporaryFile() as file:
        collector = _Collector(file, ends, limits)
        for _ in walk(stream, collector):
            pass
        file.flush()
        if not ends[-1]:
            # Nothing can be mapped of an empty file.
            file.write(b"\0")
            file.flush()
        return SharedStrings(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), ends)


@dataclass(slots=True)
class _Collector:
    """Writes each string to the file as it ends."""

    file: BinaryIO
    ends: "array[int]"
    limits: Limits
    parts: list[str] = field(default_factory=list)
    held: int = 0
    is_collecting: bool = False
    in_phonetic: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "rPh":  # how it is read aloud, beside the string
            self.in_phonetic = True
        elif name == "t":
            self.is_collecting = not self.in_phonetic

    def end(self, name: str) -> None:
        if name == "t":
            self.is_collecting = False
        elif name == "rPh":
            self.in_phonetic = False
        elif name == "si":
            raw = "".join(self.parts).encode()
            self.file.write(raw)
            self.ends.append(self.ends[-1] + len(raw))
            self.parts.clear()
            self.held = 0
            if self.ends[-1] > self.limits.shared_strings_bytes or len(self.ends) > _MOST_STRINGS:
                raise SourceRefused(SourceProblem.STRINGS_SIZE)

    def text(self, text: str) -> None:
        if self.is_collecting:
            self.held += len(text)
            if self.held > self.limits.row_bytes:  # a cell takes 32,767 characters
                raise SourceRefused(SourceProblem.STRINGS_SIZE)
            self.parts.append(text)
