"""Counting what the protocol's endpoints refuse to callers that proved nothing, for the audit."""

from idp.audit.counting import Counting
from idp.audit.events import Event
from idp.audit.log import Origin
from idp.core.oauth_errors import InvalidClient, InvalidRequest, InvalidToken, OAuthError

#: Others come after the caller's proof and leave their own audit rows.
_UNPROVED = (InvalidClient, InvalidRequest, InvalidToken)
_PLACES = ("token", "userinfo", "introspect", "revoke", "register", "authorize", "logout", "api")


def count_refusal(counting: Counting, error: OAuthError, path: str, origin: Origin) -> None:
    """Count a refusal by place and code; never raises, and keeps nothing that was sent."""
    if isinstance(error, _UNPROVED):
        place = "api" if path.startswith("/api/") else path.removeprefix("/oauth/").split("/", 1)[0]
        kind = f"{place if place in _PLACES else 'other'} {error.error}"
        counting.note(Event.REQUEST_REFUSED, kind, client_id=error.client_id, origin=origin)
