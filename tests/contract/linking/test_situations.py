"""What matching finds of every kind of row: the table of situations, on both databases."""

import pytest

from idp.core.results import Ok, Refused
from idp.linking.link_models import NoLink
from idp.linking.matching import IndexKeyExchanged
from idp.linking.models import StagedRow
from idp.linking.rules import ALLOWED, DEFAULT_RULES, RulesProblem, parse_rules
from idp.linking.vocabulary import Action, HolderKind, Situation, SourceState
from idp.persons.vocabulary import IdentifierState
from realname.proofing import deaths
from tests.support.legacy_world import LegacyWorld, Row
from tests.support.made_up_numbers import new_number
from tests.support.proofed import end_number, prove

NAME, OTHER_NAME = "张小明", "张大明"
MOBILE = "+8615412345678"


def situation_of(world: LegacyWorld, row: Row) -> tuple[Situation, str | None]:
    system = world.add_system()
    batch = world.stage(system, [row])
    world.match(system, batch)
    return world.situations(batch)[row.reference]


def test_number_and_name_of_one_person_are_found(world: LegacyWorld) -> None:
    number = new_number()
    person = world.add_person(NAME, number)
    assert situation_of(world, Row("1", number, "张 小明")) == (Situation.FOUND, person)


def test_a_fifteen_digit_number_is_the_same_number(world: LegacyWorld) -> None:
    number = new_number()
    person = world.add_person(NAME, number)
    assert situation_of(world, Row("1", number[:6] + number[8:17], NAME)) == (Situation.FOUND, person)


def test_several_accounts_in_one_system_are_told_from_one(world: LegacyWorld) -> None:
    number, other = new_number(), new_number()
    person, single = world.add_person(NAME, number), world.add_person(OTHER_NAME, other)
    system = world.add_system()
    batch = world.stage(system, [Row("1", number, NAME), Row("2", number, NAME), Row("3", other, OTHER_NAME)])
    world.match(system, batch)
    assert world.situations(batch) == {
        "1": (Situation.FOUND_MULTIPLE, person),
        "2": (Situation.FOUND_MULTIPLE, person),
        "3": (Situation.FOUND, single),
    }


def test_an_account_that_came_earlier_counts_among_several(world: LegacyWorld) -> None:
    number = new_number()
    person = world.add_person(NAME, number)
    system, elsewhere = world.add_system(), world.add_system("tax")
    world.run(system, [Row("1", number, NAME)])
    second, other = world.stage(system, [Row("2", number, NAME)]), world.stage(elsewhere, [Row("1", number, NAME)])
    world.match(system, second)
    world.match(elsewhere, other)
    assert world.situations(second)["2"] == (Situation.FOUND_MULTIPLE, person)
    assert world.situations(other)["1"] == (Situation.FOUND, person)  # of another system


def test_the_number_alone_never_decides(world: LegacyWorld) -> None:
    """A relative's number, a swapped name, a typo that happens to be somebody's: all of these are disputed."""
    number = new_number()
    person = world.add_person(NAME, number)
    assert situation_of(world, Row("1", number, OTHER_NAME)) == (Situation.DISPUTED, person)
    assert DEFAULT_RULES.action(Situation.DISPUTED) is Action.OPEN_CASE


def test_a_number_without_a_name_is_disputed(world: LegacyWorld) -> None:
    number = new_number()
    person = world.add_person(NAME, number)
    assert situation_of(world, Row("1", number, "")) == (Situation.DISPUTED, person)


@pytest.mark.parametrize("state", [IdentifierState.FORMER, IdentifierState.DISPUTED])
def test_a_number_that_is_no_longer_theirs_is_a_case(world: LegacyWorld, state: IdentifierState) -> None:
    number, now = new_number(), new_number()
    person = world.add_person(NAME, number)
    end_number(world.house, person, state)
    prove(world.house, person, name=NAME, number=now)
    world.refresh(person)
    system = world.add_system()
    batch = world.stage(system, [Row("1", number, NAME), Row("2", now, NAME)])
    world.match(system, batch)
    found = world.situations(batch)
    assert found["1"] == (Situation.FOUND_FORMER, person)
    assert found["2"][1] == person
    assert found["2"][0] in (Situation.FOUND, Situation.FOUND_MULTIPLE)


def test_a_former_name_beside_the_number_is_the_person(world: LegacyWorld) -> None:
    number = new_number()
    person = world.add_person(OTHER_NAME, number)
    with world.database.transaction() as session:
        world.house.people.attributes.set(
            session, person, "full_name", NAME, source="test", level=2, at=world.house.ground.clock.now()
        )
    world.refresh(person)
    assert situation_of(world, Row("1", number, OTHER_NAME)) == (Situation.FOUND, person)


def test_one_pair_of_two_persons_is_ambiguous(world: LegacyWorld) -> None:
    """Two living people were once given one number, and have one name."""
    number = new_number()
    first = world.add_person(NAME, number)
    end_number(world.house, first, IdentifierState.DISPUTED)
    world.refresh(first)
    world.add_person(NAME, number)
    assert situation_of(world, Row("1", number, NAME)) == (Situation.AMBIGUOUS, None)


@pytest.mark.parametrize("who_says", ["person", "row"])
def test_the_dead_are_found_as_dead(world: LegacyWorld, who_says: str) -> None:
    number = new_number()
    person = world.add_person(NAME, number)
    row = Row("1", number, NAME)
    if who_says == "person":
        with world.database.transaction() as session:
            deaths.write(session, person, deaths.Told(deaths.Source.REGISTER, "d"), "active", at=world.change().at)
        world.refresh(person)
    else:
        row = Row("1", number, NAME, source_state=SourceState.DECEASED)
    assert situation_of(world, row) == (Situation.DECEASED, person)


def test_a_row_that_speaks_against_its_number_is_contradicted(world: LegacyWorld) -> None:
    number = new_number()
    person = world.add_person(NAME, number)
    assert situation_of(world, Row("1", number, NAME, is_contradictory=True)) == (Situation.CONTRADICTED, person)


def test_a_mobile_that_is_verified_to_somebody_else_contradicts(world: LegacyWorld) -> None:
    number = new_number()
    person = world.add_person(NAME, number)
    world.add_person(OTHER_NAME, new_number(), mobile=MOBILE)
    assert situation_of(world, Row("1", number, NAME, MOBILE)) == (Situation.CONTRADICTED, person)


def test_their_own_mobile_or_nobodys_does_not_contradict(world: LegacyWorld) -> None:
    number = new_number()
    person = world.add_person(NAME, number, mobile=MOBILE)
    system = world.add_system()
    for mobile in (MOBILE, "+8615499999999"):
        batch = world.stage(system, [Row("1", number, NAME, mobile)])
        world.match(system, batch)
        assert world.situations(batch)["1"] == (Situation.FOUND, person)


@pytest.mark.parametrize(
    ("kind", "situation"), [(HolderKind.ORGANISATION, Situation.ENTERPRISE), (HolderKind.TEST, Situation.TEST)]
)
def test_what_is_nobodys_account_names_nobody(world: LegacyWorld, kind: HolderKind, situation: Situation) -> None:
    number = new_number()
    world.add_person(NAME, number)
    assert situation_of(world, Row("1", number, NAME, holder_kind=kind)) == (situation, None)


def test_a_valid_number_of_nobody_here_waits(world: LegacyWorld) -> None:
    assert situation_of(world, Row("1", new_number(), NAME)) == (Situation.ABSENT, None)
    assert DEFAULT_RULES.action(Situation.ABSENT) is Action.WAIT


def test_without_a_number_name_and_mobile_give_a_candidate(world: LegacyWorld) -> None:
    person = world.add_person(NAME, new_number(), mobile=MOBILE)
    assert situation_of(world, Row("1", "", NAME, MOBILE)) == (Situation.UNQUALIFIED, person)


@pytest.mark.parametrize("row", [Row("1", "", OTHER_NAME, MOBILE), Row("1", "", NAME), Row("1", "", "", MOBILE)])
def test_name_or_mobile_alone_give_none(world: LegacyWorld, row: Row) -> None:
    world.add_person(NAME, new_number(), mobile=MOBILE)
    assert situation_of(world, row) == (Situation.UNQUALIFIED, None)


@pytest.mark.parametrize("names", [3, 4])
def test_a_mobile_of_many_names_gives_no_candidate(world: LegacyWorld, names: int) -> None:
    """An agent's mobile stands beside hundreds; up to three is a household."""
    person = world.add_person(NAME, new_number(), mobile=MOBILE)
    system, elsewhere = world.add_system(), world.add_system("tax")
    # Some in the batch, some in another system's accounts.
    world.run(elsewhere, [Row("1", "", "李一", MOBILE)])
    others = [Row(f"o{each}", "", name, MOBILE) for each, name in enumerate(["王二", "赵三"][: names - 2])]
    batch = world.stage(system, [Row("1", "", NAME, MOBILE), *others])
    world.match(system, batch)
    expected = person if names <= 3 else None
    assert world.situations(batch)["1"] == (Situation.UNQUALIFIED, expected)


def test_what_was_said_not_to_be_theirs_is_refused(world: LegacyWorld) -> None:
    number = new_number()
    person = world.add_person(NAME, number)
    system = world.add_system()
    world.run(system, [Row("1", number, NAME)])
    (link,) = world.links()
    with world.database.transaction() as session:
        session.add(
            NoLink(
                account_id=link.account_id,
                person_id=person,
                system_number=system.number,
                reason="not_mine",
                at=world.change().at,
            )
        )
    again = world.stage(system, [Row("1", number, NAME)])
    world.match(system, again)
    assert world.situations(again)["1"] == (Situation.REFUSED, person)


def test_rules_are_checked_against_what_a_situation_bears() -> None:
    assert parse_rules(DEFAULT_RULES.document()) == Ok(DEFAULT_RULES)
    assert isinstance(parse_rules({"found": "open_case"}), Ok)
    refused: dict[RulesProblem, object] = {
        RulesProblem.NOT_A_MAP: [],
        RulesProblem.UNKNOWN_SITUATION: {"lost": "wait"},
        RulesProblem.UNKNOWN_ACTION: {"found": "activate"},
        RulesProblem.NOT_ALLOWED: {"disputed": "propose"},
    }
    assert {problem: parse_rules(document) for problem, document in refused.items()} == {
        problem: Refused(problem) for problem in refused
    }


def test_only_a_pair_of_a_living_person_can_be_proposed() -> None:
    """Whatever a system's rules say, nothing less leads to a proposal."""
    may = {situation for situation, actions in ALLOWED.items() if Action.PROPOSE in actions}
    assert may == {Situation.FOUND, Situation.FOUND_MULTIPLE}


def test_rules_decide_what_is_done(world: LegacyWorld) -> None:
    number = new_number()
    world.add_person(NAME, number)
    system = world.add_system(rules={"found": "open_case", "unqualified": "nothing"})
    batch = world.stage(system, [Row("1", number, NAME), Row("2", "", NAME)])
    counts = world.match(system, batch)
    assert counts.actions == {Action.OPEN_CASE: 1, Action.NOTHING: 1}
    assert counts.situations == {Situation.FOUND: 1, Situation.UNQUALIFIED: 1}
    assert (counts.rows, counts.changes) == (2, {"added": 2})


def test_rows_under_an_older_index_key_are_not_matched(world: LegacyWorld) -> None:
    system = world.add_system()
    batch = world.stage(system, [Row("1", new_number(), NAME)])
    with world.database.transaction() as session:
        session.get_one(StagedRow, (batch, 1)).key_version = 7
    with pytest.raises(IndexKeyExchanged):
        world.match(system, batch)


def test_a_dry_run_changes_nothing_but_the_plan(world: LegacyWorld) -> None:
    number = new_number()
    world.add_person(NAME, number)
    system = world.add_system()
    batch = world.stage(system, [Row("1", number, NAME)])
    first = world.match(system, batch)
    assert world.match(system, batch) == first
    assert (world.links(), world.cases(), world.events()) == ([], [], [])
