"""The routes of logging in and out, the provider's back channel among them."""

import re

from flask import Flask, Response, g, jsonify, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from demo.portals.logout_token import LogoutTokenRefused, LogoutTokenVerifier
from demo.portals.provider import SILENT_REFUSALS, LoginFailed, Provider
from demo.portals.sessions import SessionStore, current
from demo.portals.settings import PortalSettings

_OWN_PATH = re.compile(r"/(?:[a-z0-9-]+(?:/[a-z0-9-]+)*)?")
_ERROR_CODE = re.compile(r"[a-z_]{1,64}")


def add_login_routes(
    app: Flask,
    settings: PortalSettings,
    *,
    provider: Provider,
    store: SessionStore,
    verifier: LogoutTokenVerifier,
) -> None:
    """Add /login, /callback, /logout, /logged-out and /backchannel-logout to a portal."""
    _add_login(app, provider, store)
    _add_logout(app, provider, store)
    _add_back_channel(app, store, verifier)


def _add_login(app: Flask, provider: Provider, store: SessionStore) -> None:
    @app.get("/login")
    def login() -> BaseResponse:
        wanted = request.args.get("next", "/")
        current["next"] = wanted if _OWN_PATH.fullmatch(wanted) else "/"
        current.pop("silent_pending", None)
        try:
            wanted_level = request.args.get("level", "1")
            level = int(wanted_level) if wanted_level in ("2", "3", "4") else 1
            return provider.authorize(locale=g.texts.tag, level=level)
        except LoginFailed as failure:
            return _error_page(failure)

    @app.get("/callback")
    def callback() -> BaseResponse:
        try:
            completed = provider.finish()
        except LoginFailed as failure:
            if failure.error in SILENT_REFUSALS and current.pop("silent_pending", False):
                needs_page = failure.error in ("consent_required", "interaction_required")
                current["notice"] = "consent_needed" if needs_page else None
                return redirect("/")
            return _error_page(failure)
        store.drop(current)
        silently = current.pop("silent_pending", False)
        current["login"] = completed
        current["silent_tried"] = True
        current["notice"] = "silently" if silently else None
        return redirect(current.pop("next", "/"))


def _add_logout(app: Flask, provider: Provider, store: SessionStore) -> None:
    @app.post("/logout")
    def logout() -> BaseResponse:
        ended = current.login
        store.drop(current)
        current.clear()
        # The person wanted to leave: the home page must not log them in again by itself.
        current["silent_tried"] = True
        if ended is None:
            return redirect("/", 303)
        try:
            answer = provider.log_out(ended.id_token, locale=g.texts.tag)
        except LoginFailed:
            current["logout_half"] = True
            return redirect("/logged-out", 303)
        answer.status_code = 303
        return answer

    @app.get("/logged-out")
    def logged_out() -> BaseResponse:
        half = current.pop("logout_half", False)
        provider.is_logout_answer()  # uses up the state; the page claims no more than it knows
        return make_response(render_template("logged_out.html", half=half))


def _add_back_channel(app: Flask, store: SessionStore, verifier: LogoutTokenVerifier) -> None:
    @app.post("/backchannel-logout")
    def backchannel_logout() -> tuple[Response, int]:
        # Back-Channel Logout 1.0 §2.5: one form parameter, never from the address.
        tokens = request.form.getlist("logout_token")
        try:
            if len(tokens) != 1:
                raise LogoutTokenRefused("logout_token must be given once")
            order = verifier.verify(tokens[0])
        except LogoutTokenRefused as refusal:  # §2.8
            return jsonify(error="invalid_request", error_description=str(refusal)), 400
        # §2.7: nobody to log out is a success, too.
        return jsonify(ended=store.end(sid=order.sid, sub=order.sub)), 200


def _error_page(failure: LoginFailed) -> BaseResponse:
    code = failure.error if _ERROR_CODE.fullmatch(failure.error or "") else "unknown_error"
    status = 503 if code == "provider_unreachable" else 400
    return make_response(render_template("error.html", code=code), status)
