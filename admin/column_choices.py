"""One column of a file, with the choice of the field that it is."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class MapRow:
    """A column, the field of the form about it, and why it was guessed so."""

    column: str
    field: Any
    why: str
