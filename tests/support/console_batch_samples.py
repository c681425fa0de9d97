"""The pages of an import in its states."""

from typing import Any

from wtforms.fields.choices import SelectChoice

from admin.column_choices import MapRow
from admin.forms import batches
from admin.page_models import (
    BatchMay,
    BatchRow,
    BatchShown,
    DryRunShown,
    Progress,
    SampleGroup,
    SampleRow,
    SituationLine,
    SniffShown,
    UndoShown,
)
from admin.problem_wording import problem_text
from admin.wording import batch_kind_text, field_text
from tests.support.page_sample import NOON, Sample, refused

_SYSTEM = "住房公积金查询"


def at_console(room: str, **context: Any) -> dict[str, Any]:
    """Return the context of a page of the console."""
    return {"room": room, "form": None, "is_admin": True, "is_reviewer": False, **context}


def _batch(state: str = "review", *, may: BatchMay | None = None, **more: Any) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "number": 7,
        "system_code": "gjj",
        "system_name": _SYSTEM,
        "kind": "full",
        "state": state,
        "is_paused": False,
        "is_moving": state in ("staging", "matching", "applying"),
        "is_applied": state in ("applying", "done", "undone"),
        "reason": None,
        "created_at": NOON,
        "created_by": "张",
        "approved_at": None,
        "approved_by": None,
        "finished_at": None,
        "file_digest": "q3f9QmT2vL8Xk3f9QmT2vL8Xk3f9QmT2vL8Xk3f9QmT",
        "progress": None,
    }
    keys = shown.keys() & more.keys()
    shown |= {name: more.pop(name) for name in keys}
    return at_console("batches", batch=BatchShown(**shown), may=may or BatchMay(), is_creator=False, **more)


_REPORT = DryRunShown(
    situations=(
        SituationLine("found", 305_361, 301_120, "propose"),
        SituationLine("found_multiple", 28_473, 28_500, "propose"),
        SituationLine("disputed", 12_792, 12_700, "open_case"),
        SituationLine("absent", 12_379, 12_900, "wait"),
        SituationLine("unqualified", 15_268, 15_268, None),
    ),
    changes=(("北京", 4_210), ("上海", 310), ("张", 408_130)),
    samples=(
        SampleGroup("disputed", (SampleRow(1_204, "张*", "1****************X", "138****5678"),)),
        SampleGroup("absent", (SampleRow(88, "张**", "1****************1", ""),)),
    ),
    faults=(("北京", 12), ("上海", 3)),
)


def _map(form: Any = None) -> dict[str, Any]:
    fields = [SelectChoice(each, field_text(each)) for each in ("reference", "name", "number", "mobile")]
    form = form or batches.columns_form(fields, 3, column_0="reference", column_1="name", column_2="number")
    rows = [
        MapRow("zgzh", form.column_0, "北京"),
        MapRow("xm", form.column_1, "上海"),
        MapRow("zjhm", form.column_2, ""),
    ]
    sniff = SniffShown("北京", ("zgzh", "xm", "zjhm"), (("6***7", "张*", "1****************X"),) * 4)
    return _batch("uploaded", map_form=form, map_rows=rows, sniff=sniff, may=BatchMay(cancel=True))


def _map_refused() -> dict[str, Any]:
    fields = [SelectChoice("name", field_text("name"))]
    form = batches.columns_form(fields, 3)
    refused(form)
    form.column_0.errors = ["北京"]
    return _map(form) | {"form": form}


def _upload(form: Any = None) -> dict[str, Any]:
    form, path_form = form or batches.UploadForm(), batches.PathForm(prefix="server")
    for each in (form, path_form):
        each.kind.choices = [SelectChoice(kind, batch_kind_text(kind)) for kind in batches.KINDS]
    return at_console(
        "systems",
        form=form,
        upload_form=form,
        path_form=path_form,
        system={"name": _SYSTEM, "code": "gjj"},
        most_size="2 GB",
    )


def _upload_refused() -> dict[str, Any]:
    form = batches.UploadForm()
    form.kind.choices = [SelectChoice(kind, batch_kind_text(kind)) for kind in batches.KINDS]
    refused(form)
    form.file.errors = ["北京"]
    return _upload(form)


def _stopped() -> dict[str, Any]:
    form = batches.AcceptForm()
    form.reason.choices = [SelectChoice(each, problem_text(each)) for each in batches.ACCEPT_REASONS]
    return _batch("stopped", reason="bad_rows", may=BatchMay(cancel=True, again=True, accept=True), accept_form=form)


_UNDO = UndoShown(links=330_000, kept=(("北京", 3_410),), most_alone=100, needs_second=True, may_ask=True)
_DONE = {"approved_at": NOON, "approved_by": "张", "finished_at": NOON, "report": _REPORT}
BATCH_SAMPLES = [
    Sample(
        "console-imports",
        "console/batches.html",
        lambda: at_console(
            "batches",
            batches=[
                BatchRow(9, _SYSTEM, "delta", "staging", True, None, NOON),
                BatchRow(8, _SYSTEM, "delta", "stopped", False, 1_250, NOON),
                BatchRow(7, _SYSTEM, "full", "done", False, 412_650, NOON),
            ],
            older=7,
        ),
    ),
    Sample("console-imports-empty", "console/batches.html", lambda: at_console("batches", batches=[], older=None)),
    Sample("console-import-new", "console/batch_new.html", _upload),
    Sample("console-import-new-refused", "console/batch_new.html", _upload_refused),
    Sample("console-import-columns", "console/batch.html", _map),
    Sample("console-import-columns-refused", "console/batch.html", _map_refused),
    Sample(
        "console-import-staging",
        "console/batch.html",
        lambda: _batch(
            "staging", progress=Progress(180_000, 24_300, 420, 0.436), may=BatchMay(pause=True, cancel=True)
        ),
    ),
    Sample(
        "console-import-paused",
        "console/batch.html",
        lambda: _batch("staging", is_paused=True, is_moving=False, may=BatchMay(resume=True, cancel=True)),
    ),
    Sample("console-import-stopped", "console/batch.html", _stopped),
    Sample(
        "console-import-review",
        "console/batch.html",
        lambda: _batch(report=_REPORT, may=BatchMay(approve=True, again=True), samples_offered=True),
    ),
    Sample("console-import-own", "console/batch.html", lambda: _batch(report=_REPORT) | {"is_creator": True}),
    Sample("console-import-other", "console/batch.html", lambda: _batch(report=_REPORT)),
    Sample("console-import-done", "console/batch.html", lambda: _batch("done", undo=_UNDO, **_DONE)),
    Sample(
        "console-import-undo-asked",
        "console/batch.html",
        lambda: _batch(
            "done",
            undo=UndoShown(330_000, (), 100, True, is_asked=True, asked_by="张", may_approve=True),
            **_DONE,
        ),
    ),
    Sample(
        "console-import-undone",
        "console/batch.html",
        lambda: _batch("undone", undo=UndoShown(330_000, (("北京", 3_410),), 100, True, is_done=True), **_DONE),
    ),
]
