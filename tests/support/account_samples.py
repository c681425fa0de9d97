"""The pages of the account centre in their states, with made-up data."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import segno

from idp.login.account.overview import ContestedMobile
from idp.web.forms import account, base, family, login
from idp.web.page_models import (
    ActivityRow,
    ApplicationRow,
    ChildRow,
    IdentityItem,
    Overview,
    RoleRow,
    SecurityState,
    SessionRow,
)
from realname.proofing.guardianship import GuardianProblem
from tests.support.page_sample import CLIENT, NOON, Sample, code, refused

_ACTIVITY = [
    ActivityRow("login.succeeded", NOON, "portal", CLIENT, "北京", True),
    ActivityRow("login.failed", NOON - timedelta(hours=5), "mobile", None, "上海", False),
    ActivityRow("consent.granted", NOON - timedelta(days=2), "portal", "住房公积金查询", None, True),
    ActivityRow("login.succeeded", NOON - timedelta(days=9), "hall", "不动产登记", "示例区政务服务中心", True),
    ActivityRow("acted", NOON - timedelta(days=11), "portal", "不动产登记", None, True),
    ActivityRow("consent.granted", NOON - timedelta(days=11), "portal", "不动产登记", None, True, by_guardian=True),
    ActivityRow("identity.verified", NOON - timedelta(days=12), "api", CLIENT, None, True, "不动产登记"),
]
_OVERVIEW = Overview("1****************1", True, "张*", "138****5678", 2, NOON + timedelta(days=700))
_NETWORK_OVERVIEW = Overview("", False, "", "138****5678", 3, NOON, can_prove=False, by_network_identity=True)
_STAFF_OVERVIEW = replace(
    _OVERVIEW,
    roles=(
        RoleRow("clerk", "示例区政务服务中心", NOON),
        RoleRow("department_admin", "示例市人力资源和社会保障局", NOON - timedelta(days=40)),
    ),
)
_SESSIONS = [
    SessionRow("a", True, "portal", "Windows · Edge", "北京", NOON, NOON, (CLIENT, "住房公积金查询")),
    SessionRow("b", False, "mobile", "Android", None, NOON - timedelta(days=3), NOON - timedelta(hours=2), ()),
    SessionRow("c", False, "kiosk", "7 号终端", "示例区政务服务中心", NOON, NOON, ("不动产登记",)),
]
_STAFF_SESSION = SessionRow("d", False, "portal", "Windows · Edge", None, NOON, NOON, ("不动产登记",), is_staff=True)
_APPLICATIONS = [
    ApplicationRow(
        "a",
        CLIENT,
        "示例市人力资源和社会保障局",
        "rs.example.gov.cn",
        ("openid", "real_name", "phone"),
        NOON,
        NOON,
    ),
    ApplicationRow("b", "住房公积金查询", None, None, ("openid",), NOON - timedelta(days=40), None),
    ApplicationRow(
        "c",
        "不动产登记",
        None,
        None,
        ("openid", "phone"),
        NOON - timedelta(days=40),
        NOON,
        identity=(
            IdentityItem("identity", NOON - timedelta(days=40), ("核对不动产权利人身份",)),
            IdentityItem("age_over_18", NOON, ("判断是否需要监护人陪同",)),
            IdentityItem("verified_claims", NOON, ()),
        ),
        identity_given_at=NOON,
    ),
    ApplicationRow("d", "不动产登记", None, None, ("openid",), NOON, NOON, child="王*"),
    ApplicationRow("e", "住房公积金查询", None, None, ("openid",), NOON, NOON, by_guardian=True),
]
_CHILDREN = (
    ChildRow("a", "王*", "1****************1", NOON + timedelta(days=2800), NOON + timedelta(days=4261), NOON),
    ChildRow("b", "欧阳**", "4****************2", None, NOON + timedelta(days=700), NOON - timedelta(days=900)),
)
CODES = ["K7MQ-2XFD-9HWR-TB4N", "C3VZ-8PJA-M5GY-Q6SE", "W2DK-7RNH-X8TB-4FCM", "P6JZ-9VQA-H3SE-5GYK"] * 2


def _qr() -> str:
    return str(segno.make("otpauth://totp/Yihao?secret=JBSWY3DPEHPK3PXP", error="m").svg_data_uri(scale=4, border=1))


def totp_page() -> dict[str, Any]:
    return {"form": login.CodeForm(), "qr_data_uri": _qr(), "secret_groups": ["JBSW", "Y3DP", "EHPK", "3PXP"]}


def _family(**changed: Any) -> dict[str, Any]:
    shown = {"form": family.ChildForm(), "children": _CHILDREN, "may_add": True, "problem": None, "can_prove": True}
    return {**shown, **changed}


def _family_refused() -> dict[str, Any]:
    return _family(form=refused(family.ChildForm(), ("guardianship", None), ("not_minor", "number")))


ACCOUNT_SAMPLES: list[Sample] = [
    Sample("account-family", "account/family.html", _family, True),
    Sample("account-family-refused", "account/family.html", _family_refused, True),
    Sample(
        "account-family-not-proved",
        "account/family.html",
        lambda: _family(children=(), may_add=False, problem=GuardianProblem.NOT_PROVED),
        True,
    ),
    Sample(
        "account-family-not-adult",
        "account/family.html",
        lambda: _family(children=(), may_add=False, problem=GuardianProblem.NOT_ADULT),
        True,
    ),
    Sample("account-family-counter", "account/family.html", lambda: _family(may_add=False), True),
    Sample(
        "account-overview",
        "account/overview.html",
        lambda: {"overview": _OVERVIEW, "activity": _ACTIVITY},
        True,
    ),
    Sample(
        "account-overview-staff",
        "account/overview.html",
        lambda: {"overview": _STAFF_OVERVIEW, "activity": _ACTIVITY},
        True,
    ),
    Sample(
        "account-overview-network",
        "account/overview.html",
        lambda: {"overview": _NETWORK_OVERVIEW, "activity": _ACTIVITY},
        True,
    ),
    Sample(
        "account-activity",
        "account/activity.html",
        lambda: {"activity": _ACTIVITY, "older_url": "?before=1"},
        True,
    ),
    Sample("account-activity-none", "account/activity.html", lambda: {"activity": [], "older_url": None}, True),
    Sample(
        "account-sessions",
        "account/sessions.html",
        lambda: {"sessions": _SESSIONS, "form": base.EmptyForm()},
        True,
    ),
    Sample(
        "account-password",
        "account/password.html",
        lambda: {"form": account.ChangePasswordForm(), "done": True},
        True,
    ),
    Sample("account-sessions-staff", "account/sessions.html", lambda: {"sessions": [*_SESSIONS, _STAFF_SESSION]}, True),
    Sample("account-applications", "account/applications.html", lambda: {"applications": _APPLICATIONS}, True),
    Sample("account-applications-none", "account/applications.html", lambda: {"applications": []}, True),
    Sample(
        "account-contact",
        "account/contact.html",
        lambda: {"form": account.ChangeMobileForm(), "masked_mobile": "138****5678"},
        True,
    ),
    Sample("account-contact-code", "account/contact_code.html", lambda: code(login.CodeForm()), True),
    Sample(
        "account-contested-mobile",
        "account/security.html",
        lambda: {"security": SecurityState(NOON, True, 8), "contested_mobile": ContestedMobile(NOON, True)},
        True,
    ),
    Sample(
        "account-contact-none",
        "account/contact.html",
        lambda: {"form": account.ChangeMobileForm(), "contested_mobile": ContestedMobile(NOON, False)},
        True,
    ),
    Sample("account-security", "account/security.html", lambda: {"security": SecurityState(NOON, True, 8)}, True),
    Sample(
        "account-security-off",
        "account/security.html",
        lambda: {"security": SecurityState(None, False, 0)},
        True,
    ),
    Sample(
        "account-security-staff",
        "account/security.html",
        lambda: {"security": SecurityState(NOON, True, 8, holds_staff_role=True)},
        True,
    ),
    Sample(
        "account-security-staff-off",
        "account/security.html",
        lambda: {"security": SecurityState(NOON, False, 0, holds_staff_role=True)},
        True,
    ),
    Sample("account-totp", "account/totp.html", totp_page, True),
    Sample(
        "account-totp-remove",
        "account/totp_remove.html",
        lambda: {"form": account.SecondFactorForm()},
        True,
    ),
    Sample(
        "account-confirm",
        "account/confirm.html",
        lambda: {"form": account.SecondFactorForm(), "asks": "recovery_codes", "recovery_opens_at": NOON},
        True,
    ),
    Sample(
        "account-recovery-codes",
        "account/recovery_codes.html",
        lambda: {"codes": CODES},
        True,
    ),
]
