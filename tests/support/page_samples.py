"""Every page in its states, with made-up data."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import segno

from idp.login.account.overview import ContestedMobile
from idp.login.released_mobiles import Asked, Standing
from idp.web import wording
from idp.web.error_wording import _PAGES, error_page
from idp.web.forms import account, base, consent, login, logout, recovery, register
from idp.web.page_models import (
    ActivityRow,
    ApplicationRow,
    ConsentItem,
    OutboxRow,
    Overview,
    RoleRow,
    SecurityState,
    SessionRow,
    ToldClient,
)

NOON = datetime(2026, 3, 5, 4, 0, tzinfo=UTC)
CLIENT = "社会保险网上服务平台"


@dataclass(frozen=True, slots=True)
class Sample:
    """One page in one state; `make` builds the context inside a request."""

    name: str
    template: str
    make: Callable[[], dict[str, Any]]
    logged_in: bool = False


def _refused(form: base.PageForm, *refusals: tuple[str, str | None]) -> base.PageForm:
    form.validate()
    form.csrf_token.errors = []
    for field in form:
        field.errors = []
    for reason, field_name in refusals:
        form.refuse(wording.refusal_text(reason), field=field_name)
    return form


def _door(form: Any, **more: Any) -> dict[str, Any]:
    return {"form": form, "client_name": CLIENT, "may_cancel": True, **more}


def _code(form: Any, **more: Any) -> dict[str, Any]:
    return _door(form, masked_destination="138****5678", resend_after_seconds=48, valid_minutes=5, **more)


def _consent(*sensitive: str, days: int | None = None) -> dict[str, Any]:
    items = [ConsentItem("openid", "openid", False, new=False), ConsentItem("profile", "profile", False)]
    items += [ConsentItem(scope, scope, True) for scope in sensitive]
    form = consent.ConsentForm()
    form.offer(items)
    return {
        "form": form,
        "client_name": CLIENT,
        "client_site": "rs.example.gov.cn",
        "client_owner": "示例市人力资源和社会保障局",
        "items": items,
        "person_masked": "张*",
        "remembered_days": days,
    }


_ACTIVITY = [
    ActivityRow("login.succeeded", NOON, "portal", CLIENT, "北京", True),
    ActivityRow("login.failed", NOON - timedelta(hours=5), "mobile", None, "上海", False),
    ActivityRow("consent.granted", NOON - timedelta(days=2), "portal", "住房公积金查询", None, True),
    ActivityRow("login.succeeded", NOON - timedelta(days=9), "hall", "不动产登记", "示例区政务服务中心", True),
]
_OVERVIEW = Overview("110101********0011", True, "张*", "138****5678", 2, NOON + timedelta(days=700))
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
]
_CODES = ["K7MQ-2XFD-9HWR-TB4N", "C3VZ-8PJA-M5GY-Q6SE", "W2DK-7RNH-X8TB-4FCM", "P6JZ-9VQA-H3SE-5GYK"] * 2
_MESSAGES = [
    OutboxRow(NOON, "sms", "13800005678", "login_code", "【一号】482913 是您的登录验证码。"),
    OutboxRow(NOON - timedelta(minutes=3), "mail", "someone@example.com", "password_changed", "【一号】…"),
]


def _qr() -> str:
    return str(segno.make("otpauth://totp/Yihao?secret=JBSWY3DPEHPK3PXP", error="m").svg_data_uri(scale=4, border=1))


def _totp() -> dict[str, Any]:
    return {"form": login.CodeForm(), "qr_data_uri": _qr(), "secret_groups": ["JBSW", "Y3DP", "EHPK", "3PXP"]}


def _logout_done() -> dict[str, Any]:
    told = [ToldClient(CLIENT, True), ToldClient("住房公积金查询", False)]
    return {
        "told": told,
        "frontchannel_uris": [],
        "return_url": "https://rs.example.gov.cn/",
        "return_name": CLIENT,
    }


def _in_use(asked: Asked | None) -> dict[str, Any]:
    return {"form": None, "masked_mobile": "138****5678", "asked": asked, "may_go_on": False}


def _registration_errors() -> dict[str, Any]:
    form = _refused(
        register.RegistrationForm(),
        ("name_invalid", "name"),
        ("number_invalid", "number"),
        ("mobile_invalid", "mobile"),
        ("password_common", "password"),
    )
    form.terms.errors = ["…"]
    return _door(form)


SAMPLES: list[Sample] = [
    Sample("home", "home/index.html", dict),
    Sample("home-person", "home/index.html", dict, True),
    Sample("terms", "home/terms.html", dict),
    Sample("privacy", "home/privacy.html", dict),
    Sample("login-password", "login/password.html", lambda: _door(login.PasswordLoginForm())),
    Sample("login-password-plain", "login/password.html", lambda: {"form": login.PasswordLoginForm()}),
    Sample("login-step-up", "login/password.html", lambda: _door(login.PasswordLoginForm(), step_up=True)),
    Sample(
        "login-password-refused",
        "login/password.html",
        lambda: _door(_refused(login.PasswordLoginForm(), ("wrong_credentials", None))),
    ),
    Sample("login-sms", "login/sms.html", lambda: _door(login.MobileForm())),
    Sample(
        "login-sms-refused",
        "login/sms.html",
        lambda: _door(_refused(login.MobileForm(), ("mobile_invalid", "mobile"))),
    ),
    Sample("login-code", "login/code.html", lambda: _code(login.CodeForm())),
    Sample("login-totp", "login/totp.html", lambda: _door(login.CodeForm(), has_recovery_codes=True)),
    Sample("login-recovery-code", "login/recovery_code.html", lambda: _door(login.RecoveryCodeForm())),
    Sample(
        "login-totp-staff", "login/totp.html", lambda: _door(login.CodeForm(), has_recovery_codes=True, for_staff=True)
    ),
    Sample("staff-login", "staff/login.html", lambda: _door(login.StaffLoginForm())),
    Sample(
        "staff-login-refused",
        "staff/login.html",
        lambda: _door(_refused(login.StaffLoginForm(), ("wrong_staff_credentials", None))),
    ),
    Sample("staff-mobile", "staff/mobile.html", lambda: _door(base.EmptyForm(), masked_destination="138****5678")),
    Sample("staff-mobile-none", "staff/mobile.html", lambda: _door(base.EmptyForm(), masked_destination=None)),
    Sample("staff-code", "staff/code.html", lambda: _code(login.CodeForm())),
    Sample("staff-password", "staff/password.html", lambda: _door(recovery.NewPasswordForm(), password_length=15)),
    Sample("staff-totp", "staff/totp.html", lambda: _door(**_totp())),
    Sample("staff-recovery-codes", "staff/recovery_codes.html", lambda: {"codes": _CODES, "client_name": CLIENT}),
    Sample("login-consent", "login/consent.html", lambda: _consent("phone"), True),
    Sample("login-consent-identity", "login/consent.html", lambda: _consent("real_name", "id_number", days=180), True),
    Sample("login-consent-plain", "login/consent.html", _consent, True),
    Sample("register-form", "register/form.html", lambda: _door(register.RegistrationForm())),
    Sample("register-form-refused", "register/form.html", _registration_errors),
    Sample("register-code", "register/code.html", lambda: _code(login.CodeForm())),
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
    Sample("account-contact-code", "account/contact_code.html", lambda: _code(login.CodeForm()), True),
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
    Sample("account-totp", "account/totp.html", _totp, True),
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
        lambda: {"codes": _CODES},
        True,
    ),
    Sample(
        "logout-confirm",
        "logout/confirm.html",
        lambda: {"form": logout.DecisionForm(), "client_name": CLIENT},
        True,
    ),
    Sample("logout-done", "logout/done.html", _logout_done),
    Sample("recovery-start", "recovery/start.html", lambda: {"form": recovery.IdentifierForm()}),
    Sample("recovery-code", "recovery/code.html", lambda: _code(login.CodeForm()) | {"client_name": None}),
    Sample(
        "recovery-waiting",
        "recovery/waiting.html",
        lambda: {"opens_at": NOON, "masked_destination": "138****5678"},
    ),
    Sample("recovery-number", "recovery/number.html", lambda: {"form": recovery.RegisteredNumberForm()}),
    Sample(
        "recovery-number-refused",
        "recovery/number.html",
        lambda: {"form": _refused(recovery.RegisteredNumberForm(), ("wrong_registered_number", "number"))},
    ),
    Sample("recovery-proof", "recovery/proof.html", lambda: {"form": login.RecoveryCodeForm()}),
    Sample("recovery-password", "recovery/password.html", lambda: {"form": recovery.NewPasswordForm()}),
    Sample("recovery-done", "recovery/done.html", dict),
    Sample("mobile-in-use", "mobile/in_use.html", lambda: _in_use(None)),
    Sample("mobile-in-use-asked", "mobile/in_use.html", lambda: _in_use(Asked(Standing.WAITING, NOON))),
    Sample("mobile-in-use-kept", "mobile/in_use.html", lambda: _in_use(Asked(Standing.KEPT))),
    Sample("mobile-in-use-free", "mobile/in_use.html", lambda: _in_use(Asked(Standing.FREE))),
    Sample("mobile-keep", "mobile/keep.html", lambda: _door(None)),
    Sample("mobile-bind", "mobile/bind.html", lambda: _door(login.MobileForm(), is_lost=True)),
    Sample(
        "mobile-bind-refused",
        "mobile/bind.html",
        lambda: _door(_refused(login.MobileForm(), ("mobile_invalid", "mobile"))),
    ),
    Sample("mobile-code", "mobile/code.html", lambda: _code(login.CodeForm())),
    Sample("mobile-objection", "mobile/objection.html", lambda: {"kept": False, "due_at": NOON, "token": "x" * 43}),
    Sample("mobile-objection-kept", "mobile/objection.html", lambda: {"kept": True, "due_at": None}),
    Sample("mobile-objection-over", "mobile/objection.html", lambda: {"kept": False, "due_at": None}),
    Sample(
        "form-post",
        "oauth/form_post.html",
        lambda: {
            "action": "https://rs.example.gov.cn/cb",
            "fields": [("code", 'a"<b>'), ("state", "s")],
            "client_name": CLIENT,
        },
    ),
    Sample("dev-outbox", "dev/outbox.html", lambda: {"messages": _MESSAGES}),
    *(
        Sample(
            f"error-{kind}",
            "errors/page.html",
            lambda kind=kind: {
                "page": error_page(kind, retry_at=NOON if kind == "too_many" else None),
                "request_id": "Xk3f9QmT2vL8",
            },
        )
        for kind in _PAGES
    ),
]
