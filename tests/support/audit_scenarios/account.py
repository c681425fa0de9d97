"""The account centre."""

import pyotp

from tests.support.audit_scenarios.stage import NEW_PASSWORD, Act, Scenarios, Stage
from tests.support.guardians import child_of, end_path, guardian, say_child
from tests.support.houses import PASSWORD, TestPerson
from tests.support.relying_party import FormBrowser

scenarios = Scenarios()


def inside(stage: Stage, path: str) -> tuple[FormBrowser, TestPerson]:
    person = stage.register()
    browser = stage.logged_in(person)
    browser.open(path)
    return browser, person


def at_contact_code(stage: Stage) -> tuple[FormBrowser, str]:
    browser, _ = inside(stage, "/account/contact")
    mobile = stage.new_mobile()
    browser.submit({"current_password": PASSWORD, "mobile": mobile})
    assert browser.path == "/account/contact/code"
    return browser, mobile


def with_app(stage: Stage, path: str) -> tuple[FormBrowser, str]:
    person = stage.register()
    browser = stage.logged_in(person)
    totp, _ = stage.enrol(person)
    browser.open(path)
    return browser, totp.at(stage.clock.now())


@scenarios.of("POST account.password", "credential.changed password")
def password(stage: Stage) -> Act:
    browser, _ = inside(stage, "/account/password")
    return lambda: browser.submit({"current_password": PASSWORD, "password": NEW_PASSWORD})


@scenarios.of("POST account.password", "reauthentication.failed")
def wrong_password(stage: Stage) -> Act:
    browser, _ = inside(stage, "/account/password")
    return lambda: browser.submit({"current_password": "not-the-right-one", "password": NEW_PASSWORD})


def with_child(stage: Stage) -> tuple[FormBrowser, dict[str, str]]:
    """A guardian at the page, and the child of whom the register knows it."""
    place = next(stage.numbers)
    parent, child = guardian(stage.house, stage.register, place), child_of(stage.house, place)
    browser = stage.logged_in(parent)
    say_child(stage.house, child, [parent])
    browser.open("/account/family")
    return browser, {"name": child.name, "number": child.number}


@scenarios.of(
    "POST account.family",
    "person.registered",
    "proofing.recorded",
    "guardianship.granted guardian",
    "guardianship.granted minor",
)
def family(stage: Stage) -> Act:
    browser, typed = with_child(stage)
    return lambda: browser.submit(typed)


@scenarios.of("POST account.family", "guardianship.refused")
def family_of_others(stage: Stage) -> Act:
    browser, typed = with_child(stage)
    return lambda: browser.submit({**typed, "name": "别人"})


@scenarios.of("POST account.end_guardianship", "guardianship.ended guardian", "guardianship.ended minor")
def end_guardianship(stage: Stage) -> Act:
    browser, typed = with_child(stage)
    browser.submit(typed)
    return lambda: browser.submit({}, end_path(browser))


@scenarios.of("POST account.stop_session", "session.ended")
def stop_session(stage: Stage) -> Act:
    browser, person = inside(stage, "/account/sessions")
    stage.clock.advance(seconds=1)
    stage.logged_in(person)
    with stage.house.ground.database.read() as session:
        newest = max(stage.house.protocol.sessions.list_live(session, person.id), key=lambda row: row.created_at).id
    return lambda: browser.submit({}, f"/account/sessions/{newest}/stop")


@scenarios.of("POST account.stop_other_sessions", "session.ended")
def stop_other_sessions(stage: Stage) -> Act:
    browser, person = inside(stage, "/account/sessions")
    stage.logged_in(person)
    return lambda: browser.submit({}, "/account/sessions/stop-others")


@scenarios.of("POST account.withdraw", "consent.withdrawn")
def withdraw(stage: Stage) -> Act:
    person, party = stage.register(), stage.client(policy={"require_consent": True})
    browser = stage.at_login(party)
    browser.log_in(person)
    browser.submit({"decision": "allow"})
    browser.open("/account/applications")
    handle = browser.text.split("/account/applications/")[1].split("/")[0]
    return lambda: browser.submit({}, f"/account/applications/{handle}/withdraw")


@scenarios.of("POST account.contact", "message.requested")
def contact(stage: Stage) -> Act:
    browser, _ = inside(stage, "/account/contact")
    return lambda: browser.submit({"current_password": PASSWORD, "mobile": stage.new_mobile()})


@scenarios.of("POST account.contact_resend", "message.requested")
def contact_resend(stage: Stage) -> Act:
    browser, _ = at_contact_code(stage)
    stage.clock.advance(seconds=61)
    return lambda: browser.submit({}, "/account/contact/resend")


@scenarios.of("POST account.contact_code", "contact.changed mobile")
def contact_code(stage: Stage) -> Act:
    browser, mobile = at_contact_code(stage)
    return lambda: browser.submit({"code": stage.code("contact_code", mobile)})


@scenarios.of("POST account.contact_code", "contact.changed")
def wrong_contact_code(stage: Stage) -> Act:
    browser, mobile = at_contact_code(stage)
    wrong = "000000" if stage.code("contact_code", mobile) != "000000" else "111111"
    return lambda: browser.submit({"code": wrong})


@scenarios.of("POST account.totp", "credential.added recovery_code", "credential.added totp")
def totp(stage: Stage) -> Act:
    browser, _ = inside(stage, "/account/totp")
    browser.submit({"current_password": PASSWORD})
    secret = browser.text.split('class="secret" translate="no">')[1].split("<")[0].replace(" ", "")
    return lambda: browser.submit({"code": pyotp.TOTP(secret).at(stage.clock.now())})


@scenarios.of("POST account.totp_remove", "credential.removed recovery_code", "credential.removed totp")
def totp_remove(stage: Stage) -> Act:
    browser, code = with_app(stage, "/account/totp/remove")
    return lambda: browser.submit({"current_password": PASSWORD, "code": code})


@scenarios.of("POST account.recovery_codes", "credential.changed recovery_code")
def recovery_codes(stage: Stage) -> Act:
    browser, code = with_app(stage, "/account/security")
    browser.submit({}, "/account/recovery-codes")
    return lambda: browser.submit({"current_password": PASSWORD, "code": code}, "/account/recovery-codes")
