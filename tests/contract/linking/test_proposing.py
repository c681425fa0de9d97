"""What is made of an approved plan: proposals, cases, suspensions and their events; never an active link."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa

from idp.linking import links
from idp.linking.journal import EventKind
from idp.linking.link_models import CaseCandidate
from idp.linking.models import AccountSituation, ImportBatch
from idp.linking.proposing import BatchTakenBack, apply_matches
from idp.linking.rematching import rematch
from idp.linking.vocabulary import BatchState, CaseKind, ControlKind, HolderKind, LinkState, Situation, SourceState
from idp.persons.vocabulary import IdentifierState
from tests.support.legacy_world import LegacyWorld, Row
from tests.support.made_up_numbers import new_number
from tests.support.proofed import end_number

NAME, OTHER_NAME = "张小明", "张大明"
MOBILE = "+8615412345678"


def states(world: LegacyWorld) -> list[tuple[str, str]]:
    return [(link.person_id, link.state) for link in world.links()]


def test_what_is_found_is_proposed_with_its_event(world: LegacyWorld) -> None:
    number = new_number()
    person = world.add_person(NAME, number)
    batch = world.run(world.add_system(), [Row("1", number, NAME)])
    (link,) = world.links()
    assert (link.person_id, link.state, link.batch_number, link.situation) == (
        person,
        LinkState.PROPOSED,
        batch,
        Situation.FOUND,
    )
    (event,) = world.events()
    assert (event.kind, event.link_id, event.before, event.after, event.batch_number) == (
        EventKind.LINK_PROPOSED,
        link.id,
        None,
        LinkState.PROPOSED,
        batch,
    )


def test_no_kind_of_row_becomes_active(world: LegacyWorld) -> None:
    """Whatever a file holds: only proposals and cases come of it."""
    number, relative = new_number(), new_number()
    world.add_person(NAME, number, mobile=MOBILE)
    world.add_person(OTHER_NAME, relative)
    rows = [
        Row("right", number, NAME, MOBILE),
        Row("again", number, NAME),
        Row("relative", relative, NAME),
        Row("swapped", number, OTHER_NAME),
        Row("none", "", NAME, MOBILE),
        Row("firm", number, NAME, holder_kind=HolderKind.ORGANISATION),
        Row("test", number, NAME, holder_kind=HolderKind.TEST),
        Row("dead", number, NAME, source_state=SourceState.DECEASED),
        Row("against", number, NAME, is_contradictory=True),
        Row("absent", new_number(), NAME),
    ]
    world.run(world.add_system(), rows)
    assert {link.state for link in world.links()} == {LinkState.PROPOSED}
    assert len(world.links()) == 2
    assert all(each.after not in (LinkState.ACTIVE, LinkState.SUSPENDED) for each in world.events())
    assert sorted(case.kind for case in world.cases()) == [
        CaseKind.CANDIDATE,
        CaseKind.CONTRADICTED,
        CaseKind.DECEASED,
        CaseKind.DISPUTED_NUMBER,
        CaseKind.DISPUTED_NUMBER,
    ]


def test_applying_again_changes_nothing(world: LegacyWorld) -> None:
    number, disputed = new_number(), new_number()
    world.add_person(NAME, number)
    world.add_person(OTHER_NAME, disputed)
    system, rows = world.add_system(), [Row("1", number, NAME), Row("2", disputed, NAME)]
    batch = world.run(system, rows)
    before = (len(world.links()), len(world.cases()), len(world.events()))
    world.apply(system, batch)
    world.run(system, rows)
    assert (len(world.links()), len(world.cases()), len(world.events())) == before == (1, 1, 2)


def test_a_case_names_everybody_who_may_be_meant(world: LegacyWorld) -> None:
    number = new_number()
    first = world.add_person(NAME, number)
    end_number(world.house, first, IdentifierState.DISPUTED)
    world.refresh(first)
    second = world.add_person(NAME, number)
    world.run(world.add_system(), [Row("1", number, NAME)])
    (case,) = world.cases()
    with world.database.read() as session:
        candidates = session.scalars(sa.select(CaseCandidate).where(CaseCandidate.case_id == case.id)).all()
    assert {each.person_id for each in candidates} == {first, second}
    assert all(each.evidence == {"number": 100, "name": 100} for each in candidates)
    assert case.kind == CaseKind.AMBIGUOUS


def activate(world: LegacyWorld, link_id: int) -> None:
    with world.database.transaction() as session:
        links.activate(session, link_id, proof=ControlKind.PASSWORD, change=world.change())


@pytest.mark.parametrize("changed", [Row("1", "", NAME), Row("1", "OTHER", NAME), Row("1", "SAME", OTHER_NAME)])
def test_a_changed_number_or_name_suspends_the_link(world: LegacyWorld, changed: Row) -> None:
    number, other = new_number(), new_number()
    world.add_person(NAME, number)
    world.add_person(OTHER_NAME, other)
    system = world.add_system()
    world.run(system, [Row("1", number, NAME)])
    activate(world, world.links()[0].id)
    written = {"OTHER": other, "SAME": number}.get(changed.number, changed.number)
    world.run(system, [Row("1", written, changed.name)])
    assert [link.state for link in world.links()] == [LinkState.SUSPENDED]
    assert world.events()[-1].kind == EventKind.LINK_SUSPENDED


def test_another_mobile_does_not_suspend(world: LegacyWorld) -> None:
    number = new_number()
    world.add_person(NAME, number)
    system = world.add_system()
    world.run(system, [Row("1", number, NAME)])
    activate(world, world.links()[0].id)
    batch = world.run(system, [Row("1", number, NAME, MOBILE)])
    assert [link.state for link in world.links()] == [LinkState.ACTIVE]
    assert world.situations(batch)["1"][0] == Situation.LINKED


def test_a_proposal_that_no_longer_holds_is_withdrawn(world: LegacyWorld) -> None:
    number, other = new_number(), new_number()
    first, second = world.add_person(NAME, number), world.add_person(OTHER_NAME, other)
    system = world.add_system()
    world.run(system, [Row("1", number, NAME)])
    world.run(system, [Row("1", other, OTHER_NAME)])
    assert states(world) == [(first, LinkState.EXPIRED), (second, LinkState.PROPOSED)]


def test_whoever_enrols_finds_what_waited(world: LegacyWorld) -> None:
    number = new_number()
    system = world.add_system()
    world.run(system, [Row("1", number, NAME), Row("2", "", NAME, MOBILE), Row("3", number, OTHER_NAME)])
    assert (world.links(), world.cases()) == ([], [])
    person = world.add_person(NAME, number, mobile=MOBILE, refresh=False)
    with world.database.transaction() as session:
        touched = world.keys.refresh(session, [person])
        assert rematch(session, sorted(touched), at=world.change().at) == 1
    assert states(world) == [(person, LinkState.PROPOSED)]
    assert {case.kind for case in world.cases()} == {CaseKind.CANDIDATE, CaseKind.DISPUTED_NUMBER}
    with world.database.read() as session:
        found = session.scalars(sa.select(AccountSituation.situation)).all()
    assert sorted(found) == sorted([Situation.FOUND, Situation.UNQUALIFIED, Situation.DISPUTED])


def test_a_batch_that_is_taken_back_is_not_applied(world: LegacyWorld) -> None:
    number = new_number()
    world.add_person(NAME, number)
    system = world.add_system()
    batch = world.stage(system, [Row("1", number, NAME)])
    world.match(system, batch)
    with world.database.transaction() as session:
        session.get_one(ImportBatch, batch).state = BatchState.UNDOING
    with pytest.raises(BatchTakenBack), world.database.transaction() as session:
        apply_matches(session, batch_number=batch, rows=range(1, 10), change=world.change())
    assert world.links() == []


def test_two_who_apply_at_once_propose_once(world: LegacyWorld) -> None:
    """Two batches with the same account of a person: one proposal, one case, whoever comes first."""
    number, disputed = new_number(), new_number()
    world.add_person(NAME, number)
    world.add_person(OTHER_NAME, disputed)
    system, rows = world.add_system(), [Row("1", number, NAME), Row("2", disputed, NAME)]
    first = world.run(world.add_system("seed"), [])
    batch = world.stage(system, rows)
    world.match(system, batch)
    with world.database.transaction() as session:
        world.take_over(session, system.number, batch)
    start = Barrier(2)

    def apply() -> int:
        start.wait()
        with world.database.transaction() as session:
            return apply_matches(session, batch_number=batch, rows=range(1, 10), change=world.change()).proposed

    with ThreadPoolExecutor(2) as pool:
        done = [each.result() for each in [pool.submit(apply), pool.submit(apply)]]
    assert sorted(done) == [0, 1]
    assert (len(world.links()), len(world.cases()), len(world.events())) == (1, 1, 2)
    assert first < batch
