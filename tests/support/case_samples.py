"""The pages of what waits at a counter and of identity cases, in their states."""

from datetime import timedelta
from typing import Any

from idp.login.counter.cases import SeenCase
from idp.login.counter.matter import MatterKind
from idp.login.counter.obtained import Obtained, ToClient
from idp.login.counter.open_work import KINDS, Next, Waiting
from idp.web.forms import cases
from realname.proofing.case_files import CaseFile, Proved
from realname.proofing.contest import Contest
from realname.proofing.method import Method
from tests.support.page_sample import CLIENT, NOON, Sample, refused

_DAY = timedelta(days=1)
_MOBILE = Proved(Method.MOBILE, 2, NOON - 30 * _DAY, has_ended=True)
_FACE = Proved(Method.FACE, 3, NOON - 3 * _DAY, has_ended=False)
_SEEN = Proved(Method.COUNTER, 4, NOON - 3 * _DAY, has_ended=False, office="示例区政务服务中心")
_NOTHING = Obtained(level_now=1, sessions=1, sessions_ended=1, grants=0, grants_ended=0, clients=())
_MUCH = Obtained(
    level_now=2,
    sessions=4,
    sessions_ended=2,
    grants=9,
    grants_ended=3,
    clients=(ToClient("c1", 6, 2, NOON - 4 * _DAY), ToClient("c2", 3, 0, NOON - 5 * _DAY)),
)
_LINES = (
    Waiting("k1", Contest.DISPUTED, NOON - 12 * _DAY, Next.COUNTER),
    Waiting("k2", Contest.DISPLACES, NOON - _DAY, Next.REVIEW),
    Waiting("m1", MatterKind.DEATH, NOON - timedelta(minutes=9), Next.COLLEAGUE, is_own=True),
    Waiting("m2", MatterKind.GUARDIANSHIP, NOON - timedelta(minutes=5), Next.BY_CODE, "李*员"),
    Waiting("m3", MatterKind.REOPENING, NOON - timedelta(minutes=3), Next.GO_ON, is_own=True),
    Waiting("m4", MatterKind.CLOSING, NOON - timedelta(minutes=1), Next.BY_CODE),
)


def _open(*lines: Waiting, kind: str | None = None, later_url: str | None = None) -> dict[str, Any]:
    return {"form": None, "lines": lines, "now": NOON, "kind": kind, "kinds": KINDS, "later_url": later_url}


def _case(
    kind: Contest = Contest.DISPLACES,
    *,
    got: Obtained = _MUCH,
    opened_by: Proved = _FACE,
    outcome: str | None = None,
    took_part: bool = False,
    form: Any = None,
) -> dict[str, Any]:
    closed_at = NOON if outcome else None
    file = CaseFile(
        "k", kind, "i", "p", "q", opened_by.proved_at, closed_at, outcome, opened_by=opened_by, before=(_MOBILE,)
    )
    seen = SeenCase(
        file,
        got,
        may_close=form is not None,
        took_part=took_part,
        number="110105********002X" if got is _MUCH else None,
        name="张*",
        other_name="张**" if got is _MUCH else None,
    )
    return {"form": form, "case": seen, "client_names": {"c1": CLIENT, "c2": "住房公积金查询"}}


def _review() -> dict[str, Any]:
    return _case(form=cases.ReviewForm.with_findings())


def _refused() -> dict[str, Any]:
    form = cases.ReviewForm.with_findings()
    return _case(form=refused(form, ("case_over", "finding"), ("case_own", "is_sure")))


_PAGE = "counter/case.html"
CASE_SAMPLES = [
    Sample("counter-open", "counter/open.html", lambda: _open(*_LINES, later_url="/counter/open?after=x")),
    Sample("counter-open-nothing", "counter/open.html", lambda: _open(kind="death")),
    Sample("counter-case-review", _PAGE, _review),
    Sample("counter-case-review-refused", _PAGE, _refused),
    Sample("counter-case-took-part", _PAGE, lambda: _case(got=_NOTHING, opened_by=_SEEN, took_part=True)),
    Sample("counter-case-disputed", _PAGE, lambda: _case(Contest.DISPUTED, got=_NOTHING)),
    Sample("counter-case-closed", _PAGE, lambda: _case(outcome="services_told")),
    Sample("counter-case-settled", _PAGE, lambda: _case(Contest.DISPUTED, outcome="counter")),
]
