"""How one system's files are built: guessed once, corrected by hand, saved and used for every delivery."""

from dataclasses import dataclass
from enum import StrEnum

from pydantic import ConfigDict, TypeAdapter, with_config


class Kind(StrEnum):
    """The kinds of file."""

    DELIMITED = "delimited"
    FIXED_WIDTH = "fixed_width"
    JSON_LINES = "json_lines"
    DBF = "dbf"
    LDIF = "ldif"
    SQL_DUMP = "sql_dump"
    XLSX = "xlsx"


class Encoding(StrEnum):
    """The encodings that are read. What claims to be GB2312 or GBK is read as GB18030, which contains both."""

    UTF_8 = "utf-8"
    GB18030 = "gb18030"
    UTF_16_LE = "utf-16-le"
    UTF_16_BE = "utf-16-be"


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True)
class Layout:
    """A kind of file with all that reading it needs.

    `header` names the columns in the file's order. With `has_header` the first row must say the same. `delimiter` is
    a delimited file's, where an empty `quote` takes quotes as text. `widths` are a fixed-width file's, in bytes, or in
    characters with `widths_are_characters`. `optional` are the columns that an object of JSON lines may leave out.
    `table` is an SQL dump's, in whose strings a backslash escapes with `backslashes`; `sheet` is a workbook's.
    """

    kind: Kind
    header: tuple[str, ...]
    encoding: Encoding = Encoding.UTF_8
    delimiter: str = ","
    quote: str = '"'
    has_header: bool = True
    widths: tuple[int, ...] = ()
    widths_are_characters: bool = False
    optional: tuple[str, ...] = ()
    table: str = ""
    backslashes: bool = True
    sheet: str = ""

    def as_json(self) -> str:
        """Return the form that is saved with the system."""
        return _ADAPTER.dump_json(self).decode()

    @classmethod
    def from_json(cls, text: str) -> "Layout":
        """Return what `as_json` wrote; raises ValueError for anything else."""
        return _ADAPTER.validate_json(text)


_ADAPTER: TypeAdapter[Layout] = TypeAdapter(Layout)
