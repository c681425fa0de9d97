"""What waits at a counter: matters and cases, the oldest first, by kind and page by page, for whom each is meant."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from idp.core.ids import new_id
from idp.house.build import House
from idp.login.counter.matter import LIFE_SECONDS
from idp.persons.roles import Role
from realname.proofing.models import IdentityCase
from tests.support.cases import contested
from tests.support.counter import Hall, open_hall
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.hunting import found_in
from tests.support.made_up_numbers import new_number
from tests.support.matters import WORDS, begin, code_of_matter, confirm, look, speak_english
from tests.support.relying_party import FormBrowser
from tests.support.staff import grant

Register = Callable[..., TestPerson]
ABOUT = {"name": "王小红", "number": "11010519491231002X"}


@pytest.fixture
def hall(house: House, app: Flask, clock: FrozenClock, register_person: Register) -> Hall:
    """Two clerks of one department."""
    made = open_hall(house, app, clock, register_person)
    made.add_clerk(household="household of the second clerk")
    speak_english(*made.browsers)
    return made


def lines_of(clerk: FormBrowser, query: str = "") -> list[str]:
    """Return the titles that the page lists, in order."""
    clerk.open(f"/counter/open{query}")
    assert clerk.response is not None and clerk.response.status_code == 200
    return re.findall(r"<p>(?:<a href=\"[^\"]*\">|<strong>)([^<]+)(?:</a>|</strong>)</p>", clerk.text)


def case_of(house: House, register: Register) -> str:
    """Open a displacement of two people whom nobody else knows, and return its id."""
    number = new_number()
    return contested(house, register("赵小明", number), register("赵小明", number)).id


def again(house: House, case_id: str, times: int) -> list[str]:
    """Write the case so many times more, each a second later, and return the ids."""
    made = [new_id() for _each in range(times)]
    with house.ground.database.transaction() as session:
        known = session.get_one(IdentityCase, case_id)
        for place, each in enumerate(made, start=1):
            values = {"identifier_id": known.identifier_id, "other_identifier_id": known.other_identifier_id}
            at = known.opened_at + timedelta(seconds=place)
            session.add(IdentityCase(id=each, kind=known.kind, opened_at=at, **values))
    return made


DEATH, CASE = "A death, by its certificate", "Somebody lost a number"


def test_matters_and_cases_stand_together_the_oldest_first(house: House, hall: Hall, register_person: Register) -> None:
    """Whose a matter is, what is next, and nobody whom it is about."""
    first, second = hall.browsers
    assert lines_of(first) == [] and "Nothing waits here" in first.text
    case_of(house, register_person)
    hall.clock.advance(seconds=60)
    begin(hall, first, "death", **ABOUT)
    hall.clock.advance(seconds=60)
    begin(hall, first, "reopening")
    hall.clock.advance(seconds=60)
    case_of(house, register_person)
    assert lines_of(first) == [CASE, DEATH, "An account opened again after a wrong report of a death", CASE]
    assert first.text.count("Begun by you") == 2 and "Tell its code to a colleague" in first.text
    assert found_in(first.text, ABOUT["name"], ABOUT["number"], WORDS, "赵小明") == []
    # What the first one has not proposed yet is nobody else's to see; of the rest they see whose it is.
    assert lines_of(second) == [CASE, DEATH, CASE]
    assert "李*员" in second.text and "let your colleague tell you its code" in second.text


def test_a_colleagues_matter_is_opened_by_its_code_alone(hall: Hall) -> None:
    """The list leads to none of theirs: what it holds is compared beside the first clerk."""
    first, second = hall.browsers
    begin(hall, first, "death", **ABOUT)
    page, code = first.path, code_of_matter(first)
    lines_of(second)
    assert page not in second.text and code not in second.text
    lines_of(first)
    assert page in first.text and code not in first.text
    hall.admit(second, code)
    assert second.path == page


def test_what_is_decided_or_over_waits_no_longer(hall: Hall) -> None:
    """After it was taken back, after the second clerk confirmed, and after half an hour."""
    first, second = hall.browsers
    begin(hall, first, "death", **ABOUT)
    page = first.path
    assert lines_of(first) == lines_of(second) == [DEATH]
    first.open(page)
    first.submit({}, f"{page}/refuse")
    assert lines_of(first) == lines_of(second) == []
    begin(hall, first, "death", **ABOUT)
    look(hall, first, second)
    assert lines_of(first) == [DEATH]
    confirm(second)
    assert lines_of(first) == []
    begin(hall, first, "death", **ABOUT)
    assert lines_of(first) == [DEATH]
    for _half in range(2):  # or the clerks' own sessions would end
        hall.clock.advance(seconds=LIFE_SECONDS // 2)
        second.open("/counter/open")
    assert lines_of(second) == []


def test_one_kind_can_be_asked_for(house: House, hall: Hall, register_person: Register) -> None:
    """Of matters and of cases; what is no kind is no page."""
    first = hall.browsers[0]
    case_of(house, register_person)
    hall.clock.advance(seconds=60)
    begin(hall, first, "death", **ABOUT)
    assert (lines_of(first, "?kind=death"), lines_of(first, "?kind=displaces")) == ([DEATH], [CASE])
    assert lines_of(first, "?kind=disputed") == [] and lines_of(first, "?kind=") == [CASE, DEATH]
    first.open("/counter/open?kind=whatever")
    assert first.response is not None and first.response.status_code == 404


def test_the_list_goes_on_page_by_page(house: House, hall: Hall, register_person: Register) -> None:
    """Every line once, in order; the way on keeps the kind, and a way on that is not ours begins anew."""
    first, ids = hall.browsers[0], [case_of(house, register_person)]
    ids += again(house, ids[0], 22)
    hall.clock.advance(seconds=60)
    begin(hall, first, "death", **ABOUT)
    seen, path = [], "/counter/open?kind=displaces"
    for _page in range(3):
        first.open(path)
        seen += re.findall(r'href="/counter/cases/([^"]+)"', first.text)
        later = re.search(r'href="(/counter/open\?[^"]+)">Show later', first.text)
        path = later[1].replace("&amp;", "&") if later else ""
        if not path:
            break
    assert seen == ids
    first.open("/counter/open")
    assert first.text.count("/counter/cases/") == 20
    last = re.search(r'href="(/counter/open\?[^"]+)">Show later', first.text)
    assert last is not None
    assert lines_of(first, last[1].removeprefix("/counter/open")) == [CASE] * 3 + [DEATH]
    for nonsense in ("?after=x", "?after=" + "A" * 300, "?after=MjAyNiAA"):
        assert len(lines_of(first, nonsense)) == 20


def test_another_departments_matters_are_not_listed(house: House, hall: Hall) -> None:
    """A clerk elsewhere sees none; one of both departments sees those of both."""
    first, stranger = hall.browsers[0], hall.add_clerk(household=None, department="hall-2")
    speak_english(stranger)
    begin(hall, first, "death", **ABOUT)
    assert lines_of(stranger) == []
    grant(house, hall.clerks[2], Role.CLERK)
    assert lines_of(stranger) == [DEATH]
