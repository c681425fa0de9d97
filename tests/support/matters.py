"""Matters that two clerks decide, through their browsers."""

import re
from html import unescape

from tests.support.cards import MadeUpCard
from tests.support.counter import Hall
from tests.support.houses import TestPerson
from tests.support.relying_party import FormBrowser

#: What a clerk types of a document; it must be found nowhere but on the two clerks' pages.
WORDS = "死亡医学证明 A-4471"
SURE = {"is_sure": "y"}
_FORMS = "/counter/matters/new/"


def named(person: TestPerson) -> dict[str, str]:
    """Return the fields of a form that names somebody."""
    return {"name": person.name, "number": person.number}


def begin(hall: Hall, clerk: FormBrowser, kind: str, **typed: str) -> None:
    """Send the form of a matter."""
    assert hall.reader.device is not None
    clerk.open(_FORMS + kind)
    clerk.submit({"reader": hall.reader.device.id, "words": WORDS, **typed})


def propose_card(clerk: FormBrowser) -> None:
    """State that whoever stands there is the card's holder."""
    clerk.submit(SURE, f"{clerk.path}/propose")


def code_of_matter(clerk: FormBrowser) -> str:
    """Return the code that the first clerk tells a colleague."""
    found = re.search(r"[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}", clerk.text)
    assert found is not None, clerk.path
    return found[0]


def look(hall: Hall, first: FormBrowser, second: FormBrowser) -> None:
    """Let the second clerk type the first one's code."""
    hall.admit(second, code_of_matter(first))


def confirm(second: FormBrowser) -> None:
    """Confirm the matter at hand as the second clerk."""
    second.submit(SURE, f"{second.path}/decide")


def outcome_on(browser: FormBrowser) -> str:
    """Return what a clerk's page says came of the matter, an empty text before anything did."""
    found = re.search(r'id="matter-outcome">(.*?)</p>', browser.text, re.S)
    return unescape(found[1].strip()) if found else ""


def decide_together(hall: Hall, kind: str, *, card: MadeUpCard | None = None, **typed: str) -> str:
    """Propose as the first clerk, confirm as the second, and return the outcome, which both are told."""
    first, second = hall.browsers[:2]
    begin(hall, first, kind, **typed)
    page = first.path
    if card is not None:
        hall.read(first, card)
        propose_card(first)
    look(hall, first, second)
    confirm(second)
    told = outcome_on(second)
    first.open(page)
    assert outcome_on(first) == told, "the two are told the same"
    return told


def speak_english(*browsers: FormBrowser) -> None:
    """Let pages be in English, in which the tests name what they say."""
    for browser in browsers:
        browser.submit({"locale": "en", "next": "/counter"}, "/language")
