"""The journal of merging: sealed, verified, and the state of links and cases made anew from it."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.sealing import AuditBroken
from idp.audit.verification import Finding, Problem
from idp.house.audit import journal_heads
from idp.house.linking import build_journal_sealer, build_journal_verifier
from idp.linking import links
from idp.linking.link_models import Link, MergeCase, MergeEvent, MergeSeal
from idp.linking.projection import Difference, differences
from idp.linking.vocabulary import ControlKind, LinkState
from tests.support.legacy_world import LegacyWorld, Row
from tests.support.made_up_numbers import new_number

NAME, OTHER_NAME = "张小明", "张大明"


@pytest.fixture
def filled(world: LegacyWorld) -> LegacyWorld:
    """Some events, in batches of ten rows sealed."""
    numbers = [new_number() for _ in range(12)]
    for number in numbers:
        world.add_person(NAME, number)
    rows = [Row(number, number, NAME) for number in numbers]
    world.run(world.add_system(), [*rows, Row("other", numbers[0], OTHER_NAME)])
    seal(world)
    return world


def seal(world: LegacyWorld) -> int:
    house = world.house
    settings = house.settings.model_copy(update={"audit": house.settings.audit.model_copy(update={"batch_rows": 10})})
    world.house.ground.clock.advance(hours=2)  # type: ignore[attr-defined]
    return build_journal_sealer(settings, world.database, house.ground.clock).run()


def problems(world: LegacyWorld) -> set[Problem]:
    found: list[Finding] = []
    build_journal_verifier(
        world.house.settings, world.database, world.house.ground.clock, on_finding=found.append
    ).verify()
    return {each.problem for each in found}


def test_a_whole_journal_verifies(filled: LegacyWorld) -> None:
    assert problems(filled) == set()
    assert list(differences(filled.database)) == []
    with filled.database.read() as session:
        assert session.scalars(sa.select(MergeSeal.event_count).order_by(MergeSeal.position)).all() == [10, 3]
    assert seal(filled) == 0


def _change(session: Session) -> None:
    session.execute(sa.update(MergeEvent).where(MergeEvent.sequence == 3).values(person_id="somebody else"))


def _remove(session: Session) -> None:
    session.execute(sa.delete(MergeEvent).where(MergeEvent.sequence == 3))


def _reorder(session: Session) -> None:
    for leaf, other in ((100, 1), (1, 2), (2, 100)):
        session.execute(
            sa.update(MergeEvent)
            .where(MergeEvent.seal_position == 1, MergeEvent.seal_leaf == other)
            .values(seal_leaf=leaf)
        )


def _cut_tail(session: Session) -> None:
    session.execute(sa.delete(MergeEvent).where(MergeEvent.seal_position == 2))
    session.execute(sa.delete(MergeSeal).where(MergeSeal.position == 2))


def _replace(session: Session) -> None:
    session.execute(sa.delete(MergeEvent))
    session.execute(sa.delete(MergeSeal))


@pytest.mark.parametrize(
    ("tamper", "problem"),
    [
        (_change, Problem.ROWS_CHANGED),
        (_remove, Problem.ROWS_MISSING),
        (_reorder, Problem.ROWS_CHANGED),
        (_cut_tail, Problem.TAIL_CUT),
        (_replace, Problem.TAIL_CUT),
    ],
)
def test_what_was_done_to_it_shows(filled: LegacyWorld, tamper: Callable[[Session], None], problem: Problem) -> None:
    with filled.database.transaction() as session:
        tamper(session)
    assert problem in problems(filled)


def test_nothing_is_sealed_on_a_broken_journal(filled: LegacyWorld) -> None:
    with filled.database.transaction() as session:
        _replace(session)
    with pytest.raises(AuditBroken):
        seal(filled)


def test_the_journal_has_heads_of_its_own(filled: LegacyWorld) -> None:
    heads = journal_heads(filled.house.settings)
    assert heads.path != filled.house.settings.heads_file
    last = heads.last_seal()
    assert last is not None
    assert last.position == 2


def test_a_state_that_no_event_told_is_a_difference(filled: LegacyWorld) -> None:
    first, second, third = filled.links()[:3]
    with filled.database.transaction() as session:
        links.activate(session, second.id, proof=ControlKind.PASSWORD, change=filled.change())
        session.execute(sa.update(Link).where(Link.id == first.id).values(state=LinkState.ACTIVE))
        session.execute(sa.update(MergeCase).values(state="closed"))
        session.execute(sa.delete(Link).where(Link.id == third.id))
    (case,) = filled.cases()
    assert list(differences(filled.database)) == [
        Difference("links", str(first.id), "active", "proposed"),
        Difference("links", str(third.id), None, "some"),
        Difference("merge_cases", case.id, "closed", "open"),
    ]
