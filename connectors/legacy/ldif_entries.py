"""Entries of LDIF put together from lines: folding, comments, and bounds on what is held (RFC 2849)."""

import re
from dataclasses import dataclass

from connectors.legacy.byte_source import ByteStream
from connectors.legacy.limits import Limits
from connectors.legacy.line_reader import LineReader
from connectors.legacy.refusal import SourceProblem, SourceRefused
from connectors.legacy.rows import RowFault

_LINE = re.compile(rb"([A-Za-z0-9.;_-]+)(:[:<]?) *(.*)", re.DOTALL)
_LINES = 4096
_BATCH_BYTES = 16 << 20
# Stands where the rest of an entry was not kept; no line is empty.
_TOO_LONG = b""
# `changetype` and its kin say what to do with an entry; `control` goes with them.
_CHANGES = (b"changetype", b"control")


@dataclass(frozen=True, slots=True)
class Entry:
    """The wanted attributes of an entry: name in lower case, the sign after it, and what follows unread."""

    values: list[tuple[str, bytes, bytes]]


class LdifEntries:
    """Gives entries; attributes that nobody wants are dropped line by line, so a photograph costs nothing."""

    def __init__(self, stream: ByteStream, limits: Limits, *, offset: int, wanted: frozenset[str] | None) -> None:
        self._reader = LineReader(stream, encoding="utf-8", offset=offset, longest=limits.row_bytes)
        self._longest = limits.row_bytes
        self._wanted = wanted
        self._lines: list[bytes] = []
        self._next = 0

    @property
    def offset(self) -> int:
        """The byte after the last entry that was taken, or before one of the empty lines that follow it."""
        return self._reader.offset - sum(len(line) + 1 for line in self._lines[self._next :])

    def take(self, most: int) -> list[Entry | RowFault]:
        """Return the next entries, at most so many; raises SourceRefused for a record of changes."""
        found: list[Entry | RowFault] = []
        begin = self._reader.offset
        while len(found) < most and self._reader.offset - begin < _BATCH_BYTES:
            lines = self._next_entry()
            if lines is None:
                break
            entry = self._read(lines)
            if entry is not None:
                found.append(entry)
        return found

    def _next_entry(self) -> list[bytes] | None:
        """Return the whole lines up to an empty one, without comments; None at the end of the file."""
        lines: list[bytes] = []
        held, is_dropped = 0, False
        while (line := self._line()) is not None:
            if not line:
                if lines:
                    break
                continue
            is_folded = line[:1] == b" "
            if not is_folded:
                is_dropped = line[:1] == b"#" or not self._is_wanted(line, is_first=not lines)
            held += 0 if is_dropped else len(line)
            if is_dropped or held > self._longest:
                continue
            if not is_folded:
                lines.append(line)
            elif lines:
                lines[-1] += line[1:]
        return ([*lines, _TOO_LONG] if held > self._longest else lines) or None

    def _line(self) -> bytes | None:
        if self._next == len(self._lines):
            self._lines, self._next = self._reader.take(_LINES), 0
            if not self._lines:
                return None
        self._next += 1
        return self._lines[self._next - 1].removesuffix(b"\r")

    def _is_wanted(self, line: bytes, *, is_first: bool) -> bool:
        name = line.partition(b":")[0].lower()
        if name in _CHANGES:
            raise SourceRefused(SourceProblem.LDIF_CHANGES)
        return self._wanted is None or is_first or name == b"dn" or name.decode("ascii", "replace") in self._wanted

    def _read(self, lines: list[bytes]) -> Entry | RowFault | None:
        name = lines[0].partition(b":")[0].lower()
        if name == b"version" or name == b"search":  # of the file, and what ldapsearch says at its end
            lines = lines[1:]
            if not lines or name == b"search":
                return None
            name = lines[0].partition(b":")[0].lower()
        if lines[-1] is _TOO_LONG:
            return RowFault.TOO_LONG
        if name != b"dn":
            return RowFault.MALFORMED
        values = []
        for line in lines:
            match = _LINE.fullmatch(line)
            if match is None:
                return RowFault.MALFORMED
            key = match[1].decode().lower()
            if self._wanted is None or key in self._wanted:
                values.append((key, match[2], match[3]))
        return Entry(values)
