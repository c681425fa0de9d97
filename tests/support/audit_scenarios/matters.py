"""Matters that two clerks decide at a counter."""

from collections.abc import Callable

from tests.support.audit_scenarios.stage import Act, Scenarios, Stage
from tests.support.counter import Hall, open_hall
from tests.support.guardians import child_of
from tests.support.houses import TestPerson
from tests.support.made_up_numbers import card_of, new_number
from tests.support.matters import begin, confirm, look, named, propose_card
from tests.support.proofed import prove

scenarios = Scenarios()


def hall_of(stage: Stage) -> Hall:
    hall = open_hall(stage.house, stage.app, stage.clock, stage.register)
    hall.add_clerk(household="household of the second clerk")
    return hall


def proved(stage: Stage) -> TestPerson:
    person = stage.register(number=new_number())
    prove(stage.house, person.id, name=person.name, number=person.number)
    return person


def confirmed(hall: Hall) -> Callable[[], None]:
    """Return the second clerk's confirmation of what the first one proposes."""
    look(hall, *hall.browsers)
    return lambda: confirm(hall.browsers[1])


@scenarios.of("POST counter.new_matter", "matter.proposed death")
def new_matter(stage: Stage) -> Act:
    hall, person = hall_of(stage), proved(stage)
    return lambda: begin(hall, hall.browsers[0], "death", **named(person))


@scenarios.of("POST counter.propose", "matter.proposed reopening")
def propose(stage: Stage) -> Act:
    hall, person = hall_of(stage), proved(stage)
    begin(hall, hall.browsers[0], "reopening")
    hall.read(hall.browsers[0], card_of(person.number, person.name))
    return lambda: propose_card(hall.browsers[0])


@scenarios.of("POST counter.decide", "matter.decided death", "death.reported")
def decide(stage: Stage) -> Act:
    hall, person = hall_of(stage), proved(stage)
    begin(hall, hall.browsers[0], "death", **named(person))
    return confirmed(hall)


@scenarios.of("POST counter.decide", "matter.decided closing", "death.refused")
def decide_without_report(stage: Stage) -> Act:
    hall, person = hall_of(stage), proved(stage)
    begin(hall, hall.browsers[0], "closing", **named(person))
    return confirmed(hall)


@scenarios.of("POST counter.decide", "matter.decided death")
def decide_about_nobody(stage: Stage) -> Act:
    hall = hall_of(stage)
    begin(hall, hall.browsers[0], "death", name="张小明", number=new_number())
    return confirmed(hall)


@scenarios.of("POST counter.decide", "matter.refused death")
def decide_alone(stage: Stage) -> Act:
    hall, person = hall_of(stage), proved(stage)
    begin(hall, hall.browsers[0], "death", **named(person))
    return lambda: confirm(hall.browsers[0])


@scenarios.of("POST counter.decide", "matter.decided guardianship", "guardianship.refused")
def decide_about_a_grown_child(stage: Stage) -> Act:
    hall, person = hall_of(stage), proved(stage)
    grown = child_of(stage.house, 1, birth="19990105")
    begin(hall, hall.browsers[0], "guardianship", **named(grown))
    hall.read(hall.browsers[0], card_of(person.number, person.name))
    propose_card(hall.browsers[0])
    return confirmed(hall)


@scenarios.of("POST counter.refuse_matter", "matter.refused death")
def refuse(stage: Stage) -> Act:
    hall, person = hall_of(stage), proved(stage)
    begin(hall, hall.browsers[0], "death", **named(person))
    page = hall.browsers[0].path
    return lambda: hall.browsers[0].submit({}, f"{page}/refuse")
