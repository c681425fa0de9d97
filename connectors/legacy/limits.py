"""How much of a file is believed: the bounds that keep memory and disk flat whatever the file holds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one file. A row beyond its own is a bad row; a file beyond the others is refused."""

    row_bytes: int = 100_000  # below what Python's csv takes as one cell
    row_lines: int = 50  # of a quoted cell with line breaks
    columns: int = 500
    unpacked_bytes: int = 64 << 30
    unpacked_ratio: int = 200  # text of accounts packs some 5 to 30 times
    shared_strings_bytes: int = 1 << 30  # on disk, while a spreadsheet is read


DEFAULT_LIMITS = Limits()
