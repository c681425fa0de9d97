"""Made-up translations, in which every text that went through gettext stands in ⟦brackets⟧.

`eo` stands for a long, accented left-to-right language, `ar` for a right-to-left one: Babel knows no
pseudo-locales, so two real codes that this project does not translate are borrowed.
"""

import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

LEFT_TO_RIGHT = "eo"
RIGHT_TO_LEFT = "ar"
_PLACEHOLDER = re.compile(r"(%\([a-z_]+\)[sd]|\{[^}]*\})")
_ACCENTS = str.maketrans("aeiounycsgzAEIOUNYCSGZ", "áéíóúñýçšğžÁÉÍÓÚÑÝÇŠĞŽ")


def pseudo(text: str) -> str:
    """Return `text` accented, a third longer and in brackets; placeholders stay as they are."""
    accented = "".join(
        part if _PLACEHOLDER.fullmatch(part) else part.translate(_ACCENTS) for part in _PLACEHOLDER.split(text)
    )
    return "⟦" + accented + "~" * (len(text) // 3) + "⟧"


def write_pseudo_translations(template: Catalog, folder: Path) -> None:
    """Compile the two pseudo-locales of `template` into `folder`."""
    for locale in (LEFT_TO_RIGHT, RIGHT_TO_LEFT):
        catalog = Catalog(locale=locale)
        for message in template:
            if not message.id:
                continue
            if isinstance(message.id, tuple):
                catalog.add(message.id, tuple(pseudo(message.id[1]) for _ in range(catalog.num_plurals)))
            else:
                catalog.add(message.id, pseudo(message.id))
        target = folder / locale / "LC_MESSAGES"
        target.mkdir(parents=True)
        with (target / "messages.mo").open("wb") as file:
            write_mo(file, catalog)
