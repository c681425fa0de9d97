"""The Flask application over a house."""

from datetime import timedelta

import structlog
from flask import Flask, Response, g, request
from flask_wtf.csrf import CSRFProtect

from admin.console import bp as console
from admin.upload_request import UploadRequest
from admin.wording import init_console_wording
from idp.core.networks import Networks
from idp.house.build import House
from idp.web import (
    account,
    counter,
    dev,
    factor,
    health,
    home,
    login,
    logout,
    mobile,
    oauth,
    objection,
    old_account,
    party,
    recovery,
    register,
    registration,
    staff_login,
    verify_counter,
    verify_face,
    verify_network_identity,
)
from idp.web.context import cookies, request_id, write_cookies
from idp.web.current_person import init_current_person
from idp.web.door import Door
from idp.web.errors import init_errors
from idp.web.keys_in_use import KeysInUse
from idp.web.locale import init_locale
from idp.web.metrics import Metrics, init_metrics
from idp.web.proxies import Proxies
from idp.web.security_headers import init_security_headers
from idp.web.wording import init_wording

#: Their routes lie on the blueprints of others.
_MORE_PAGES = (verify_face,)
#: Blueprints whose POSTs come from programs, or from other sites on purpose.
_WITHOUT_CSRF = (oauth.bp, registration.bp)


def create_app(house: House) -> Flask:
    """Return the application; everything it needs is in `house`."""
    settings = house.settings
    app = Flask("idp.web", root_path=str(_web_root()))
    app.request_class = UploadRequest
    app.extensions["yihao"] = house
    app.config.update(
        MAX_CONTENT_LENGTH=settings.server.max_body_bytes,
        MAX_FORM_PARTS=64,
        MAX_FORM_MEMORY_SIZE=settings.server.max_body_bytes,
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
        WTF_CSRF_TIME_LIMIT=settings.login.interaction_seconds,
        # Forms carry the token; a referrer check would only fail where people hide theirs.
        WTF_CSRF_SSL_STRICT=False,
    )
    with app.app_context():
        app.config["SESSION_COOKIE_NAME"] = cookies().forms
    csrf = CSRFProtect(app)
    _init_requests(app)
    init_locale(app, settings.locales.supported, settings.locales.default)
    init_wording(app, password_length=settings.login.citizen_password_length)
    init_console_wording(app)
    init_current_person(app)
    init_errors(app)
    init_security_headers(app, https=settings.https)
    for bp in (
        health.bp,
        home.bp,
        oauth.bp,
        registration.bp,
        login.bp,
        old_account.bp,
        register.bp,
        staff_login.bp,
        logout.bp,
        account.bp,
        recovery.bp,
        mobile.bp,
        objection.bp,
        verify_counter.bp,  # the pages of proving, those at a counter among them
        verify_network_identity.bp,
        factor.bp,
        party.bp,
        counter.bp,
        console,
    ):
        app.register_blueprint(bp)
    for exempt in _WITHOUT_CSRF:
        csrf.exempt(exempt)
    csrf.exempt(app.view_functions["logout.end_session_post"])
    # It asks for the token itself, once it knows who asks: before that no large body is read.
    csrf.exempt(app.view_functions["console.upload"])
    if settings.profile != "production" and settings.messaging.sms == "development":
        app.register_blueprint(dev.bp)
    init_metrics(app)
    door = Door(house, app.wsgi_app)
    keys = KeysInUse(house.ground, app, door)
    metrics = Metrics(house, keys, paths=door.paths)
    app.wsgi_app = Proxies(Networks(settings.server.trusted_proxies), metrics)  # type: ignore[method-assign]
    return app


def _init_requests(app: Flask) -> None:
    log = structlog.get_logger("idp.request")

    @app.before_request
    def begin() -> None:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id())

    @app.after_request
    def end(response: Response) -> Response:
        # Paths only: a query string may carry what somebody should not have put there.
        log.info("request", method=request.method, endpoint=request.endpoint, status=response.status_code)
        response.headers["X-Request-Id"] = request_id()
        g.pop("person", None)
        return write_cookies(response)


def _web_root() -> object:
    from pathlib import Path

    import idp.web

    return Path(idp.web.__file__).parent
