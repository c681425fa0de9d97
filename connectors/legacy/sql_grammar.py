"""The pieces of SQL dumps as patterns over bytes: names, literals, rows; nothing is ever executed.

Bytes and not text, because a job goes on from a byte. In GB18030 the second byte of a character may be a backslash or
a backtick, so characters are passed over whole.
"""

import re
from dataclasses import dataclass

from connectors.legacy.layout import Encoding

_WIDE = rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]?+"
#: One part of a name, in the quotes of MySQL, of the standard, of SQL Server, or in none.
_NAME_PART = rb"(?:`(?:[^`]|``)*`|\"(?:[^\"]|\"\")*\"|\[[^\]]*\]|[\w$\x80-\xff]+)"
_NAME = rb"(" + _NAME_PART + rb"(?:\s*\.\s*" + _NAME_PART + rb")*)"
_COLUMNS = rb"\(([^()]*)\)"

#: Space and comments between statements and rows.
GAP = re.compile(rb"(?:\s++|--[^\n]*+\n|#[^\n]*+\n|/\*(?:[^*]|\*(?!/))*+\*/)*+")
#: What begins rows, up to the first of them.
INSERT = re.compile(
    rb"(?:INSERT|REPLACE)\s+(?:LOW_PRIORITY\s+|DELAYED\s+|HIGH_PRIORITY\s+|IGNORE\s+)*(?:INTO\s+)?"
    + _NAME + rb"\s*(?:" + _COLUMNS + rb"\s*)?VALUES?\s*(?=\()",
    re.IGNORECASE,
)  # fmt: skip
COPY = re.compile(rb"COPY\s+" + _NAME + rb"\s*(?:" + _COLUMNS + rb"\s*)?FROM\s+stdin[^;\n]*;[^\n]*\n", re.IGNORECASE)
CREATE = re.compile(rb"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?" + _NAME + rb"\s*\(", re.IGNORECASE)
#: The beginnings of statements that name a table, at the start of a line.
NAMING = re.compile(
    rb"^(?:(?:INSERT|REPLACE)\s+(?:IGNORE\s+)?(?:INTO\s+)?|COPY\s+)" + _NAME, re.IGNORECASE | re.MULTILINE
)
#: Where a row that cannot be read may end: before the next row, or with its statement.
ROW_END = re.compile(rb"\)\s*+,\s*+(?=\()|\)\s*+;|;[ \t\r]*+\n")
#: The first column definitions of CREATE TABLE; keys and constraints are none.
COLUMN = re.compile(rb"\s*(" + _NAME_PART + rb")\s+[A-Za-z]")
_NO_COLUMN = frozenset({b"PRIMARY", b"KEY", b"UNIQUE", b"INDEX", b"CONSTRAINT", b"FULLTEXT", b"FOREIGN", b"CHECK"})


@dataclass(frozen=True, slots=True)
class Literals:
    """How literals are written in one dump: as patterns, for its encoding and its rule of backslashes."""

    #: A literal with what stands before it: a string, a number, NULL, X'…', _utf8'…', N'…'.
    value: bytes
    #: The same, or a call whose arguments are such.
    call: bytes
    string: bytes
    wide: bytes
    lead: bytes

    def row(self, width: int) -> re.Pattern[bytes]:
        """Return the pattern of a row of so many literals, each a group, and one for what follows it."""
        return self._rows(self.value, width)

    def row_with_calls(self, width: int) -> re.Pattern[bytes]:
        """Return the pattern of a row in which calls stand for some literals."""
        return self._rows(self.call, width)

    def rest_of_statement(self) -> re.Pattern[bytes]:
        """Return the pattern of what leads up to the semicolon of a statement, or to a string that goes on."""
        name = rb"`(?:[^`" + self.lead + rb"]++|" + self.wide + rb")*+`"
        comment = rb"--[^\n]*+\n|/\*(?:[^*]|\*(?!/))*+\*/"
        other = rb"[^;'\"`/" + self.lead + rb"-]++|[/-]"
        parts = (self.string, name, comment, other, self.wide)
        return re.compile(rb"(?:" + rb"|".join(parts) + rb")*+", re.DOTALL)

    def any_row(self) -> re.Pattern[bytes]:
        """Return the pattern of a row of any width."""
        call = self.call.replace(b"(", b"(?:", 1)
        return re.compile(rb"\(" + call + rb"(?:," + call + rb")*+\)\s*+", re.DOTALL)

    def width_of(self, row: bytes) -> int:
        """Return how many values a row has that `any_row` found."""
        value = re.compile(self.call, re.DOTALL)
        count, place = 0, 1
        while match := value.match(row, place):
            count, place = count + 1, match.end() + 1
        return count

    @staticmethod
    def _rows(value: bytes, width: int) -> re.Pattern[bytes]:
        return re.compile(rb"\(" + rb",".join([value] * width) + rb"\)\s*+(,\s*+(?=\()|;|)", re.DOTALL)


def literals(encoding: Encoding, *, backslashes: bool) -> Literals:
    """Return the patterns for an encoding; with `backslashes` they escape, as in MySQL."""
    escape = rb"\\." if backslashes else rb"(?!)"
    stop = rb"\\" if backslashes else b""
    wide, lead = (_WIDE, rb"\x81-\xfe") if encoding is Encoding.GB18030 else (rb"(?!)", b"")
    strings = [
        quote + rb"(?:[^" + quote + stop + lead + rb"]++|" + wide + rb"|" + escape + rb"|" + quote * 2 + rb")*+" + quote
        for quote in (b"'", b'"')
    ]
    string = rb"(?:" + rb"|".join(strings) + rb")"
    plain = rb"(?=[^\s,()])[^\s,()'\"]*+(?:" + string + rb")?+"
    call = rb"[A-Za-z_]++\s*+\((?:[^()'\"]++|" + string + rb")*+\)"
    return Literals(
        value=rb"\s*+(" + plain + rb")\s*+",
        call=rb"\s*+(" + call + rb"|" + plain + rb")\s*+",
        string=string,
        wide=wide,
        lead=lead,
    )


def column_names(listed: bytes, encoding: str) -> tuple[str, ...]:
    """Return the names of a list of columns."""
    return tuple(bare_name(part, encoding) for part in listed.split(b",")) if listed.strip() else ()


def defined_columns(definition: bytes, encoding: str) -> tuple[str, ...]:
    """Return the names that the definitions after the bracket of CREATE TABLE begin with."""
    names = []
    for line in _top_level(definition):
        match = COLUMN.match(line)
        if match is not None and match[1].upper() not in _NO_COLUMN:
            names.append(bare_name(match[1], encoding))
    return tuple(names)


def bare_name(name: bytes, encoding: str) -> str:
    """Return the last part of a name, without its quotes."""
    last = re.findall(_NAME_PART, name)[-1:] or [name.strip()]
    text: str = last[0].decode(encoding, "replace")
    if len(text) > 1 and text[0] in '`"[':
        text = text[1:-1].replace(text[0] * 2, text[0])
    return text


def _top_level(definition: bytes) -> list[bytes]:
    """Split at the commas outside brackets and strings, up to the bracket that ends the definition."""
    parts: list[bytes] = []
    depth, begin = 0, 0
    for match in re.finditer(rb"'(?:[^']|'')*'|[(),]", definition):
        sign = match.group()
        if sign == b")" and depth == 0:
            return [*parts, definition[begin : match.start()]]
        depth += {b"(": 1, b")": -1}.get(sign, 0)
        if sign == b"," and depth == 0:
            parts.append(definition[begin : match.start()])
            begin = match.end()
    return [*parts, definition[begin:]]
