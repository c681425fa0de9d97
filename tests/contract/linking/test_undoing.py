"""Taking a batch back: nothing of it is left but what somebody changed since, which is listed; two persons for many."""

from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from idp.audit.log import NOWHERE
from idp.core.ids import new_id
from idp.core.results import Ok, Refused
from idp.linking import links, undoing
from idp.linking.journal import EventKind
from idp.linking.link_models import MergeDecision, NoLink
from idp.linking.models import ImportBatch, LegacyAccount
from idp.linking.undoing import Kept, Step, UndoProblem
from idp.linking.vocabulary import BatchState, CaseState, ControlKind, LinkState, Situation
from tests.support.legacy_world import LegacyWorld, Row
from tests.support.made_up_numbers import new_number

NAME, OTHER_NAME = "张小明", "张大明"


def take_back(world: LegacyWorld, batch: int, *, most: int = 2) -> Sequence[Step]:
    """Ask for it and carry it out chunk by chunk; return the steps that did something."""
    with world.database.transaction() as session:
        asked = undoing.ask(session, batch, by="a", change=world.change(), origin=NOWHERE)
        assert isinstance(asked, Ok)
    steps = []
    while True:
        with world.database.transaction() as session:
            step = undoing.carry_on(session, batch, change=world.change(), most=most)
        if step is None:
            return steps
        steps.append(step)


def people(world: LegacyWorld, count: int) -> list[Row]:
    rows = []
    for each in range(count):
        number = new_number()
        world.add_person(NAME, number)
        rows.append(Row(f"r{each}", number, NAME))
    return rows


def activate(world: LegacyWorld, link_id: int) -> None:
    with world.database.transaction() as session:
        links.activate(session, link_id, proof=ControlKind.PASSWORD, change=world.change())


def test_proposals_and_untouched_cases_go(world: LegacyWorld) -> None:
    rows = people(world, 3)
    system = world.add_system()
    batch = world.run(system, [*rows, Row("d", rows[0].number, OTHER_NAME)])
    steps = take_back(world, batch)
    assert {link.state for link in world.links()} == {LinkState.UNDONE}
    assert [(case.state, case.outcome) for case in world.cases()] == [(CaseState.CLOSED, "undone")]
    assert steps.count(Step.LINKS) == 2  # three in chunks of two
    with world.database.read() as session:
        state = session.get_one(ImportBatch, batch)
        assert (state.state, undoing.kept(session, batch)) == (BatchState.UNDONE, ())
        assert state.counters["undone"]["links"] == 3
    assert world.events()[-1].kind == EventKind.BATCH_UNDONE


def test_what_was_undone_is_never_proposed_again(world: LegacyWorld) -> None:
    rows, system = people(world, 1), world.add_system()
    take_back(world, world.run(system, rows))
    again = world.run(system, rows)
    assert world.situations(again)["r0"][0] == Situation.REFUSED
    assert [link.state for link in world.links()] == [LinkState.UNDONE]


def test_what_somebody_changed_since_stays_and_is_listed(world: LegacyWorld) -> None:
    rows, system = people(world, 3), world.add_system()
    batch = world.run(system, [*rows, Row("d", rows[0].number, OTHER_NAME)])
    mine, not_mine, _ = world.links()
    activate(world, mine.id)
    with world.database.transaction() as session:
        links.reject(session, not_mine.id, change=world.change())
        (case,) = world.cases()
        session.add(
            MergeDecision(
                id=new_id(),
                case_id=case.id,
                stage="first",
                decided_by="b",
                verdict="no_link",
                reason_code="other",
                evidence_digest="d",
                decided_at=world.change().at,
            )
        )
    take_back(world, batch)
    assert [link.state for link in world.links()] == [LinkState.ACTIVE, LinkState.REJECTED, LinkState.UNDONE]
    with world.database.read() as session:
        assert undoing.kept(session, batch) == (
            Kept(mine.id, None, LinkState.ACTIVE),
            Kept(not_mine.id, None, LinkState.REJECTED),
            Kept(None, case.id, CaseState.OPEN),
        )


def test_suspensions_withdrawals_and_versions_are_as_before(world: LegacyWorld) -> None:
    """The undo of a later batch gives the links, cases and accounts of the time before it."""
    rows, system = people(world, 2), world.add_system()
    world.run(system, rows)
    activate(world, world.links()[0].id)
    before = [(link.id, link.state, link.person_id) for link in world.links()]
    changed = [Row(row.reference, new_number(), OTHER_NAME) for row in rows]
    later = world.run(system, changed)
    assert {link.state for link in world.links()} == {LinkState.SUSPENDED, LinkState.EXPIRED}
    take_back(world, later)
    assert [(link.id, link.state, link.person_id) for link in world.links()] == before
    with world.database.read() as session:
        present = session.scalars(sa.select(LegacyAccount).where(LegacyAccount.valid_to.is_(None))).all()
        assert [each.version for each in present] == [1, 1]
        assert session.scalars(sa.select(NoLink)).all() == []
    # Their source says again what it said first: nothing is new.
    again = world.run(system, rows)
    assert {found for found, _ in world.situations(again).values()} == {Situation.LINKED, Situation.FOUND}
    assert [(link.id, link.state, link.person_id) for link in world.links()] == before


def test_many_links_need_a_second_person(world: LegacyWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undoing, "ALONE_UP_TO", 1)
    batch = world.run(world.add_system(), people(world, 2))

    def ask(by: str) -> object:
        with world.database.transaction() as session:
            return undoing.ask(session, batch, by=by, change=world.change(), origin=NOWHERE)

    def approve(by: str) -> object:
        with world.database.transaction() as session:
            return undoing.approve(session, batch, by=by, change=world.change(), origin=NOWHERE)

    assert approve("b") == Refused(UndoProblem.NOT_ASKED)
    assert ask("a") == Ok(undoing.Asked(2, needs_second=True))
    assert ask("b") == Refused(UndoProblem.STATE)
    assert approve("a") == Refused(UndoProblem.SAME_PERSON)
    with world.database.transaction() as session:
        assert undoing.carry_on(session, batch, change=world.change()) is None
    assert {link.state for link in world.links()} == {LinkState.PROPOSED}
    assert approve("b") == Ok(None)
    with world.database.transaction() as session:
        assert undoing.waiting_undos(session) == (batch,)
        assert undoing.carry_on(session, batch, change=world.change()) is Step.LINKS
    assert {link.state for link in world.links()} == {LinkState.UNDONE}


@pytest.mark.parametrize("state", [BatchState.CANCELLED, BatchState.REVIEW, BatchState.UNDONE, BatchState.UNDOING])
def test_a_batch_at_work_is_not_taken_back(world: LegacyWorld, state: BatchState) -> None:
    batch = world.run(world.add_system(), people(world, 1))
    with world.database.transaction() as session:
        session.get_one(ImportBatch, batch).state = state
    with world.database.transaction() as session:
        asked = undoing.ask(session, batch, by="a", change=world.change(), origin=NOWHERE)
        assert asked == Refused(UndoProblem.STATE)
        assert undoing.ask(session, 999, by="a", change=world.change(), origin=NOWHERE) == Refused(
            UndoProblem.NOT_THERE
        )


@pytest.mark.parametrize("was_active", [False, True])
def test_an_undo_can_be_undone(world: LegacyWorld, was_active: bool) -> None:
    world.run(world.add_system(), people(world, 1))
    (link,) = world.links()
    if was_active:
        activate(world, link.id)
    with world.database.transaction() as session:
        assert isinstance(links.restore(session, link.id, change=world.change()), Refused)
        assert isinstance(links.undo(session, link.id, change=world.change()), Ok)
        restored = links.restore(session, link.id, change=world.change())
        assert isinstance(restored, Ok)
        assert session.scalars(sa.select(NoLink)).all() == []
    assert world.links()[0].state == (LinkState.ACTIVE if was_active else LinkState.PROPOSED)
    assert world.events()[-1].kind == EventKind.LINK_RESTORED
