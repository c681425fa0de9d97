"""A visit at a counter, on both sides."""

from dataclasses import dataclass

from tests.support.audit_scenarios.proofing import asked
from tests.support.audit_scenarios.stage import Act, Scenarios, Stage
from tests.support.cards import MadeUpCard
from tests.support.counter import HERE, Hall, agree, code_on, open_hall, show_code
from tests.support.made_up_numbers import card_of, new_number
from tests.support.proofing import in_register
from tests.support.relying_party import FormBrowser

scenarios = Scenarios()


@dataclass(frozen=True, slots=True)
class Visit:
    """A citizen who shows a code, and the hall."""

    citizen: FormBrowser
    hall: Hall
    card: MadeUpCard

    @property
    def clerk(self) -> FormBrowser:
        """The browser of the first clerk."""
        return self.hall.browsers[0]


def visit(stage: Stage) -> Visit:
    # One's own: in one house somebody else may have proved the usual one.
    person = stage.register(number=new_number())
    in_register(stage.house, person, household=HERE)
    hall = open_hall(stage.house, stage.app, stage.clock, stage.register)
    citizen = asked(stage, person, 4, "/verify")
    show_code(citizen)
    return Visit(citizen, hall, card_of(person.number))


def admitted(stage: Stage) -> Visit:
    found = visit(stage)
    found.hall.admit(found.clerk, code_on(found.citizen))
    return found


@scenarios.of("POST counter.home", "counter.admitted")
def admit(stage: Stage) -> Act:
    found = visit(stage)
    return lambda: found.hall.admit(found.clerk, code_on(found.citizen))


@scenarios.of("POST counter.home", "counter.refused")
def wrong_code(stage: Stage) -> Act:
    found = visit(stage)
    return lambda: found.hall.admit(found.clerk, "BCDF-GHJK")


@scenarios.of("POST counter.sign", "counter.compared")
def sign(stage: Stage) -> Act:
    found = admitted(stage)
    found.hall.read(found.clerk, found.card)
    return lambda: found.hall.sign(found.clerk)


@scenarios.of("POST counter.second", "counter.seconded")
def second(stage: Stage) -> Act:
    found = admitted(stage)
    cut = found.card.but(name="阿卜杜热依木买买提明艾力江托合")
    found.hall.read(found.clerk, cut)
    code = code_on(found.citizen)
    found.hall.sign(found.clerk, name=cut.name, note="seen")
    colleague = found.hall.add_clerk()
    found.hall.admit(colleague, code)
    return lambda: colleague.submit({"is_same": "y"}, f"{colleague.path}/second")


@scenarios.of("POST counter.refuse", "counter.refused")
def refuse(stage: Stage) -> Act:
    found = admitted(stage)
    return lambda: found.clerk.submit({}, f"{found.clerk.path}/refuse")


@scenarios.of("POST verify.accept", "proofing.recorded")
def accept(stage: Stage) -> Act:
    found = visit(stage)
    found.hall.serve(found.citizen, found.clerk, found.card)
    return lambda: agree(found.citizen)


@scenarios.of("POST verify.decline", "proofing.refused")
def decline(stage: Stage) -> Act:
    found = visit(stage)
    found.hall.serve(found.citizen, found.clerk, found.card)
    return lambda: found.citizen.submit({}, f"{found.citizen.path}/decline")


@scenarios.of("POST counter.leave", "session.ended")
def leave(stage: Stage) -> Act:
    found = visit(stage)
    return lambda: found.clerk.submit({}, "/counter/leave")


@scenarios.of("POST counter.newcomer", "counter.admitted")
def newcomer(stage: Stage) -> Act:
    found = visit(stage)
    found.clerk.open("/counter")
    assert found.hall.reader.device is not None
    reader = found.hall.reader.device.id
    return lambda: found.clerk.submit({"reader": reader}, "/counter/newcomers")
