"""A person's accounts in older systems."""

import re

import sqlalchemy as sa

from idp.audit.log import NOWHERE
from tests.support.audit_scenarios.matters import confirmed, hall_of
from tests.support.audit_scenarios.stage import Act, Scenarios, Stage
from tests.support.houses import TestPerson
from tests.support.legacy_accounts import (
    OLD_PASSWORD,
    add_account,
    add_system,
    log_in,
    propose,
    proved_person,
    row_of,
    strengthen,
)
from tests.support.made_up_numbers import card_of
from tests.support.matters import begin, propose_card
from tests.support.relying_party import FormBrowser
from tests.support.sent import sent

scenarios = Scenarios()


def with_proposal(stage: Stage, *, is_strong: bool = True, **system: object) -> tuple[FormBrowser, TestPerson, int]:
    """A person in a login of level 3, to whom an account of an older system is proposed."""
    place = next(stage.numbers)
    person = proved_person(stage.house, stage.register, 300 + place)
    number = add_system(stage.house, f"system-{place}", **system)
    row = row_of(person) if not system else row_of(person, mobile="13900000007")
    link = propose(stage.house, number, add_account(stage.house, number, row), person)
    browser = stage.logged_in(person)
    if is_strong:
        strengthen(stage.house, person)
    browser.open(f"/account/links/{link}")
    return browser, person, link


def with_account(stage: Stage) -> tuple[FormBrowser, TestPerson, int]:
    """Likewise, with the account theirs."""
    browser, person, link = with_proposal(stage)
    browser.submit({"old_password": OLD_PASSWORD}, f"{browser.path}/password")
    return browser, person, link


@scenarios.of("POST account.send_link_code", "message.requested")
def send_code(stage: Stage) -> Act:
    browser, _, _ = with_proposal(stage)
    return lambda: browser.submit({}, f"{browser.path}/send")


@scenarios.of("POST account.link_code", "link.activated")
def by_code(stage: Stage) -> Act:
    browser, person, _ = with_proposal(stage)
    browser.submit({}, f"{browser.path}/send")
    code = stage.code("legacy_code", person.mobile)
    return lambda: browser.submit({"code": code})


@scenarios.of("POST account.link_code", "link.refused")
def by_wrong_code(stage: Stage) -> Act:
    browser, _, _ = with_proposal(stage)
    browser.submit({}, f"{browser.path}/send")
    return lambda: browser.submit({"code": "000000"})


@scenarios.of("POST account.link_password", "legacy.control_shown", "link.activated")
def by_password(stage: Stage) -> Act:
    browser, _, _ = with_proposal(stage)
    return lambda: browser.submit({"old_password": OLD_PASSWORD}, f"{browser.path}/password")


@scenarios.of("POST account.link_password", "legacy.login_failed", "link.refused")
def by_wrong_password(stage: Stage) -> Act:
    browser, _, _ = with_proposal(stage)
    return lambda: browser.submit({"old_password": "not-the-right-one"}, f"{browser.path}/password")


@scenarios.of("POST account.link_password", "legacy.control_shown", "link.refused")
def by_password_in_a_weak_login(stage: Stage) -> Act:
    browser, _, _ = with_proposal(stage, is_strong=False)
    return lambda: browser.submit({"old_password": OLD_PASSWORD}, f"{browser.path}/password")


@scenarios.of("POST account.link_source", "link.activated")
def by_source(stage: Stage) -> Act:
    browser, _, _ = with_proposal(stage, is_real_name_verified=True, vouching="on")
    return lambda: browser.submit({}, f"{browser.path}/source")


@scenarios.of("POST account.link_source", "link.refused")
def by_source_that_may_not(stage: Stage) -> Act:
    browser, _, _ = with_proposal(stage)
    return lambda: browser.submit({}, f"{browser.path}/source")


@scenarios.of("POST account.link_not_mine", "link.rejected")
def not_mine(stage: Stage) -> Act:
    browser, _, _ = with_proposal(stage)
    return lambda: browser.submit({}, f"{browser.path}/not-mine")


@scenarios.of("POST account.unlink", "link.revoked")
def unlink(stage: Stage) -> Act:
    browser, _, link = with_account(stage)
    return lambda: browser.submit({}, f"/account/links/{link}/unlink")


@scenarios.of("POST account.choose_main_link", "link.main_chosen")
def choose_main(stage: Stage) -> Act:
    browser, _, link = with_account(stage)
    return lambda: browser.submit({}, f"/account/links/{link}/main")


@scenarios.of("POST account.claim_link", "legacy.control_shown", "link.activated")
def claim(stage: Stage) -> Act:
    browser, person, link = with_proposal(stage)
    browser.submit({}, f"/account/links/{link}/not-mine")
    browser.open("/account/links/claim")
    with stage.house.ground.database.read() as session:
        code = session.scalars(sa.text("SELECT code FROM legacy_systems ORDER BY number DESC")).first()
    typed = {"system": code, "login": f"old-{person.login_name}", "old_password": OLD_PASSWORD}
    return lambda: browser.submit(typed)


@scenarios.of("POST account.claim_link", "legacy.login_failed", "link.refused")
def claim_unknown(stage: Stage) -> Act:
    browser, _, _ = with_proposal(stage)
    browser.open("/account/links/claim")
    with stage.house.ground.database.read() as session:
        code = session.scalars(sa.text("SELECT code FROM legacy_systems ORDER BY number DESC")).first()
    return lambda: browser.submit({"system": code, "login": "nobody", "old_password": OLD_PASSWORD})


@scenarios.of("POST account.claim_shown_link", "link.activated")
def claim_shown(stage: Stage) -> Act:
    """What was shown in this browser before the person logged in there."""
    browser, person, link = with_proposal(stage)
    browser.submit({}, f"/account/links/{link}/not-mine")
    browser.open("/login/old-account")
    with stage.house.ground.database.read() as session:
        code = session.scalars(sa.text("SELECT code FROM legacy_systems ORDER BY number DESC")).first()
    browser.submit({"system": code, "login": f"old-{person.login_name}", "password": OLD_PASSWORD})
    browser.open("/account/links/claim")
    action = re.search(r'action="(/account/links/claim/[A-Za-z0-9_-]+)"', browser.text)
    assert action is not None
    return lambda: browser.submit({}, action[1])


@scenarios.of("POST objection.link", "link.objected")
def objection(stage: Stage) -> Act:
    _, person, link = with_proposal(stage, is_real_name_verified=True, vouching="on")
    stage.house.login.links.own.by_source(log_in(stage.house, person), str(link), origin=NOWHERE)
    code = sent(stage.house, "link_vouched_contact")[0]["parameters"]["code"]
    browser = FormBrowser(stage.app)
    browser.open("/account-objection")
    return lambda: browser.submit({"code": code})


@scenarios.of("POST counter.decide", "matter.decided legacy-link", "link.activated")
def decide_link(stage: Stage) -> Act:
    hall = hall_of(stage)
    # Odd, for the made-up card is a man's.
    person = proved_person(stage.house, stage.register, 401 + 2 * next(stage.numbers))
    code = f"matter-{person.login_name}"
    add_account(stage.house, add_system(stage.house, code), row_of(person, number=""))
    begin(hall, hall.browsers[0], "legacy-link", system=code, reference=f"GJJ-{person.login_name}")
    hall.read(hall.browsers[0], card_of(person.number, person.name))
    propose_card(hall.browsers[0])
    return confirmed(hall)
