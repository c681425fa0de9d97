"""SQL dumps: the rows that INSERT and COPY statements bring to one table (mysqldump, pg_dump and their like)."""

from collections.abc import Iterator
from contextlib import closing
from operator import itemgetter
from pathlib import Path

from connectors.legacy.byte_source import open_bytes
from connectors.legacy.byte_window import ByteWindow
from connectors.legacy.layout import Encoding, Layout
from connectors.legacy.limits import Limits
from connectors.legacy.line_chunks import begin_of_text
from connectors.legacy.refusal import SourceProblem, SourceRefused
from connectors.legacy.rows import Chunk, Position, RowFault, chunk_of
from connectors.legacy.sql_rows import BATCH_BYTES, RowsRead, SqlRows
from connectors.legacy.sql_statements import Statement, Statements


class SqlDumpFile:
    """The rows of one table of a dump in UTF-8 or GB18030."""

    def __init__(self, path: Path, layout: Layout, limits: Limits) -> None:
        if not layout.table:
            raise SourceRefused(SourceProblem.LAYOUT)
        if layout.encoding not in (Encoding.UTF_8, Encoding.GB18030):
            raise SourceRefused(SourceProblem.ENCODING)
        self._path = path
        self._layout = layout
        self._limits = limits
        self._statements = Statements(layout.table, layout.encoding, backslashes=layout.backslashes)
        self._rows = SqlRows(layout, limits, self._statements)

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self._layout.header

    def chunks(self, *, size: int, after: Position | None = None) -> Iterator[Chunk]:
        """Yield the rows after that position (`rows.LegacyFile`)."""
        row, is_from_start = (after.row, False) if after is not None else (0, True)
        with closing(open_bytes(self._path, self._limits)) as stream:
            window, statement = self._return_to(ByteWindow(stream, 0), after)
            while True:
                outcomes, lost, statement = self._read_some(window, statement, size)
                if not outcomes and statement is None:
                    break
                head = window.offset if statement is None else statement.head
                chunk = chunk_of(outcomes, before=row, lost_characters=lost, offset=window.offset, head=head)
                row, is_from_start = chunk.position.row, False
                if outcomes:
                    yield chunk
        if is_from_start:
            raise SourceRefused(SourceProblem.TABLE)

    def _read_some(
        self, window: ByteWindow, statement: Statement | None, most: int
    ) -> tuple[list[list[str] | RowFault], int, Statement | None]:
        """Return what came of the next rows, their lost characters, and the statement inside which reading stands."""
        outcomes: list[list[str] | RowFault] = []
        lost, begin = 0, window.offset
        while len(outcomes) < most and window.offset - begin < BATCH_BYTES:
            if statement is None:
                statement = self._statements.find_next(window)
                if statement is None:
                    break
            found = self._rows.read(window, statement, most - len(outcomes))
            outcomes += self._arranged(statement, found)
            lost += found.lost_characters
            statement = None if found.has_ended else statement
        return outcomes, lost, statement

    def _return_to(self, window: ByteWindow, after: Position | None) -> tuple[ByteWindow, Statement | None]:
        """Move to a position, which may be inside a statement: its head is read again."""
        if after is None:
            window.go_to(begin_of_text(self._path, self._limits, self._layout.encoding).offset)
            return window, None
        window.go_to(after.head)
        statement = self._statements.find_next(window) if after.head != after.offset else None
        window.go_to(after.offset)
        return window, statement

    def _arranged(self, statement: Statement, found: RowsRead) -> list[list[str] | RowFault]:
        """Return the rows in the order of the header; raises SourceRefused where the statement has other columns."""
        header, columns = self._layout.header, statement.columns or self._layout.header
        if columns == header:
            return found.outcomes
        if sorted(columns) != sorted(header):
            raise SourceRefused(SourceProblem.HEADER_DIFFERS)
        pick = itemgetter(*(columns.index(name) for name in header))
        return [each if isinstance(each, RowFault) else list(pick(each)) for each in found.outcomes]
