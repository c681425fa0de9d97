"""LDIF: entries of a directory, one after the other (RFC 2849); change records are refused."""

import base64
import binascii
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from connectors.legacy.byte_source import open_bytes
from connectors.legacy.decoding import decode
from connectors.legacy.layout import Encoding, Layout
from connectors.legacy.ldif_entries import Entry, LdifEntries
from connectors.legacy.limits import Limits
from connectors.legacy.line_chunks import begin_of_text
from connectors.legacy.refusal import SourceProblem, SourceRefused
from connectors.legacy.rows import Chunk, Position, RowFault, chunk_of

#: Stands between the values of an attribute that an entry has several times.
SEPARATOR = "|"


class LdifFile:
    """A directory's entries as rows: attributes are columns, told apart without regard to case, others are not taken.

    An entry may lack any attribute but `dn`: a directory writes none that is empty.
    """

    def __init__(self, path: Path, layout: Layout, limits: Limits) -> None:
        if layout.encoding not in (Encoding.UTF_8, Encoding.GB18030):
            raise SourceRefused(SourceProblem.ENCODING)
        self._path = path
        self._layout = layout
        self._limits = limits
        self._wanted = {name.lower(): place for place, name in enumerate(layout.header)}

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self._layout.header

    def chunks(self, *, size: int, after: Position | None = None) -> Iterator[Chunk]:
        """Yield the rows after that position (`rows.LegacyFile`)."""
        place = after or begin_of_text(self._path, self._limits, self._layout.encoding)
        with closing(open_bytes(self._path, self._limits)) as stream:
            entries = LdifEntries(stream, self._limits, offset=place.offset, wanted=frozenset(self._wanted))
            while found := entries.take(size):
                outcomes, lost = [], 0
                for entry in found:
                    outcome, lost_here = self._read(entry) if isinstance(entry, Entry) else (entry, 0)
                    outcomes.append(outcome)
                    lost += lost_here
                chunk = chunk_of(outcomes, before=place.row, lost_characters=lost, offset=entries.offset)
                place = chunk.position
                yield chunk

    def _read(self, entry: Entry) -> tuple[list[str] | RowFault, int]:
        cells = [""] * len(self._layout.header)
        lost = 0
        for name, sign, raw in entry.values:
            value = value_of(sign, raw)
            if value is None:
                return RowFault.MALFORMED, lost
            text, lost_here = decode(value, self._layout.encoding)
            lost += lost_here
            place = self._wanted[name]
            cells[place] = cells[place] + SEPARATOR + text if cells[place] else text
        if any("\0" in cell for cell in cells):
            return RowFault.NUL, lost
        return cells, lost


def value_of(sign: bytes, raw: bytes) -> bytes | None:
    """Return the value after a colon, or two for Base64; None where it is broken or stands elsewhere."""
    if sign == b":":
        return raw
    if sign == b"::":
        try:
            return base64.b64decode(raw, validate=True)
        except (binascii.Error, ValueError):
            return None
    return None  # §4: `:<` names a file or an address, and nothing is fetched
