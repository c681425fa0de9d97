"""Bring the translations up to date with the texts in code and templates: `python scripts/translations.py`.

New texts are added empty (a test fails until they are translated), unused ones are dropped, and the
compiled files are written beside the readable ones.
"""

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = ROOT / "idp" / "web" / "translations"
#: Whose texts are shown to people.
ROOMS = ("idp/web", "admin")
KEYWORDS = {"_": None, "_l": None, "N_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}


def extract() -> Catalog:
    """Return every text of the rooms that have pages as an empty catalogue."""
    methods, options = parse_mapping_cfg(io.StringIO((ROOT / "babel.cfg").read_text("utf-8")))
    catalog = Catalog()
    for room in ROOMS:
        for _file, _line, text, _comments, _context in extract_from_dir(
            ROOT / room, _within(room, methods), options, KEYWORDS
        ):
            catalog.add(text)
    return catalog


def _within(room: str, methods: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the patterns of babel.cfg about a room, relative to its folder, which is walked."""
    about = [(pattern, method) for pattern, method in methods if pattern.startswith(f"{room}/")]
    return [(pattern.removeprefix(f"{room}/"), method) for pattern, method in about]


def read(path: Path) -> Catalog:
    """Return the catalogue in a .po file."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def compiled(catalog: Catalog) -> bytes:
    """Return the compiled form of a catalogue."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def update(path: Path, template: Catalog) -> int:
    """Rewrite one .po file and its .mo; return how many texts are still to be translated."""
    catalog = read(path)
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    with path.open("wb") as file:
        write_po(file, catalog, width=0, sort_output=True, no_location=True, ignore_obsolete=True)
    catalog = read(path)
    path.with_suffix(".mo").write_bytes(compiled(catalog))
    return sum(1 for message in catalog if message.id and not _is_translated(message.string))


def _is_translated(string: str | tuple[str, ...]) -> bool:
    return all(string) if isinstance(string, tuple) else bool(string)


def main() -> int:
    """Update every language; the exit status is 1 while texts are missing."""
    template = extract()
    missing = 0
    for path in sorted(TRANSLATIONS.glob("*/LC_MESSAGES/messages.po")):
        left = update(path, template)
        missing += left
        print(f"{path.parent.parent.name}: {len(template)} texts, {left} to translate")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
