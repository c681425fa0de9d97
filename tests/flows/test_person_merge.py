"""Two persons that are one: merged only before the person, told to whom it concerns, and taken back exactly."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from clients import consents
from clients.models import Consent
from idp.audit.log import NOWHERE
from idp.core.results import Ok, Refused
from idp.house.build import House
from idp.linking import links
from idp.linking.activation import TwoClerks
from idp.linking.case_queue import Reviewer
from idp.linking.cases import Opinion, ReasonCode
from idp.linking.journal import Change
from idp.linking.link_models import NoLink
from idp.linking.merge_preview import MergeProblem
from idp.linking.person_merge import BothLogins
from idp.linking.single_cases import Candidate, open_case
from idp.linking.vocabulary import CaseKind, LinkState, Verdict
from idp.persons.models import Person
from idp.persons.roles import Role
from idp.persons.survivors import survivor_of
from idp.persons.vocabulary import PersonStatus
from idp.tokens.subjects import person_of, subject_of
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.legacy_accounts import (
    OLD_PASSWORD,
    add_account,
    add_system,
    log_in,
    owner_of,
    propose,
    proved_person,
    row_of,
)
from tests.support.proofed import agree
from tests.support.relying_party import make_client
from tests.support.sent import at_once, audited, sent
from tests.support.staff import grant

Register = Callable[..., TestPerson]
CLERKS = TwoClerks("a" * 22, "b" * 22, "hall-1")


@pytest.fixture
def stays(house: House, register_person: Register) -> TestPerson:
    return proved_person(house, register_person, 1)


@pytest.fixture
def goes(house: House, register_person: Register) -> TestPerson:
    return proved_person(house, register_person, 2)


@pytest.fixture
def case(house: House, register_person: Register, stays: TestPerson, goes: TestPerson) -> str:
    """A case about the two that two reviewers decided."""
    case_id = make_case(house, stays, goes)
    for place, version in ((0, 1), (1, 2)):
        reviewer = Reviewer(proved_person(house, register_person, 100 + place).id, frozenset())
        said = Opinion(version, Verdict.MERGE, ReasonCode.SAME_PERSON)
        assert isinstance(house.login.links.cases.decide(reviewer, case_id, said, origin=NOWHERE), Ok)
    return case_id


def make_case(house: House, *people: TestPerson) -> str:
    with house.ground.database.transaction() as session:
        candidates = [Candidate(each.id, 1.0) for each in people]
        return open_case(session, CaseKind.TWO_PERSONS, candidates, change=Change(house.ground.clock.now()))


def merge(house: House, case: str, stays: TestPerson, by: Any = CLERKS) -> str | int:
    """Return the event's number, or why not."""
    done = house.login.links.person_merges.merge(case, stays.id, by, origin=NOWHERE)
    return str(done.reason) if isinstance(done, Refused) else done.value


def person_row(house: House, person: TestPerson) -> Any:
    with house.ground.database.read() as session:
        return session.execute(sa.select(Person.status, Person.merged_into).where(Person.id == person.id)).one()


def state_of_all(house: House, *people: TestPerson) -> Any:
    """Return whose everything is that can move."""
    with house.ground.database.read() as session:
        ids = [each.id for each in people]
        return (
            [[(each.id, each.state) for each in links.of_person(session, person)] for person in ids],
            sorted(session.execute(sa.text("SELECT sector, sub, person_id, is_primary FROM subjects")).all()),
            sorted(session.execute(sa.select(Consent.id, Consent.person_id)).all()),
            sorted(session.execute(sa.text("SELECT id, state FROM identifiers")).all()),
            sorted(session.execute(sa.text("SELECT id, state FROM contacts")).all()),
            sorted(session.execute(sa.text("SELECT identifier_id, is_current FROM identifier_indexes")).all()),
            sorted(session.execute(sa.select(NoLink.account_id, NoLink.person_id)).all()),
            sorted(session.execute(sa.select(Person.id, Person.status, Person.merged_into)).all(), key=str),
        )


def furnish(house: House, stays: TestPerson, goes: TestPerson) -> list[int]:
    """Give both accounts, consents, subjects; return two accounts: active for who goes, proposed to both."""
    system = add_system(house)
    accounts = [add_account(house, system, row_of(goes, reference=ref, login=ref)) for ref in ("A1", "B2", "C3")]
    link = propose(house, system, accounts[0], goes)
    live = log_in(house, goes)
    assert isinstance(house.login.links.own.by_password(live, str(link), OLD_PASSWORD, origin=NOWHERE), Ok)
    for person in (stays, goes):
        propose(house, system, accounts[1], person)
    rejected = propose(house, system, accounts[2], goes)
    assert house.login.links.own.not_mine(live, str(rejected), origin=NOWHERE)
    clients = [make_client(house, client_name=name).client_id for name in ("one", "both")]
    agree(house, goes.id, clients[0], "real_name")
    for person in (stays, goes):
        agree(house, person.id, clients[1], "real_name")
    with house.ground.database.transaction() as session:
        now = house.ground.clock.now()
        subject_of(session, goes.id, "one.example", now)
        for person in (stays, goes):
            subject_of(session, person.id, "both.example", now)
    return accounts


def test_everything_moves_but_credentials_and_is_named_beforehand(
    house: House, case: str, stays: TestPerson, goes: TestPerson
) -> None:
    """Links, consents, subjects; the logins of who goes end, and its password opens nothing any more."""
    accounts = furnish(house, stays, goes)
    with house.ground.database.read() as session:
        old = session.execute(sa.text("SELECT sector, sub FROM subjects")).all()
    preview = house.login.links.person_merges.preview(case, stays.id)
    assert preview is not None and preview.problem is None
    assert (preview.links, preview.links_ending) == (1, 1)
    assert (preview.consents_moving, preview.consents_ending) == (1, 1)
    assert (preview.sectors_keeping, preview.sectors_replacing) == (("one.example",), ("both.example",))
    assert preview.sessions_ending == 1
    assert isinstance(merge(house, case, stays), int)
    assert owner_of(house, accounts[0]) == stays.id
    assert person_row(house, goes) == (PersonStatus.MERGED, stays.id)
    with house.ground.database.read() as session:
        assert [each.state for each in links.of_person(session, stays.id)] == [
            LinkState.PROPOSED,
            LinkState.ACTIVE,
        ] or [each.state for each in links.of_person(session, stays.id)] == [LinkState.ACTIVE, LinkState.PROPOSED]
        assert links.of_person(session, goes.id) == ()
        assert {person_of(session, row.sector, row.sub) for row in old} == {stays.id}
        assert survivor_of(session, goes.id) == survivor_of(session, stays.id) == stays.id
        assert house.protocol.sessions.list_live(session, goes.id) == ()
        assert house.people.directory.find_by_login(session, goes.number) is None
        assert links.is_refused(session, accounts[2], stays.id)
    assert len(sent(house, "persons_merged", stays.mobile)) == 1
    for person in (stays, goes):
        assert len(audited(house, "persons.merged", person.id)) == 1


def test_a_merge_is_taken_back_to_where_everything_was(
    house: House, case: str, stays: TestPerson, goes: TestPerson, clock: FrozenClock
) -> None:
    """All but what ended for good: the second proposal of one account, and the second consent."""
    furnish(house, stays, goes)
    with house.ground.database.read() as session:
        ended = [each.id for each in links.of_person(session, goes.id) if each.state is LinkState.PROPOSED]
    before = state_of_all(house, stays, goes)
    sequence = merge(house, case, stays)
    assert isinstance(sequence, int) and state_of_all(house, stays, goes) != before
    clock.advance(days=3)
    done = house.login.links.person_merges.separate(sequence, by=CLERKS, origin=NOWHERE)
    assert isinstance(done, Ok) and set(done.value.kept) == {"consents_ended"}
    after = state_of_all(house, stays, goes)
    theirs = [link for link in before[0][1] if link[0] not in ended]
    assert after[0] == [before[0][0], theirs]
    assert after[1:] == before[1:]
    again = house.login.links.person_merges.separate(sequence, by=CLERKS, origin=NOWHERE)
    assert again == Refused(MergeProblem.DONE_BEFORE)
    assert house.login.links.person_merges.separate(sequence + 999, by=CLERKS, origin=NOWHERE) == Refused(
        MergeProblem.NOT_THERE
    )
    for person in (stays, goes):
        assert len(audited(house, "persons.separated", person.id)) == 1


def test_what_changed_since_stays_and_is_named(
    house: House, case: str, stays: TestPerson, goes: TestPerson, clock: FrozenClock, register_person: Register
) -> None:
    """A link that was unlinked, and a mobile that somebody else verified, do not come back."""
    furnish(house, stays, goes)
    sequence = merge(house, case, stays)
    clock.advance(days=1)
    with house.ground.database.read() as session:
        (active,) = [each for each in links.of_person(session, stays.id) if each.state is LinkState.ACTIVE]
    assert house.login.links.own.unlink(log_in(house, stays), str(active.id), origin=NOWHERE)
    register_person(name="别人", number="11010519491231002X", mobile=goes.mobile)
    done = house.login.links.person_merges.separate(int(sequence), by=CLERKS, origin=NOWHERE)
    assert isinstance(done, Ok)
    assert done.value.kept["links"] == [active.id] and len(done.value.kept["contacts"]) == 1
    assert person_row(house, goes) == (PersonStatus.ACTIVE, None)


def test_nothing_happens_without_the_person_or_without_the_decision(
    house: House, case: str, stays: TestPerson, goes: TestPerson, register_person: Register, clock: FrozenClock
) -> None:
    """Fresh logins to both, by two factors, of these two; or clerks. Undecided, it is nobody's to do."""
    other = proved_person(house, register_person, 3)
    undecided = make_case(house, stays, other)
    assert merge(house, undecided, stays) == MergeProblem.NOT_DECIDED
    assert merge(house, case, other) == MergeProblem.NOT_THERE
    assert merge(house, "x" * 22, stays) == MergeProblem.NOT_THERE
    both = BothLogins(log_in(house, goes), log_in(house, stays))
    for wrong in (
        replace(both, merged=both.survivor),
        BothLogins(both.survivor, both.merged),
        replace(both, merged=log_in(house, other)),
        replace(both, merged=log_in(house, goes, amr=("pwd",))),
        replace(both, merged=log_in(house, goes, minutes_ago=11)),
        replace(both, survivor=log_in(house, stays, minutes_ago=11)),
    ):
        assert merge(house, case, stays, wrong) == MergeProblem.NOT_SHOWN
    assert person_row(house, goes) == (PersonStatus.ACTIVE, None)
    assert len(audited(house, "persons.merge_refused", stays.id)) == 7
    assert isinstance(merge(house, case, stays, both), int)
    assert merge(house, case, stays) == MergeProblem.DONE_BEFORE


def test_staff_and_who_is_suspended_are_settled_first(
    house: House, case: str, stays: TestPerson, goes: TestPerson
) -> None:
    """A role is ended before its holder goes; nobody is merged out of a suspension."""
    grant(house, goes, Role.CLERK, "old-hall")
    assert merge(house, case, stays) == MergeProblem.STAFF
    with house.ground.database.transaction() as session:
        session.execute(sa.text("UPDATE role_assignments SET ended_at = granted_at"))
        session.execute(sa.update(Person).where(Person.id == goes.id).values(status=PersonStatus.SUSPENDED))
    assert merge(house, case, stays) == MergeProblem.NOT_ACTIVE


def test_of_two_merges_at_the_same_moment_one_happens(
    house: House, case: str, stays: TestPerson, goes: TestPerson
) -> None:
    """One event, one message."""
    answers = at_once(2, lambda: merge(house, case, stays))
    assert sorted(type(each).__name__ for each in answers) == ["int", "str"], answers
    assert MergeProblem.DONE_BEFORE in answers
    assert len(sent(house, "persons_merged", stays.mobile)) == 1


def test_keeping_apart_merges_nobody(
    house: House, stays: TestPerson, goes: TestPerson, register_person: Register
) -> None:
    """Decided so, the case is closed, and a merge is refused."""
    case_id = make_case(house, stays, goes)
    for place, version in ((0, 1), (1, 2)):
        reviewer = Reviewer(proved_person(house, register_person, 100 + place).id, frozenset())
        said = Opinion(version, Verdict.KEEP_APART, ReasonCode.OTHER_PERSON)
        assert isinstance(house.login.links.cases.decide(reviewer, case_id, said, origin=NOWHERE), Ok)
    assert merge(house, case_id, stays) == MergeProblem.NOT_DECIDED
    with house.ground.database.read() as session:
        assert consents.granted(session, goes.id, "none") == frozenset()
