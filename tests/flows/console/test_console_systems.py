"""Systems at the console: added, described, given rules and switches; and what two people have to sign."""

import sqlalchemy as sa

from idp.audit.models import AuditEvent
from idp.linking.models import LegacySystem
from idp.linking.systems import SystemView
from idp.linking.vocabulary import Cutover
from idp.linking.vouching import is_vouching
from idp.persons.models import Department
from tests.support.console import HOUSING, Office
from tests.support.relying_party import FormBrowser

_PATH = "/console/systems/gjj"


def row(office: Office, code: str = "gjj") -> LegacySystem:
    with office.house.ground.database.read() as session:
        return session.scalars(sa.select(LegacySystem).where(LegacySystem.code == code)).one()


def department(office: Office) -> str:
    with office.house.ground.database.read() as session:
        return session.scalars(sa.select(Department.id).where(Department.code == HOUSING)).one()


def actors(office: Office, event: str) -> list[str | None]:
    with office.house.ground.database.read() as session:
        found = sa.select(AuditEvent.actor_person).where(AuditEvent.event == event).order_by(AuditEvent.at)
        return list(session.scalars(found))


def add(office: Office, browser: FormBrowser, code: str, **more: str) -> int:
    browser.open("/console/systems/new")
    fields = {"code": code, "department": department(office), "name": "住房公积金", **more}
    answer = browser.submit(fields, "/console/systems/new")
    return answer.status_code


def test_an_administrator_adds_a_system_to_their_department(office: Office) -> None:
    """It has the usual rules, answers no logins, vouches for nobody; the audit names who added it."""
    browser = office.admin()
    assert add(office, browser, "gjj", is_real_name_verified="y") == 200
    assert browser.path == _PATH and "住房公积金" in browser.text
    made = row(office)
    assert made.is_real_name_verified and not made.pays_out
    assert (made.vouching, made.cutover, made.rules_version) == ("off", "legacy_only", 1)
    assert actors(office, "legacy.system_added") == [office.staff["周管理"].id]


def test_a_code_is_taken_once_and_has_its_form(office: Office, system: SystemView) -> None:
    """A second system of a code, and a code that is none, are refused at the field."""
    browser = office.admin()
    assert add(office, browser, "gjj") == 422 and "此代码已被其他系统使用" in browser.text
    assert add(office, browser, "../x") == 422 and "代码为 1 至 40" in browser.text


def test_a_system_is_added_to_no_department_of_others(office: Office, other_system: SystemView) -> None:
    """The department is chosen among those in which the visitor is an administrator."""
    browser = office.admin()
    browser.open("/console/systems/new")
    fields = {"code": "new", "department": other_system.department_id, "name": "x"}
    assert browser.submit(fields, "/console/systems/new").status_code == 422
    with office.house.ground.database.read() as session:
        assert session.scalar(sa.select(LegacySystem).where(LegacySystem.code == "new")) is None


def test_rules_are_changed_within_what_is_allowed(office: Office, system: SystemView) -> None:
    """A situation gets an action that it bears, and the version counts on; anything else is refused."""
    browser = office.admin()
    browser.open(f"{_PATH}/rules")
    rules = {str(name): str(action) for name, action in system.rules.actions.items()}
    browser.submit(rules | {"found": "open_case"}, f"{_PATH}/rules")
    assert browser.path == _PATH
    assert row(office).rules["found"] == "open_case" and row(office).rules_version == 2
    browser.open(f"{_PATH}/rules")
    assert browser.submit(rules | {"disputed": "propose"}, f"{_PATH}/rules").status_code == 422
    assert row(office).rules["disputed"] == "open_case" and row(office).rules_version == 2


def test_the_word_of_a_system_counts_once_two_people_signed(office: Office, system: SystemView) -> None:
    """Who asked cannot agree; a reviewer can; one administrator switches it off."""
    admin, reviewer = office.admin(), office.reviewer()
    admin.open(_PATH)
    admin.submit({"evidence": ""}, f"{_PATH}/vouching/ask")
    assert row(office).vouching == "off" and "请写明依据" in admin.text
    admin.submit({"evidence": "协议 2026-3"}, f"{_PATH}/vouching/ask")
    assert row(office).vouching == "asked" and "须由他人同意" in admin.text
    admin.submit({}, f"{_PATH}/vouching/approve")
    assert row(office).vouching == "asked" and "须由两人分别签核" in admin.text
    reviewer.open(_PATH)
    assert "协议 2026-3" in reviewer.text
    reviewer.submit({}, f"{_PATH}/vouching/approve")
    assert row(office).vouching == "on"
    assert row(office).vouching_approved_by == office.staff["郑复核"].id
    admin.submit({}, f"{_PATH}/vouching/end")
    assert row(office).vouching == "off"


def test_a_system_that_begins_to_pay_out_vouches_no_more(office: Office, system: SystemView) -> None:
    """What was agreed for a system that moves no money ends with that."""
    admin, reviewer = office.admin(), office.reviewer()
    admin.open(_PATH)
    admin.submit({"evidence": "协议"}, f"{_PATH}/vouching/ask")
    reviewer.open(_PATH)
    reviewer.submit({}, f"{_PATH}/vouching/approve")
    assert row(office).vouching == "on"
    admin.submit({"name": "住房公积金", "is_real_name_verified": "y", "pays_out": "y"}, f"{_PATH}/edit")
    assert row(office).pays_out and "不能开启" in admin.text
    with office.house.ground.database.read() as session:
        assert not is_vouching(session, system.number)


def test_who_answers_logins_is_switched_a_step_at_a_time(office: Office, system: SystemView) -> None:
    """Both answer before the platform answers alone; the way back is open."""
    admin = office.admin()
    admin.open(_PATH)
    admin.submit({"cutover": "platform_only"}, f"{_PATH}/cutover")
    assert row(office).cutover == Cutover.LEGACY_ONLY and "请逐级切换" in admin.text
    for step in (Cutover.BOTH, Cutover.PLATFORM_ONLY, Cutover.BOTH, Cutover.LEGACY_ONLY):
        admin.submit({"cutover": step.value}, f"{_PATH}/cutover")
        assert row(office).cutover == step


def test_how_passwords_are_kept_is_said_with_its_key(office: Office, system: SystemView) -> None:
    """A reversible scheme needs a key and no other has one; the key is sealed and shown to nobody."""
    admin = office.admin()
    path = f"{_PATH}/passwords"
    admin.open(path)
    fields = {"scheme": "des_ecb", "encoding": "gbk", "patterns": ""}
    assert admin.submit(fields, path).status_code == 422
    admin.submit(fields | {"secret": "k3y-8byt"}, path)
    assert row(office).password_scheme == "des_ecb"
    assert b"k3y-8byt" not in (row(office).secret or b"")
    admin.open(path)
    assert "k3y-8byt" not in admin.text


def test_a_reviewer_changes_nothing_of_a_system(office: Office, system: SystemView) -> None:
    """They see it; the pages that change it are not for them."""
    reviewer = office.reviewer()
    reviewer.open(_PATH)
    assert "住房公积金" in reviewer.text and f"{_PATH}/edit" not in reviewer.text
    assert reviewer.submit({"cutover": "both"}, f"{_PATH}/cutover").status_code == 403
    assert row(office).cutover == Cutover.LEGACY_ONLY
