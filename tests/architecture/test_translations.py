"""The translations are complete: nothing missing, stale, fuzzy, with other placeholders or not compiled."""

import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from scripts.translations import TRANSLATIONS, compiled, extract, read

_PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|\{[a-z_]+\}|<[^>]+>")
PO_FILES = sorted(TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"))

pytestmark = pytest.mark.parametrize("path", PO_FILES, ids=lambda path: path.parent.parent.name)


@pytest.fixture(scope="module")
def template() -> Catalog:
    return extract()


def _strings(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def _ids(catalog: Catalog) -> set[object]:
    return {message.id for message in catalog if message.id}


def test_every_text_is_listed_once_and_none_is_stale(path: Path, template: Catalog) -> None:
    """A text of code or template that the file lacks, or one that nothing uses, fails."""
    catalog = read(path)
    assert _ids(template) - _ids(catalog) == set()
    assert _ids(catalog) - _ids(template) == set()
    assert not catalog.obsolete


def test_every_text_is_translated_and_none_is_a_guess(path: Path) -> None:
    """An empty or fuzzy translation fails."""
    for message in read(path):
        if message.id:
            assert all(_strings(message)), message.id
            assert not message.fuzzy, message.id


def test_placeholders_are_those_of_the_source(path: Path) -> None:
    """A translation with other placeholders or markup than its source fails."""
    for message in read(path):
        source = message.id[-1] if isinstance(message.id, tuple) else message.id
        for string in _strings(message) if source else ():
            assert Counter(_PLACEHOLDER.findall(string)) == Counter(_PLACEHOLDER.findall(source)), source


def test_the_compiled_file_is_the_readable_one(path: Path) -> None:
    """The committed .mo is exactly what its .po compiles to."""
    assert path.with_suffix(".mo").read_bytes() == compiled(read(path))
