"""What two clerks decide at a counter: a death by its certificate, and accounts opened again or closed."""

from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from idp.audit.models import AuditEvent
from idp.house.build import House
from idp.login.counter.matter import LIFE_SECONDS
from tests.support.counter import Hall, at_desk, open_hall
from tests.support.deaths import decision, make_person, outcome, say, standing_of, status_of
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.made_up_numbers import card_of, new_number
from tests.support.matters import (
    WORDS,
    begin,
    code_of_matter,
    confirm,
    decide_together,
    look,
    named,
    outcome_on,
    propose_card,
    speak_english,
)
from tests.support.proofing import in_register
from tests.support.sent import audited, sent
from tests.support.staff import revoke

Register = Callable[..., TestPerson]
DAYS = 30
NOBODY = "Nobody has verified this number"


@pytest.fixture
def person(house: House, register_person: Register) -> TestPerson:
    return make_person(house, register_person, 1)


@pytest.fixture
def hall(house: House, app: Flask, clock: FrozenClock, register_person: Register) -> Hall:
    """Two clerks, each of a household of their own."""
    made = open_hall(house, app, clock, register_person)
    made.add_clerk(household="household of the second clerk")
    speak_english(*made.browsers)
    return made


@pytest.fixture
def reporters(house: House, register_person: Register) -> list[TestPerson]:
    """Two who are no clerks of this hall."""
    return [make_person(house, register_person, place) for place in (11, 12)]


@pytest.fixture
def suspended(house: House, person: TestPerson, reporters: list[TestPerson]) -> TestPerson:
    """The person, reported by others than the clerks here."""
    report(house, person, reporters)
    return person


def report(house: House, person: TestPerson, by: list[TestPerson]) -> None:
    assert outcome(house.login.life_events.deaths.report_certificate(person.id, decision(*by))) == "ok"


def rows(house: House, event: str) -> list[AuditEvent]:
    with house.ground.database.read() as session:
        return list(session.scalars(sa.select(AuditEvent).where(AuditEvent.event == event)))


def decided(house: House) -> list[str]:
    """Return why decisions came to nothing, `done` for each that was carried out; by the alphabet."""
    return sorted(row.reason or "done" for row in rows(house, "matter.decided"))


def test_a_certificate_that_two_clerks_saw_suspends_the_account(house: House, hall: Hall, person: TestPerson) -> None:
    """The rows name both, the office and what they saw as a digest; the holder is told."""
    told = decide_together(hall, "death", **named(person))
    assert told.startswith("The account is suspended")
    assert status_of(house, person) == "suspended"
    (row,) = audited(house, "death.reported", person.id)
    assert hall.reader.device is not None and row.details is not None
    assert (row.actor_person, row.office, row.channel) == (hall.clerks[1].id, hall.reader.device.office, "hall")
    assert row.details["proposed_by"] == hall.clerks[0].id
    (proposed,), (made,) = rows(house, "matter.proposed"), rows(house, "matter.decided")
    assert (proposed.actor_person, made.actor_person) == (hall.clerks[0].id, hall.clerks[1].id)
    assert proposed.details is not None and len(proposed.details["evidence"]) == 43
    assert len(sent(house, "death_reported", person.mobile)) == 1


def test_the_name_is_folded_and_nothing_else_is_forgiven(house: House, hall: Hall, person: TestPerson) -> None:
    """Spaces in it say nothing; another name finds nobody, and neither does a number that nobody proved."""
    other = TestPerson("", person.name, "11010519491231002X", "", "")
    assert decide_together(hall, "death", **named(person) | {"name": "王大红"}).startswith(NOBODY)
    assert decide_together(hall, "death", **named(other)).startswith(NOBODY)
    assert (decided(house), status_of(house, person)) == (["no_account", "no_account"], "active")
    spaced = f"{person.name[0]} {person.name[1:]}"
    assert decide_together(hall, "death", **named(person) | {"name": spaced}).startswith("The account is suspended")


def test_who_only_typed_a_number_is_not_found_by_it(house: House, hall: Hall, register_person: Register) -> None:
    """A claimed number is nobody's: else an account could be suspended by another one's certificate."""
    claimant = register_person()
    assert decide_together(hall, "death", **named(claimant)).startswith(NOBODY)
    assert status_of(house, claimant) == "active"


def test_the_first_clerk_learns_nothing_before_the_second_confirmed(hall: Hall, person: TestPerson) -> None:
    """The page is the same for an account and for none, but for its code; the form keeps nothing in its address."""
    pages = []
    for number in (person.number, "11010519491231002X"):
        first = hall.browsers[0]
        begin(hall, first, "death", name=person.name, number=number)
        text = first.text.replace(code_of_matter(first), "CODE").replace(first.path, "PAGE")
        pages.append("".join(line for line in text.splitlines() if "csrf_token" not in line and "nonce" not in line))
        assert number not in first.text + first.path and outcome_on(first) == ""
    assert pages[0] == pages[1]


def test_nobody_confirms_what_they_proposed(house: House, hall: Hall, person: TestPerson) -> None:
    """Neither by the page nor by the code; the try leaves a row, and a colleague can still confirm."""
    first, second = hall.browsers
    begin(hall, first, "death", **named(person))
    page, code = first.path, code_of_matter(first)
    first.submit({"is_sure": "y"}, f"{page}/decide")
    assert first.path == "/counter" and "somebody else" in first.text
    assert [row.reason for row in rows(house, "matter.refused")] == ["counter_same_clerk"]
    hall.admit(first, code)
    assert first.path == page and 'id="matter-confirm"' not in first.text
    assert status_of(house, person) == "active"
    hall.admit(second, code)
    confirm(second)
    assert status_of(house, person) == "suspended"


def test_a_statement_is_needed(house: House, hall: Hall, person: TestPerson) -> None:
    """Without the tick nothing is decided, and the page says so at the field."""
    first, second = hall.browsers
    begin(hall, first, "death", **named(person))
    look(hall, first, second)
    assert person.number in second.text and WORDS in second.text  # to be compared with the certificate
    page = second.path
    second.submit({}, f"{page}/decide")
    assert second.response is not None and second.response.status_code == 422
    assert status_of(house, person) == "active"
    second.open(page)
    confirm(second)
    assert status_of(house, person) == "suspended"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"number": "110105194912310021"}, "not a valid ID number"),
        ({"name": "123"}, "This is no name"),
        ({"words": " "}, "the second clerk decides by it"),
        ({"reader": "another"}, ""),
    ],
)
def test_what_is_typed_wrongly_proposes_nothing(
    house: House, hall: Hall, person: TestPerson, typed: dict[str, str], said: str
) -> None:
    first = hall.browsers[0]
    begin(hall, first, "death", **named(person) | typed)
    assert first.response is not None and first.response.status_code == 422
    assert said in first.text
    assert rows(house, "matter.proposed") == []


def test_a_clerk_of_another_department_finds_no_matter_here(house: House, hall: Hall, person: TestPerson) -> None:
    """Neither by the code, at their own reader, nor by the address."""
    first, stranger = hall.browsers[0], hall.add_clerk(household=None, department="hall-2")
    begin(hall, first, "death", **named(person))
    page = first.path
    look(hall, first, stranger)
    assert stranger.path == "/counter"
    stranger.open(page)
    assert stranger.path == "/counter"
    stranger.submit({"is_sure": "y"}, f"{page}/decide")
    assert stranger.path == "/counter" and status_of(house, person) == "active"


@pytest.mark.parametrize("who", [0, 1])
def test_a_role_that_ended_between_decides_nothing(house: House, hall: Hall, person: TestPerson, who: int) -> None:
    """Neither the first clerk's nor the second's."""
    first, second = hall.browsers
    begin(hall, first, "death", **named(person))
    look(hall, first, second)
    page = second.path
    revoke(house, hall.clerks[who])
    second.submit({"is_sure": "y"}, f"{page}/decide")
    assert status_of(house, person) == "active"
    refused = [row.reason for row in rows(house, "matter.refused")]
    assert refused == (["matter_alone"] if who == 0 else [])


@pytest.mark.parametrize("about", [0, 1])
def test_nobody_decides_about_themself(house: House, hall: Hall, about: int) -> None:
    """Whichever of the two it is."""
    told = decide_together(hall, "death", **named(hall.clerks[about]))
    assert told.startswith("This concerns one of you two")
    assert decided(house) == ["own_matter"]
    assert status_of(house, hall.clerks[about]) == "active"


@pytest.mark.parametrize(("household", "reason"), [("household of the second clerk", "household"), ("another", "done")])
def test_nobody_decides_about_their_household(
    house: House, hall: Hall, person: TestPerson, household: str, reason: str
) -> None:
    """By the register; about others they do."""
    in_register(house, person, household=household)
    decide_together(hall, "death", **named(person))
    assert decided(house) == [reason]
    assert status_of(house, person) == ("suspended" if reason == "done" else "active")


def test_either_clerk_can_end_a_matter(house: House, hall: Hall, person: TestPerson) -> None:
    """Taken back by the first or refused by the second; then nobody confirms it any more."""
    first, second = hall.browsers
    for who in (first, second):
        begin(hall, first, "death", **named(person))
        look(hall, first, second)
        page = second.path
        who.submit({}, f"{page}/refuse")
        assert "not confirmed" in who.text
        second.submit({"is_sure": "y"}, f"{page}/decide")
    assert sorted(str(row.reason) for row in rows(house, "matter.refused")) == ["not_convinced", "taken_back"]
    assert (status_of(house, person), decided(house)) == ("active", [])


def test_a_matter_is_over_after_half_an_hour(house: House, clock: FrozenClock, hall: Hall, person: TestPerson) -> None:
    """A code that was written down opens nothing later."""
    first, second = hall.browsers
    begin(hall, first, "death", **named(person))
    code = code_of_matter(first)
    for _ in range(3):  # or the clerks' own sessions would end
        clock.advance(seconds=LIFE_SECONDS // 3)
        second.open("/counter")
    hall.admit(second, code)
    assert second.path == "/counter"
    assert (status_of(house, person), decided(house)) == ("active", [])


def test_a_guessed_code_leads_nowhere(house: House, hall: Hall, person: TestPerson) -> None:
    """It is answered and audited like that of a visit."""
    begin(hall, hall.browsers[0], "death", **named(person))
    hall.admit(hall.browsers[1], "BCDF-GHJK")
    assert hall.browsers[1].path == "/counter"
    assert [row.reason for row in rows(house, "counter.refused")] == ["wrong_code"]


def test_a_decided_matter_is_decided_once(
    house: House, hall: Hall, person: TestPerson, reporters: list[TestPerson]
) -> None:
    """Sent again it changes nothing, also where the account was opened meanwhile."""
    decide_together(hall, "death", **named(person))
    page = hall.browsers[1].path
    assert outcome(house.login.life_events.deaths.reverse(person.id, decision(*reporters))) == "ok"
    hall.browsers[1].submit({"is_sure": "y"}, f"{page}/decide")
    assert (status_of(house, person), len(decided(house))) == ("active", 1)


def test_the_holder_with_their_card_has_the_account_opened_again(
    house: House, hall: Hall, suspended: TestPerson
) -> None:
    """Two clerks, one card, nothing typed but what they compared."""
    told = decide_together(hall, "reopening", card=card_of(suspended.number, suspended.name))
    assert told.startswith("The account is open again")
    assert (status_of(house, suspended), standing_of(house, suspended)) == ("active", None)
    assert len(sent(house, "death_reversed", suspended.mobile)) == 1


def test_an_account_is_opened_by_its_holders_card_alone(
    house: House, hall: Hall, suspended: TestPerson, register_person: Register
) -> None:
    """Somebody else's card, the number under another name, an account that nobody reported: nothing is opened."""
    other = make_person(house, register_person, 31)
    unknown = card_of(new_number(), suspended.name)
    assert decide_together(hall, "reopening", card=unknown).startswith(NOBODY)
    assert decide_together(hall, "reopening", card=card_of(suspended.number, "王大红")).startswith(NOBODY)
    assert decide_together(hall, "reopening", card=card_of(other.number, other.name)).startswith("No report")
    assert decided(house) == ["no_account", "no_account", "no_report"]
    assert status_of(house, suspended) == "suspended"


def test_nothing_is_proposed_without_a_good_card(house: House, hall: Hall, suspended: TestPerson) -> None:
    """Not before it was read, not by an expired one; another one can be read then."""
    first = hall.browsers[0]
    begin(hall, first, "reopening")
    page = first.path
    propose_card(first)
    assert first.path == "/counter"
    first.open(page)
    card = card_of(suspended.number, suspended.name)
    hall.read(first, card.but(valid_until="20200102"))
    assert "expired" in first.text
    propose_card(first)
    assert rows(house, "matter.proposed") == []
    first.open(page)
    hall.read(first, card)
    assert suspended.name in first.text and suspended.number not in first.text
    propose_card(first)
    look(hall, first, hall.browsers[1])
    confirm(hall.browsers[1])
    assert status_of(house, suspended) == "active"


@pytest.mark.parametrize(
    ("ends", "said", "is_shown"), [(date(2046, 3, 1), "mismatch", True), (date(2030, 1, 1), "match", False)]
)
def test_what_the_authority_says_of_the_card_is_read_by_the_second_clerk(
    house: House, hall: Hall, suspended: TestPerson, ends: date, said: str, is_shown: bool
) -> None:
    """A chip goes on saying that its card is good after it was lost; the answer stands in the audit."""
    in_register(house, suspended, valid_from=date(2020, 1, 1), valid_until=ends)
    first, second = hall.browsers
    begin(hall, first, "reopening")
    hall.read(first, card_of(suspended.number, suspended.name).but(valid_until="20300101"))
    propose_card(first)
    look(hall, first, second)
    assert ('id="card-denied"' in second.text) is is_shown
    (row,) = rows(house, "matter.proposed")
    assert row.details is not None and row.details["authority"]["outcome"] == said
    second.submit({}, f"{second.path}/refuse")
    assert status_of(house, suspended) == "suspended"


def test_a_card_is_read_for_whoever_stands_there_and_for_nothing_else(
    hall: Hall, person: TestPerson, suspended: TestPerson
) -> None:
    """The reader is asked neither by the second clerk nor for a matter of papers."""
    first, second = hall.browsers
    begin(hall, first, "death", **named(person))
    page = first.path
    first.submit({}, f"{page}/card")
    assert first.path == "/counter"
    begin(hall, first, "reopening")
    second.submit({}, f"{first.path}/card")
    assert second.path == "/counter"
    assert hall.reader.device is not None
    assert hall.house.counter.readings.wanted(hall.reader.device) is None


def test_two_others_close_the_account_when_the_time_is_over(
    house: House, clock: FrozenClock, app: Flask, suspended: TestPerson, register_person: Register
) -> None:
    """Refused before; closed after; and once."""
    clock.advance(days=DAYS - 1)
    hall = open_hall(house, app, clock, register_person)
    hall.add_clerk(household="household of the second clerk")
    speak_english(*hall.browsers)
    assert decide_together(hall, "closing", **named(suspended)).startswith("The time in which")
    assert status_of(house, suspended) == "suspended"
    clock.advance(days=1)
    again = Hall(house, app, clock, register_person, hall.reader)
    for household in ("third", "fourth"):
        again.add_clerk(household=household)
    speak_english(*again.browsers)
    assert decide_together(again, "closing", **named(suspended)).startswith("The account is closed")
    assert status_of(house, suspended) == "closed"
    assert decide_together(again, "closing", **named(suspended)).startswith("The account was closed before")
    assert decided(house) == ["closed", "done", "too_early"]


def test_who_reported_does_not_close(
    house: House, clock: FrozenClock, app: Flask, register_person: Register, person: TestPerson
) -> None:
    """Also where only one of the two did; and nothing is closed that nobody reported, or the register took back."""
    clock.advance(days=1)
    hall = open_hall(house, app, clock, register_person)
    hall.add_clerk(household="household of the second clerk")
    stranger = make_person(house, register_person, 40)
    report(house, person, [hall.clerks[0], stranger])
    flagged, unreported = make_person(house, register_person, 41), make_person(house, register_person, 42)
    say(house, flagged)
    house.login.life_events.register_deaths.act()
    say(house, flagged, died=None)
    house.login.life_events.register_deaths.act()
    clock.advance(days=DAYS)
    later = Hall(house, app, clock, register_person, hall.reader)
    later.clerks, later.apps = hall.clerks, hall.apps
    later.browsers = [at_desk(app, clock, *each) for each in zip(hall.clerks, hall.apps, strict=True)]
    speak_english(*later.browsers)
    assert decide_together(later, "closing", **named(person)).startswith("One of you two reported")
    assert decide_together(later, "closing", **named(flagged)).startswith("The register took this death back")
    assert decide_together(later, "closing", **named(unreported)).startswith("No report of a death")
    assert decided(house) == ["no_report", "took_part", "unsaid"]
    assert status_of(house, person) == status_of(house, flagged) == "suspended"


def test_nothing_that_was_typed_is_kept_in_clear(
    house: House, hall: Hall, person: TestPerson, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither in an address, nor in a log, nor in a row of the audit."""
    decide_together(hall, "death", **named(person))
    with house.ground.database.read() as session:
        told = "".join(str(sorted(vars(row).items(), key=str)) for row in session.scalars(sa.select(AuditEvent)))
    shown = capsys.readouterr()
    for secret in (person.number, person.name, WORDS):
        for where in (told, shown.out, shown.err, *(each.path for each in hall.browsers)):
            assert secret not in where


def test_the_pages_of_matters_are_linked_and_no_other_kind_is_there(hall: Hall) -> None:
    clerk = hall.browsers[0]
    clerk.open("/counter")
    assert 'href="/counter/matters"' in clerk.text
    clerk.open("/counter/matters")
    for kind in ("death", "reopening", "closing", "guardianship", "guardianship-end"):
        assert f'href="/counter/matters/new/{kind}"' in clerk.text
    clerk.open("/counter/matters/new/marriage")
    assert clerk.response is not None and clerk.response.status_code == 404
