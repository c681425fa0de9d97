"""The pages of matters that two clerks decide, in their states."""

from typing import Any

from wtforms.fields.choices import SelectChoice

from idp.login.counter.matter import Matter, MatterKind, MatterState, Named, NamedAccount, Outcome
from idp.login.counter.visit import Presented
from idp.web.forms import base, matters
from tests.support.page_sample import Sample, refused

_CARD = Presented("r", "11010519491231002X", "resident", "张", False, False, "2020-01-01", "2030-01-01", "d")
_NAMED = Named("11010519491231002X", "张")
_READERS = [("1", "示例区政务服务中心 3")]


def _new(kind: MatterKind, *, readers: bool = True, problems: tuple[tuple[str, str], ...] = ()) -> dict[str, Any]:
    form: Any = matters.form_of(kind)
    form.reader.choices = [SelectChoice(*each) for each in _READERS]
    if kind.names_account:
        form.system.choices = [SelectChoice("fund", "示例市住房公积金管理中心")]
    if problems:
        form = refused(form, *problems)
    return {"form": form, "kind": kind, "readers": _READERS if readers else []}


def _matter(state: MatterState, kind: MatterKind = MatterKind.DEATH, **more: Any) -> dict[str, Any]:
    is_denied = more.pop("is_card_denied", False)
    is_second, form = more.pop("is_second", False), more.pop("form", None)
    typed: dict[str, Any] = {"named": _NAMED if kind.names_somebody else None}
    typed["account"] = NamedAccount("fund", "G2011-0008") if kind.names_account else None
    typed["guardian"] = _NAMED if kind.names_guardian else None
    own: dict[str, Any] = {"office": "示例区政务服务中心", "words": "someone@example.com", **typed, **more}
    return {
        "matter": Matter(
            "m", "BCDF-GHJK", kind, "c", department_id="d", device_id="1", until=0, state=state, second=None, **own
        ),
        "is_second": is_second,
        "form": form,
        "masked_number": "110105********002X",
        "is_card_denied": is_denied,
        "button": base.EmptyForm(),
    }


def _second(kind: MatterKind, **more: Any) -> dict[str, Any]:
    form = more.pop("form", None) or matters.ConfirmForm()
    return _matter(MatterState.PROPOSED, kind, form=form, is_second=True, **more)


def _outcome(kind: MatterKind, outcome: Outcome) -> dict[str, Any]:
    return _matter(MatterState.DECIDED, kind, outcome=outcome)


_PAGE = "counter/matter.html"
_OPEN, _PROPOSED = MatterState.OPEN, MatterState.PROPOSED
_OF_CHILD = MatterKind.GUARDIANSHIP
_WRONG = (("number_invalid", "number"), ("matter_name", "name"), ("matter_words", "words"))
_STATES = {
    "lay-down": lambda: _matter(_OPEN, MatterKind.REOPENING),
    "lay-down-guardian": lambda: _matter(_OPEN, _OF_CHILD),
    "reading": lambda: _matter(_OPEN, MatterKind.REOPENING, reading_id="r"),
    "card-expired": lambda: _matter(_OPEN, _OF_CHILD, reading_id="r", card_problem="expired"),
    "compare": lambda: _matter(_OPEN, MatterKind.REOPENING, card=_CARD, form=matters.ConfirmForm()),
    "compare-refused": lambda: _matter(
        _OPEN, _OF_CHILD, card=_CARD, form=refused(matters.ConfirmForm(), ("matter_over", "is_sure"))
    ),
    "waits": lambda: _matter(_PROPOSED),
    "second": lambda: _second(MatterKind.DEATH),
    "second-refused": lambda: _second(
        MatterKind.GUARDIANSHIP_END, form=refused(matters.ConfirmForm(), ("matter_over", "is_sure"))
    ),
    "second-with-card": lambda: _second(_OF_CHILD, card=_CARD),
    "second-with-replaced-card": lambda: _second(MatterKind.REOPENING, card=_CARD, is_card_denied=True),
    "under-way": lambda: _matter(MatterState.DECIDED),
    "not-confirmed": lambda: _matter(MatterState.REFUSED),
}

MATTER_SAMPLES = [
    Sample("counter-matters", "counter/matters.html", lambda: {"kinds": tuple(MatterKind)}),
    Sample(
        "counter-matter-new-without-reader",
        "counter/matter_new.html",
        lambda: _new(MatterKind.DEATH, readers=False),
    ),
    Sample(
        "counter-matter-new-refused",
        "counter/matter_new.html",
        lambda: _new(MatterKind.DEATH, problems=_WRONG),
    ),
    *(
        Sample(f"counter-matter-new-{kind}", "counter/matter_new.html", lambda kind=kind: _new(kind))
        for kind in MatterKind
    ),
    *(Sample(f"counter-matter-{name}", _PAGE, make) for name, make in _STATES.items()),
    *(
        Sample(f"counter-matter-done-{kind}", _PAGE, lambda kind=kind: _outcome(kind, Outcome.DONE))
        for kind in MatterKind
    ),
    *(
        Sample(f"counter-matter-{outcome}", _PAGE, lambda outcome=outcome: _outcome(_OF_CHILD, outcome))
        for outcome in Outcome
        if outcome is not Outcome.DONE
    ),
]
