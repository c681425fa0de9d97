"""Workbooks (.xlsx): one sheet, read as its XML comes by.

Not openpyxl: it keeps all shared strings in memory, bounds nothing that it unpacks, and takes several times as long.
"""

import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from connectors.legacy.header import names_of
from connectors.legacy.layout import Layout
from connectors.legacy.limits import Limits
from connectors.legacy.refusal import SourceProblem, SourceRefused
from connectors.legacy.rows import Chunk, Position, RowFault, chunk_of
from connectors.legacy.shared_strings import SharedStrings, read_shared_strings
from connectors.legacy.workbook import Workbook, open_archive, open_part, read_workbook
from connectors.legacy.xlsx_rows import SheetRows
from connectors.legacy.xml_events import walk


class XlsxFile:
    """A sheet of a workbook; what has no seek is read again up to where it goes on."""

    def __init__(self, path: Path, layout: Layout, limits: Limits) -> None:
        self._path = path
        self._layout = layout
        self._limits = limits
        with closing(open_archive(path)) as archive:
            self._workbook: Workbook = read_workbook(archive, limits)
            if layout.sheet not in self._workbook.sheets:
                raise SourceRefused(SourceProblem.TABLE)
            self._strings = _read_strings(archive, self._workbook, limits)
            if layout.has_header:
                self._check_header(archive)

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self._layout.header

    def chunks(self, *, size: int, after: Position | None = None) -> Iterator[Chunk]:
        """Yield the rows after that position (`rows.LegacyFile`)."""
        before = after.row if after is not None else 0
        passed_over = before + self._layout.has_header
        with closing(open_archive(self._path)) as archive:
            for outcomes in _batches(self._rows(archive, len(self._layout.header)), passed_over, size):
                chunk = chunk_of(outcomes, before=before, lost_characters=0, offset=0)
                before = chunk.position.row
                yield chunk

    def _check_header(self, archive: zipfile.ZipFile) -> None:
        first = next((batch[0] for batch in _batches(self._rows(archive, None), 0, 1)), None)
        if not isinstance(first, list) or names_of(first) != self._layout.header:
            raise SourceRefused(SourceProblem.HEADER_DIFFERS)

    def _rows(self, archive: zipfile.ZipFile, width: int | None) -> Iterator[list[list[str] | RowFault]]:
        """Yield what came of the rows of each block."""
        rows = _collector(self._workbook, self._strings, self._limits, width)
        with closing(open_part(archive, self._workbook.sheets[self._layout.sheet], self._limits)) as part:
            for _ in walk(part, rows):
                found, rows.found = rows.found, []
                yield found


def first_rows(path: Path, sheet: str, limits: Limits, *, most: int) -> tuple[tuple[str, ...], list[list[str]]]:
    """Return the names of the sheets, the one of that name or else the first of them first, and its first rows."""
    with closing(open_archive(path)) as archive:
        workbook = read_workbook(archive, limits)
        sheet = sheet or next(iter(workbook.sheets))
        if sheet not in workbook.sheets:
            raise SourceRefused(SourceProblem.TABLE)
        rows = _collector(workbook, _read_strings(archive, workbook, limits), limits, None)
        with closing(open_part(archive, workbook.sheets[sheet], limits)) as part:
            for _ in walk(part, rows):
                if len(rows.found) >= most:
                    break
    found = [row for row in rows.found[:most] if not isinstance(row, RowFault)]
    return (sheet, *(name for name in workbook.sheets if name != sheet)), found


def _collector(workbook: Workbook, strings: SharedStrings, limits: Limits, width: int | None) -> SheetRows:
    return SheetRows(
        strings=strings,
        date_styles=workbook.date_styles,
        is_from_1904=workbook.is_from_1904,
        limits=limits,
        width=width,
    )


def _read_strings(archive: zipfile.ZipFile, workbook: Workbook, limits: Limits) -> SharedStrings:
    if workbook.shared_strings is None:
        return read_shared_strings(None, limits)
    with closing(open_part(archive, workbook.shared_strings, limits)) as part:
        return read_shared_strings(part, limits)


def _batches(
    blocks: Iterator[list[list[str] | RowFault]], passed_over: int, size: int
) -> Iterator[list[list[str] | RowFault]]:
    """Yield the rows of the blocks `size` at a time, without the first ones."""
    held: list[list[str] | RowFault] = []
    for block in blocks:
        if passed_over >= len(block):
            passed_over -= len(block)
            continue
        held += block[passed_over:]
        passed_over = 0
        while len(held) >= size:
            yield held[:size]
            del held[:size]
    if held:
        yield held
