"""The code blocks of a page, by the markers in their info strings."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r"^```([^\n`]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Snippet:
    """One block: its language, its markers, its text."""

    language: str
    markers: frozenset[str]
    text: str

    def marker(self, name: str) -> str | None:
        """Return the value of a `name=value` marker, or None."""
        found = [each.partition("=")[2] for each in self.markers if each.startswith(f"{name}=")]
        return found[0] if found else None


def snippets_of(page: str) -> list[Snippet]:
    """Return every code block of a page in docs."""
    found = []
    for info, text in _FENCE.findall((ROOT / "docs" / page).read_text("utf-8")):
        language, *markers = info.split() or [""]
        found.append(Snippet(language, frozenset(markers), text))
    return found


def snippet(page: str, *, file: str = "", step: str = "") -> str:
    """Return the one block that is marked as this file or step."""
    wanted = ("file", file) if file else ("step", step)
    [found] = [each.text for each in snippets_of(page) if each.marker(wanted[0]) == wanted[1]]
    return found
