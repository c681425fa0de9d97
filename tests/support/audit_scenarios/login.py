"""Logging in, opening an account, consenting, logging out."""

from tests.support.acting import acting_client, choose, make_adult, make_ward
from tests.support.audit_scenarios.stage import Act, Scenarios, Stage
from tests.support.houses import TestPerson
from tests.support.old_accounts import OLD_PASSWORD, OldSystem
from tests.support.proofed import agree
from tests.support.relying_party import FormBrowser

scenarios = Scenarios()


def at_totp(stage: Stage) -> tuple[FormBrowser, TestPerson, str, list[str]]:
    person = stage.register()
    totp, codes = stage.enrol(person)
    browser = stage.at_login()
    browser.log_in(person)
    assert browser.path.endswith("/login/totp")
    return browser, person, totp.at(stage.clock.now()), codes


def at_sms(stage: Stage) -> tuple[FormBrowser, TestPerson]:
    """A browser that the person is known by: a strange one is asked for the password as well."""
    person = stage.register()
    browser = stage.logged_in(person)
    browser.client.delete_cookie("yihao_session")
    browser.open("/account")
    browser.open(browser.path.replace("/login", "/login/sms"))
    return browser, person


def at_code(stage: Stage) -> tuple[FormBrowser, TestPerson]:
    browser, person = at_sms(stage)
    browser.submit({"mobile": person.mobile})
    assert browser.path.endswith("/login/code")
    return browser, person


def at_registration(stage: Stage) -> tuple[FormBrowser, dict[str, str]]:
    browser = FormBrowser(stage.app)
    browser.open("/register")
    mobile = stage.new_mobile()
    form = {
        "number": "11010519491231002X",
        "name": "王小红",
        "mobile": mobile.removeprefix("+86"),
        "password": "correct-horse-7-staple",
        "terms": "y",
    }
    return browser, form


def at_registration_code(stage: Stage) -> tuple[FormBrowser, str]:
    browser, form = at_registration(stage)
    browser.submit(form)
    assert browser.path.endswith("/register/code"), browser.path
    return browser, "+86" + form["mobile"]


def at_old_account(stage: Stage) -> tuple[FormBrowser, str]:
    """A browser that begins with an old account; each scenario has an older system of its own."""
    system = OldSystem(stage.house, f"old{next(stage.numbers)}")
    system.add()
    browser = FormBrowser(stage.app)
    browser.open("/login/old-account")
    return browser, system.code


@scenarios.of("POST old_account.form", "legacy.control_shown")
def old_account(stage: Stage) -> Act:
    browser, code = at_old_account(stage)
    return lambda: browser.submit({"system": code, "login": "zhang01", "password": OLD_PASSWORD})


@scenarios.of("POST old_account.form", "legacy.login_failed")
def old_account_wrong(stage: Stage) -> Act:
    browser, code = at_old_account(stage)
    return lambda: browser.submit({"system": code, "login": "zhang01", "password": "wrong-one-entirely"})


@scenarios.of("POST register.arrival", "message.requested")
def arrival(stage: Stage) -> Act:
    browser, form = at_registration(stage)
    browser.open(f"{browser.path}/network")
    kept = {name: form[name] for name in ("mobile", "password", "terms")}
    return lambda: browser.submit(kept)


@scenarios.of("POST login.password", "login.succeeded")
def password(stage: Stage) -> Act:
    person, browser = stage.register(), stage.at_login()
    return lambda: browser.log_in(person)


@scenarios.of("POST login.password", "login.failed")
def wrong_password(stage: Stage) -> Act:
    person, browser = stage.register(), stage.at_login()
    return lambda: browser.submit({"identifier": person.login_name, "password": "not-the-right-one"})


@scenarios.of("POST login.sms", "message.requested")
def sms(stage: Stage) -> Act:
    browser, person = at_sms(stage)
    return lambda: browser.submit({"mobile": person.mobile})


@scenarios.of("POST login.sms", "message.requested")
def sms_of_nobody(stage: Stage) -> Act:
    browser, _ = at_sms(stage)
    return lambda: browser.submit({"mobile": stage.new_mobile()})


@scenarios.of("POST login.code", "login.succeeded")
def sms_code(stage: Stage) -> Act:
    browser, person = at_code(stage)
    return lambda: browser.submit({"code": stage.code("login_code", person.mobile)})


@scenarios.of("POST login.code", "login.failed")
def wrong_sms_code(stage: Stage) -> Act:
    browser, person = at_code(stage)
    wrong = "000000" if stage.code("login_code", person.mobile) != "000000" else "111111"
    return lambda: browser.submit({"code": wrong})


@scenarios.of("POST login.resend", "message.requested")
def sms_resend(stage: Stage) -> Act:
    browser, _ = at_code(stage)
    stage.clock.advance(seconds=61)
    return lambda: browser.submit({}, browser.path.replace("/login/code", "/login/resend"))


@scenarios.of("POST login.totp", "login.succeeded")
def totp(stage: Stage) -> Act:
    browser, _, code, _ = at_totp(stage)
    return lambda: browser.submit({"code": code})


@scenarios.of("POST login.totp", "login.failed")
def wrong_totp(stage: Stage) -> Act:
    browser, _, code, _ = at_totp(stage)
    return lambda: browser.submit({"code": "000000" if code != "000000" else "111111"})


@scenarios.of("POST login.recovery_code", "credential.removed recovery_code", "login.succeeded")
def recovery_code(stage: Stage) -> Act:
    browser, _, _, codes = at_totp(stage)
    browser.open(browser.path.replace("/totp", "/recovery-code"))
    return lambda: browser.submit({"code": codes[0]})


@scenarios.of("POST login.consent", "consent.granted")
def consent(stage: Stage) -> Act:
    person, party = stage.register(), stage.client(policy={"require_consent": True})
    browser = stage.at_login(party)
    browser.log_in(person)
    return lambda: browser.submit({"decision": "allow"})


@scenarios.of("POST login.consent", "consent.denied")
def consent_denied(stage: Stage) -> Act:
    person, party = stage.register(), stage.client(policy={"require_consent": True})
    browser = stage.at_login(party)
    browser.log_in(person)
    return lambda: browser.submit({"decision": "deny"})


@scenarios.of("POST party.choose", "mandate.used guardian", "mandate.used minor")
def party_chosen(stage: Stage) -> Act:
    parent = make_adult(stage.house, stage.register(), next(stage.numbers))
    child, party = make_ward(stage.house, parent, place=next(stage.numbers)), acting_client(stage.house)
    agree(stage.house, child.id, party.client_id, "profile")
    browser = stage.at_login(party)
    browser.log_in(parent)
    return lambda: choose(browser)


@scenarios.of("POST party.choose", "mandate.used")
def party_refused(stage: Stage) -> Act:
    parent = make_adult(stage.house, stage.register(), next(stage.numbers))
    make_ward(stage.house, parent, place=next(stage.numbers))
    browser = stage.at_login(acting_client(stage.house))
    browser.log_in(parent)
    return lambda: browser.submit({"party": "nobody's"})


@scenarios.of("POST register.form", "message.requested")
def registration(stage: Stage) -> Act:
    browser, form = at_registration(stage)
    return lambda: browser.submit(form)


@scenarios.of("POST register.resend", "message.requested")
def registration_resend(stage: Stage) -> Act:
    browser, _ = at_registration_code(stage)
    stage.clock.advance(seconds=61)
    return lambda: browser.submit({}, browser.path.replace("/code", "/resend"))


@scenarios.of("POST register.code", "person.registered", "login.succeeded")
def registration_code(stage: Stage) -> Act:
    browser, mobile = at_registration_code(stage)
    return lambda: browser.submit({"code": stage.code("registration_code", mobile)})


@scenarios.of("POST register.code", "registration.refused")
def wrong_registration_code(stage: Stage) -> Act:
    browser, mobile = at_registration_code(stage)
    wrong = "000000" if stage.code("registration_code", mobile) != "000000" else "111111"
    return lambda: browser.submit({"code": wrong})


@scenarios.of("POST logout.confirm", "session.ended")
def logout(stage: Stage) -> Act:
    browser = stage.logged_in(stage.register())
    browser.open("/logout")
    return lambda: browser.submit({"decision": "yes"})
