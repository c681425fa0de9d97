"""The reader for each kind of file."""

from pathlib import Path

from connectors.legacy.dbf import DbfFile
from connectors.legacy.delimited import DelimitedFile
from connectors.legacy.fixed_width import FixedWidthFile
from connectors.legacy.json_lines import JsonLinesFile
from connectors.legacy.layout import Kind, Layout
from connectors.legacy.ldif import LdifFile
from connectors.legacy.limits import DEFAULT_LIMITS, Limits
from connectors.legacy.refusal import SourceProblem, SourceRefused
from connectors.legacy.rows import LegacyFile
from connectors.legacy.sql_dump import SqlDumpFile
from connectors.legacy.xlsx import XlsxFile


def open_file(path: Path, layout: Layout, *, limits: Limits = DEFAULT_LIMITS) -> LegacyFile:
    """Return the reader of a file that is built like that; raises SourceRefused where it is built otherwise."""
    if path.stat().st_size == 0:
        raise SourceRefused(SourceProblem.EMPTY)
    if not layout.header or len(set(layout.header)) < len(layout.header):
        raise SourceRefused(SourceProblem.LAYOUT)
    if len(layout.header) > limits.columns:
        raise SourceRefused(SourceProblem.TOO_MANY_COLUMNS)
    match layout.kind:
        case Kind.DELIMITED:
            return DelimitedFile(path, layout, limits)
        case Kind.FIXED_WIDTH:
            return FixedWidthFile(path, layout, limits)
        case Kind.JSON_LINES:
            return JsonLinesFile(path, layout, limits)
        case Kind.DBF:
            return DbfFile(path, layout, limits)
        case Kind.SQL_DUMP:
            return SqlDumpFile(path, layout, limits)
        case Kind.LDIF:
            return LdifFile(path, layout, limits)
        case Kind.XLSX:
            return XlsxFile(path, layout, limits)
