"""Cases: the queue, one side by side, taking and giving back, deciding, and seeing it in clear once."""

from flask import Response, abort, request, url_for
from flask_babel import gettext
from wtforms.fields.choices import SelectChoice

from admin import room
from admin.case_page import LETTERS, shown
from admin.case_reads import cases as case_decisions
from admin.case_reads import queue, reviewer, views
from admin.forms.cases import DecideForm, UnmaskForm
from admin.page_models import Filter, FilterOption
from admin.problem_wording import problem_text
from admin.wording import case_kind_text, unmask_reason_text, verdict_text
from idp.core.results import Ok, Refused
from idp.linking.case_queue import Wanted
from idp.linking.case_views import CaseDetail, UnmaskReason
from idp.linking.cases import Opinion, ReasonCode
from idp.linking.vocabulary import CaseKind, CaseState, Verdict
from idp.web.answers import see_other

_PAGE = 50
_WHICH = ("mine", "overdue", "audits")
_OF_PERSONS = (Verdict.MERGE, Verdict.KEEP_APART)


@room.route("/cases", room.BOTH)
def cases() -> Response:
    """Show the queue, the most urgent first, filtered by kind, system and what is asked for."""
    systems = {each.code: each for each in room.systems()}
    kind, code, which = (request.args.get(name, "") for name in ("kind", "system", "which"))
    wanted = Wanted(
        kinds=(CaseKind(kind),) if kind in tuple(CaseKind) else (),
        systems=(systems[code].number,) if code in systems else (),
        mine=which == "mine",
        overdue=which == "overdue",
        audits=which == "audits",
        after=request.args.get("after") or None,
        most=_PAGE + 1,
    )
    found = queue().list(reviewer(), wanted)
    chosen = {"kind": kind, "system": code, "which": which}
    more = url_for("console.cases", after=found[_PAGE - 1].id, **_set(chosen)) if len(found) > _PAGE else None
    return room.show(
        "cases.html",
        room="cases",
        cases=found[:_PAGE],
        more=more,
        filters=(
            _filter(gettext("Kind"), "kind", [(str(each), case_kind_text(each)) for each in CaseKind], chosen),
            _filter(gettext("System"), "system", [(each.code, each.name) for each in systems.values()], chosen),
            _filter(gettext("Only"), "which", list(zip(_WHICH, _which_texts(), strict=True)), chosen),
        ),
    )


@room.route("/cases/<case_id>", room.BOTH)
def case(case_id: str) -> Response:
    """Show a case side by side, masked."""
    return _page(_detail(case_id))


@room.route("/cases/<case_id>/take", room.BOTH, methods=("POST",))
def take_case(case_id: str) -> Response:
    """Keep a case for oneself for a while."""
    _detail(case_id)
    room.tell(queue().take(reviewer(), case_id, origin=room.acting()), gettext("It is yours for now."))
    return see_other(url_for("console.case", case_id=case_id))


@room.route("/cases/<case_id>/release", room.BOTH, methods=("POST",))
def release_case(case_id: str) -> Response:
    """Give a case back."""
    _detail(case_id)
    room.tell(queue().release(reviewer(), case_id, origin=room.acting()), gettext("Given back."))
    return see_other(url_for("console.case", case_id=case_id))


@room.route("/cases/<case_id>/decide", room.BOTH, methods=("POST",))
def decide_case(case_id: str) -> Response:
    """Take the visitor's decision."""
    detail = _detail(case_id)
    form = _decide_form(detail)
    if form is None:
        return see_other(url_for("console.case", case_id=case_id))
    if not form.validate_on_submit():
        return _page(detail, form)
    verdict, _, person_id = form.verdict.data.partition(" ")
    opinion = Opinion(
        version=int(form.version.data),
        verdict=Verdict(verdict),
        reason_code=ReasonCode(form.reason.data),
        person_id=person_id or None,
        note=form.note.data or "",
    )
    take = case_decisions().audit if _is_audit(detail) else case_decisions().decide
    decided = take(reviewer(), case_id, opinion, origin=room.acting())
    done = gettext("Recorded.")
    if isinstance(decided, Ok) and decided.value.state is CaseState.SECOND_OPINION:
        done = gettext("Recorded. Somebody else decides as well, without seeing what you decided.")
    room.tell(decided, done)
    return see_other(url_for("console.case", case_id=case_id))


@room.route("/cases/<case_id>/clear", room.BOTH, methods=("POST",))
def unmask_case(case_id: str) -> Response:
    """Show a case in clear, once: the answer to this request and no other."""
    detail = _detail(case_id)
    form = _unmask_form()
    if not form.validate_on_submit():
        return _page(detail, unmask_form=form)
    seen = views().unmask(reviewer(), case_id, UnmaskReason(form.why.data), origin=room.acting())
    if isinstance(seen, Refused):
        room.tell(seen, "")
        return see_other(url_for("console.case", case_id=case_id))
    return _page(seen.value, unmasked=True)


def _detail(case_id: str) -> CaseDetail:
    found = views().detail(reviewer(), case_id)
    if found is None:
        abort(404)
    return found


def _page(
    detail: CaseDetail,
    form: DecideForm | None = None,
    *,
    unmask_form: UnmaskForm | None = None,
    unmasked: bool = False,
) -> Response:
    row = detail.row
    is_open = row.state is not CaseState.CLOSED or _is_audit(detail)
    is_free = row.assigned_to is None or row.is_mine
    return room.show(
        "case.html",
        room="cases",
        form=form or unmask_form,
        case=shown(detail),
        unmasked=unmasked,
        decide_form=form or _decide_form(detail),
        unmask_form=(unmask_form or _unmask_form()) if row.is_mine and is_open and not unmasked else None,
        may_take=is_open and is_free and not row.is_mine and not row.has_decided,
        may_release=row.is_mine,
    )


def _decide_form(detail: CaseDetail) -> DecideForm | None:
    """Return the form for who has the case and has not decided; nobody else gets one."""
    row = detail.row
    if not row.is_mine or row.has_decided or (row.state is CaseState.CLOSED and not _is_audit(detail)):
        return None
    form = DecideForm(version=str(row.version))
    form.verdict.choices = _verdicts(detail)
    form.reason.choices = [SelectChoice(str(each), problem_text(each)) for each in ReasonCode]
    return form


def _verdicts(detail: CaseDetail) -> list[SelectChoice]:
    if detail.row.kind is CaseKind.TWO_PERSONS:
        return [SelectChoice(str(each), verdict_text(each)) for each in _OF_PERSONS]
    people = [
        SelectChoice(
            f"{Verdict.LINK} {each.person_id}", gettext("It is the account of person %(letter)s", letter=letter)
        )
        for letter, each in zip(LETTERS, detail.candidates, strict=False)
    ]
    return [*people, SelectChoice(str(Verdict.NO_LINK), verdict_text(Verdict.NO_LINK))]


def _unmask_form() -> UnmaskForm:
    form = UnmaskForm()
    form.why.choices = [SelectChoice(str(each), unmask_reason_text(each)) for each in UnmaskReason]
    return form


def _is_audit(detail: CaseDetail) -> bool:
    """Tell whether what one person decided is to be looked at again, by somebody else."""
    return detail.row.state is CaseState.CLOSED and not detail.decisions and not detail.row.has_decided


def _filter(name: str, parameter: str, options: list[tuple[str, str]], chosen: dict[str, str]) -> Filter:
    present = chosen[parameter] if chosen[parameter] in dict(options) else ""
    everything = ("", gettext("All"))
    return Filter(
        name,
        tuple(
            FilterOption(text, url_for("console.cases", **_set(chosen | {parameter: value})), value == present)
            for value, text in (everything, *options)
        ),
    )


def _set(values: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _which_texts() -> tuple[str, ...]:
    return gettext("Mine"), gettext("Late"), gettext("To be looked at again")
