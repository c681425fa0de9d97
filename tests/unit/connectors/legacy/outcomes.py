"""What came of a file's rows, in a form that tests can compare."""

from pathlib import Path

from connectors.legacy.layout import Layout
from connectors.legacy.limits import DEFAULT_LIMITS, Limits
from connectors.legacy.opening import open_file
from connectors.legacy.rows import RowFault

Outcomes = list[list[str] | RowFault]


def read(path: Path, layout: Layout, *, limits: Limits = DEFAULT_LIMITS, size: int = 100) -> tuple[Outcomes, int]:
    """Return what came of each row in order, and how many characters were lost."""
    found: dict[int, list[str] | RowFault] = {}
    lost = 0
    for chunk in open_file(path, layout, limits=limits).chunks(size=size):
        found |= {number: list(row) for number, row in zip(chunk.numbers, chunk.rows, strict=True)}
        found |= {bad.number: bad.fault for bad in chunk.bad}
        lost += chunk.lost_characters
    return [found[number] for number in sorted(found)], lost
