"""The application factory of the two portals: pages, session, headers."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from demo.portals import claims
from demo.portals.login_routes import add_login_routes
from demo.portals.logout_token import LogoutTokenVerifier
from demo.portals.offer_routes import add_offer_routes
from demo.portals.provider import LoginFailed, Provider
from demo.portals.sessions import ServerSideSessions, SessionStore, current
from demo.portals.settings import PortalKind, PortalSettings
from demo.portals.texts import LANGUAGES, Texts

DEMO = Path(__file__).resolve().parent.parent


def create_portal(
    settings: PortalSettings,
    *,
    metadata: Mapping[str, Any] | None = None,
    now: Callable[[], float] = time.time,
) -> Flask:
    """Return one portal as a Flask application.

    `metadata` takes the place of the provider's discovery document, and its `jwks` that of the key
    set; without it both are fetched when first needed. `now` returns seconds since 1970.
    """
    app = Flask(__name__, template_folder=str(DEMO / "templates"), static_folder=str(DEMO / "static"))
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    store = SessionStore(now=now, idle_seconds=settings.idle_seconds, lifetime_seconds=settings.lifetime_seconds)
    app.session_interface = ServerSideSessions(store=store, settings=settings)
    app.extensions["portal_sessions"] = store
    provider = Provider(app, settings, metadata)
    verifier = LogoutTokenVerifier(
        issuer=settings.issuer,
        client_id=settings.client_id,
        algorithm=settings.signing_algorithm,
        keys=provider.keys,
        now=now,
    )
    _add_surroundings(app, settings)
    _add_home(app, settings, provider)
    add_login_routes(app, settings, provider=provider, store=store, verifier=verifier)
    add_offer_routes(app, settings, now=now)
    return app


def _add_surroundings(app: Flask, settings: PortalSettings) -> None:
    """Add what every page has: canonical host, language, template values, headers."""
    language_cookie = f"{settings.client_id}-language"

    @app.before_request
    def _arrive() -> BaseResponse | None:
        wanted = request.args.get("lang") or request.cookies.get(language_cookie)
        g.texts = Texts(wanted or request.accept_languages.best_match(LANGUAGES, "zh"))
        if request.host != settings.host:
            # Under another name (localhost) the cookie would be missing at the redirect URI.
            if request.method != "GET":
                abort(400)
            return redirect(settings.base_url + request.full_path.rstrip("?"))
        return None

    @app.context_processor
    def _values() -> dict[str, Any]:
        # The answer to a form cannot be fetched by its address, and a callback must not be repeated.
        repeatable = request.method == "GET" and request.endpoint not in (None, "login", "callback")
        return {
            "t": g.texts,
            "portal": settings,
            "is_service": settings.kind is PortalKind.SERVICE,
            "login": current.login,
            "mobile": claims.mobile(current.login.claims) if current.login else "",
            "masked": claims.masked,
            "switch_url": f"{request.path if repeatable else '/'}?lang={g.texts.other_language}",
        }

    @app.after_request
    def _protect(response: Response) -> Response:
        if request.args.get("lang") in LANGUAGES:
            response.set_cookie(
                language_cookie,
                g.texts.language,
                max_age=365 * 86400,
                httponly=True,
                samesite="Lax",
                secure=settings.is_https,
            )
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
            # Chromium applies form-action to the redirects after the logout form as well.
            f"form-action 'self' {settings.issuer_origin}"
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    @app.errorhandler(404)
    def _missing(_: Exception) -> tuple[str, int]:
        return render_template("missing.html"), 404


def _add_home(app: Flask, settings: PortalSettings, provider: Provider) -> None:
    """Add the home page, which tries one silent login, and the page of claims."""

    @app.get("/")
    def home() -> BaseResponse:
        notice = current.pop("notice", None)
        if current.login is None and not current.get("silent_tried"):
            # Remembered before the redirect: whatever comes back, there is no second try.
            current["silent_tried"] = True
            current["silent_pending"] = True
            try:
                return provider.authorize(locale=g.texts.tag, silent=True)
            except LoginFailed:
                notice = "provider_away"
        template = "service_home.html" if settings.kind is PortalKind.SERVICE else "appointments_home.html"
        return make_response(render_template(template, notice=notice))

    @app.get("/enter")
    def enter() -> BaseResponse:
        """Come from the neighbour: the person may have logged in there since, so try silently anew."""
        current.pop("silent_tried", None)
        return redirect("/")

    @app.get("/me")
    def me() -> BaseResponse:
        if current.login is None:
            return redirect("/login?next=/me")
        return make_response(
            render_template(
                "me.html",
                rows=claims.rows(current.login, g.texts, technical=False),
                technical=claims.rows(current.login, g.texts, technical=True),
            )
        )

    @app.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", mimetype="text/plain")
