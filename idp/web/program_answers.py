"""Answers to programs: JSON with its headers, without any framework, so that the door and the pages share them."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from idp.core.oauth_errors import InvalidClient, InvalidToken, MissingToken, OAuthError, TemporarilyUnavailable

_encode_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
Headers = list[tuple[str, str]]
#: RFC 6749 §5.1 asks for both.
NO_STORE: Headers = [("Cache-Control", "no-store"), ("Pragma", "no-cache")]
#: Where the caller shows a bearer token; every refusal there says how (RFC 6750 §3).
_BEARER_PATHS = ("/oauth/userinfo", "/oauth/register/")


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer."""

    status: int
    headers: Headers
    body: bytes

    @property
    def status_line(self) -> str:
        """The status as WSGI wants it."""
        return f"{self.status} {HTTPStatus(self.status).phrase}"


def json_answer(document: Any, *, status: int = 200, cache: str = "no-store", headers: Headers | None = None) -> Answer:
    """Return a JSON answer, by default one that nothing may keep (RFC 6749 §5.1)."""
    body = _encode_json(document).encode()
    kept = [("Cache-Control", cache)] if cache != "no-store" else NO_STORE
    return Answer(status, [("Content-Type", "application/json"), *kept, *(headers or ())], body)


def error_answer(error: OAuthError, path: str) -> Answer:
    """Return the JSON of an OAuth error at `path` (RFC 6749 §5.2, RFC 6750 §3)."""
    # RFC 6750 §3.1: who showed no token at all is told no error, only what to show.
    named = not isinstance(error, MissingToken)
    members = {"error": error.error, "error_description": error.description} if named else {}
    return json_answer(members, status=error.status, headers=_extra_headers(error, path))


def _extra_headers(error: OAuthError, path: str) -> Headers:
    if isinstance(error, TemporarilyUnavailable):
        return [("Retry-After", str(error.retry_after_seconds))]
    if isinstance(error, InvalidClient):
        # RFC 6749 §5.2: in the scheme that the client used; RFC 7617 §2: with a realm.
        return [("WWW-Authenticate", 'Basic realm="token endpoint", charset="UTF-8"')]
    if isinstance(error, MissingToken):
        return [("WWW-Authenticate", 'Bearer realm="userinfo"')]
    if isinstance(error, InvalidToken) or (error.status < 500 and path.startswith(_BEARER_PATHS)):
        challenge = f'Bearer error="{error.error}", error_description="{error.description}"'
        return [("WWW-Authenticate", challenge)]
    return []
