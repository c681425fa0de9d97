"""The pages of the administrators' console in their states."""

from datetime import date, timedelta
from typing import Any

from flask import url_for
from wtforms.fields.choices import SelectChoice

from admin.forms import cases, links, systems
from admin.page_models import (
    BatchRow,
    CandidateHead,
    CaseCell,
    CaseLine,
    CaseShown,
    DecisionRow,
    Filter,
    FilterOption,
    HistoryRow,
    LinkRow,
    SystemReport,
    SystemRow,
    VouchingShown,
    Waiting,
)
from admin.problem_wording import problem_text
from admin.reports import charts_of
from admin.wording import case_kind_text, cutover_text, unmask_reason_text, verdict_text
from idp.linking.case_queue import CaseRow
from idp.linking.case_views import UnmaskReason
from idp.linking.cutover import Comparison, CutoverReport
from idp.linking.opinions import ReasonCode
from idp.linking.rules import DEFAULT_RULES
from idp.linking.statistics import SystemNumbers
from idp.linking.systems import SystemView
from idp.linking.vocabulary import (
    CaseKind,
    CaseState,
    Cutover,
    LinkState,
    NumberState,
    Situation,
    Verdict,
)
from tests.support.console_batch_samples import BATCH_SAMPLES, at_console
from tests.support.page_sample import NOON, Sample, refused

SYSTEM = SystemView(
    number=1,
    code="gjj",
    name="住房公积金查询",
    department_id="d",
    state="active",
    rules=DEFAULT_RULES,
    rules_version=3,
    columns=None,
    source=None,
    password_scheme="md5_salt",
    is_real_name_verified=True,
    holds_organisations=False,
    pays_out=False,
    cutover=Cutover.BOTH,
    changed_at=NOON,
)
_DEPARTMENT = "示例市人力资源和社会保障局"
_TODAY = date(2026, 3, 5)


def _numbers(back: int = 0) -> SystemNumbers:
    grown = 60 - back
    return SystemNumbers(
        system_number=1,
        day=_TODAY - timedelta(days=back),
        counted_at=NOON - timedelta(days=back),
        accounts=412_650,
        with_password=330_000 - 900 * grown,
        migrated=900 * grown,
        situations={Situation.DISPUTED: 12_800 - 40 * grown, Situation.ABSENT: 30_100 - 210 * grown},
        links={
            LinkState.ACTIVE: 1_350 * grown,
            LinkState.PROPOSED: 331_000 - 1_300 * grown,
            LinkState.REJECTED: 3 * grown,
        },
        cases={CaseKind.DISPUTED_NUMBER: 96, CaseKind.CANDIDATE: 40},
    )


def _start(*, empty: bool = False) -> dict[str, Any]:
    waiting = [
        Waiting("北京 7", "上海", url_for("console.batch", number=7), NOON - timedelta(hours=2)),
        Waiting(case_kind_text("contested"), "张", url_for("console.case", case_id="c"), NOON),
    ]
    return at_console(
        "start",
        waiting=[] if empty else waiting,
        rows=[] if empty else [SystemRow(SYSTEM, _numbers()), SystemRow(SYSTEM, None)],
        counted_at=None if empty else NOON,
    )


def _system(**more: Any) -> dict[str, Any]:
    form = systems.CutoverForm(cutover="both")
    form.cutover.choices = [SelectChoice(str(each), cutover_text(each)) for each in Cutover]
    counts = {Comparison.BOTH_RIGHT: 41_200, Comparison.ONLY_LEGACY: 37}
    values = {
        "system": SYSTEM,
        "department": _DEPARTMENT,
        "may_edit": True,
        "batches": [BatchRow(7, SYSTEM.name, "full", "review", False, 412_650, NOON)],
        "vouching": VouchingShown("off"),
        "comparison": CutoverReport(_TODAY, _TODAY, counts),
        "cutover_form": form,
        "vouching_form": systems.VouchingForm(),
        **more,
    }
    return at_console("systems", **values)


def _asked(*, own: bool) -> dict[str, Any]:
    shown = VouchingShown("asked", "北京", "张", None, is_own=own, may_approve=not own)
    return _system(vouching=shown, batches=[], comparison=CutoverReport(_TODAY, _TODAY, {}), may_edit=own)


def _new_system(form: Any = None) -> dict[str, Any]:
    form = form or systems.SystemForm()
    form.department.choices = [SelectChoice("d", _DEPARTMENT)]
    return at_console("systems", form=form, system=None)


def _new_system_refused() -> dict[str, Any]:
    form = systems.SystemForm()
    form.department.choices = [SelectChoice("d", _DEPARTMENT)]
    refused(form)
    form.refuse(problem_text("code_taken"), field="code")
    return _new_system(form)


def _rules() -> dict[str, Any]:
    form = systems.rules_form(**SYSTEM.rules.document())
    fields = [each for each in form if each.name != "csrf_token"]
    return at_console("systems", form=form, fields=fields, system=SYSTEM)


def _passwords() -> dict[str, Any]:
    form = systems.PasswordsForm()
    form.scheme.choices = [SelectChoice("md5_salt", "md5_salt")]
    form.encoding.choices = [SelectChoice("gbk", "GBK")]
    return at_console("systems", form=form, system=SYSTEM)


def _queue(*, empty: bool = False) -> dict[str, Any]:
    def row(kind: CaseKind, **more: Any) -> CaseRow:
        values: dict[str, Any] = {
            "id": "c",
            "kind": kind,
            "state": CaseState.OPEN,
            "system_number": 1,
            "system_name": SYSTEM.name,
            "priority": 10,
            "opened_at": NOON - timedelta(days=9),
            "age": timedelta(days=9),
            "due_at": NOON,
            "is_overdue": False,
            "assigned_to": None,
            "is_mine": False,
            "has_decided": False,
            "version": 1,
            "outcome": None,
        }
        return CaseRow(**{**values, **more})

    rows = [
        row(CaseKind.CONTESTED, is_overdue=True),
        row(CaseKind.DISPUTED_NUMBER, state=CaseState.SECOND_OPINION, assigned_to="x"),
        row(CaseKind.CANDIDATE, is_mine=True, assigned_to="y"),
        row(CaseKind.TWO_PERSONS, system_name=None, state=CaseState.SPLIT),
    ]
    kinds = tuple(FilterOption(case_kind_text(each), "/console/cases", each is CaseKind.CONTESTED) for each in CaseKind)
    return at_console(
        "cases", cases=[] if empty else rows, filters=(Filter("张", kinds),), more=None if empty else "/console/cases"
    )


def _case(kind: CaseKind = CaseKind.DISPUTED_NUMBER, state: CaseState = CaseState.OPEN, **more: Any) -> dict[str, Any]:
    lines = (
        CaseLine("name", "张*", (CaseCell("张*", 100), CaseCell("张**", 40))),
        CaseLine("number", "1****************X", (CaseCell("1****************X", 100), CaseCell("", None))),
        CaseLine("mobile", "138****5678", (CaseCell("139****0001", 0), CaseCell("138****5678", 100))),
        CaseLine("birth_date", "1949", (CaseCell("", None), CaseCell("", None))),
    )
    case = CaseShown(
        id="c",
        kind=kind,
        state=state,
        system_name=SYSTEM.name,
        number_state=NumberState.VALID,
        candidates=(CandidateHead("A", 0.66, None), CandidateHead("B", 0.7, LinkState.PROPOSED)),
        lines=lines,
        decisions=more.pop("decisions", ()),
        outcome=None,
    )
    values = {"case": case, "decide_form": None, "unmask_form": None, "may_take": False, "may_release": False}
    return at_console("cases", **{**values, "unmasked": False, **more})


def _decide_form() -> cases.DecideForm:
    form = cases.DecideForm(version="1")
    form.verdict.choices = [SelectChoice(str(each), verdict_text(each)) for each in (Verdict.LINK, Verdict.NO_LINK)]
    form.reason.choices = [SelectChoice(str(each), problem_text(each)) for each in ReasonCode]
    return form


def _case_mine() -> dict[str, Any]:
    unmask = cases.UnmaskForm()
    unmask.why.choices = [SelectChoice(str(each), unmask_reason_text(each)) for each in UnmaskReason]
    return _case(decide_form=_decide_form(), unmask_form=unmask, may_release=True)


def _case_refused() -> dict[str, Any]:
    form = _decide_form()
    refused(form)
    form.verdict.errors = [problem_text("candidate")]
    return _case(decide_form=form, form=form, may_release=True)


def _case_decided() -> dict[str, Any]:
    decisions = (
        DecisionRow("link", "A", "name_variant", "北京", "张", NOON),
        DecisionRow("no_link", None, "other_person", "", "张", NOON),
    )
    return _case(state=CaseState.SPLIT, decisions=decisions)


def _links() -> dict[str, Any]:
    form = links.AccountSearchForm()
    form.system.choices = [SelectChoice(SYSTEM.code, SYSTEM.name)]
    return at_console("links", form=form, account_form=form, person_form=links.PersonSearchForm())


def _links_refused() -> dict[str, Any]:
    shown = _links()
    form = refused(shown["person_form"])
    form.refuse(problem_text("not_there"), field="number")
    return shown | {"form": form}


_LINKS = [
    LinkRow(1, "张*", "/console/links/persons/p", "active", "found", "password", 7, NOON, True),
    LinkRow(2, "张**", "/console/links/persons/p", "rejected", "found_multiple", None, 7, NOON, False),
]


def _account() -> dict[str, Any]:
    history = [
        HistoryRow("link.activated", NOON, "张", None, None),
        HistoryRow("link.undone", NOON, "张", None, "wrong_person"),
        HistoryRow("link.proposed", NOON, None, 7, None),
        HistoryRow("link.expired", NOON, None, None, None),
    ]
    fields = [("reference", "6***********7"), ("name", "张*"), ("number", "1****************X")]
    account = {"number_state": "valid", "migrated_at": None, "has_credential": True}
    return at_console("links", system=SYSTEM, account=account, fields=fields, links=_LINKS, events=history)


def _undo() -> dict[str, Any]:
    form = links.UndoLinkForm()
    form.reason.choices = [SelectChoice(each, problem_text(each)) for each in links.UNDO_REASONS]
    return at_console("links", form=form, link={"state": "active"}, system=SYSTEM, back="/console/links")


def _reports() -> dict[str, Any]:
    numbers = tuple(_numbers(back) for back in range(0, 60, 2))
    reports = [SystemReport(SYSTEM, len(numbers), charts_of(numbers)), SystemReport(SYSTEM_WITHOUT, 0)]
    return at_console("reports", reports=reports)


SYSTEM_WITHOUT = SystemView(
    **{name: getattr(SYSTEM, name) for name in SystemView.__slots__}
    | {"number": 2, "code": "bdc", "name": "不动产登记"}
)
CONSOLE_SAMPLES = [
    Sample("console-start", "console/start.html", _start),
    Sample("console-start-empty", "console/start.html", lambda: _start(empty=True)),
    Sample(
        "console-systems",
        "console/systems.html",
        lambda: at_console("systems", systems=[SYSTEM, SYSTEM_WITHOUT], departments={"d": _DEPARTMENT}),
    ),
    Sample("console-system", "console/system.html", _system),
    Sample("console-system-vouching-second", "console/system.html", lambda: _asked(own=False)),
    Sample("console-system-vouching-first", "console/system.html", lambda: _asked(own=True)),
    Sample("console-system-new", "console/system_form.html", _new_system),
    Sample("console-system-new-refused", "console/system_form.html", _new_system_refused),
    Sample("console-rules", "console/rules.html", _rules),
    Sample("console-passwords", "console/passwords.html", _passwords),
    *BATCH_SAMPLES,
    Sample("console-cases", "console/cases.html", _queue),
    Sample("console-cases-empty", "console/cases.html", lambda: _queue(empty=True)),
    Sample("console-case", "console/case.html", lambda: _case(may_take=True)),
    Sample("console-case-mine", "console/case.html", _case_mine),
    Sample("console-case-refused", "console/case.html", _case_refused),
    Sample("console-case-clear", "console/case.html", lambda: _case(unmasked=True, decide_form=_decide_form())),
    Sample("console-case-second", "console/case.html", lambda: _case(state=CaseState.SECOND_OPINION, may_take=True)),
    Sample("console-case-split", "console/case.html", _case_decided),
    Sample("console-links", "console/links.html", _links),
    Sample("console-links-refused", "console/links.html", _links_refused),
    Sample("console-account", "console/account.html", _account),
    Sample(
        "console-person",
        "console/person.html",
        lambda: at_console("links", masked_name="张*", masked_number="1****************X", links=_LINKS),
    ),
    Sample("console-link-undo", "console/link_undo.html", _undo),
    Sample("console-reports", "console/reports.html", _reports),
]
