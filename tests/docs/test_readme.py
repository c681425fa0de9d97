"""Both READMEs and the pages beside them: equal in content, complete, and every link leads somewhere."""

import json
import re
from itertools import pairwise

import pytest

from tests.docs.snippets import ROOT

_READMES = ("README.md", "README.zh-CN.md")
_PAGES = (*_READMES, "CONTRIBUTING.md", "CHANGELOG.md", "docs/architecture.md", "docs/integration.md")


def _text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def _direct_dependencies() -> set[str]:
    """Return the names in requirements/*.in and package.json."""
    names = set(json.loads(_text("package.json"))["devDependencies"])
    for name in ("runtime.in", "pkcs11.in", "dev.in"):
        names |= set(re.findall(r"^([a-z][a-z0-9-]*)", _text(f"requirements/{name}"), re.MULTILINE))
    return names


def _sections(name: str) -> list[str]:
    return re.split(r"^## .+$", _text(name), flags=re.MULTILINE)


@pytest.mark.parametrize("name", _READMES)
def test_every_direct_dependency_has_its_line(name: str) -> None:
    """The tables name each direct dependency once, with a reason, and no other."""
    rows = re.findall(r"^\| `([a-z0-9-]+)`(?: ?[(（]npm[)）])? \| (.+) \|$", _text(name), re.MULTILINE)
    assert sorted(dependency for dependency, _why in rows) == sorted(_direct_dependencies())
    assert all(why.strip() for _dependency, why in rows)


def test_both_languages_have_the_same_content() -> None:
    """Section by section: as many rows, points, pictures and links, and the same code but for its comments."""
    for english, chinese in pairwise(map(_sections, _READMES)):
        assert len(english) == len(chinese)
        for one, other in zip(english, chinese, strict=True):
            for pattern in (r"^\|", r"^[0-9]\. ", r"!\[", r"^```"):
                counted = [len(re.findall(pattern, text, re.MULTILINE)) for text in (one, other)]
                assert counted[0] == counted[1], (pattern, one[:80])
            links = [re.findall(r"\]\(([^)]+)\)", text) for text in (one, other)]
            assert [link.replace("README.zh-CN.md", "README.md") for link in links[0]] == links[1], one[:80]


@pytest.mark.parametrize("name", _READMES)
def test_the_two_commands_are_targets(name: str) -> None:
    """A newcomer types `make run` and `make test`, and both are there."""
    commands = re.findall(r"^make ([a-z]+)", _text(name), re.MULTILINE)
    assert commands == ["run", "test"]
    assert all(re.search(rf"^{each}:", _text("Makefile"), re.MULTILINE) for each in commands)


@pytest.mark.parametrize("name", _PAGES)
def test_links_lead_somewhere(name: str) -> None:
    """Every page and picture that a document links to is in the repository."""
    folder = (ROOT / name).parent
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", _text(name))
    assert [link for link in links if "://" not in link and not (folder / link).exists()] == []


@pytest.mark.parametrize("name", _PAGES)
def test_links_within_a_page_meet_a_heading(name: str) -> None:
    """A link to a place on the same page meets a heading of it."""
    text = _text(name)
    headings = {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    assert [link for link in re.findall(r"\]\(#([^)]+)\)", text) if link not in headings] == []


@pytest.mark.parametrize("name", _PAGES)
def test_make_targets_in_the_text_exist(name: str) -> None:
    """Every `make something` that a document names is a target."""
    named = set(re.findall(r"`make ([a-z0-9-]+)", _text(name)))
    assert {each for each in named if not re.search(rf"^{each}:", _text("Makefile"), re.MULTILINE)} == set()


def test_the_licence_is_the_one_that_is_named() -> None:
    """LICENSE holds the text of the licence that both READMEs name."""
    assert "Apache License" in _text("LICENSE") and "Version 2.0, January 2004" in _text("LICENSE")
    assert all("Apache License 2.0" in _text(name) for name in _READMES)
