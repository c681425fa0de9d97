"""A death that was reported: the account suspended at once, closed by two persons after a time, or opened again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask

from idp.cli import proofings as commands
from idp.cli import register as register_commands
from idp.cli.main import cli
from idp.house.build import House
from idp.house.erasure import build_erasure
from idp.house.upkeep import build_upkeep
from idp.login.deaths import DeathReports
from idp.persons import mandates, recoveries
from idp.persons.vocabulary import MandateScope
from realname.providers.question import Question
from realname.providers.register.models import RegisterDeath
from tests.support.deaths import DIED, act, decision, make_person, outcome, say, standing_of, status_of, unknown_person
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.lives import live
from tests.support.proofed import prove
from tests.support.proofing import in_register, number_of
from tests.support.relying_party import FormBrowser
from tests.support.sent import at_once, audited, sent

Register = Callable[..., TestPerson]
DAYS = 30


@pytest.fixture
def deaths(house: House) -> DeathReports:
    return house.login.life_events.deaths


@pytest.fixture
def person(house: House, register_person: Register) -> TestPerson:
    return make_person(house, register_person, 1)


@pytest.fixture
def clerks(house: House, register_person: Register) -> list[TestPerson]:
    """Four who were proved and live with nobody."""
    return [make_person(house, register_person, place) for place in range(11, 15)]


@pytest.fixture
def suspended(deaths: DeathReports, person: TestPerson, clerks: list[TestPerson]) -> TestPerson:
    """The person, reported by a certificate that the first two clerks saw."""
    assert outcome(deaths.report_certificate(person.id, decision(clerks[0], clerks[1]))) == "ok"
    return person


def answer_to(app: Flask, person: TestPerson, password: str) -> tuple[int, str]:
    """Return what a login by password is answered, without what differs between any two pages."""
    browser = FormBrowser(app)
    browser.open("/account")
    response = browser.log_in(TestPerson(person.id, person.name, person.number, person.mobile, "", password))
    return response.status_code, browser.path.rpartition("/")[2]


def test_a_certificate_suspends_at_once_and_is_told(
    house: House, app: Flask, clock: FrozenClock, deaths: DeathReports, register_person: Register
) -> None:
    """Sessions, tokens and waiting recoveries end; the holder, who may be alive, is told; one row says it all."""
    clerks = [make_person(house, register_person, place) for place in (11, 12)]
    alive = live(house, app, clock, number="440308199901101512", mobile="+8613900139001")
    alive.browser.open("/account")
    assert alive.browser.path == "/account"
    assert outcome(deaths.report_certificate(alive.id, decision(*clerks))) == "ok"
    alive.browser.open("/account")
    assert alive.browser.path.endswith("/login")
    form = {"grant_type": "refresh_token", "refresh_token": alive.tokens["refresh_token"]}
    answer = app.test_client().post("/oauth/token", data=form, headers=alive.party.basic())
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_grant")
    with house.ground.database.read() as session:
        assert recoveries.open_of(session, alive.id, at=clock.now()) == ()
    assert len(sent(house, "death_reported", alive.mobile)) == 1
    (row,) = audited(house, "death.reported", alive.id)
    assert (row.actor_person, row.office) == (clerks[1].id, "hall-1")
    assert row.details is not None and row.details["proposed_by"] == clerks[0].id
    assert row.details["sessions"] > 0


def test_a_second_report_adds_nothing(
    house: House, deaths: DeathReports, suspended: TestPerson, clerks: list[TestPerson]
) -> None:
    """Neither a row nor a message, whoever says it: the counter again, or the register."""
    first = standing_of(house, suspended)
    assert outcome(deaths.report_certificate(suspended.id, decision(clerks[2], clerks[3]))) == "ok"
    say(house, suspended)
    assert act(house) == 0
    assert standing_of(house, suspended) == first
    assert len(audited(house, "death.reported", suspended.id)) == 1
    assert len(sent(house, "death_reported", suspended.mobile)) == 1


def test_who_is_suspended_is_answered_like_a_wrong_password(
    app: Flask, deaths: DeathReports, person: TestPerson, clerks: list[TestPerson]
) -> None:
    """The right password tells nothing more than a wrong one did."""
    wrong = answer_to(app, person, "not-the-right-one")
    deaths.report_certificate(person.id, decision(clerks[0], clerks[1]))
    assert answer_to(app, person, person.password) == wrong == (422, "login")


def test_nobody_reports_alone_or_about_themself(
    house: House, deaths: DeathReports, person: TestPerson, clerks: list[TestPerson]
) -> None:
    """Refused and audited; nothing is changed."""
    one, other = clerks[:2]
    refused = {
        "one_person": decision(one, one),
        "own_matter": decision(one, person),
        "not_active": decision(one, unknown_person()),
    }
    for reason, made in refused.items():
        assert outcome(deaths.report_certificate(person.id, made)) == reason
    assert {row.reason for row in audited(house, "death.refused", person.id)} == set(refused)
    assert status_of(house, person) == "active"
    assert outcome(deaths.report_certificate(unknown_person().id, decision(one, other))) == "unknown"
    assert outcome(deaths.report_certificate(person.id, decision(one, other))) == "ok"


def test_nobody_decides_about_their_household(
    house: House, deaths: DeathReports, person: TestPerson, clerks: list[TestPerson]
) -> None:
    """Where the register knows it: neither with the person nor with each other."""
    cousin, wife, husband, stranger = clerks
    for each, household in ((person, "a"), (cousin, "a"), (wife, "b"), (husband, "b"), (stranger, "c")):
        say(house, each, died=None, household=household)
    assert outcome(deaths.report_certificate(person.id, decision(cousin, stranger))) == "household"
    assert outcome(deaths.report_certificate(person.id, decision(wife, husband))) == "household"
    assert outcome(deaths.report_certificate(person.id, decision(wife, stranger))) == "ok"


def test_two_others_close_the_account_after_the_time(
    house: House, clock: FrozenClock, deaths: DeathReports, suspended: TestPerson, clerks: list[TestPerson]
) -> None:
    """Not a second earlier, and neither by whoever reported; then once."""
    reported, two = decision(clerks[0], clerks[2]), decision(clerks[2], clerks[3])
    clock.advance(days=DAYS, seconds=-1)
    assert outcome(deaths.close(suspended.id, two)) == "too_early"
    clock.advance(seconds=1)
    assert outcome(deaths.close(suspended.id, reported)) == "took_part"
    assert outcome(deaths.close(suspended.id, decision(clerks[2], clerks[2]))) == "one_person"
    assert status_of(house, suspended) == "suspended"
    assert outcome(deaths.close(suspended.id, two)) == "ok"
    assert status_of(house, suspended) == "closed"
    assert outcome(deaths.close(suspended.id, two)) == "closed"
    assert len(audited(house, "death.closed", suspended.id)) == 1
    assert len(sent(house, "death_closed", suspended.mobile)) == 1


def test_of_many_who_close_or_open_at_once_one_does(
    house: House, clock: FrozenClock, deaths: DeathReports, suspended: TestPerson, clerks: list[TestPerson]
) -> None:
    """Whatever comes first: every decision that counted left its row, and the account is what the last one says."""
    clock.advance(days=DAYS)
    two = decision(clerks[2], clerks[3])
    closed = at_once(4, lambda: outcome(deaths.close(suspended.id, two)))
    assert sorted(map(str, closed)) == ["closed"] * 3 + ["ok"]
    opened = at_once(4, lambda: outcome(deaths.reverse(suspended.id, two)))
    assert sorted(map(str, opened)) == ["no_report"] * 3 + ["ok"]
    assert status_of(house, suspended) == "active"
    reported = at_once(4, lambda: outcome(deaths.report_certificate(suspended.id, two)))
    assert reported == ["ok"] * 4
    assert len(audited(house, "death.reported", suspended.id)) == 2


def test_an_account_without_a_report_is_neither_closed_nor_opened(
    house: House, deaths: DeathReports, person: TestPerson, clerks: list[TestPerson]
) -> None:
    """Two persons decide about a report, not about anybody they like."""
    assert outcome(deaths.close(person.id, decision(clerks[2], clerks[3]))) == "no_report"
    assert outcome(deaths.reverse(person.id, decision(clerks[2], clerks[3]))) == "no_report"
    assert status_of(house, person) == "active"


@pytest.mark.parametrize("is_closed", [False, True])
def test_two_at_a_counter_open_it_again_as_it_was(
    house: House,
    app: Flask,
    clock: FrozenClock,
    deaths: DeathReports,
    suspended: TestPerson,
    clerks: list[TestPerson],
    is_closed: bool,
) -> None:
    """The person logs in as before, with number, mobile and level; also whoever reported may mend it."""
    if is_closed:
        clock.advance(days=DAYS)
        assert outcome(deaths.close(suspended.id, decision(clerks[2], clerks[3]))) == "ok"
    assert outcome(deaths.reverse(suspended.id, decision(clerks[1], clerks[1]))) == "one_person"
    assert outcome(deaths.reverse(suspended.id, decision(clerks[0], clerks[2]))) == "ok"
    assert status_of(house, suspended) == "active"
    assert standing_of(house, suspended) is None
    browser = FormBrowser(app)
    browser.open("/account")
    browser.log_in(suspended)
    assert browser.path == "/account"
    assert "verified" in browser.text or "已核验" in browser.text
    assert len(sent(house, "death_reversed", suspended.mobile)) == 1
    assert len(audited(house, "death.reversed", suspended.id)) == 1
    # And it can be reported anew.
    assert outcome(deaths.report_certificate(suspended.id, decision(clerks[0], clerks[1]))) == "ok"


def test_what_was_erased_is_not_opened_again(
    house: House, deaths: DeathReports, suspended: TestPerson, clerks: list[TestPerson]
) -> None:
    """Without the data there is nobody to open it for."""
    build_erasure(house).erase(suspended.id)
    assert outcome(deaths.reverse(suspended.id, decision(clerks[2], clerks[3]))) == "erased"
    assert status_of(house, suspended) == "closed"


def test_the_register_suspends_whose_number_it_is(house: House, register_person: Register, person: TestPerson) -> None:
    """Only where the number was proved; who merely typed it stays as they are."""
    claimant = register_person(number=person.number)
    say(house, person)
    assert act(house) == 1
    assert (status_of(house, person), status_of(house, claimant)) == ("suspended", "active")
    assert len(sent(house, "death_reported", person.mobile)) == 1
    assert act(house) == 0


def test_asking_about_a_dead_persons_number_suspends_nobody(house: House, register_person: Register) -> None:
    """Whoever types a number must not suspend somebody: neither its holder nor themself."""
    person = register_person()
    in_register(house, person, deceased_on=DIED)
    answer = house.register.verifier.verify(Question(number_of(house, person.number), person.name))
    assert answer.code == "register.deceased"
    act(house)
    assert status_of(house, person) == "active"


def test_an_import_acts_on_what_it_takes_in(
    house: House, person: TestPerson, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In its own process, without a worker; repeating it changes nothing."""
    monkeypatch.setattr(register_commands, "house_or_exit", lambda: house)
    file = tmp_path / "register.csv"
    file.write_text(f"number,name,deceased_on\n{person.number},{person.name},2026-02-20\n", "utf-8")
    for _ in range(2):
        done = CliRunner().invoke(cli, ["register", "import", str(file)], catch_exceptions=False)
        assert done.exit_code == 0, done.output
    assert status_of(house, person) == "suspended"
    assert len(audited(house, "death.reported", person.id)) == 1


def test_the_worker_finds_what_an_import_left_behind(house: House, person: TestPerson, clock: FrozenClock) -> None:
    """The word is noted with the entry, looked at, looked at again after an hour, and then forgotten."""
    say(house, person)
    build_upkeep(house).run_due()
    assert status_of(house, person) == "suspended"
    with house.ground.database.read() as session:
        assert session.scalar(sa.select(RegisterDeath.looked_at)) == clock.now()
    clock.advance(minutes=61)
    build_upkeep(house).run_due()
    with house.ground.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(RegisterDeath)) == 0


def test_who_is_proved_while_the_register_learns_of_it_is_found_by_the_second_look(
    house: House, register_person: Register, clock: FrozenClock
) -> None:
    """The answer was a match, the import came, and only then the proofing was recorded."""
    first = make_person(house, register_person, 1)
    say(house, first)
    late = make_person(house, register_person, 2)
    say(house, late)
    assert act(house) == 2
    other = register_person(number="11010519491231002X")
    say(house, other)
    assert act(house) == 0
    prove(house, other.id, name=other.name, number=other.number)
    assert act(house) == 0
    clock.advance(minutes=61)
    assert act(house) == 1
    assert status_of(house, other) == "suspended"


def test_a_death_that_the_register_takes_back_closes_nothing_and_opens_nothing(
    house: House, clock: FrozenClock, deaths: DeathReports, person: TestPerson, clerks: list[TestPerson]
) -> None:
    """The report is flagged; two at a counter open the account, and the same word suspends nobody again."""
    two = decision(clerks[0], clerks[1])
    say(house, person)
    act(house)
    say(house, person, died=None)
    act(house)
    clock.advance(days=DAYS)
    assert outcome(deaths.close(person.id, two)) == "unsaid"
    assert status_of(house, person) == "suspended"
    say(house, person)
    act(house)
    assert [row.reason for row in audited(house, "death.reported", person.id)] == [None, "said_again"]
    say(house, person, died=None)
    act(house)
    assert outcome(deaths.reverse(person.id, two)) == "ok"
    say(house, person)
    assert act(house) == 0
    assert status_of(house, person) == "active"
    say(house, person, died=DIED + timedelta(days=20))
    assert act(house) == 1
    assert status_of(house, person) == "suspended"


def test_a_flagged_death_that_is_said_again_is_closed(
    clock: FrozenClock, house: House, deaths: DeathReports, person: TestPerson, clerks: list[TestPerson]
) -> None:
    """The accepting case beside the one above; a report of the register has no reporters to be left out."""
    say(house, person)
    act(house)
    for died in (None, DIED):
        say(house, person, died=died)
        act(house)
    clock.advance(days=DAYS)
    assert outcome(deaths.close(person.id, decision(clerks[0], clerks[1]))) == "ok"


def test_a_guardians_mandate_rests_while_their_death_stands(
    house: House, clock: FrozenClock, deaths: DeathReports, person: TestPerson, clerks: list[TestPerson]
) -> None:
    """And counts again when the report is taken back."""
    minor = clerks[3]
    now = clock.now()
    with house.ground.database.transaction() as session:
        until = now + timedelta(days=400)
        mandates.grant(session, person.id, minor.id, MandateScope.GUARDIAN, evidence_digest="x", at=now, valid_to=until)

    def may_act() -> bool:
        with house.ground.database.read() as session:
            return mandates.may_act(session, person.id, minor.id, MandateScope.GUARDIAN, at=clock.now())

    assert may_act()
    deaths.report_certificate(person.id, decision(clerks[0], clerks[1]))
    assert not may_act()
    deaths.reverse(person.id, decision(clerks[0], clerks[1]))
    assert may_act()


def test_operators_see_whose_account_waits(
    house: House, suspended: TestPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By id, source and time; nothing that names anybody."""
    monkeypatch.setattr(commands, "house_or_exit", lambda: house)
    shown = CliRunner().invoke(cli, ["proofing", "deaths"], catch_exceptions=False).output
    assert shown == f"2026-03-02 08:30  certificate  {suspended.id}\n"
    assert suspended.name not in shown
