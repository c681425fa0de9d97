"""Whose an account is, decided by two people who have no part in it; what they decide gives nobody access."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from idp.audit.log import NOWHERE
from idp.config.settings import MergeCaseSettings
from idp.core.results import Ok, Refused
from idp.house.build import House
from idp.linking import links
from idp.linking.activation import TwoClerks
from idp.linking.case_queue import Reviewer, Wanted, reviewer_of
from idp.linking.case_views import UnmaskReason
from idp.linking.cases import Opinion, ReasonCode
from idp.linking.journal import Change
from idp.linking.link_models import MergeDecision, MergeEvent, NoLink
from idp.linking.single_cases import Candidate, open_case
from idp.linking.vocabulary import CaseKind, CaseState, LinkState, Stage, Verdict
from idp.persons.roles import Role
from tests.support.deaths import say_of
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.legacy_accounts import (
    OLD_PASSWORD,
    add_account,
    add_system,
    log_in,
    owner_of,
    proved_person,
    row_of,
    state_of,
)
from tests.support.proofing import number_of
from tests.support.sent import at_once, sent
from tests.support.staff import grant

Register = Callable[..., TestPerson]
LINK, NO_LINK = Verdict.LINK, Verdict.NO_LINK


@pytest.fixture
def overrides() -> dict[str, Any]:
    return {"merge_cases": MergeCaseSettings(audit_percent=100)}


@pytest.fixture
def person(house: House, register_person: Register) -> TestPerson:
    return proved_person(house, register_person, 1)


@pytest.fixture
def system(house: House) -> int:
    return add_system(house)


@pytest.fixture
def reviewers(house: House, register_person: Register, system: int) -> list[Reviewer]:
    people = [proved_person(house, register_person, 100 + place) for place in range(3)]
    for each in people:
        grant(house, each, Role.MERGE_REVIEWER, "old")
    with house.ground.database.read() as session:
        found = [reviewer_of(session, each.id) for each in people]
    return [each for each in found if each is not None]


def make_case(
    house: House,
    account: int,
    system: int,
    *people: TestPerson,
    kind: CaseKind = CaseKind.DISPUTED_NUMBER,
) -> str:
    with house.ground.database.transaction() as session:
        return open_case(
            session,
            kind,
            [Candidate(each.id, 0.9 - place / 10, {"number": 100, "name": 40}) for place, each in enumerate(people)],
            system_number=system,
            account_id=account,
            change=Change(house.ground.clock.now()),
        )


def opinion(house: House, case: str, verdict: Verdict, person: TestPerson | None = None, **more: Any) -> Opinion:
    with house.ground.database.read() as session:
        version = session.scalar(sa.text("SELECT version FROM merge_cases WHERE id = :id").bindparams(id=case))
    said = Opinion(version or 0, verdict, ReasonCode.SAME_PERSON, person.id if person else None)
    return replace(said, **more)


def decide(house: House, reviewer: Reviewer, case: str, said: Opinion) -> str:
    """Return the state that the case came into, or why the opinion was refused."""
    taken = house.login.links.cases.decide(reviewer, case, said, origin=NOWHERE)
    return str(taken.reason) if isinstance(taken, Refused) else str(taken.value.state)


def audit(house: House, reviewer: Reviewer, case: str, said: Opinion) -> str:
    taken = house.login.links.cases.audit(reviewer, case, said, origin=NOWHERE)
    return str(taken.reason) if isinstance(taken, Refused) else str(taken.value.state)


def forbidden(house: House, account: int) -> set[str]:
    with house.ground.database.read() as session:
        return set(session.scalars(sa.select(NoLink.person_id).where(NoLink.account_id == account)))


def test_two_who_agree_make_a_proposal_and_nothing_more(
    house: House, person: TestPerson, system: int, reviewers: list[Reviewer]
) -> None:
    """The account is proposed to the decided person, who is told and still has to show control of it."""
    account = add_account(house, system, row_of(person, number=""))
    case = make_case(house, account, system, person)
    said = opinion(house, case, LINK, person)
    assert decide(house, reviewers[0], case, said) == CaseState.SECOND_OPINION
    assert decide(house, reviewers[1], case, opinion(house, case, LINK, person)) == CaseState.CLOSED
    with house.ground.database.read() as session:
        (link,) = links.of_person(session, person.id)
    assert link.state is LinkState.PROPOSED and owner_of(house, account) is None
    assert len(sent(house, "link_proposed", person.mobile)) == 1
    live, own = log_in(house, person), house.login.links.own
    assert isinstance(own.by_password(live, str(link.id), OLD_PASSWORD, origin=NOWHERE), Ok)
    assert owner_of(house, account) == person.id


def test_a_decision_about_an_earlier_row_is_none_about_a_changed_one(
    house: House, clock: FrozenClock, person: TestPerson, system: int, reviewers: list[Reviewer]
) -> None:
    """When the source says something else, the pair counts again."""
    row = row_of(person, number="")
    account = add_account(house, system, row)
    case = make_case(house, account, system, person)
    for reviewer in reviewers[:2]:
        decide(house, reviewer, case, opinion(house, case, LINK, person))
    clock.advance(days=1)
    assert add_account(house, system, replace(row, mobile="13900000008")) == account
    with house.ground.database.read() as session:
        (link,) = links.of_person(session, person.id)
    answer = house.login.links.own.by_password(log_in(house, person), str(link.id), OLD_PASSWORD, origin=NOWHERE)
    assert not isinstance(answer, Ok)


def test_who_differs_makes_a_third_look(
    house: House, register_person: Register, person: TestPerson, system: int, reviewers: list[Reviewer]
) -> None:
    """The third decides with one of the two; nobody else's verdict counts for the decided person."""
    other = proved_person(house, register_person, 2)
    account = add_account(house, system, row_of(person))
    case = make_case(house, account, system, person, other)
    assert decide(house, reviewers[0], case, opinion(house, case, LINK, person)) == CaseState.SECOND_OPINION
    assert decide(house, reviewers[1], case, opinion(house, case, LINK, other)) == CaseState.SPLIT
    assert decide(house, reviewers[2], case, opinion(house, case, LINK, person)) == CaseState.CLOSED
    with house.ground.database.read() as session:
        assert [each.person_id for each in links.of_account(session, account)] == [person.id]
    assert forbidden(house, account) == {other.id}


def test_three_who_say_three_things_decide_nothing(
    house: House, register_person: Register, person: TestPerson, system: int, reviewers: list[Reviewer]
) -> None:
    """Nothing is proposed and nothing forbidden."""
    other = proved_person(house, register_person, 2)
    account = add_account(house, system, row_of(person))
    case = make_case(house, account, system, person, other)
    assert decide(house, reviewers[0], case, opinion(house, case, LINK, person)) == CaseState.SECOND_OPINION
    assert decide(house, reviewers[1], case, opinion(house, case, LINK, other)) == CaseState.SPLIT
    assert decide(house, reviewers[2], case, opinion(house, case, NO_LINK)) == CaseState.CLOSED
    with house.ground.database.read() as session:
        assert links.of_account(session, account) == ()
    assert forbidden(house, account) == set()


def test_of_nobody_is_never_proposed_again(
    house: House, person: TestPerson, system: int, reviewers: list[Reviewer]
) -> None:
    """A proposal that stood is rejected with it."""
    account = add_account(house, system, row_of(person))
    case = make_case(house, account, system, person)
    for reviewer in reviewers[:2]:
        decide(house, reviewer, case, opinion(house, case, NO_LINK))
    assert forbidden(house, account) == {person.id}


def test_the_same_person_and_whoever_is_too_near_decide_nothing(
    house: House, person: TestPerson, system: int, reviewers: list[Reviewer], register_person: Register
) -> None:
    """Neither twice, nor one's own case, nor one's household's; of another department, there is no case."""
    account = add_account(house, system, row_of(person))
    case = make_case(house, account, system, person)
    said = opinion(house, case, LINK, person)
    own = Reviewer(person.id, reviewers[0].departments)
    assert decide(house, own, case, said) == "own_matter"
    assert decide(house, Reviewer(reviewers[0].person_id, frozenset()), case, said) == "not_there"
    near = proved_person(house, register_person, 3)
    for each in (near, person):
        say_of(house, number_of(house, each.number), name=each.name, household="one roof")
    assert decide(house, Reviewer(near.id, reviewers[0].departments), case, said) == "household"
    assert decide(house, reviewers[0], case, said) == CaseState.SECOND_OPINION
    assert decide(house, reviewers[0], case, opinion(house, case, LINK, person)) == "decided_before"
    with house.ground.database.read() as session:
        assert reviewer_of(session, person.id) is None


def test_an_old_page_a_wrong_verdict_and_a_strange_candidate_are_named(
    house: House, register_person: Register, person: TestPerson, system: int, reviewers: list[Reviewer]
) -> None:
    """Each refusal by its own name, and the case unchanged."""
    other = proved_person(house, register_person, 2)
    account = add_account(house, system, row_of(person))
    case = make_case(house, account, system, person)
    said = opinion(house, case, LINK, person)
    for wrong, named in (
        (replace(said, version=said.version - 1), "changed"),
        (replace(said, verdict=Verdict.MERGE, person_id=None), "verdict"),
        (replace(said, person_id=None), "candidate"),
        (replace(said, person_id=other.id), "candidate"),
        (replace(said, verdict=NO_LINK), "candidate"),
        (replace(said, note="x" * 1001), "note"),
    ):
        assert decide(house, reviewers[0], case, wrong) == named
    assert decide(house, reviewers[0], case, replace(said, note="x" * 1000)) == CaseState.SECOND_OPINION
    assert decide(house, reviewers[1], case, said) == "changed"
    assert decide(house, reviewers[1], case, opinion(house, case, LINK, person)) == CaseState.CLOSED
    assert decide(house, reviewers[2], case, opinion(house, case, LINK, person)) == "over"


def test_of_two_who_decide_at_the_same_moment_one_is_told_that_it_changed(
    house: House, person: TestPerson, system: int, reviewers: list[Reviewer]
) -> None:
    """Both looked at the open case; only one of them was the first."""
    account = add_account(house, system, row_of(person))
    case = make_case(house, account, system, person)
    said, both = opinion(house, case, LINK, person), list(reviewers[:2])
    answers = at_once(2, lambda: decide(house, both.pop(), case, said))
    assert sorted(map(str, answers)) == ["changed", str(CaseState.SECOND_OPINION)]
    with house.ground.database.read() as session:
        stages = session.scalars(sa.select(MergeDecision.stage).where(MergeDecision.case_id == case)).all()
    assert list(stages) == [Stage.FIRST]


def test_a_case_is_one_persons_until_they_give_it_back_or_the_time_is_over(
    house: House, clock: FrozenClock, person: TestPerson, system: int, reviewers: list[Reviewer]
) -> None:
    """Somebody else can neither take it nor decide it meanwhile."""
    account = add_account(house, system, row_of(person))
    case, queue = make_case(house, account, system, person), house.login.links.queue
    first, second = reviewers[:2]
    taken = queue.take(first, case, origin=NOWHERE)
    assert isinstance(taken, Ok) and taken.value.is_mine
    refused = queue.take(second, case, origin=NOWHERE)
    assert isinstance(refused, Refused) and refused.reason == "taken"
    assert decide(house, second, case, opinion(house, case, LINK, person)) == "taken"
    assert not isinstance(queue.release(second, case, origin=NOWHERE), Ok)
    assert isinstance(queue.release(first, case, origin=NOWHERE), Ok)
    assert isinstance(queue.take(second, case, origin=NOWHERE), Ok)
    clock.advance(seconds=1801)
    assert isinstance(queue.take(first, case, origin=NOWHERE), Ok)


def test_the_queue_shows_the_urgent_first_and_only_ones_own_departments(
    house: House, person: TestPerson, system: int, reviewers: list[Reviewer], clock: FrozenClock
) -> None:
    """By priority, then by age; paged; an overdue case is found as such."""
    made = []
    for place, kind in enumerate((CaseKind.ENTERPRISE, CaseKind.CONTESTED, CaseKind.DISPUTED_NUMBER)):
        account = add_account(house, system, row_of(person, reference=f"R{place}", login=f"l{place}"))
        made.append(make_case(house, account, system, person, kind=kind))
        clock.advance(minutes=1)
    queue = house.login.links.queue
    rows = queue.list(reviewers[0])
    assert [row.id for row in rows] == [made[1], made[2], made[0]]
    assert [row.system_name for row in rows] == ["住房公积金"] * 3
    first = queue.list(reviewers[0], Wanted(most=1))
    assert [row.id for row in queue.list(reviewers[0], Wanted(after=first[0].id))] == [made[2], made[0]]
    assert [row.id for row in queue.list(reviewers[0], Wanted(kinds=[CaseKind.ENTERPRISE]))] == [made[0]]
    assert queue.list(Reviewer(reviewers[0].person_id, frozenset())) == ()
    clock.advance(days=4)
    assert [row.id for row in queue.list(reviewers[0], Wanted(overdue=True))] == [made[1]]


def test_a_case_shows_masked_data_and_no_verdict_before_ones_own(
    house: House, person: TestPerson, system: int, reviewers: list[Reviewer]
) -> None:
    """Weights per field, states of the row, and stages without what was said in them."""
    account = add_account(house, system, row_of(person))
    case, views = make_case(house, account, system, person), house.login.links.case_views
    said = opinion(house, case, LINK, person, note="电话核实过，姓名相符")
    decide(house, reviewers[0], case, said)
    detail = views.detail(reviewers[1], case)
    assert detail is not None and detail.account is not None
    assert detail.stages == (Stage.FIRST,) and detail.decisions == ()
    candidate = detail.candidates[0]
    told = f"{detail.account.number} {detail.account.name} {detail.account.mobile} {candidate.number} {candidate.name}"
    assert person.number not in told and person.name not in told and person.mobile not in told
    assert candidate.weights == {"number": 100, "name": 40}
    assert person.number not in repr(detail)
    own = views.detail(reviewers[0], case)
    assert own is not None and [each.note for each in own.decisions] == ["电话核实过，姓名相符"]
    assert views.detail(Reviewer(person.id, frozenset()), case) is None
    with house.ground.database.read() as session:
        sealed = session.scalars(sa.select(MergeDecision.note).where(MergeDecision.case_id == case)).one()
    assert "核实".encode() not in (sealed or b"")


def test_clear_values_are_shown_to_who_took_the_case_and_leave_a_trace(
    house: House, person: TestPerson, system: int, reviewers: list[Reviewer]
) -> None:
    """With a reason, to nobody who is too near; the person finds it among what happened."""
    account = add_account(house, system, row_of(person))
    case, parts = make_case(house, account, system, person), house.login.links

    def unmask(reviewer: Reviewer) -> Any:
        return parts.case_views.unmask(reviewer, case, UnmaskReason.COMPARE_NUMBER, origin=NOWHERE)

    refused = unmask(reviewers[0])
    assert isinstance(refused, Refused) and refused.reason == "not_taken"
    parts.queue.take(reviewers[0], case, origin=NOWHERE)
    shown = unmask(reviewers[0])
    assert isinstance(shown, Ok) and shown.value.candidates[0].number == person.number
    other = unmask(reviewers[1])
    assert isinstance(other, Refused) and other.reason == "taken"
    kinds = [each.kind for each in house.login.account.activity.page(person.id, most=5).happenings]
    assert "merge_case.unmasked" in kinds


def test_what_one_decides_alone_gives_nothing_and_another_looks_again(
    house: House, person: TestPerson, system: int, reviewers: list[Reviewer]
) -> None:
    """An organisation's account is nobody's by one word; who differs afterwards opens the case again."""
    accounts = [
        add_account(house, system, row_of(person, reference=f"R{place}", login=f"l{place}")) for place in range(2)
    ]
    agreed, differed = (make_case(house, each, system, person, kind=CaseKind.ENTERPRISE) for each in accounts)
    for case in (agreed, differed):
        assert decide(house, reviewers[0], case, opinion(house, case, NO_LINK)) == CaseState.CLOSED
    rows = house.login.links.queue.list(reviewers[1], Wanted(audits=True))
    assert {row.id for row in rows} == {agreed, differed}
    detail = house.login.links.case_views.detail(reviewers[1], agreed)
    assert detail is not None and detail.decisions == ()
    assert audit(house, reviewers[0], agreed, opinion(house, agreed, NO_LINK)) == "decided_before"
    assert audit(house, reviewers[1], agreed, opinion(house, agreed, NO_LINK)) == CaseState.CLOSED
    assert audit(house, reviewers[2], agreed, opinion(house, agreed, NO_LINK)) == "not_due"
    assert audit(house, reviewers[1], differed, opinion(house, differed, LINK, person)) == CaseState.SPLIT
    assert decide(house, reviewers[2], differed, opinion(house, differed, LINK, person)) == CaseState.CLOSED
    with house.ground.database.read() as session:
        kinds = session.scalars(
            sa.select(MergeEvent.kind).where(MergeEvent.case_id == differed).order_by(MergeEvent.sequence)
        )
        assert list(kinds) == [
            "case.opened",
            "case.decided",
            "case.closed",
            "case.decided",
            "case.reopened",
            "case.decided",
            "case.closed",
        ]
        assert [each.state for each in links.of_account(session, accounts[1])] == [LinkState.PROPOSED]
    assert owner_of(house, accounts[1]) is None


def test_one_alone_cannot_link(house: House, person: TestPerson, system: int, reviewers: list[Reviewer]) -> None:
    """Even where one could say "of nobody"."""
    account = add_account(house, system, row_of(person))
    case = make_case(house, account, system, person, kind=CaseKind.ENTERPRISE)
    assert decide(house, reviewers[0], case, opinion(house, case, LINK, person)) == CaseState.SECOND_OPINION


@pytest.mark.parametrize("for_owner", [True, False])
def test_a_contested_account_is_the_owners_again_or_proposed_to_the_other(
    house: House,
    register_person: Register,
    person: TestPerson,
    system: int,
    reviewers: list[Reviewer],
    for_owner: bool,
) -> None:
    """The owner gets back what they had; the claimant gets a proposal and has to show control again."""
    owner = proved_person(house, register_person, 2)
    account = add_account(house, system, row_of(person))
    with house.ground.database.transaction() as session:
        by = TwoClerks("a" * 22, "b" * 22, "hall-1")
        made = house.login.links.activation.at_counter(session, owner.id, system, account, by, origin=NOWHERE)
    assert isinstance(made, Ok)
    own, live = house.login.links.own, log_in(house, person)
    own.claim(live, "housing-fund", "old-person1", OLD_PASSWORD, origin=NOWHERE)
    assert state_of(house, made.value.id) is LinkState.SUSPENDED
    (row,) = house.login.links.queue.list(reviewers[0])
    decided = owner if for_owner else person
    for reviewer in reviewers[:2]:
        decide(house, reviewer, row.id, opinion(house, row.id, LINK, decided))
    if for_owner:
        assert owner_of(house, account) == owner.id
        assert forbidden(house, account) == {person.id}
        return
    assert owner_of(house, account) is None
    assert state_of(house, made.value.id) is LinkState.REVOKED
    with house.ground.database.read() as session:
        (link,) = links.of_person(session, person.id)
    assert isinstance(own.by_password(live, str(link.id), OLD_PASSWORD, origin=NOWHERE), Ok)
    assert owner_of(house, account) == person.id


def cells_of(file: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.removeprefix("\ufeff"), newline="")))


def written(rows: list[dict[str, str]]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def test_cases_are_decided_in_a_file_under_the_same_rules(
    house: House, person: TestPerson, system: int, reviewers: list[Reviewer], clock: FrozenClock
) -> None:
    """Masked and formula-safe, for who took it out alone, gone after a week; each row is answered by itself."""
    files = house.login.links.case_files
    accounts = [
        add_account(house, system, row_of(person, reference=f"R{place}", login=f"l{place}", name="=1+2"))
        for place in range(3)
    ]
    made = [make_case(house, each, system, person) for each in accounts]
    handle = files.take_out(reviewers[0], [*made, "x" * 22], origin=NOWHERE)
    file = files.fetch(reviewers[0], handle)
    assert file is not None and files.fetch(reviewers[1], handle) is None
    rows = cells_of(file)
    assert [row["case"] for row in rows] == made
    assert person.number not in file and person.name not in file
    assert all(row["name"].startswith("'=") for row in rows)
    rows[0] |= {"verdict": "link", "reason": "same_person", "note": "-3 years"}
    rows[1] |= {"verdict": "no_link", "reason": "nonsense"}
    decided = files.bring_back(reviewers[0], written(rows), origin=NOWHERE)
    assert isinstance(decided, Ok)
    assert [(each.number, each.state, each.problem) for each in decided.value] == [
        (1, CaseState.SECOND_OPINION, None),
        (2, None, "row"),
    ]
    again = files.bring_back(reviewers[1], written(rows[:1]), origin=NOWHERE)
    assert isinstance(again, Ok) and again.value[0].problem == "changed"
    twice = files.bring_back(reviewers[0], written([rows[0], rows[0]]), origin=NOWHERE)
    assert isinstance(twice, Ok) and {each.problem for each in twice.value} == {"twice"}
    clock.advance(days=8)
    assert files.fetch(reviewers[0], handle) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "columns"),
        ("case,verdict\r\nx,link\r\n", "columns"),
        ("case,version\r\na,b,c\r\n", "unreadable"),
        ('case\r\n"open', "unreadable"),
        ("x" * 2_000_001, "too_large"),
    ],
)
def test_a_file_that_is_none_of_ours_decides_nothing(
    house: House, reviewers: list[Reviewer], text: str, problem: str
) -> None:
    """Refused as a whole, by name."""
    refused = house.login.links.case_files.bring_back(reviewers[0], text, origin=NOWHERE)
    assert isinstance(refused, Refused) and refused.reason == problem
