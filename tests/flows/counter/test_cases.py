"""Identity cases at a counter: who sees which, what they show, and how a displacement is closed."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from idp.audit.models import AuditEvent
from idp.house.build import House
from idp.house.erasure import build_erasure
from realname.proofing.case_files import CaseFile
from realname.proofing.method import Method
from tests.support.cases import REVIEWED, carry_out, close, contested, file_of
from tests.support.counter import HERE, Hall, agree, at_desk, code_on, open_hall, show_code
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.hunting import found_in
from tests.support.made_up_numbers import card_of, new_number
from tests.support.matters import speak_english
from tests.support.proofed import agree as consent
from tests.support.proofed import approve
from tests.support.proofing import asked_for, in_register
from tests.support.relying_party import FormBrowser, make_client, parameters_of
from tests.support.sent import sent
from tests.support.staff import revoke

Register = Callable[..., TestPerson]
OTHER_HALL = "hall-2"


@pytest.fixture
def hall(house: House, app: Flask, clock: FrozenClock, register_person: Register) -> Hall:
    made = open_hall(house, app, clock, register_person)
    speak_english(*made.browsers)
    return made


@pytest.fixture
def two(house: House, register_person: Register) -> tuple[TestPerson, TestPerson]:
    """Two accounts that give one number and one name, each with a mobile that is held in that name."""
    number = new_number()
    first, second = register_person("王小红", number), register_person("王小红", number)
    in_register(house, first, mobiles=(first.mobile, second.mobile), household=HERE)
    return first, second


@pytest.fixture
def case(house: House, hall: Hall, two: tuple[TestPerson, TestPerson]) -> CaseFile:
    """The first one's mobile was displaced by the second one's face, online."""
    return contested(house, *two)


def rows(house: House, event: str) -> list[AuditEvent]:
    with house.ground.database.read() as session:
        return list(session.scalars(sa.select(AuditEvent).where(AuditEvent.event == event)))


def looked(clerk: FormBrowser, case: CaseFile) -> bool:
    """Tell whether the clerk is shown the case."""
    clerk.open(f"/counter/cases/{case.id}")
    return clerk.path == f"/counter/cases/{case.id}"


def number_at(clerk: FormBrowser, element: str) -> int:
    found = re.search(rf'id="{element}">([0-9]+)<', clerk.text)
    assert found is not None
    return int(found[1])


def test_a_reviewed_displacement_is_closed_and_both_are_told(
    house: House, hall: Hall, two: tuple[TestPerson, TestPerson], case: CaseFile
) -> None:
    """By one clerk, with what they found; the case says so and waits no longer, and the audit names the clerk."""
    (clerk,) = hall.browsers
    clerk.open("/counter/open")
    assert f"/counter/cases/{case.id}" in clerk.text
    close(clerk, case)
    assert "The case is closed" in clerk.text and "Nothing was obtained by the number" in clerk.text
    closed = file_of(house, case.id)
    assert (closed.outcome, closed.closed_at) == ("nothing_obtained", house.ground.clock.now())
    (row,) = rows(house, "case.closed")
    assert (row.actor_person, row.channel, row.reason, row.person_id) == (
        hall.clerks[0].id,
        "hall",
        "nothing_obtained",
        two[0].id,
    )
    assert len(sent(house, "case_reviewed", two[0].mobile)) == 1
    assert len(sent(house, "case_reviewed_for_holder", two[1].mobile)) == 1
    clerk.open("/counter/open")
    assert case.id not in clerk.text


def test_what_was_obtained_is_counted_with_whom_and_what_ended(
    house: House, app: Flask, hall: Hall, two: tuple[TestPerson, TestPerson], register_person: Register
) -> None:
    """A login, two grants to two services, and identity data to one of them; all of it ended with the number."""
    first, second = two
    carry_out(house, first, Method.MOBILE)
    portal, bureau = make_client(house, client_name="Portal"), make_client(house, client_name="Bureau of Housing")
    approve(house, bureau.client_id)
    consent(house, first.id, bureau.client_id, "real_name")
    browser = FormBrowser(app)
    browser.open(portal.authorize_path())
    browser.log_in(first)
    portal.redeem(app.test_client(), parameters_of(browser.location)["code"])
    browser.open(bureau.authorize_path(claims='{"userinfo":{"real_name":null}}'))
    answer = bureau.redeem(app.test_client(), parameters_of(browser.location)["code"]).get_json()
    told = app.test_client().get("/oauth/userinfo", headers={"Authorization": f"Bearer {answer['access_token']}"})
    assert told.get_json()["real_name"] == first.name
    house.ground.releases.flush()
    house.ground.clock.advance(seconds=60)  # type: ignore[attr-defined]
    carry_out(house, second, Method.FACE)
    (clerk,) = hall.browsers
    clerk.open("/counter/open")
    found = re.search(r'href="(/counter/cases/[^"]+)"', clerk.text)
    assert found is not None
    clerk.open(found[1])
    counted = {name: number_at(clerk, f"case-{name}") for name in ("sessions", "grants")}
    ended = {name: number_at(clerk, f"case-{name}-ended") for name in ("sessions", "grants")}
    assert counted == ended == {"sessions": 1, "grants": 2}
    services = re.findall(r"<bdi>(Portal|Bureau of Housing)</bdi>.*?<p class=\"soft\">(.*?)</p>", clerk.text, re.S)
    assert dict(services) == {
        "Portal": "tokens 1 time · told identity data 0 times",
        "Bureau of Housing": "tokens 1 time · told identity data 1 time",
    }


def test_a_page_shows_nobody_whole(
    house: House, hall: Hall, two: tuple[TestPerson, TestPerson], case: CaseFile
) -> None:
    """Names and number are masked on the case; on the list nobody is named. That the clerk looked is on record."""
    (clerk,) = hall.browsers
    secrets = [two[0].number, two[0].name, *(person.mobile.removeprefix("+86") for person in two)]
    assert looked(clerk, case)
    assert found_in(clerk.text, *secrets) == [] and "王*红" in clerk.text and two[0].number[:6] + "****" in clerk.text
    (row,) = rows(house, "case.read")
    assert (row.actor_person, row.person_id, row.details) == (hall.clerks[0].id, None, {"case": case.id})
    clerk.open("/counter/open")
    assert found_in(clerk.text, *secrets, "王*红", two[0].number[:6] + "****") == []


def test_a_dispute_is_closed_by_nobodys_word(
    house: House, app: Flask, hall: Hall, two: tuple[TestPerson, TestPerson]
) -> None:
    """The page leads to the counter and has no form; a form that is sent anyway changes nothing. A card ends it."""
    case = contested(house, *two, Method.MOBILE, Method.MOBILE)
    (clerk,) = hall.browsers
    assert looked(clerk, case)
    assert "worth as much as the other" in clerk.text and 'id="case-counter"' in clerk.text
    assert 'id="case-close"' not in clerk.text
    close(clerk, case)
    assert clerk.path == "/counter/open" and file_of(house, case.id).is_open
    assert [row.reason for row in rows(house, "case.refused")] == ["not_open"]
    carry_out(house, two[0], Method.COUNTER)
    assert looked(clerk, case) and "Decided by a higher proof: in person at a counter" in clerk.text


def test_without_a_finding_or_a_statement_nothing_is_closed(house: House, hall: Hall, case: CaseFile) -> None:
    """Each is asked for; a finding that nobody offered is none."""
    (clerk,) = hall.browsers
    for missing in ({"finding": ""}, {"is_sure": ""}, {"finding": "whatever"}):
        close(clerk, case, **missing)
        assert clerk.response is not None and clerk.response.status_code == 422, missing
        assert file_of(house, case.id).is_open
    close(clerk, case)
    assert not file_of(house, case.id).is_open


def test_a_case_is_closed_once(house: House, hall: Hall, two: tuple[TestPerson, TestPerson], case: CaseFile) -> None:
    """Whoever closes it again is told that it is over; nobody is told twice, and the first finding stands."""
    (clerk,) = hall.browsers
    close(clerk, case)
    close(clerk, case, finding="reported")
    assert clerk.path == "/counter/open" and "was closed meanwhile" in clerk.text
    assert file_of(house, case.id).outcome == "nothing_obtained"
    assert len(rows(house, "case.closed")) == len(sent(house, "case_reviewed", two[0].mobile)) == 1


def test_who_is_no_clerk_sees_nothing(
    house: House, app: Flask, hall: Hall, case: CaseFile, register_person: Register
) -> None:
    """Neither a citizen, nor a clerk whose role ended meanwhile."""
    citizen, (clerk,) = FormBrowser(app), hall.browsers
    citizen.open("/account")
    citizen.log_in(register_person("赵小明", new_number()))
    for path in ("/counter/open", f"/counter/cases/{case.id}"):
        citizen.open(path)
        assert citizen.path.endswith("/login") and case.id not in citizen.text
    assert looked(clerk, case)
    revoke(house, hall.clerks[0])
    clerk.submit(REVIEWED, f"/counter/cases/{case.id}/close")
    assert file_of(house, case.id).is_open


@pytest.mark.parametrize("case_id", ["nobody-has-this-one", "x" * 300])
def test_an_unknown_id_is_no_case(hall: Hall, case_id: str) -> None:
    """Looking and closing are answered alike, and alike for a case of another counter."""
    (clerk,) = hall.browsers
    clerk.open(f"/counter/cases/{case_id}")
    assert clerk.path == "/counter/open" and "no such case here" in clerk.text
    clerk.submit(REVIEWED, f"/counter/cases/{case_id}/close")
    assert clerk.path == "/counter/open" and "no such case here" in clerk.text


def test_nobody_looks_at_their_own_case(
    house: House, app: Flask, clock: FrozenClock, hall: Hall, register_person: Register
) -> None:
    """Whichever of the two the clerk is: it is not on their list, not shown and not closed, and a colleague does it."""
    colleague, _ended = hall.browsers[0], hall.add_clerk(household=None)
    person = hall.clerks[1]
    impostor = register_person(person.name, person.number)
    case = contested(house, person, impostor, Method.MOBILE, Method.FACE)
    clerk = at_desk(app, clock, person, hall.apps[1])  # whoever loses a number loses their logins too
    speak_english(clerk)
    clerk.open("/counter/open")
    assert case.id not in clerk.text
    assert not looked(clerk, case) and "This case concerns you" in clerk.text
    close(clerk, case)
    assert file_of(house, case.id).is_open
    assert {row.reason for row in rows(house, "case.refused")} == {"own_matter"}
    close(colleague, case)
    assert not file_of(house, case.id).is_open


def test_nobody_closes_a_case_of_their_household(
    house: House, hall: Hall, two: tuple[TestPerson, TestPerson], case: CaseFile
) -> None:
    """The register knows by the number, also where nobody has it as proved; a colleague of another one closes it."""
    relative = hall.add_clerk(household=HERE)
    speak_english(relative)
    assert not looked(relative, case) and "This case concerns you" in relative.text
    close(relative, case)
    assert file_of(house, case.id).is_open
    assert {row.reason for row in rows(house, "case.refused")} == {"household"}
    close(hall.browsers[0], case)
    assert not file_of(house, case.id).is_open


def at_counter(house: House, app: Flask, hall: Hall, person: TestPerson) -> CaseFile:
    """Verify a person at the hall, by its first clerk, and return the case that this opened."""
    citizen = asked_for(app, make_client(house), person, 4)
    show_code(citizen)
    hall.admit(hall.browsers[0], code_on(citizen))
    hall.read(hall.browsers[0], card_of(person.number, person.name))
    hall.sign(hall.browsers[0])
    citizen.open(citizen.path)
    agree(citizen)
    hall.browsers[0].open("/counter/open")
    found = re.search(r'href="/counter/cases/([^"]+)"', hall.browsers[0].text)
    assert found is not None
    return file_of(house, found[1])


def test_who_saw_one_of_the_two_leaves_the_end_to_a_colleague(
    house: House, app: Flask, hall: Hall, two: tuple[TestPerson, TestPerson]
) -> None:
    """The clerk whose card reading displaced somebody may look, and does not judge it."""
    colleague = hall.add_clerk(household="household of the second clerk")
    speak_english(colleague)
    carry_out(house, two[0], Method.MOBILE)
    case = at_counter(house, app, hall, two[1])
    clerk = hall.browsers[0]
    assert looked(clerk, case) and 'id="case-close"' not in clerk.text
    assert "You verified one of the two" in clerk.text
    close(clerk, case)
    assert file_of(house, case.id).is_open
    assert [row.reason for row in rows(house, "case.refused")] == ["took_part"]
    close(colleague, case)
    assert not file_of(house, case.id).is_open


def test_a_case_of_one_counter_is_no_other_ones(
    house: House, app: Flask, clock: FrozenClock, hall: Hall, two: tuple[TestPerson, TestPerson]
) -> None:
    """A clerk elsewhere is told what they are told of no case; one that arose online is any clerk's."""
    stranger = hall.add_clerk(household="household of the stranger", department=OTHER_HALL)
    speak_english(stranger)
    carry_out(house, two[0], Method.MOBILE)
    case = at_counter(house, app, hall, two[1])
    stranger.open("/counter/open")
    assert case.id not in stranger.text
    assert not looked(stranger, case) and "no such case here" in stranger.text
    close(stranger, case)
    assert file_of(house, case.id).is_open and rows(house, "case.closed") == []
    number = new_number()
    others = (hall.register("赵小明", number), hall.register("赵小明", number))
    online = contested(house, *others)
    assert looked(stranger, online)
    close(stranger, online)
    assert not file_of(house, online.id).is_open


def test_a_person_who_was_erased_meanwhile_is_told_nothing(
    house: House, hall: Hall, two: tuple[TestPerson, TestPerson], case: CaseFile
) -> None:
    """The case still closes, and the other one is told."""
    build_erasure(house).erase(two[0].id)
    close(hall.browsers[0], case)
    assert not file_of(house, case.id).is_open
    assert len(sent(house, "case_reviewed_for_holder", two[1].mobile)) == 1
