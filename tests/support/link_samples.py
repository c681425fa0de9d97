"""The pages of accounts in older systems in their states, with made-up data."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from idp.linking.activation_rule import ActivationProblem
from idp.linking.vocabulary import ControlKind, LinkState
from idp.login.account.legacy_pages import Happened, LegacyAccountShown, LegacyPage, Offer, OldSystem
from idp.web.forms import links, login
from tests.support.page_sample import NOON, Sample, code, refused

_PROPOSED = LegacyAccountShown(
    handle="1",
    system="示例市住房公积金管理中心",
    reference="G******8",
    name="张*明",
    number="1****************X",
    mobile="138****5678",
    state=LinkState.PROPOSED,
    is_main=False,
    has_siblings=False,
    proof=None,
    since=NOON,
)
_OWNED = replace(
    _PROPOSED, handle="2", system="社会保险", state=LinkState.ACTIVE, proof=ControlKind.PASSWORD, has_siblings=True
)
_ACCOUNTS = (
    replace(_OWNED, is_main=True),
    replace(_OWNED, handle="3", reference="S****2", proof=ControlKind.COUNTER, since=NOON - timedelta(days=9)),
    replace(_OWNED, handle="4", system="不动产登记", state=LinkState.SUSPENDED, has_siblings=False),
)
_SYSTEMS = (OldSystem("fund", "示例市住房公积金管理中心"), OldSystem("insurance", "社会保险"))
_HISTORY = (
    Happened("link.activated", "社会保险", NOON, by_oneself=True),
    Happened("link.suspended", "不动产登记", NOON - timedelta(days=2), by_oneself=False),
)
_PAGE = LegacyPage((_PROPOSED,), _ACCOUNTS, _SYSTEMS, _HISTORY)
_OFFER = Offer(_PROPOSED, None, by_code=True, by_password=True, by_source=True, own_mobile="138****5678")


def _offer(**changed: Any) -> dict[str, Any]:
    return {"form": links.OldPasswordForm(), "offer": replace(_OFFER, **changed)}


def _claim(**changed: Any) -> dict[str, Any]:
    form = links.ClaimForm()
    form.system.choices = [(each.code, each.name) for each in _SYSTEMS]
    return {"form": form, "systems": _SYSTEMS, "problem": None, **changed}


def _claim_refused() -> dict[str, Any]:
    shown = _claim()
    refused_form = refused(shown["form"], ("old_password", None))
    return {**shown, "form": refused_form}


LINK_SAMPLES: list[Sample] = [
    Sample("account-links", "account/links.html", lambda: {"page": _PAGE}, True),
    Sample("account-links-none", "account/links.html", lambda: {"page": LegacyPage((), (), (), ())}, True),
    Sample("account-link", "account/link.html", _offer, True),
    Sample(
        "account-link-refused",
        "account/link.html",
        lambda: {**_offer(), "form": refused(links.OldPasswordForm(), ("old_password", "old_password"))},
        True,
    ),
    Sample("account-link-old-login", "account/link.html", lambda: _offer(problem=ActivationProblem.OLD_LOGIN), True),
    Sample("account-link-identity", "account/link.html", lambda: _offer(problem=ActivationProblem.IDENTITY), True),
    Sample("account-link-no-number", "account/link.html", lambda: _offer(problem=ActivationProblem.NO_NUMBER), True),
    Sample(
        "account-link-code",
        "account/link_code.html",
        lambda: code(login.CodeForm(), handle="1"),
        True,
    ),
    Sample("account-link-claim", "account/link_claim.html", _claim, True),
    Sample("account-link-claim-refused", "account/link_claim.html", _claim_refused, True),
    Sample(
        "account-link-claim-level", "account/link_claim.html", lambda: _claim(problem=ActivationProblem.LEVEL), True
    ),
    Sample("account-link-claim-none", "account/link_claim.html", lambda: _claim(systems=()), True),
    Sample(
        "objection-link",
        "mobile/objection_link.html",
        lambda: {"done": False, "system": "示例市住房公积金管理中心", "token": "1.x"},
    ),
    Sample("objection-link-done", "mobile/objection_link.html", lambda: {"done": True, "system": None, "token": None}),
    Sample("objection-link-late", "mobile/objection_link.html", lambda: {"done": False, "system": None, "token": "x"}),
]
