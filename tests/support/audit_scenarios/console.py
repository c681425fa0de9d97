"""The administrators' console: what is changed of systems, imports, cases and links, and by whom."""

import io
import itertools
from dataclasses import dataclass
from typing import Any

from idp.house.imports import build_import_job
from idp.linking.journal import Change
from idp.linking.single_cases import Candidate, open_case
from idp.linking.systems import SystemView
from idp.linking.vocabulary import CaseKind
from idp.persons.roles import Role
from tests.support.audit_scenarios.stage import Act, Scenarios, Stage
from tests.support.console import Office
from tests.support.console_steps import agree
from tests.support.houses import TestPerson
from tests.support.legacy_accounts import add_account, propose, row_of
from tests.support.made_up_numbers import new_number
from tests.support.relying_party import FormBrowser

scenarios = Scenarios()
_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Desk:
    """An office of its own for one scenario: a department, a system, an administrator and a reviewer."""

    stage: Stage
    office: Office
    department: str
    system: SystemView
    admin: FormBrowser

    @property
    def path(self) -> str:
        return f"/console/systems/{self.system.code}"

    def reviewer(self) -> FormBrowser:
        return self.office.enter("郑复核", Role.MERGE_REVIEWER, department=self.department)

    def post(self, path: str, browser: FormBrowser | None = None, **fields: Any) -> Act:
        """Return the sending of a form, from a page that was opened before."""
        sender = browser or self.admin
        sender.open("/console/links")
        return lambda: sender.submit(fields, path)


def desk(stage: Stage) -> Desk:
    number = next(_NUMBERS)
    office = Office(stage.house, stage.app, stage.clock, stage.register)
    department = f"office-{number}"
    system = office.system(f"old-{number}", department=department)
    admin = office.enter("周管理", Role.MERGE_ADMIN, department=department)
    return Desk(stage, office, department, system, admin)


@scenarios.of("POST console.new_system", "legacy.system_added")
def new_system(stage: Stage) -> Act:
    at = desk(stage)
    fields = {"code": f"new-{next(_NUMBERS)}", "department": at.system.department_id, "name": "x"}
    return at.post("/console/systems/new", **fields)


@scenarios.of("POST console.edit_system", "legacy.system_changed")
def edit_system(stage: Stage) -> Act:
    at = desk(stage)
    return at.post(f"{at.path}/edit", name="x")


@scenarios.of("POST console.edit_rules", "legacy.system_changed")
def edit_rules(stage: Stage) -> Act:
    at = desk(stage)
    return at.post(f"{at.path}/rules", **at.system.rules.document())


@scenarios.of("POST console.passwords", "legacy.passwords_set")
def passwords(stage: Stage) -> Act:
    at = desk(stage)
    return at.post(f"{at.path}/passwords", scheme="md5", encoding="utf-8", secret="", patterns="")


@scenarios.of("POST console.set_cutover", "legacy.cutover_changed")
def set_cutover(stage: Stage) -> Act:
    at = desk(stage)
    return at.post(f"{at.path}/cutover", cutover="both")


def asked_vouching(stage: Stage) -> Desk:
    at = desk(stage)
    at.post(f"{at.path}/vouching/ask", evidence="x")()
    return at


@scenarios.of("POST console.ask_vouching", "vouching.changed")
def ask_vouching(stage: Stage) -> Act:
    at = desk(stage)
    return at.post(f"{at.path}/vouching/ask", evidence="x")


@scenarios.of("POST console.approve_vouching", "vouching.changed")
def approve_vouching(stage: Stage) -> Act:
    at = asked_vouching(stage)
    return at.post(f"{at.path}/vouching/approve", at.reviewer())


@scenarios.of("POST console.end_vouching", "vouching.changed")
def end_vouching(stage: Stage) -> Act:
    at = asked_vouching(stage)
    return at.post(f"{at.path}/vouching/end")


def upload_to(at: Desk) -> Act:
    rows = [f"{next(_NUMBERS)},李四,{new_number()},139001300{at:02d}" for at in range(10, 16)]
    content = io.BytesIO("\n".join(["zgzh,xm,sfzh,sjhm", *rows, ""]).encode())
    return at.post(f"{at.path}/imports/upload", kind="delta", file=(content, "x.csv"))


def uploaded(stage: Stage) -> tuple[Desk, str]:
    """A file that was brought, and the address of its import."""
    at = desk(stage)
    upload_to(at)()
    assert at.admin.path.startswith("/console/imports/"), at.admin.path
    return at, at.admin.path


def begun(stage: Stage) -> tuple[Desk, str]:
    at, path = uploaded(stage)
    at.admin.open(path)
    agree(at.admin)
    return at, path


def reviewed(stage: Stage) -> tuple[Desk, str]:
    at, path = begun(stage)
    build_import_job(stage.house.ground).run()
    return at, path


def done(stage: Stage) -> tuple[Desk, str]:
    at, path = reviewed(stage)
    at.post(f"{path}/approve", at.reviewer())()
    build_import_job(stage.house.ground).run()
    return at, path


@scenarios.of("POST console.upload", "legacy.file_uploaded")
def upload(stage: Stage) -> Act:
    return upload_to(desk(stage))


@scenarios.of("POST console.agree_columns", "legacy.batch_begun", "legacy.system_changed")
def agree_columns(stage: Stage) -> Act:
    at, path = uploaded(stage)
    at.admin.open(path)
    return lambda: agree(at.admin)


@scenarios.of("POST console.begin_again", "legacy.batch_begun")
def begin_again(stage: Stage) -> Act:
    at, path = reviewed(stage)
    return at.post(f"{path}/begin")


@scenarios.of("POST console.pause_batch", "legacy.batch_paused")
def pause(stage: Stage) -> Act:
    at, path = begun(stage)
    return at.post(f"{path}/pause")


@scenarios.of("POST console.resume_batch", "legacy.batch_resumed")
def resume(stage: Stage) -> Act:
    at, path = begun(stage)
    at.post(f"{path}/pause")()
    return at.post(f"{path}/resume")


@scenarios.of("POST console.cancel_batch", "legacy.batch_cancelled")
def cancel(stage: Stage) -> Act:
    at, path = reviewed(stage)
    return at.post(f"{path}/cancel")


@scenarios.of("POST console.approve_batch", "legacy.batch_approved")
def approve(stage: Stage) -> Act:
    at, path = reviewed(stage)
    return at.post(f"{path}/approve", at.reviewer())


@scenarios.of("POST console.ask_undo", "legacy.undo_asked")
def ask_undo(stage: Stage) -> Act:
    at, path = done(stage)
    return at.post(f"{path}/undo")


def disputed(stage: Stage) -> tuple[Desk, str, TestPerson]:
    """A case about an account, the address of its page, and who may be meant."""
    at = desk(stage)
    person = stage.register(number=new_number())
    account = add_account(stage.house, at.system.number, row_of(person))
    with stage.house.ground.database.transaction() as session:
        case = open_case(
            session,
            CaseKind.DISPUTED_NUMBER,
            [Candidate(person.id, 0.6)],
            system_number=at.system.number,
            account_id=account,
            change=Change(stage.clock.now()),
        )
    return at, f"/console/cases/{case}", person


@scenarios.of("POST console.take_case", "merge_case.taken disputed_number")
def take_case(stage: Stage) -> Act:
    at, path, _ = disputed(stage)
    return at.post(f"{path}/take", at.reviewer())


def taken(stage: Stage) -> tuple[Desk, FormBrowser, str, TestPerson]:
    """Likewise, in the hands of a reviewer, with their browser."""
    at, path, person = disputed(stage)
    reviewer = at.reviewer()
    at.post(f"{path}/take", reviewer)()
    return at, reviewer, path, person


@scenarios.of("POST console.release_case", "merge_case.released disputed_number")
def release_case(stage: Stage) -> Act:
    at, reviewer, path, _ = taken(stage)
    return at.post(f"{path}/release", reviewer)


@scenarios.of("POST console.decide_case", "merge_case.decided disputed_number")
def decide_case(stage: Stage) -> Act:
    at, reviewer, path, person = taken(stage)
    fields = {"version": "1", "verdict": f"link {person.id}", "reason": "same_person", "note": ""}
    return at.post(f"{path}/decide", reviewer, **fields)


@scenarios.of("POST console.find_person", "legacy.person_searched")
def find_person(stage: Stage) -> Act:
    at = desk(stage)
    return at.post("/console/links/persons", number="11010519491231002X")


@scenarios.of("POST console.undo_link", "legacy.link_undone")
def undo_link(stage: Stage) -> Act:
    at = desk(stage)
    person = stage.register(number=new_number())
    account = add_account(stage.house, at.system.number, row_of(person))
    link = propose(stage.house, at.system.number, account, person)
    return at.post(f"/console/links/{link}/undo", reason="mistake")


@scenarios.of("POST console.leave", "session.ended")
def leave(stage: Stage) -> Act:
    at = desk(stage)
    return at.post("/console/leave")
