"""The pages of a visit at a counter in their states, on both sides."""

from typing import Any

from wtforms.fields.choices import SelectChoice

from idp.login.counter.visit import Presented, Visit, VisitState
from idp.web.forms import base, counter
from realname.proofing.counter import Comparison, Doubt
from tests.support.page_sample import NOON, Sample, door, refused

_CARD = Presented("r", "11010519491231002X", "resident", "张", True, False, "2020-01-01", "2030-01-01", "d")
_READERS = [("1", "示例区政务服务中心 3"), ("2", "示例区政务服务中心 4")]


def _visit(state: VisitState, **more: Any) -> Visit:
    values = {"office": "示例区政务服务中心", "clerk": "c", "name": "张", **more}
    whose = ("", "", "") if values.pop("is_newcomer", False) else ("p", "s", "i")
    return Visit("v", "BCDF-GHJK", *whose, state=state, **values)


def _screen(state: VisitState, **more: Any) -> dict[str, Any]:
    return door(None, visit=_visit(state, **more), masked_number="110105********002X")


def _home(form: Any = None, *, readers: bool = True) -> dict[str, Any]:
    form = form or counter.VisitForm()
    form.reader.choices = [SelectChoice(*each) for each in _READERS]
    return {"form": form, "readers": _READERS if readers else []}


def _home_refused() -> dict[str, Any]:
    form = counter.VisitForm()
    form.reader.choices = [SelectChoice(*each) for each in _READERS]
    return _home(refused(form, ("counter_code", "code")))


def _desk(state: VisitState, *doubts: Doubt, form: Any = None, is_second: bool = False, **more: Any) -> dict[str, Any]:
    visit = _visit(state, comparison=Comparison.SEEN, note="someone@example.com", compared_at=NOON, **more)
    return {
        "visit": visit,
        "form": form,
        "is_second": is_second,
        "masked_number": "110105********002X" if visit.card else None,
        "doubts": list(doubts),
        "needs_name": Doubt.NAME_CUT in doubts,
        "button": base.EmptyForm(),
    }


def _sign_refused() -> dict[str, Any]:
    form = refused(counter.SignForm(), ("counter_name", "name"), ("counter_note", "note"))
    return _desk(VisitState.READ, Doubt.NAME_CUT, form=form, card=_CARD)


COUNTER_SAMPLES = [
    Sample("verify-counter-code", "verify/counter.html", lambda: _screen(VisitState.WAITING)),
    Sample("verify-counter-with-clerk", "verify/counter.html", lambda: _screen(VisitState.READ)),
    Sample("verify-counter-decide", "verify/counter.html", lambda: _screen(VisitState.SIGNED, card=_CARD)),
    Sample("verify-counter-refused", "verify/counter.html", lambda: _screen(VisitState.REFUSED, refusal="household")),
    Sample("counter-home", "counter/home.html", _home),
    Sample("counter-home-refused", "counter/home.html", _home_refused),
    Sample("counter-home-without-reader", "counter/home.html", lambda: _home(readers=False)),
    Sample("counter-admitted", "counter/visit.html", lambda: _desk(VisitState.ADMITTED)),
    Sample("counter-reading", "counter/visit.html", lambda: _desk(VisitState.ADMITTED, reading_id="r")),
    Sample(
        "counter-card-expired",
        "counter/visit.html",
        lambda: _desk(VisitState.ADMITTED, reading_id="r", card_problem="expired"),
    ),
    Sample(
        "counter-compare", "counter/visit.html", lambda: _desk(VisitState.READ, form=counter.SignForm(), card=_CARD)
    ),
    Sample(
        "counter-compare-replaced",
        "counter/visit.html",
        lambda: _desk(VisitState.READ, Doubt.CARD_REPLACED, form=counter.SignForm(), card=_CARD),
    ),
    Sample("counter-compare-refused", "counter/visit.html", _sign_refused),
    Sample(
        "counter-waits-for-second", "counter/visit.html", lambda: _desk(VisitState.SECOND, Doubt.NAME_CUT, card=_CARD)
    ),
    Sample(
        "counter-second",
        "counter/visit.html",
        lambda: _desk(VisitState.SECOND, Doubt.NUMBER_CHANGED, form=counter.SecondForm(), is_second=True, card=_CARD),
    ),
    Sample(
        "counter-newcomer",
        "counter/visit.html",
        lambda: _desk(VisitState.READ, form=counter.SignForm(), card=_CARD, is_newcomer=True),
    ),
    Sample("counter-newcomer-done", "counter/visit.html", lambda: _desk(VisitState.DONE, card=_CARD)),
    Sample("counter-signed", "counter/visit.html", lambda: _desk(VisitState.SIGNED, card=_CARD)),
    Sample("counter-refused", "counter/visit.html", lambda: _desk(VisitState.REFUSED, card=_CARD)),
]
