"""A bare application that shows the sample pages, for the gallery and for the page tests."""

from datetime import timedelta
from pathlib import Path

from flask import Flask, render_template
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader

import admin
from admin.wording import init_console_wording
from idp.web import wording
from idp.web.locale import init_locale
from idp.web.page_models import PersonShown
from idp.web.security_headers import init_security_headers
from tests.support.page_samples import SAMPLES

WEB = Path(wording.__file__).parent
TEMPLATES = (WEB / "templates", Path(admin.__file__).parent / "templates")

_ROUTES = {
    "home.index": "/",
    "home.set_language": "/language",
    "home.terms": "/terms",
    "home.privacy": "/privacy",
    "account.stop_session": "/account/sessions/<session_id>/stop",
    "account.withdraw": "/account/applications/<handle>/withdraw",
    "account.end_guardianship": "/account/family/<handle>/end",
    "account.link": "/account/links/<handle>",
    "account.confirm_login": "/account/links/<handle>/confirm",
    "account.send_link_code": "/account/links/<handle>/send",
    "account.link_password": "/account/links/<handle>/password",
    "account.link_source": "/account/links/<handle>/source",
    "account.link_not_mine": "/account/links/<handle>/not-mine",
    "account.unlink": "/account/links/<handle>/unlink",
    "account.choose_main_link": "/account/links/<handle>/main",
}
_PLAIN_ROUTES = (
    "login.password login.sms login.code login.resend login.totp login.recovery_code login.consent "
    "login.cancel register.form register.arrival register.code register.resend account.overview account.activity "
    "account.sessions account.stop_other_sessions account.password account.applications account.family account.contact "
    "account.contact_code account.contact_resend account.security account.totp "
    "account.totp_remove account.recovery_codes "
    "logout.confirm logout.done recovery.start recovery.code recovery.resend recovery.waiting "
    "recovery.number recovery.password recovery.done recovery.lost_totp recovery.wait "
    "account.cancel_recovery account.keep_mobile login.proceed "
    "mobile.in_use mobile.keep mobile.bind mobile.code mobile.resend mobile.later dev.outbox "
    "staff.mobile staff.code staff.resend staff.password staff.totp "
    "verify.start verify.start_counter verify.form verify.code verify.resend verify.without_mobile verify.later "
    "verify.face verify.face_start verify.face_result verify.number verify.at_counter verify.new_visit "
    "verify.accept verify.decline "
    "counter.leave counter.newcomer counter.home counter.visit counter.card counter.sign counter.second counter.refuse "
    "network_identity.service network_identity.code network_identity.resend network_identity.result "
    "counter.matters counter.new_matter counter.matter counter.matter_card counter.propose counter.decide "
    "counter.refuse_matter counter.open_work counter.case counter.close_case "
    "console.start console.leave console.systems console.new_system console.system_page console.edit_system "
    "console.edit_rules console.passwords console.set_cutover console.ask_vouching console.approve_vouching "
    "console.end_vouching console.batches console.batch console.new_batch console.upload console.take_file "
    "console.agree_columns console.pause_batch console.resume_batch console.cancel_batch console.approve_batch "
    "console.accept_stop console.begin_again console.faults console.ask_undo console.approve_undo console.cases console.case "
    "console.take_case console.release_case console.decide_case console.unmask_case console.links "
    "console.find_account console.find_person console.account console.person console.undo_link console.reports "
    "console.report_file "
    "account.links account.claim_link "
    "factor.mobile factor.code factor.resend factor.later "
    "old_account.form old_account.shown old_account.waiting"
)


def bare_app(*, supported: tuple[str, ...] = ("zh_CN", "en"), translations: str | None = None) -> Flask:
    """Return an application with the routes that the templates link to, and `/sample/<name>`."""
    app = Flask("gallery", static_folder=str(WEB / "static"), template_folder=None)
    app.jinja_loader = ChoiceLoader([FileSystemLoader(str(folder)) for folder in TEMPLATES])  # type: ignore[misc]
    app.config.update(SECRET_KEY="gallery", WTF_CSRF_ENABLED=True, SERVER_NAME=None)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = timedelta(hours=1)  # as in the real one: a browser asks once
    if translations is not None:
        app.config["BABEL_TRANSLATION_DIRECTORIES"] = translations
    CSRFProtect(app)
    init_locale(app, supported, supported[0])
    wording.init_wording(app)
    init_console_wording(app)
    init_security_headers(app, https=False)
    routes = _ROUTES | {name: "/" + name.replace(".", "/") for name in _PLAIN_ROUTES.split()}
    for endpoint, path in routes.items():
        app.add_url_rule(path, endpoint=endpoint, view_func=lambda **_: "", methods=["GET", "POST"])
    by_name = {sample.name: sample for sample in SAMPLES}

    @app.get("/sample/<name>")
    def sample_page(name: str) -> str:
        sample = by_name[name]
        person = PersonShown("张*") if sample.logged_in else None
        return render_template(sample.template, **({"person": person} | sample.make()))

    return app
