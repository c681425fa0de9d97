"""A forgotten password and a lost app."""

from tests.support.audit_scenarios.stage import NEW_PASSWORD, Act, Scenarios, Stage
from tests.support.houses import TestPerson
from tests.support.relying_party import FormBrowser
from tests.support.sent import work

scenarios = Scenarios()


def asked(stage: Stage, *, known_device: bool = False, with_app: bool = False) -> tuple[FormBrowser, TestPerson]:
    person, browser = stage.register(), FormBrowser(stage.app)
    if known_device:
        browser = stage.logged_in(person)
        browser.client.delete_cookie("yihao_session")
    if with_app:
        stage.enrol(person)
    browser.open("/recovery")
    browser.submit({"identifier": person.mobile})
    assert browser.path.endswith("/recovery/code")
    work(stage.house)
    return browser, person


def at_number(stage: Stage) -> tuple[FormBrowser, TestPerson]:
    browser, person = asked(stage)
    browser.submit({"code": stage.code("recovery_code", person.mobile)})
    assert browser.path.endswith("/recovery/number")
    return browser, person


def at_proof(stage: Stage) -> tuple[FormBrowser, TestPerson]:
    browser, person = asked(stage, with_app=True)
    browser.submit({"code": stage.code("recovery_code", person.mobile)})
    assert browser.path.endswith("/recovery/proof")
    return browser, person


@scenarios.of("POST recovery.start", "message.requested password")
def start(stage: Stage) -> Act:
    person, browser = stage.register(), FormBrowser(stage.app)
    browser.open("/recovery")
    return lambda: browser.submit({"identifier": person.mobile})


@scenarios.of("POST recovery.start", "message.requested password")
def start_of_nobody(stage: Stage) -> Act:
    browser = FormBrowser(stage.app)
    browser.open("/recovery")
    return lambda: browser.submit({"identifier": stage.new_mobile()})


@scenarios.of("POST recovery.resend", "message.requested password")
def resend(stage: Stage) -> Act:
    browser, _ = asked(stage)
    stage.clock.advance(seconds=61)
    return lambda: browser.submit({}, browser.path.replace("/code", "/resend"))


@scenarios.of("POST recovery.code")
def code(stage: Stage) -> Act:
    browser, person = asked(stage)
    return lambda: browser.submit({"code": stage.code("recovery_code", person.mobile)})


@scenarios.of("POST recovery.code", "recovery.refused")
def wrong_code(stage: Stage) -> Act:
    browser, person = asked(stage)
    wrong = "000000" if stage.code("recovery_code", person.mobile) != "000000" else "111111"
    return lambda: browser.submit({"code": wrong})


@scenarios.of("POST recovery.proof", "credential.removed recovery_code")
def proof(stage: Stage) -> Act:
    person, browser = stage.register(), FormBrowser(stage.app)
    _, codes = stage.enrol(person)
    browser.open("/recovery")
    browser.submit({"identifier": person.mobile})
    browser.submit({"code": stage.code("recovery_code", person.mobile)})
    return lambda: browser.submit({"code": codes[0]})


@scenarios.of("POST recovery.proof", "recovery.refused")
def wrong_proof(stage: Stage) -> Act:
    browser, _ = at_proof(stage)
    return lambda: browser.submit({"code": "AAAA-AAAA-AAAA-AAAA"})


@scenarios.of("POST recovery.wait")
def wait(stage: Stage) -> Act:
    browser, _ = at_proof(stage)
    return lambda: browser.submit({}, browser.path.replace("/proof", "/wait"))


@scenarios.of("POST recovery.number", "recovery.started password")
def number(stage: Stage) -> Act:
    browser, person = at_number(stage)
    return lambda: browser.submit({"number": person.number})


@scenarios.of("POST recovery.number", "recovery.refused")
def wrong_number(stage: Stage) -> Act:
    browser, _ = at_number(stage)
    return lambda: browser.submit({"number": "110105195001010012"})


@scenarios.of("POST recovery.number")
def number_after_the_wait(stage: Stage) -> Act:
    browser, person = at_number(stage)
    browser.submit({"number": person.number})
    stage.clock.advance(days=1)
    browser.open("/recovery")
    browser.submit({"identifier": person.mobile})
    browser.submit({"code": stage.code("recovery_code", person.mobile)})
    assert browser.path.endswith("/recovery/number")
    return lambda: browser.submit({"number": person.number})


@scenarios.of("POST recovery.password", "credential.changed password", "recovery.finished password")
def password(stage: Stage) -> Act:
    browser, person = asked(stage, known_device=True)
    browser.submit({"code": stage.code("recovery_code", person.mobile)})
    # The login that made the device known is still open, and ends with the recovery like any other.
    with stage.house.ground.database.transaction() as session:
        for row in stage.house.protocol.sessions.list_live(session, person.id):
            stage.house.protocol.sessions.end(session, row.id, reason="test")
    return lambda: browser.submit({"password": NEW_PASSWORD})


@scenarios.of("POST recovery.lost_totp", "message.requested totp")
def lost_totp(stage: Stage) -> Act:
    person, browser = stage.register(), stage.at_login()
    stage.enrol(person)
    browser.log_in(person)
    return lambda: browser.submit({}, browser.path.replace("/login/totp", "/recovery/lost-app"))


@scenarios.of("POST account.cancel_recovery", "recovery.cancelled")
def cancel(stage: Stage) -> Act:
    person = stage.register()
    owner = stage.logged_in(person)
    browser = FormBrowser(stage.app)
    browser.open("/recovery")
    browser.submit({"identifier": person.mobile})
    browser.submit({"code": stage.code("recovery_code", person.mobile)})
    browser.submit({"number": person.number})
    owner.open("/account")
    return lambda: owner.submit({}, "/account/recovery/cancel")
