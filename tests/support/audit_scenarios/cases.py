"""Identity cases that a clerk looks at and closes."""

from realname.proofing.case_files import CaseFile
from realname.proofing.method import Method
from tests.support.audit_scenarios.stage import Act, Scenarios, Stage
from tests.support.cases import REVIEWED, contested
from tests.support.counter import open_hall
from tests.support.made_up_numbers import new_number
from tests.support.relying_party import FormBrowser

scenarios = Scenarios()


def at_case(stage: Stage, *methods: Method) -> tuple[FormBrowser, CaseFile]:
    """A clerk's browser at a case."""
    number = new_number()
    case = contested(stage.house, stage.register(number=number), stage.register(number=number), *methods)
    clerk = open_hall(stage.house, stage.app, stage.clock, stage.register).browsers[0]
    clerk.open(f"/counter/cases/{case.id}")
    return clerk, case


@scenarios.of("POST counter.close_case", "case.closed", "case.read")
def close_case(stage: Stage) -> Act:
    clerk, case = at_case(stage)  # afterwards the page is shown again
    return lambda: clerk.submit(REVIEWED, f"/counter/cases/{case.id}/close")


@scenarios.of("POST counter.close_case", "case.refused")
def close_dispute(stage: Stage) -> Act:
    clerk, case = at_case(stage, Method.MOBILE, Method.MOBILE)
    return lambda: clerk.submit(REVIEWED, f"/counter/cases/{case.id}/close")
