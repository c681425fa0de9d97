"""A mobile that was given out again."""

from tests.support.audit_scenarios.stage import Act, Scenarios, Stage
from tests.support.houses import PASSWORD, TestPerson
from tests.support.recycled import asked, known, registering
from tests.support.relying_party import FormBrowser
from tests.support.sent import sent

scenarios = Scenarios()


def contested(stage: Stage) -> tuple[TestPerson, FormBrowser]:
    """A person whose mobile somebody else proved, at the step that asks about it."""
    person = stage.register()
    browser = known(stage.app, person)
    asked(stage.house, stage.app, person)
    browser.open("/account")
    browser.log_in(person)
    assert browser.path.endswith("/login/mobile/keep")
    return person, browser


def at_code(stage: Stage) -> tuple[FormBrowser, str]:
    _, browser = contested(stage)
    mobile = stage.new_mobile()
    browser.open(browser.path.replace("/keep", ""))
    browser.submit({"mobile": mobile})
    return browser, mobile


@scenarios.of("POST mobile.in_use", "mobile_release.started")
def ask(stage: Stage) -> Act:
    browser = registering(stage.house, stage.app, stage.register().mobile)
    return lambda: browser.submit({})


@scenarios.of("POST mobile.in_use")
def ask_again(stage: Stage) -> Act:
    person = stage.register()
    asked(stage.house, stage.app, person)
    stage.clock.advance(seconds=61)
    browser = registering(stage.house, stage.app, person.mobile)
    return lambda: browser.submit({})


@scenarios.of("POST mobile.keep", "login.succeeded", "mobile_release.kept")
def keep(stage: Stage) -> Act:
    _, browser = contested(stage)
    return lambda: browser.submit({})


@scenarios.of("POST mobile.later", "login.succeeded")
def later(stage: Stage) -> Act:
    _, browser = contested(stage)
    return lambda: browser.submit({}, browser.path.replace("/keep", "/later"))


@scenarios.of("POST mobile.bind", "message.requested")
def bind(stage: Stage) -> Act:
    _, browser = contested(stage)
    mobile = stage.new_mobile()
    browser.open(browser.path.replace("/keep", ""))
    return lambda: browser.submit({"mobile": mobile})


@scenarios.of("POST mobile.resend", "message.requested")
def resend(stage: Stage) -> Act:
    browser, _ = at_code(stage)
    stage.clock.advance(seconds=61)
    return lambda: browser.submit({}, browser.path.replace("/code", "/resend"))


@scenarios.of("POST mobile.code", "contact.changed mobile", "login.succeeded")
def code(stage: Stage) -> Act:
    browser, mobile = at_code(stage)
    return lambda: browser.submit({"code": stage.code("contact_code", mobile)})


@scenarios.of("POST mobile.code", "contact.changed")
def wrong_code(stage: Stage) -> Act:
    browser, mobile = at_code(stage)
    wrong = "000000" if stage.code("contact_code", mobile) != "000000" else "111111"
    return lambda: browser.submit({"code": wrong})


@scenarios.of("POST mobile.keep_by_notice", "mobile_release.kept")
def keep_by_notice(stage: Stage) -> Act:
    email = f"holder{next(stage.numbers)}@example.com"
    person = stage.register(email=email, email_verified=True)
    asked(stage.house, stage.app, person)
    link = sent(stage.house, "mobile_release_started", email)[0]["parameters"]["link"]
    reader = FormBrowser(stage.app)
    reader.open(link.removeprefix(stage.house.settings.issuer))
    return lambda: reader.submit({"token": link.partition("token=")[2]}, "/mobile/keep")


@scenarios.of("POST account.keep_mobile", "mobile_release.kept")
def keep_in_the_account(stage: Stage) -> Act:
    person = stage.register()
    owner = stage.logged_in(person)
    stage.clock.advance(seconds=61)
    asked(stage.house, stage.app, person)
    owner.open("/account")
    return lambda: owner.submit({}, "/account/mobile/keep")


@scenarios.of("POST register.code", "registration.refused")
def register_a_mobile_in_use(stage: Stage) -> Act:
    person, browser = stage.register(), FormBrowser(stage.app)
    browser.open("/register")
    form = {"number": "11010519491231002X", "name": "王小红", "password": PASSWORD, "terms": "y"}
    browser.submit(form | {"mobile": person.mobile})
    return lambda: browser.submit({"code": stage.code("registration_known_mobile", person.mobile)})


@scenarios.of("POST account.contact_code", "contact.changed")
def change_to_a_mobile_in_use(stage: Stage) -> Act:
    other, browser = stage.register(), stage.logged_in(stage.register())
    browser.open("/account/contact")
    browser.submit({"current_password": PASSWORD, "mobile": other.mobile})
    return lambda: browser.submit({"code": stage.code("contact_known_mobile", other.mobile)})
