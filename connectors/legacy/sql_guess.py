"""Which tables an SQL dump has, with what columns, and how it writes its strings."""

import re
from collections import Counter
from contextlib import closing
from pathlib import Path

from connectors.legacy.byte_source import open_bytes
from connectors.legacy.byte_window import ByteWindow
from connectors.legacy.header import names_without_header
from connectors.legacy.layout import Encoding
from connectors.legacy.limits import Limits
from connectors.legacy.sql_grammar import CREATE, GAP, NAMING, bare_name, defined_columns, literals
from connectors.legacy.sql_statements import Statements

#: So many bytes are searched for tables.
_SEARCHED = 1 << 30
_LONGEST_DEFINITION = 1 << 20
_MYSQL = re.compile(rb"`|ENGINE\s*=|MySQL dump|MariaDB dump|LOCK TABLES", re.IGNORECASE)
_DUMP = re.compile(
    rb"^\s*(?:INSERT\s+INTO|REPLACE\s+INTO|CREATE\s+TABLE|COPY\s+\S+\s*\([^()]*\)\s*FROM)\b", re.I | re.M
)
# Texts of other kinds may quote a statement further on.
_STATEMENT = re.compile(
    rb"(?:SET|CREATE|INSERT|REPLACE|DROP|LOCK|COPY|BEGIN|START|USE|ALTER|SELECT|PRAGMA|DELETE|TRUNCATE)\b[^,\t|]", re.I
)


def is_sql_dump(head: bytes) -> bool:
    """Tell whether a file begins with a statement, and soon makes or fills a table."""
    gap = GAP.match(head)
    begins = _STATEMENT.match(head, gap.end() if gap is not None else 0)
    return begins is not None and _DUMP.search(head) is not None


def has_backslashes(head: bytes) -> bool:
    """Tell whether a backslash escapes in the dump's strings, as it does in MySQL only."""
    return _MYSQL.search(head) is not None


def tables_of(path: Path, encoding: Encoding, limits: Limits) -> list[str]:
    """Return the tables that the first gigabyte fills, the one with most bytes of rows first.

    What merely looks like a statement, inside a text, may be among them; reading is strict about that.
    """
    sizes: Counter[str] = Counter()
    with closing(open_bytes(path, limits)) as stream:
        window = ByteWindow(stream, 0)
        current, begin = "", 0
        while window.offset < _SEARCHED and window.extend():
            cut = window.data.rfind(b"\n") + 1 or len(window.data)
            for match in NAMING.finditer(window.data, 0, cut):
                at = window.offset + match.start()
                sizes[current] += at - begin
                current, begin = bare_name(match[1], encoding), at
            window.at = cut
        sizes[current] += window.offset - begin
    return [name for name, _ in sizes.most_common() if name]


def columns_of(path: Path, table: str, encoding: Encoding, limits: Limits, *, backslashes: bool) -> tuple[str, ...]:
    """Return the table's columns as its first rows or its definition name them, or none."""
    statements = Statements(table, encoding, backslashes=backslashes)
    with closing(open_bytes(path, limits)) as stream:
        window = ByteWindow(stream, 0)
        statement = statements.find_next(window)
        if statement is None:
            return ()
        if statement.columns:
            return statement.columns
        patterns = literals(encoding, backslashes=backslashes)
        row = patterns.any_row().match(window.data, window.at)
        width = patterns.width_of(row.group()) if row is not None else 0
        defined = _defined_before(ByteWindow(stream, 0), table, encoding, statement.head)
    if defined:
        return defined
    return names_without_header(width)


def _defined_before(window: ByteWindow, table: str, encoding: Encoding, end: int) -> tuple[str, ...]:
    """Return the columns of the last definition of the table before that byte."""
    found: tuple[str, ...] = ()
    while window.offset < end and window.extend():
        for match in CREATE.finditer(window.data, window.at):
            if bare_name(match[1], encoding) == table:
                found = defined_columns(window.data[match.end() : match.end() + _LONGEST_DEFINITION], encoding)
        window.at = max(window.at, len(window.data) - _LONGEST_DEFINITION)
    return found
