"""Whose an account of an older system becomes: by the pair and control, in a fresh login, and by nothing less."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from idp.audit.log import NOWHERE
from idp.core.errors import LoginRefused
from idp.core.results import Ok, Refused
from idp.house.build import House
from idp.linking import vouching
from idp.linking.activation import CaseOpened, TwoClerks
from idp.linking.activation_rule import ActivationProblem
from idp.linking.link_models import MergeEvent
from idp.linking.links import LinkProblem
from idp.linking.vocabulary import CaseKind, HolderKind, LinkState, NumberState, Situation, SourceState
from idp.login.account.legacy_accounts import LegacyAccounts
from idp.login.refusal import Refusal
from idp.persons.roles import Role
from idp.sessions.service import LiveSession
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.legacy_accounts import (
    OLD_PASSWORD,
    add_account,
    add_system,
    cases_of,
    change_account,
    log_in,
    owner_of,
    propose,
    proved_person,
    row_of,
    state_of,
)
from tests.support.sent import at_once, audited, code_of, sent
from tests.support.staff import grant

Register = Callable[..., TestPerson]


@pytest.fixture
def person(house: House, register_person: Register) -> TestPerson:
    return proved_person(house, register_person, 1)


@pytest.fixture
def system(house: House) -> int:
    return add_system(house)


@pytest.fixture
def own(house: House) -> LegacyAccounts:
    return house.login.links.own


def by_code(house: House, live: LiveSession, person: TestPerson, link: int) -> Any:
    """Ask for a code and type it."""
    own = house.login.links.own
    own.send_code(live, str(link), locale="en", origin=NOWHERE)
    return own.by_code(live, str(link), code_of(house, "legacy_code", person.mobile), origin=NOWHERE)


def outcome(act: Callable[[], Any]) -> str:
    """Return `ok`, what was refused, or that two people decide now."""
    try:
        answer = act()
    except LoginRefused as refused:
        return str(refused.reason)
    if isinstance(answer, CaseOpened):
        return f"case:{answer.problem}"
    return str(answer.reason) if isinstance(answer, Refused) else "ok"


def test_a_code_to_the_phone_that_both_sides_hold_makes_the_account_theirs(
    house: House, person: TestPerson, system: int
) -> None:
    """The link is active, journalled and audited, and the person is told."""
    account = add_account(house, system, row_of(person))
    link = propose(house, system, account, person)
    answer = by_code(house, log_in(house, person), person, link)
    assert isinstance(answer, Ok) and answer.value.proof == "phone"
    assert owner_of(house, account) == person.id
    assert len(audited(house, "link.activated", person.id)) == 1
    assert len(sent(house, "link_activated", person.mobile)) == 1
    with house.ground.database.read() as session:
        kinds = session.scalars(sa.select(MergeEvent.kind).where(MergeEvent.link_id == link).order_by(MergeEvent.at))
        assert list(kinds) == ["link.proposed", "link.activated"]


def test_the_old_password_makes_the_account_theirs_and_the_old_phone_is_told(
    house: House, own: LegacyAccounts, person: TestPerson, system: int
) -> None:
    """Who has that phone now learns of it, if it is not the person."""
    account = add_account(house, system, row_of(person, mobile="13900000007"))
    link = propose(house, system, account, person)
    assert isinstance(own.by_password(log_in(house, person), str(link), OLD_PASSWORD, origin=NOWHERE), Ok)
    assert owner_of(house, account) == person.id
    assert len(sent(house, "link_activated_contact", "+8613900000007")) == 1


def test_a_wrong_password_proves_nothing_and_is_counted(
    house: House, own: LegacyAccounts, person: TestPerson, system: int
) -> None:
    """After some tries the right one is refused too; what is typed of an unknown login is answered alike."""
    link = propose(house, system, add_account(house, system, row_of(person)), person)
    live = log_in(house, person)

    def attempt(typed: str) -> str:
        return outcome(lambda: own.by_password(live, str(link), typed, origin=NOWHERE))

    tries = [attempt("wrong-password-9") for _ in range(10)]
    assert tries[0] == Refusal.OLD_PASSWORD and tries[-1] == Refusal.OLD_PASSWORD_TRIES
    assert attempt(OLD_PASSWORD) == Refusal.OLD_PASSWORD_TRIES
    unknown = [
        outcome(lambda: own.claim(live, "housing-fund", "nobody", OLD_PASSWORD, origin=NOWHERE)) for _ in range(10)
    ]
    assert unknown == tries
    assert state_of(house, link) is LinkState.PROPOSED


def test_a_code_counts_once_and_for_its_own_account(
    house: House, own: LegacyAccounts, person: TestPerson, system: int
) -> None:
    """The code for one proposal does nothing for another, and nothing twice."""
    first = propose(house, system, add_account(house, system, row_of(person)), person)
    second = propose(house, system, add_account(house, system, row_of(person, reference="B")), person)
    live = log_in(house, person)
    own.send_code(live, str(first), locale="en", origin=NOWHERE)
    code = code_of(house, "legacy_code", person.mobile)
    assert outcome(lambda: own.by_code(live, str(second), code, origin=NOWHERE)) == Refusal.CODE
    assert outcome(lambda: own.by_code(live, str(first), "000000", origin=NOWHERE)) == Refusal.CODE
    assert outcome(lambda: own.by_code(live, str(first), code, origin=NOWHERE)) == "ok"
    assert outcome(lambda: own.by_code(live, str(first), code, origin=NOWHERE)) == Refusal.CODE
    assert state_of(house, second) is LinkState.PROPOSED


def test_only_a_fresh_login_of_level_3_activates(
    house: House, own: LegacyAccounts, person: TestPerson, system: int, clock: FrozenClock
) -> None:
    """One factor is too little, eleven minutes are too long, and a login that ended is none."""
    link = propose(house, system, add_account(house, system, row_of(person)), person)

    def attempt(live: LiveSession) -> str:
        return outcome(lambda: own.by_password(live, str(link), OLD_PASSWORD, origin=NOWHERE))

    assert attempt(log_in(house, person, amr=("pwd",))) == ActivationProblem.LEVEL
    assert attempt(log_in(house, person, minutes_ago=11)) == ActivationProblem.OLD_LOGIN
    ended = log_in(house, person)
    with house.ground.database.transaction() as session:
        assert house.protocol.sessions.end(session, ended.id, reason="test")
    assert attempt(ended) == ActivationProblem.IDENTITY
    assert attempt(log_in(house, person, minutes_ago=10)) == "ok"


def test_another_persons_proposal_is_not_there(
    house: House, own: LegacyAccounts, register_person: Register, person: TestPerson, system: int
) -> None:
    """Whoever types its number gets the answer of one that never was."""
    link = propose(house, system, add_account(house, system, row_of(person)), person)
    other = log_in(house, proved_person(house, register_person, 2))
    for handle in (str(link), "999999", "x", "１"):
        assert own.by_source(other, handle, origin=NOWHERE) == Refused(LinkProblem.NOT_THERE)
        assert house.login.links.pages.offer(other, handle) is None
        assert not own.not_mine(other, handle, origin=NOWHERE)
        assert not own.unlink(other, handle, origin=NOWHERE)
        assert not own.choose_main(other, handle, origin=NOWHERE)
    assert state_of(house, link) is LinkState.PROPOSED


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"holder_kind": HolderKind.ORGANISATION}, ActivationProblem.HOLDER),
        ({"source_state": SourceState.DECEASED}, ActivationProblem.DECEASED),
        ({"source_state": SourceState.GONE}, ActivationProblem.GONE),
        ({"source_state": SourceState.INACTIVE}, None),
    ],
)
def test_what_the_source_says_of_the_account_counts(
    house: House,
    own: LegacyAccounts,
    person: TestPerson,
    system: int,
    changed: dict[str, Any],
    problem: ActivationProblem | None,
) -> None:
    """An organisation's, a dead holder's and a vanished account stay what they are; one that sleeps wakes up."""
    account = add_account(house, system, row_of(person))
    link = propose(house, system, account, person)
    with house.ground.database.transaction() as session:
        change_account(session, account, **changed)
    told = outcome(lambda: own.by_password(log_in(house, person), str(link), OLD_PASSWORD, origin=NOWHERE))
    assert told == (problem or "ok")


@dataclass(frozen=True)
class Trap:
    """A row of the owner's as an older system may hold it; `wrong` is who would be matched by it, or could try."""

    row: dict[str, str]
    password: str | None = OLD_PASSWORD
    number_state: NumberState | None = None
    strangers: int = 0  # further rows with the same phone
    sharing: int = 0  # further rows with the same password
    known_to_wrong: str | None = None  # the password that the wrong person would type
    owner_by: str = "counter"


#: `{wrong}` and `{owner}` are number, name and mobile of the two.
TRAPS = {
    "a relative's number": Trap({"number": "{wrong.number}"}),
    "a relative's number and name": Trap({"number": "{wrong.number}", "name": "{wrong.name}"}),
    "swapped names": Trap({"name": "{wrong.name}"}),
    "a valid slip in the number": Trap({"number": "{wrong.number}", "mobile": ""}),
    "the household's phone": Trap({"mobile": "{wrong.mobile}"}, owner_by="password"),
    "an agent's phone": Trap({"mobile": "{wrong.mobile}"}, strangers=3, owner_by="password"),
    "the first password": Trap({}, password="{owner.number:-6}", known_to_wrong="{owner.number:-6}", owner_by="code"),
    "everybody's password": Trap({}, sharing=5, known_to_wrong=OLD_PASSWORD, owner_by="code"),
    "no number": Trap({"number": ""}),
}


def _fill(text: str, owner: TestPerson, wrong: TestPerson) -> str:
    if text == "{owner.number:-6}":
        return owner.number[-6:]
    return text.format(owner=owner, wrong=wrong)


@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS.keys())
def test_no_trap_lets_the_wrong_person_in_and_the_owner_gets_through(
    house: House, own: LegacyAccounts, register_person: Register, person: TestPerson, system: int, trap: Trap
) -> None:
    """Whatever the wrong person tries, nothing becomes theirs; the owner succeeds, if need be before two clerks."""
    wrong = proved_person(house, register_person, 2, name="李大明")
    row = row_of(person, **{name: _fill(value, person, wrong) for name, value in trap.row.items()})
    password = _fill(trap.password, person, wrong) if trap.password else None
    account = add_account(house, system, row, password=password)
    for place in range(trap.strangers):
        other = proved_person(house, register_person, 20 + place, name=f"赵小{place}甲")
        add_account(house, system, row_of(other, mobile=row.mobile))
    for place in range(trap.sharing):
        other = proved_person(house, register_person, 40 + place)
        add_account(house, system, row_of(other), password=password)
    link = propose(house, system, account, wrong)

    live = log_in(house, wrong)
    known = _fill(trap.known_to_wrong or "guess-after-guess-1", person, wrong)
    tries: list[Callable[[], Any]] = [
        lambda: by_code(house, live, wrong, link),
        lambda: own.by_password(live, str(link), known, origin=NOWHERE),
        lambda: own.by_source(live, str(link), origin=NOWHERE),
        lambda: own.claim(live, "housing-fund", row.login, known, origin=NOWHERE),
    ]
    told = [outcome(attempt) for attempt in tries]
    assert "ok" not in told, told
    assert owner_of(house, account) is None
    assert cases_of(house, account) == [], "who showed no control fills nobody's queue"

    theirs = propose(house, system, account, person)
    live = log_in(house, person)
    if trap.owner_by == "code":
        assert outcome(lambda: own.by_password(live, str(theirs), password or "", origin=NOWHERE)) in (
            ActivationProblem.PASSWORD_DEFAULT,
            ActivationProblem.PASSWORD_SHARED,
        )
        assert isinstance(by_code(house, live, person, theirs), Ok)
    elif trap.owner_by == "password":
        assert isinstance(own.by_password(live, str(theirs), OLD_PASSWORD, origin=NOWHERE), Ok)
    else:
        with house.ground.database.transaction() as session:
            by = TwoClerks("a" * 22, "b" * 22, "hall-1")
            done = house.login.links.activation.at_counter(session, person.id, system, account, by, origin=NOWHERE)
        assert isinstance(done, Ok) and done.value.proof == "counter"
    assert owner_of(house, account) == person.id


def test_control_without_the_pair_opens_a_case_and_gives_nothing(
    house: House, own: LegacyAccounts, person: TestPerson, system: int
) -> None:
    """Two people look at it; asked again, it is the same case."""
    account = add_account(house, system, row_of(person, number=""))
    live = log_in(house, person)
    told = [
        outcome(lambda: own.claim(live, "housing-fund", f"old-{person.login_name}", OLD_PASSWORD, origin=NOWHERE))
        for _ in range(2)
    ]
    assert told == [f"case:{ActivationProblem.NO_NUMBER}", str(ActivationProblem.CASE_OPEN)]
    (case,) = cases_of(house, account)
    assert (case.kind, case.state) == (CaseKind.CANDIDATE, "open")
    assert owner_of(house, account) is None
    assert len(audited(house, "link.refused", person.id)) == 2


def test_an_account_that_nobody_proposed_is_claimed_by_its_password(
    house: House, own: LegacyAccounts, person: TestPerson, system: int
) -> None:
    """Login name and reference both name it; a person who has it already is told so."""
    account = add_account(house, system, row_of(person))
    live = log_in(house, person)
    assert outcome(lambda: own.claim(live, "housing-fund", "old-person1", OLD_PASSWORD, origin=NOWHERE)) == "ok"
    assert owner_of(house, account) == person.id
    again = outcome(lambda: own.claim(live, "housing-fund", "GJJ-person1", OLD_PASSWORD, origin=NOWHERE))
    assert again == LinkProblem.EXISTS
    assert outcome(lambda: own.claim(live, "no-such", "old-person1", OLD_PASSWORD, origin=NOWHERE)) != "ok"


def test_a_claim_on_somebody_elses_account_suspends_it_until_two_people_decided(
    house: House, own: LegacyAccounts, register_person: Register, person: TestPerson, system: int
) -> None:
    """The owner is told and loses nothing but the use of it; the claimant gets nothing."""
    account = add_account(house, system, row_of(person))
    link = propose(house, system, account, person)
    first = proved_person(house, register_person, 2)
    with house.ground.database.transaction() as session:
        by = TwoClerks("a" * 22, "b" * 22, "hall-1")
        made = house.login.links.activation.at_counter(session, first.id, system, account, by, origin=NOWHERE)
    assert isinstance(made, Ok) and owner_of(house, account) == first.id
    live = log_in(house, person)
    told = outcome(lambda: own.by_password(live, str(link), OLD_PASSWORD, origin=NOWHERE))
    assert told == f"case:{ActivationProblem.OTHER_OWNER}"
    assert state_of(house, made.value.id) is LinkState.SUSPENDED
    assert state_of(house, link) is LinkState.PROPOSED
    assert [case.kind for case in cases_of(house, account)] == [CaseKind.CONTESTED]
    assert len(sent(house, "link_contested", first.mobile)) == 1
    assert len(audited(house, "link.contested", first.id)) == 1
    assert outcome(lambda: own.by_password(live, str(link), OLD_PASSWORD, origin=NOWHERE)) == "case_open"


def test_a_claim_without_control_suspends_nothing(
    house: House, own: LegacyAccounts, register_person: Register, person: TestPerson, system: int
) -> None:
    """Otherwise anybody could take everybody's accounts away."""
    account = add_account(house, system, row_of(person))
    link = propose(house, system, account, person)
    assert isinstance(own.by_password(log_in(house, person), str(link), OLD_PASSWORD, origin=NOWHERE), Ok)
    other = proved_person(house, register_person, 2)
    live = log_in(house, other)
    told = outcome(lambda: own.claim(live, "housing-fund", "old-person1", "guess-after-guess-1", origin=NOWHERE))
    assert told == Refusal.OLD_PASSWORD
    told = outcome(lambda: own.claim(live, "housing-fund", "old-person1", OLD_PASSWORD, origin=NOWHERE))
    assert told == f"case:{ActivationProblem.OTHER_NUMBER}"
    assert owner_of(house, account) == person.id


def test_of_two_claims_at_the_same_moment_one_owns(
    house: House, own: LegacyAccounts, person: TestPerson, system: int
) -> None:
    """The same proposal, confirmed twice at once: one activation, one row of the audit, one message."""
    account = add_account(house, system, row_of(person))
    link = propose(house, system, account, person)
    live = log_in(house, person)
    answers = at_once(4, lambda: own.by_password(live, str(link), OLD_PASSWORD, origin=NOWHERE))
    assert sum(isinstance(each, Ok) for each in answers) == 1, answers
    assert {str(each.reason) for each in answers if isinstance(each, Refused)} <= {"state", "exists", "not_there"}
    assert len(audited(house, "link.activated", person.id)) == 1


def test_of_two_persons_at_the_same_moment_one_owns_and_the_other_contests(
    house: House, register_person: Register, person: TestPerson, system: int
) -> None:
    """Both before clerks: never two owners, and the later one makes a case."""
    account = add_account(house, system, row_of(person, number=""))
    people = [person, proved_person(house, register_person, 2)]

    def act() -> Any:
        claimant = people.pop()
        with house.ground.database.transaction() as session:
            by = TwoClerks("a" * 22, "b" * 22, "hall-1")
            return house.login.links.activation.at_counter(session, claimant.id, system, account, by, origin=NOWHERE)

    answers = at_once(2, act)
    assert sorted(type(each).__name__ for each in answers) == ["CaseOpened", "Ok"], answers
    assert owner_of(house, account) is None
    assert [case.kind for case in cases_of(house, account)] == [CaseKind.CONTESTED]


def test_not_mine_is_never_proposed_again_and_the_systems_keepers_are_told(
    house: House, own: LegacyAccounts, register_person: Register, person: TestPerson, system: int
) -> None:
    """A run that matches the same row again leaves it out; the person themself may change their mind."""
    keeper = proved_person(house, register_person, 3)
    grant(house, keeper, Role.MERGE_ADMIN, "old")
    account = add_account(house, system, row_of(person))
    link = propose(house, system, account, person)
    live = log_in(house, person)
    assert own.not_mine(live, str(link), origin=NOWHERE)
    assert not own.not_mine(live, str(link), origin=NOWHERE)
    assert state_of(house, link) is LinkState.REJECTED
    assert [each["parameters"]["reference"] for each in sent(house, "link_not_mine", keeper.mobile)] == ["G*********1"]
    with pytest.raises(AssertionError, match="refused_before"):
        propose(house, system, account, person)
    assert outcome(lambda: own.claim(live, "housing-fund", "old-person1", OLD_PASSWORD, origin=NOWHERE)) == "ok"


def test_an_account_is_unlinked_and_a_main_one_chosen(
    house: House, own: LegacyAccounts, person: TestPerson, system: int
) -> None:
    """One main account in a system at most; unlinked, it is nobody's and its owner is told."""
    accounts = [add_account(house, system, row_of(person, reference=ref, login=ref)) for ref in ("A1", "B2")]
    made = [propose(house, system, each, person, situation=Situation.FOUND_MULTIPLE) for each in accounts]
    live = log_in(house, person)
    assert not own.choose_main(live, str(made[0]), origin=NOWHERE)  # only an active one
    for link in made:
        assert isinstance(own.by_password(live, str(link), OLD_PASSWORD, origin=NOWHERE), Ok)
    for link in made:
        assert own.choose_main(live, str(link), origin=NOWHERE)
    page = house.login.links.pages.page(live)
    assert [each.is_main for each in page.owned] == [False, True]
    assert all(each.has_siblings for each in page.owned)
    assert own.unlink(live, str(made[1]), origin=NOWHERE)
    assert not own.unlink(live, str(made[1]), origin=NOWHERE)
    assert owner_of(house, accounts[1]) is None
    assert len(sent(house, "link_ended", person.mobile)) == 1
    kinds = [each.kind for each in house.login.links.pages.page(live).history]
    assert kinds[:2] == ["link.revoked", "link.main_chosen"]


def test_the_page_shows_masked_data_alone(house: House, person: TestPerson, system: int) -> None:
    """Neither the number nor the name nor the phone stands there whole."""
    propose(house, system, add_account(house, system, row_of(person)), person)
    (shown,) = house.login.links.pages.page(log_in(house, person)).proposed
    told = f"{shown.reference} {shown.name} {shown.number} {shown.mobile}"
    for whole in (person.number, person.name, person.mobile, f"GJJ-{person.login_name}"):
        assert whole not in told
    assert person.number not in repr(shown) and person.name not in repr(shown)


def test_a_source_vouches_only_where_two_administrators_let_it(
    house: House, own: LegacyAccounts, person: TestPerson, system: int
) -> None:
    """Off by default; one cannot switch it on alone, nor for a system that pays out; off again, it gives nothing."""
    account = add_account(house, system, row_of(person, mobile="13900000007"))
    link = propose(house, system, account, person)
    live = log_in(house, person)

    def attempt() -> str:
        return outcome(lambda: own.by_source(live, str(link), origin=NOWHERE))

    def switch(act: Callable[..., Any], *words: Any, **values: Any) -> str:
        with house.ground.database.transaction() as session:
            return outcome(lambda: act(session, system, *words, origin=NOWHERE, **values))

    now = house.ground.clock.now()
    assert attempt() == ActivationProblem.NOT_VOUCHED
    assert switch(vouching.ask, "A-1", by="one", at=now) == "not_real_name"
    with house.ground.database.transaction() as session:
        session.execute(sa.text("UPDATE legacy_systems SET is_real_name_verified = true"))
    assert switch(vouching.ask, " ", by="one", at=now) == "no_evidence"
    assert switch(vouching.approve, by="two", at=now) == "state"
    assert switch(vouching.ask, "A-1", by="one", at=now) == "ok"
    assert switch(vouching.approve, by="one", at=now) == "one_person"
    assert attempt() == ActivationProblem.NOT_VOUCHED
    assert switch(vouching.approve, by="two", at=now) == "ok"
    with house.ground.database.transaction() as session:
        session.execute(sa.text("UPDATE legacy_systems SET pays_out = true"))
    assert attempt() == ActivationProblem.NOT_VOUCHED
    assert switch(vouching.withdraw, at=now) == "ok"
    assert switch(vouching.ask, "A-1", by="one", at=now) == "pays_out"
    with house.ground.database.transaction() as session:
        session.execute(sa.text("UPDATE legacy_systems SET pays_out = false, vouching = 'on'"))
    assert attempt() == "ok"
    assert owner_of(house, account) == person.id
    (told,) = sent(house, "link_vouched_contact", "+8613900000007")
    assert f"/account-objection?token={link}." in told["parameters"]["link"]


def test_the_old_contact_objects_in_time(
    house: House, own: LegacyAccounts, person: TestPerson, system: int, clock: FrozenClock
) -> None:
    """With the token that came to that phone alone, and for 72 hours; then two people decide."""
    with house.ground.database.transaction() as session:
        session.execute(sa.text("UPDATE legacy_systems SET is_real_name_verified = true, vouching = 'on'"))
    accounts = [add_account(house, system, row_of(person, mobile="13900000007", reference=ref)) for ref in ("A", "B")]
    made = [propose(house, system, each, person) for each in accounts]
    live = log_in(house, person)
    tokens = []
    for link in made:
        assert isinstance(own.by_source(live, str(link), origin=NOWHERE), Ok)
        link_text = sent(house, "link_vouched_contact")[0]["parameters"]["link"]
        tokens.append(link_text.rpartition("=")[2])
        clock.advance(seconds=1)
    objections = house.login.links.objections
    for wrong in (f"{made[0]}.{tokens[1].partition('.')[2]}", f"{made[0]}.{'x' * 43}", "", "１.x", "."):
        assert objections.system_of(wrong) is None
        assert not objections.object(wrong, origin=NOWHERE)
    assert objections.system_of(tokens[0]) == "住房公积金"
    assert objections.object(tokens[0], origin=NOWHERE)
    assert not objections.object(tokens[0], origin=NOWHERE)
    assert state_of(house, made[0]) is LinkState.SUSPENDED
    assert [case.kind for case in cases_of(house, accounts[0])] == [CaseKind.CONTESTED]
    clock.advance(seconds=timedelta(hours=72).total_seconds())
    assert not objections.object(tokens[1], origin=NOWHERE)
    assert state_of(house, made[1]) is LinkState.ACTIVE
