"""Children for whom a guardian acts: shown by the register or at a counter, never declared; over at 14 and at 18."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from idp.audit.log import NOWHERE
from idp.config.settings import RealNameSettings
from idp.house.build import House
from idp.login.counter_guardianships import CounterGuardianships
from idp.login.guardianships import Child
from idp.persons.identity_level import identity_level
from idp.persons.models import Credential, Person, Proofing
from idp.persons.vocabulary import MandateScope
from realname.proofing.method import Method
from realname.proofing.models import IdentityCase
from tests.support.account_centre import logged_in
from tests.support.deaths import DIED, act, decision, make_person, outcome
from tests.support.frozen_clock import FrozenClock
from tests.support.guardians import ALL, child_id_of, child_of, counts, end_path, guardian, say_child, scopes
from tests.support.houses import TestPerson
from tests.support.proofed import prove
from tests.support.proofing import evidence_of, number_of
from tests.support.relying_party import FormBrowser
from tests.support.sent import audited, sent

Register = Callable[..., TestPerson]
#: What the page says whatever is wrong about somebody else's child.
NOT_CONFIRMED = "This could not be confirmed."


@pytest.fixture
def parent(house: House, register_person: Register) -> TestPerson:
    return guardian(house, register_person, 1)


@pytest.fixture
def child(house: House) -> TestPerson:
    return child_of(house, 1)


@pytest.fixture
def clerks(house: House, register_person: Register) -> list[TestPerson]:
    return [make_person(house, register_person, place) for place in (11, 12)]


@pytest.fixture
def counter(house: House) -> CounterGuardianships:
    return house.login.life_events.guardianships


def at_page(app: Flask, person: TestPerson) -> FormBrowser:
    browser = logged_in(app, person)
    browser.submit({"locale": "en", "next": "/account/family"}, "/language")
    browser.open("/account/family")
    return browser


def add(browser: FormBrowser, child: TestPerson, **changed: str) -> str:
    """Type a child in and return the problems that the page tells, in one text."""
    browser.submit({"name": child.name, "number": child.number, **changed})
    found = re.search(r'id="error-summary".*?</ul>', browser.text, re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""


def test_a_guardian_adds_the_child_whom_the_register_knows(
    house: House, app: Flask, parent: TestPerson, child: TestPerson
) -> None:
    """The child has a person without credentials, proved through the guardian; both have their rows."""
    say_child(house, child, [parent])
    browser = at_page(app, parent)
    assert add(browser, child) == ""
    assert scopes(house, parent, child) == ALL
    child_id = child_id_of(house, child)
    assert child_id is not None
    with house.ground.database.read() as session:
        row = session.execute(sa.select(Proofing).where(Proofing.person_id == child_id)).scalar_one()
        assert (row.method, row.level, row.actor_person) == (Method.GUARDIAN, 2, parent.id)
        assert session.scalar(sa.select(sa.func.count()).where(Credential.person_id == child_id)) == 0
        assert identity_level(session, child_id, house.ground.clock.now()) == 2
    assert child.number not in browser.text and child.name not in browser.text
    assert "January 5, 2034" in browser.text and "January 5, 2038" in browser.text
    assert len(sent(house, "guardianship_granted", parent.mobile)) == 1
    for person_id in (parent.id, child_id):
        assert len(audited(house, "guardianship.granted", person_id)) == 1


def test_adding_again_changes_nothing(house: House, app: Flask, parent: TestPerson, child: TestPerson) -> None:
    """The same child, the same guardian: one person, one row each, one message."""
    say_child(house, child, [parent])
    browser = at_page(app, parent)
    add(browser, child)
    before = counts(house)
    assert add(browser, child) == ""
    assert counts(house) == before
    assert len(sent(house, "guardianship_granted", parent.mobile)) == 1


def test_the_other_guardian_is_told(
    house: House, app: Flask, register_person: Register, parent: TestPerson, child: TestPerson
) -> None:
    """Both act for one person, and each learns of the other."""
    other = guardian(house, register_person, 2)
    say_child(house, child, [parent, other])
    add(at_page(app, parent), child)
    assert sent(house, "guardianship_of_other") == []
    assert add(at_page(app, other), child) == ""
    assert len(sent(house, "guardianship_of_other", parent.mobile)) == 1
    assert scopes(house, parent, child) == scopes(house, other, child) == ALL


def test_nothing_is_learnt_of_somebody_elses_child(
    house: House, app: Flask, register_person: Register, clock: FrozenClock, parent: TestPerson
) -> None:
    """Unknown, another name, another's child, nobody's child, one who died: one answer, and nothing is written."""
    stranger, held, dead = (child_of(house, place) for place in (2, 3, 4))
    orphan, unknown = child_of(house, 5), child_of(house, 6)
    other = guardian(house, register_person, 2)
    for each in (stranger, held):
        say_child(house, each, [other])
    say_child(house, dead, [parent], deceased_on=DIED)
    say_child(house, orphan, [])
    assert add(at_page(app, other), held) == ""
    before, told = counts(house), set()
    wrong = [(stranger, {}), (held, {}), (dead, {}), (orphan, {}), (unknown, {}), (stranger, {"name": "别人"})]
    for each, changed in wrong:
        clock.advance(days=1)  # out of the pause that each three tries begin
        told.add(add(at_page(app, parent), each, **changed))
    assert len(told) == 1 and NOT_CONFIRMED in told.pop()
    assert counts(house) == before
    reasons = {row.reason for row in audited(house, "guardianship.refused", parent.id)}
    assert reasons == {"not_the_guardian", "risk", "no_record", "mismatch"}


def test_tries_are_counted(house: House, app: Flask, parent: TestPerson, child: TestPerson) -> None:
    """After three the right child is refused too, until the pause is over; a success forgets them."""
    browser = at_page(app, parent)
    for _ in range(3):
        assert NOT_CONFIRMED in add(browser, child)
    say_child(house, child, [parent])
    assert "Too many tries" in add(browser, child)
    assert scopes(house, parent, child) == set()


@pytest.mark.parametrize("birth", ["20080302", "19900307"])
def test_nobody_acts_for_an_adult(house: House, app: Flask, parent: TestPerson, birth: str) -> None:
    """From the 18th birthday on, whatever the register says of guardians."""
    grown = child_of(house, 7, birth=birth)
    say_child(house, grown, [parent])
    assert "below 18" in add(at_page(app, parent), grown)


def test_who_was_not_proved_cannot_ask(house: House, app: Flask, register_person: Register, child: TestPerson) -> None:
    """A typed number makes nobody a guardian, and no form is shown; a request all the same is refused."""
    typist = register_person(number=guardian(house, register_person, 9).number)
    say_child(house, child, [typist])
    browser = at_page(app, typist)
    assert "family-submit" not in browser.text
    assert "Only an adult whose own ID number is verified" in add(browser, child)
    assert child_id_of(house, child) is None


def test_a_login_that_speaks_for_nobody_cannot_ask(
    house: House, app: Flask, register_person: Register, child: TestPerson
) -> None:
    """A password that was not presented with the proofing opens level 1: not enough here."""
    person = register_person()
    prove(house, person.id, name=person.name, number=person.number, method="mobile")
    say_child(house, child, [person])
    assert "family-submit" in at_page(app, person).text
    with house.ground.database.transaction() as session:
        session.execute(sa.update(Credential).values(vouched_at=None))
    browser = at_page(app, person)
    assert "family-submit" not in browser.text
    assert "Only an adult whose own ID number is verified" in add(browser, child)


def test_a_minor_is_nobodys_guardian(house: House, app: Flask, register_person: Register, child: TestPerson) -> None:
    """Also where the register names them: a young parent needs the counter and a guardian of their own."""
    young = make_person(house, register_person, 1, birth="20080303")
    say_child(house, child, [young])
    assert "family-submit" not in at_page(app, young).text


def test_the_account_ends_with_the_fourteenth_birthday_in_china(
    house: House, app: Flask, clock: FrozenClock, parent: TestPerson
) -> None:
    """At midnight in Shanghai, which is 16:00 the day before in UTC; the guardian stays until 18."""
    child = child_of(house, 8, birth="20120305")
    say_child(house, child, [parent])
    assert add(at_page(app, parent), child) == ""
    clock.instant = datetime(2026, 3, 4, 15, 59, 59, tzinfo=UTC)
    assert scopes(house, parent, child) == ALL
    clock.advance(seconds=1)
    assert scopes(house, parent, child) == {MandateScope.GUARDIAN}
    child_id = child_id_of(house, child)
    assert child_id is not None
    with house.ground.database.read() as session:
        assert identity_level(session, child_id, clock.now()) == 1
    clock.instant = datetime(2030, 3, 4, 15, 59, 59, tzinfo=UTC)
    assert scopes(house, parent, child) == {MandateScope.GUARDIAN}
    clock.advance(seconds=1)
    assert scopes(house, parent, child) == set()


def test_a_youth_without_an_account_opens_it_themself(
    house: House, app: Flask, register_person: Register, parent: TestPerson
) -> None:
    """Told to the guardian alone; once the youth was proved, the guardian is one, and has no way into the account."""
    youth = child_of(house, 9, birth="20110101")
    say_child(house, youth, [parent])
    browser = at_page(app, parent)
    assert "14 or older" in add(browser, youth)
    stranger = guardian(house, register_person, 2)
    assert NOT_CONFIRMED in add(at_page(app, stranger), youth)
    own = register_person(name=youth.name, number=youth.number)
    prove(house, own.id, name=own.name, number=own.number, method="mobile")
    assert add(browser, youth) == ""
    assert child_id_of(house, youth) == own.id
    assert scopes(house, parent, youth) == {MandateScope.GUARDIAN}
    assert len(sent(house, "guardianship_of_you", own.mobile)) == 1
    assert "by themselves" in browser.text


def test_a_child_who_turned_fourteen_takes_their_number_over(
    house: House, app: Flask, clock: FrozenClock, register_person: Register, parent: TestPerson
) -> None:
    """Proved by their own mobile, they are who the guardian acted for: no dispute, and the guardian stays one."""
    child = child_of(house, 8, birth="20120305")
    say_child(house, child, [parent])
    add(at_page(app, parent), child)
    former = child_id_of(house, child)
    clock.instant = datetime(2026, 3, 4, 16, 0, tzinfo=UTC)
    own = register_person(name=child.name, number=child.number)
    evidence = evidence_of(house, own, Method.MOBILE)
    with house.ground.database.transaction() as session:
        recorded = house.login.proofing.proved.carry_out(
            session, own.id, evidence, presented=("sms",), keep=None, locale="en", origin=NOWHERE
        )
    assert recorded is not None and (recorded.lost, recorded.outgrown) == ((), former)
    assert child_id_of(house, child) == own.id
    assert scopes(house, parent, child) == {MandateScope.GUARDIAN}
    with house.ground.database.read() as session:
        row = session.execute(sa.select(Person.status, Person.merged_into).where(Person.id == former)).one()
        assert tuple(row) == ("merged", own.id)
        assert session.scalar(sa.select(sa.func.count()).select_from(IdentityCase)) == 0


def test_below_fourteen_nobody_takes_a_childs_number_over(
    house: House, app: Flask, clock: FrozenClock, register_person: Register, parent: TestPerson
) -> None:
    """One second before that birthday the same proof is disputed, and a human decides."""
    child = child_of(house, 8, birth="20120305")
    say_child(house, child, [parent])
    add(at_page(app, parent), child)
    clock.instant = datetime(2026, 3, 4, 15, 59, 59, tzinfo=UTC)
    own = register_person(name=child.name, number=child.number)
    evidence = evidence_of(house, own, Method.MOBILE)
    with house.ground.database.transaction() as session:
        recorded = house.login.proofing.proved.carry_out(
            session, own.id, evidence, presented=("sms",), keep=None, locale="en", origin=NOWHERE
        )
    assert recorded is not None and (recorded.contest, recorded.outgrown) == ("disputed", None)
    with house.ground.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(IdentityCase)) == 1
    other = guardian(house, register_person, 2)
    say_child(house, child, [parent, other])
    before = counts(house)
    assert NOT_CONFIRMED in add(at_page(app, other), child)
    assert counts(house) == before


def test_a_guardian_gives_up(
    house: House, app: Flask, register_person: Register, parent: TestPerson, child: TestPerson
) -> None:
    """Their own alone: another's is not found, and the other guardian is told."""
    other = guardian(house, register_person, 2)
    say_child(house, child, [parent, other])
    first, second = at_page(app, parent), at_page(app, other)
    add(first, child)
    add(second, child)
    assert second.submit({}, end_path(first)).status_code == 404
    assert scopes(house, parent, child) == ALL
    first.submit({}, end_path(first))
    assert (scopes(house, parent, child), scopes(house, other, child)) == (set(), ALL)
    assert {each["to"] for each in sent(house, "guardianship_ended")} == {parent.mobile, other.mobile}
    assert "You do not act for any child" in first.text


def test_two_clerks_grant_what_the_register_does_not_know(
    house: House, parent: TestPerson, child: TestPerson, clerks: list[TestPerson], counter: CounterGuardianships
) -> None:
    """By the documents that both saw; their names are in the audit, and it ends in the same way."""
    both = decision(*clerks)
    granted = counter.grant(parent.id, _child(house, child), both)
    assert outcome(granted) == "ok"
    assert scopes(house, parent, child) == ALL
    child_id = child_id_of(house, child)
    assert child_id is not None
    (row,) = audited(house, "guardianship.granted", child_id)
    assert (row.actor_person, row.office) == (clerks[1].id, "hall-1")
    assert outcome(counter.end(parent.id, child_id, both, reason="court_order")) == "ok"
    assert scopes(house, parent, child) == set()
    assert outcome(counter.end(parent.id, child_id, both, reason="court_order")) == "none"


def test_a_childs_death_is_told_to_its_guardian(
    house: House, app: Flask, parent: TestPerson, child: TestPerson
) -> None:
    """The child has no contact of its own, and a wrong report must be noticed by somebody; the mandates rest."""
    say_child(house, child, [parent])
    add(at_page(app, parent), child)
    say_child(house, child, [parent], deceased_on=DIED)
    assert act(house) == 1
    assert len(sent(house, "death_reported_of_child", parent.mobile)) == 1
    assert scopes(house, parent, child) == set()


def test_clerks_decide_in_twos_and_about_others(
    house: House,
    register_person: Register,
    parent: TestPerson,
    child: TestPerson,
    clerks: list[TestPerson],
    counter: CounterGuardianships,
) -> None:
    """Refused: one person, the guardian, whoever lives with the child or the guardian, and who is no adult."""
    one, other = clerks
    for each, household in ((parent, "a"), (other, "b")):
        say_child(house, each, [], household=household)
    say_child(house, child, [], household="b")
    asked = _child(house, child)
    assert outcome(counter.grant(parent.id, asked, decision(one, one))) == "one_person"
    assert outcome(counter.grant(parent.id, asked, decision(one, parent))) == "own_matter"
    assert outcome(counter.grant(parent.id, asked, decision(one, other))) == "household"
    third = make_person(house, register_person, 13)
    say_child(house, child, [third])
    assert outcome(counter.grant(parent.id, asked, decision(one, third))) == "own_matter"
    say_child(house, child, [])
    young = make_person(house, register_person, 14, birth="20080303")
    assert outcome(counter.grant(young.id, asked, decision(one, third))) == "not_adult"
    assert {row.reason for row in audited(house, "guardianship.refused", parent.id)} == {
        "one_person",
        "own_matter",
        "household",
    }
    assert child_id_of(house, child) is None
    assert outcome(counter.grant(parent.id, asked, decision(one, third))) == "ok"


def _child(house: House, child: TestPerson) -> Child:
    return Child(number_of(house, child.number), child.name)


class TestWithAnotherService:
    """Where a service verifies that knows nothing of guardians."""

    @pytest.fixture
    def overrides(self) -> dict[str, Any]:
        return {"realname": RealNameSettings(provider="none")}

    def test_the_page_says_that_it_is_done_at_a_counter(
        self, house: House, app: Flask, parent: TestPerson, child: TestPerson
    ) -> None:
        """No form; and a request all the same grants nothing, though our register would know."""
        say_child(house, child, [parent])
        browser = at_page(app, parent)
        assert "family-submit" not in browser.text
        assert "cannot be asked online here" in browser.text
        assert NOT_CONFIRMED in add(browser, child)
        assert child_id_of(house, child) is None
