"""The reader for each kind of file."""

from pathlib import Path

from connectors.legacy.delimited import DelimitedFile
from connectors.legacy.layout import Kind, Layout
from connectors.legacy.limits import DEFAULT_LIMITS, Limits
from connectors.legacy.refusal import SourceProblem, SourceRefused
from connectors.legacy.rows import LegacyFile


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
        case _:
            raise SourceRefused(SourceProblem.UNKNOWN_KIND)
