"""Turning an authorization response into HTTP (OAuth 2.0 Form Post Response Mode §4, RFC 6749 §4.1.2)."""

from urllib.parse import urlsplit

import structlog
from flask import Response, g, make_response, redirect, render_template, request

from idp.core.oauth_errors import OAuthError
from idp.endpoints.authorize import AuthorizationResponse
from idp.web.environ import ERROR
from idp.web.locations import location_of

_log = structlog.get_logger("idp.web")


def send_to_client(answer: AuthorizationResponse) -> Response:
    """Return the redirect, or the page that posts the parameters; never cached."""
    if answer.response_mode == "form_post":
        allow_form_to(answer.redirect_uri)
        page = render_template(
            "oauth/form_post.html",
            action=answer.redirect_uri,
            fields=list(answer.parameters),
            client_name=None,
        )
        response = make_response(page)
    else:
        response = see_other(location_of(answer))
    response.headers["Cache-Control"] = "no-store"
    return response


def refuse_to_client(answer: AuthorizationResponse, error: OAuthError) -> Response:
    """Return a refusal by way of the browser (RFC 6749 §4.1.2.1), told to the log and the metrics as any other."""
    _log.info("oauth.refused", error=error.error, detail=error.detail, path=request.path)
    request.environ[ERROR] = error.error
    return send_to_client(answer)


def see_other(location: str) -> Response:
    """Return a 303: the browser always goes on with GET, so a password is never posted onwards."""
    response = redirect(location, code=303)
    assert isinstance(response, Response)  # noqa: S101
    return response


def allow_form_to(uri: str | None) -> None:
    """Let the forms of this page lead to `uri`: browsers apply form-action to redirects after a POST."""
    if uri is None:
        return
    parts = urlsplit(uri)
    place = f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else f"{parts.scheme}:"
    g.csp_form_action = [place]
