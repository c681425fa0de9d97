"""Proving who one is, and the second factor that a level asks for."""

from tests.support.audit_scenarios.stage import Act, Scenarios, Stage
from tests.support.houses import TestPerson
from tests.support.proofed import add_proofing
from tests.support.proofing import LEVEL, in_register, type_in
from tests.support.relying_party import FormBrowser

scenarios = Scenarios()
#: Where nobody listens: a beginning there is refused, and what comes of one has its own tests.
NO_GATEWAY = "http://127.0.0.1:9"
_RAISED = ("login.succeeded", "proofing.recorded")


def asked(stage: Stage, person: TestPerson, level: int, path: str) -> FormBrowser:
    """A browser from which a client that knows the person asks for a level."""
    party = stage.client()
    browser = stage.at_login(party)
    browser.log_in(person)
    browser.open(party.authorize_path(acr_values=f"{LEVEL}{level}"))
    browser.log_in(person)
    assert browser.path.endswith(path), browser.path
    return browser


def at_form(stage: Stage) -> tuple[TestPerson, FormBrowser]:
    """A person whom the register knows, at the page that asks for name and number."""
    person = stage.register()
    in_register(stage.house, person)
    return person, asked(stage, person, 2, "/verify")


def at_code(stage: Stage) -> tuple[TestPerson, FormBrowser]:
    """The same at the page that asks for the code to the mobile."""
    person, browser = at_form(stage)
    type_in(browser, person)
    return person, browser


@scenarios.of("POST verify.form", "message.requested")
def form(stage: Stage) -> Act:
    person, browser = at_form(stage)
    return lambda: type_in(browser, person)


@scenarios.of("POST verify.code", *_RAISED)
def code(stage: Stage) -> Act:
    person, browser = at_code(stage)
    sent = stage.code("proofing_code", person.mobile)
    return lambda: browser.submit({"code": sent})


@scenarios.of("POST verify.code", "proofing.refused")
def wrong_code(stage: Stage) -> Act:
    _, browser = at_code(stage)
    return lambda: browser.submit({"code": "000000"})


@scenarios.of("POST verify.resend", "message.requested")
def resend(stage: Stage) -> Act:
    _, browser = at_code(stage)
    stage.clock.advance(seconds=61)
    return lambda: browser.submit({}, browser.path.replace("/code", "/resend"))


@scenarios.of("POST verify.without_mobile", "proofing.recorded")
def without_mobile(stage: Stage) -> Act:
    # A number of its own: in one house somebody else proved the usual one.
    person = stage.register(number="440308199901101512")
    in_register(stage.house, person)
    browser = asked(stage, person, 2, "/verify")
    type_in(browser, person)
    return lambda: browser.submit({}, browser.path.replace("/code", "/without-mobile"))


@scenarios.of("POST verify.later")
def later(stage: Stage) -> Act:
    _, browser = at_form(stage)
    return lambda: browser.submit({}, f"{browser.path}/later")


def at_gateways_code(stage: Stage) -> tuple[TestPerson, FormBrowser]:
    """A person who wants to show their network identity with the number, asked for the code to the mobile."""
    person, browser = at_form(stage)
    browser.submit({"with_number": "y"}, f"{browser.path}/network")
    return person, browser


@scenarios.of("POST network_identity.service", "message.requested")
def network_identity_with_number(stage: Stage) -> Act:
    _, browser = at_form(stage)
    return lambda: browser.submit({"with_number": "y"}, f"{browser.path}/network")


@scenarios.of("POST network_identity.service", "proofing.refused")
def network_identity_out_of_reach(stage: Stage) -> Act:
    _, browser = at_form(stage)
    return lambda: browser.submit({}, f"{browser.path}/network")


@scenarios.of("POST network_identity.resend", "message.requested")
def network_identity_resend(stage: Stage) -> Act:
    _, browser = at_gateways_code(stage)
    stage.clock.advance(seconds=61)
    return lambda: browser.submit({}, browser.path.replace("/code", "/resend"))


@scenarios.of("POST network_identity.code", "proofing.refused")
def network_identity_wrong_code(stage: Stage) -> Act:
    _, browser = at_gateways_code(stage)
    return lambda: browser.submit({"code": "000000"})


def at_factor(stage: Stage) -> tuple[TestPerson, FormBrowser]:
    """A person with level 3 but for the second factor."""
    person = stage.register()
    add_proofing(stage.house, person.id, level=3, method="face")
    return person, asked(stage, person, 3, "/login/factor")


def at_factor_code(stage: Stage) -> tuple[TestPerson, FormBrowser]:
    """The same with a code sent."""
    person, browser = at_factor(stage)
    browser.submit({})
    return person, browser


@scenarios.of("POST factor.mobile", "message.requested")
def factor(stage: Stage) -> Act:
    _, browser = at_factor(stage)
    return lambda: browser.submit({})


@scenarios.of("POST factor.code", "login.succeeded")
def factor_code(stage: Stage) -> Act:
    person, browser = at_factor_code(stage)
    sent = stage.code("login_code", person.mobile)
    return lambda: browser.submit({"code": sent})


@scenarios.of("POST factor.code", "login.failed")
def wrong_factor_code(stage: Stage) -> Act:
    _, browser = at_factor_code(stage)
    return lambda: browser.submit({"code": "000000"})


@scenarios.of("POST factor.resend", "message.requested")
def factor_resend(stage: Stage) -> Act:
    _, browser = at_factor_code(stage)
    stage.clock.advance(seconds=61)
    return lambda: browser.submit({}, browser.path.replace("/code", "/resend"))


@scenarios.of("POST factor.later")
def factor_later(stage: Stage) -> Act:
    _, browser = at_factor(stage)
    return lambda: browser.submit({}, f"{browser.path}/later")
