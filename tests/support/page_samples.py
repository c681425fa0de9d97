"""Every page in its states, with made-up data."""

from datetime import timedelta
from typing import Any

from idp.login.released_mobiles import Asked, Standing
from idp.login.steps.old_account import OldAccount
from idp.login.steps.party import ONESELF, Ward
from idp.web.error_wording import _PAGES, error_page
from idp.web.forms import base, consent, login, logout, party, recovery, register
from idp.web.page_models import (
    ConsentItem,
    OutboxRow,
    ToldClient,
)
from tests.support.account_samples import ACCOUNT_SAMPLES, CODES, totp_page
from tests.support.case_samples import CASE_SAMPLES
from tests.support.console_samples import CONSOLE_SAMPLES
from tests.support.counter_samples import COUNTER_SAMPLES
from tests.support.link_samples import LINK_SAMPLES
from tests.support.matter_samples import MATTER_SAMPLES
from tests.support.page_sample import CLIENT, NOON, Sample, code, door, refused
from tests.support.proofing_samples import PROOFING_SAMPLES


def _consent(*sensitive: str, days: int | None = None, child: str | None = None) -> dict[str, Any]:
    items = [ConsentItem("openid", "openid", False, new=False), ConsentItem("profile", "profile", child is not None)]
    items += [
        ConsentItem(scope, scope, True, purposes=() if scope == "phone" else ("办理社会保险关系转移接续",))
        for scope in sensitive
    ]
    form = consent.ConsentForm()
    form.offer(items)
    return {
        "form": form,
        "client_name": CLIENT,
        "client_site": "rs.example.gov.cn",
        "client_owner": "示例市人力资源和社会保障局",
        "items": items,
        "person_masked": "张*",
        "party_masked": child,
        "remembered_days": days,
    }


_MESSAGES = [
    OutboxRow(NOON, "sms", "13800005678", "login_code", "【一号】482913 是您的登录验证码。"),
    OutboxRow(NOON - timedelta(minutes=3), "mail", "someone@example.com", "password_changed", "【一号】…"),
]


def _party(form: party.PartyForm | None = None) -> dict[str, Any]:
    wards = [Ward("a", "王*明", "1****************1", 6), Ward("b", "王*", "1****************X", 0)]
    return door(form or party.PartyForm(), oneself=ONESELF, person_masked="张*", wards=wards)


def _logout_done() -> dict[str, Any]:
    told = [ToldClient(CLIENT, True), ToldClient("住房公积金查询", False)]
    return {
        "told": told,
        "frontchannel_uris": [],
        "return_url": "https://rs.example.gov.cn/",
        "return_name": CLIENT,
    }


_OLD_SYSTEMS = ("shebao", "gongjijin")


def _old_account_form() -> login.OldAccountForm:
    form = login.OldAccountForm()
    form.system.choices = [("gongjijin", "住房公积金"), ("shebao", "社会保险")]
    return form


def _in_use(asked: Asked | None) -> dict[str, Any]:
    return {"form": None, "masked_mobile": "138****5678", "asked": asked, "may_go_on": False}


def _registration_errors() -> dict[str, Any]:
    form = refused(
        register.RegistrationForm(),
        ("name_invalid", "name"),
        ("number_invalid", "number"),
        ("mobile_invalid", "mobile"),
        ("password_common", "password"),
    )
    form.terms.errors = ["…"]
    return door(form)


SAMPLES: list[Sample] = [
    Sample("home", "home/index.html", dict),
    Sample("home-person", "home/index.html", dict, True),
    Sample("terms", "home/terms.html", dict),
    Sample("privacy", "home/privacy.html", dict),
    Sample("login-password", "login/password.html", lambda: door(login.PasswordLoginForm())),
    Sample(
        "login-password-plain",
        "login/password.html",
        lambda: {"form": login.PasswordLoginForm(), "offers_old_accounts": True},
    ),
    Sample("login-step-up", "login/password.html", lambda: door(login.PasswordLoginForm(), step_up=True)),
    Sample(
        "login-password-refused",
        "login/password.html",
        lambda: door(refused(login.PasswordLoginForm(), ("wrong_credentials", None))),
    ),
    Sample("login-old-account", "login/old_account.html", lambda: door(_old_account_form(), systems=_OLD_SYSTEMS)),
    Sample(
        "login-old-account-refused",
        "login/old_account.html",
        lambda: door(refused(_old_account_form(), ("wrong_old_account", None)), systems=_OLD_SYSTEMS),
    ),
    Sample("login-old-account-none", "login/old_account.html", lambda: door(_old_account_form(), systems=())),
    Sample(
        "login-old-account-shown",
        "login/old_account_shown.html",
        lambda: door(None, told=OldAccount("社会保险", is_default=False)),
    ),
    Sample(
        "login-old-account-default",
        "login/old_account_shown.html",
        lambda: door(None, told=OldAccount("社会保险", is_default=True)),
    ),
    Sample(
        "login-old-account-waiting",
        "login/old_account_waiting.html",
        lambda: door(None, told=OldAccount("社会保险", is_default=False), claim_url="/account"),
        True,
    ),
    Sample("login-sms", "login/sms.html", lambda: door(login.MobileForm())),
    Sample(
        "login-sms-refused",
        "login/sms.html",
        lambda: door(refused(login.MobileForm(), ("mobile_invalid", "mobile"))),
    ),
    Sample("login-code", "login/code.html", lambda: code(login.CodeForm())),
    Sample("login-totp", "login/totp.html", lambda: door(login.CodeForm(), has_recovery_codes=True)),
    Sample("login-recovery-code", "login/recovery_code.html", lambda: door(login.RecoveryCodeForm())),
    Sample(
        "login-totp-staff", "login/totp.html", lambda: door(login.CodeForm(), has_recovery_codes=True, for_staff=True)
    ),
    Sample("staff-login", "staff/login.html", lambda: door(login.StaffLoginForm())),
    Sample(
        "staff-login-refused",
        "staff/login.html",
        lambda: door(refused(login.StaffLoginForm(), ("wrong_staff_credentials", None))),
    ),
    Sample("staff-mobile", "staff/mobile.html", lambda: door(base.EmptyForm(), masked_destination="138****5678")),
    Sample("staff-mobile-none", "staff/mobile.html", lambda: door(base.EmptyForm(), masked_destination=None)),
    Sample("staff-code", "staff/code.html", lambda: code(login.CodeForm())),
    Sample("staff-password", "staff/password.html", lambda: door(recovery.NewPasswordForm(), password_length=15)),
    Sample("staff-totp", "staff/totp.html", lambda: door(**totp_page())),
    Sample("staff-recovery-codes", "staff/recovery_codes.html", lambda: {"codes": CODES, "client_name": CLIENT}),
    *PROOFING_SAMPLES,
    *COUNTER_SAMPLES,
    *CONSOLE_SAMPLES,
    *MATTER_SAMPLES,
    *CASE_SAMPLES,
    Sample("login-consent", "login/consent.html", lambda: _consent("phone"), True),
    Sample("login-consent-identity", "login/consent.html", lambda: _consent("real_name", "id_number", days=180), True),
    Sample(
        "login-consent-verified",
        "login/consent.html",
        lambda: _consent("identity", "age", "birthdate", "age_over_18", "verified_claims"),
        True,
    ),
    Sample("login-consent-child", "login/consent.html", lambda: _consent("phone", child="王*明"), True),
    Sample("login-party", "login/party.html", _party),
    Sample("login-party-refused", "login/party.html", lambda: _party(refused(party.PartyForm(), ("party", None)))),
    Sample("login-consent-plain", "login/consent.html", _consent, True),
    Sample("register-form", "register/form.html", lambda: door(register.RegistrationForm())),
    Sample("register-form-network", "register/form.html", lambda: door(register.RegistrationForm(), may_arrive=True)),
    Sample("register-arrival", "register/arrival.html", lambda: door(register.AccountForm())),
    Sample("register-form-refused", "register/form.html", _registration_errors),
    Sample("register-code", "register/code.html", lambda: code(login.CodeForm())),
    *ACCOUNT_SAMPLES,
    *LINK_SAMPLES,
    Sample(
        "logout-confirm",
        "logout/confirm.html",
        lambda: {"form": logout.DecisionForm(), "client_name": CLIENT},
        True,
    ),
    Sample("logout-done", "logout/done.html", _logout_done),
    Sample("recovery-start", "recovery/start.html", lambda: {"form": recovery.IdentifierForm()}),
    Sample("recovery-code", "recovery/code.html", lambda: code(login.CodeForm()) | {"client_name": None}),
    Sample(
        "recovery-waiting",
        "recovery/waiting.html",
        lambda: {"opens_at": NOON, "masked_destination": "138****5678"},
    ),
    Sample("recovery-number", "recovery/number.html", lambda: {"form": recovery.RegisteredNumberForm()}),
    Sample(
        "recovery-number-refused",
        "recovery/number.html",
        lambda: {"form": refused(recovery.RegisteredNumberForm(), ("wrong_registered_number", "number"))},
    ),
    Sample("recovery-proof", "recovery/proof.html", lambda: {"form": login.RecoveryCodeForm()}),
    Sample("recovery-password", "recovery/password.html", lambda: {"form": recovery.NewPasswordForm()}),
    Sample("recovery-done", "recovery/done.html", dict),
    Sample("mobile-in-use", "mobile/in_use.html", lambda: _in_use(None)),
    Sample("mobile-in-use-asked", "mobile/in_use.html", lambda: _in_use(Asked(Standing.WAITING, NOON))),
    Sample("mobile-in-use-kept", "mobile/in_use.html", lambda: _in_use(Asked(Standing.KEPT))),
    Sample("mobile-in-use-free", "mobile/in_use.html", lambda: _in_use(Asked(Standing.FREE))),
    Sample("mobile-keep", "mobile/keep.html", lambda: door(None)),
    Sample("mobile-bind", "mobile/bind.html", lambda: door(login.MobileForm(), is_lost=True)),
    Sample(
        "mobile-bind-refused",
        "mobile/bind.html",
        lambda: door(refused(login.MobileForm(), ("mobile_invalid", "mobile"))),
    ),
    Sample("mobile-code", "mobile/code.html", lambda: code(login.CodeForm())),
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
