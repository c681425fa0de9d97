"""The only place that turns errors into answers: JSON for clients, translated pages for people."""

import structlog
from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from idp.core.errors import LoginRefused, PageError, StoreUnavailable
from idp.core.oauth_errors import (
    OAuthError,
    ServerError,
    TemporarilyUnavailable,
)
from idp.web.context import house, origin, request_id
from idp.web.environ import ERROR
from idp.web.error_wording import error_page
from idp.web.program_answers import NO_STORE, error_answer
from idp.web.refusal_counts import count_refusal

_log = structlog.get_logger("idp.web")
_KINDS_BY_STATUS = {
    400: "bad_request",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    429: "too_many",
    503: "unavailable",
}
#: Paths whose callers are programs; the authorization and logout endpoints are for people.
_PROGRAM_PATHS = ("/oauth/", "/.well-known/", "/api/")
_PEOPLE_PATHS = ("/oauth/authorize", "/oauth/logout")


def init_errors(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(OAuthError, _oauth_error)
    app.register_error_handler(PageError, _page_error)
    app.register_error_handler(LoginRefused, _login_refused)
    app.register_error_handler(StoreUnavailable, _unavailable)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def oauth_answer(error: OAuthError) -> Response:
    """Return the JSON of an OAuth error, as the door gives it."""
    answer = error_answer(error, request.path)
    return Response(answer.body, answer.status, answer.headers)


def no_store(response: Response) -> Response:
    """Return the response as one that nothing may keep."""
    response.headers.extend(NO_STORE)
    return response


def page(kind: str, *, status: int | None = None) -> Response:
    """Return the error page of a kind."""
    shown = error_page(kind)
    try:
        text = render_template("errors/page.html", page=shown, request_id=request_id())
    except StoreUnavailable:
        g.without_stores = True  # the page that says so must not look anything up itself
        text = render_template("errors/page.html", page=shown, request_id=request_id())
    response = make_response(text, status or shown.status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _is_for_programs() -> bool:
    return request.path.startswith(_PROGRAM_PATHS) and not request.path.startswith(_PEOPLE_PATHS)


def _oauth_error(error: OAuthError) -> Response:
    _log.info("oauth.refused", error=error.error, detail=error.detail, path=request.path)
    request.environ[ERROR] = error.error
    count_refusal(house().ground.counting, error, request.path, origin())
    return oauth_answer(error)


def _page_error(error: PageError) -> Response:
    _log.info("page.refused", reason=str(error.reason), detail=error.detail)
    request.environ[ERROR] = str(error.reason)
    return page(str(error.reason))


def _login_refused(error: LoginRefused) -> Response:
    # Views word refusals beside their form; one that has no form left is an expired login.
    _log.info("login.refused", reason=str(error.reason), detail=error.detail)
    request.environ[ERROR] = str(error.reason)
    return page("expired_interaction")


def _unavailable(error: StoreUnavailable) -> Response:
    _log.error("store.unavailable", problem=str(error))
    request.environ[ERROR] = TemporarilyUnavailable.error
    if _is_for_programs():
        return oauth_answer(TemporarilyUnavailable())
    g.without_stores = True  # one store that is away must not let the page wait for the other
    response = page("unavailable")
    response.headers["Retry-After"] = str(TemporarilyUnavailable.retry_after_seconds)
    return response


def _csrf_error(error: CSRFError) -> Response:
    _log.info("csrf.refused", detail=error.description)
    return page("csrf_expired")


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    if _is_for_programs():
        response = jsonify(error="invalid_request", error_description="The request cannot be served.")
        response.status_code = status
        response.headers["Cache-Control"] = "no-store"
    else:
        response = page(_KINDS_BY_STATUS.get(status, "bad_request"), status=status)
    if error.code == 405 and (allowed := getattr(error, "valid_methods", None)):
        response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def _unexpected(error: Exception) -> Response:
    _log.exception("unexpected", path=request.path)
    request.environ[ERROR] = ServerError.error
    del error
    if _is_for_programs():
        return oauth_answer(ServerError())
    return page("server_error")
