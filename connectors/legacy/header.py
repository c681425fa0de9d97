"""Names of columns as a header row gives them, each one once."""

from collections.abc import Sequence


def names_of(cells: Sequence[str]) -> tuple[str, ...]:
    """Return the cells without what surrounds them; an empty or repeated one is told apart by its place."""
    names: list[str] = []
    for place, cell in enumerate(cells, start=1):
        name = cell.strip(" \t\r\n\u3000\ufeff") or f"column ({place})"
        while name in names:
            name = f"{name} ({place})"
        names.append(name)
    return tuple(names)


def names_without_header(width: int) -> tuple[str, ...]:
    """Return names for so many columns of a file that names none."""
    return names_of([""] * width)
