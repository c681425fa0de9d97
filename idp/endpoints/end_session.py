"""RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0)."""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode, urlsplit, urlunsplit

from clients.client import Client, ClientState
from clients.registry import ClientRegistry
from idp.audit.log import Origin
from idp.core.errors import PageError
from idp.core.oauth_errors import InvalidRequest
from idp.endpoints.parameters import Parameters
from idp.sessions.ending import SessionEnding, Told
from idp.sessions.service import Sessions
from idp.storage.engine import Database
from idp.tokens.hints import Hint, IdTokenHints


class LogoutProblem(StrEnum):
    """Why a logout request is a page of its own."""

    BAD_REQUEST = "bad_request"
    UNKNOWN_CLIENT = "unknown_client"
    BAD_REDIRECT_URI = "bad_redirect_uri"


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """A validated logout request."""

    client_id: str | None
    hint_sid: str | None
    return_uri: str | None

    def as_document(self) -> dict[str, str | None]:
        """Return the document that is parked while the person is asked."""
        return {"client_id": self.client_id, "hint_sid": self.hint_sid, "return_uri": self.return_uri}


class EndSessionEndpoint:
    """Decides whether to log out at once or to ask, and does it."""

    def __init__(
        self,
        *,
        database: Database,
        clients: ClientRegistry,
        sessions: Sessions,
        ending: SessionEnding,
        hints: IdTokenHints,
    ) -> None:
        self._database = database
        self._clients = clients
        self._sessions = sessions
        self._ending = ending
        self._hints = hints

    def validate(self, parameters: Parameters) -> LogoutRequest:
        """Return the request; raises PageError, because nothing may be redirected before it is trusted (§3)."""
        hint = self._read_hint(parameters.get("id_token_hint"))
        client_id = parameters.get("client_id")
        if hint is not None:
            if client_id is not None and client_id not in hint.audience:  # §2: must be the same client
                raise PageError(LogoutProblem.BAD_REQUEST, detail="client_id and id_token_hint differ")
            client_id = hint.audience[0]
        client = self._clients.find(client_id) if client_id is not None else None
        if client_id is not None and (client is None or client.state is not ClientState.ACTIVE):
            raise PageError(LogoutProblem.UNKNOWN_CLIENT)
        return LogoutRequest(
            client_id=client.client_id if client else None,
            hint_sid=hint.sid if hint else None,
            return_uri=_return_uri(parameters, client),
        )

    def is_of_staff(self, request: LogoutRequest, *, citizen: str | None, staff: str | None) -> bool:
        """Tell which of a browser's two sessions is meant: that on whose side the client is.

        Where no client is named it is the citizen's, or else the one that there is.
        """
        client = self._clients.find(request.client_id) if request.client_id is not None else None
        if client is not None:
            return client.for_staff
        with self._database.read() as session:
            if self._sessions.find(session, citizen) is not None:
                return False
            return self._sessions.find(session, staff, is_staff=True) is not None

    def is_at_once(self, request: LogoutRequest, handle: str | None, *, is_staff: bool) -> bool:
        """Tell whether no question is needed: the hint is of this very session, or there is no session left."""
        with self._database.read() as session:
            live = self._sessions.find(session, handle, is_staff=is_staff)
            if live is None:
                return True
            if request.client_id is None or request.hint_sid is None:
                return False
            hinted = self._sessions.find_by_sid(session, request.client_id, request.hint_sid)
            return hinted is not None and hinted.id == live.id

    def end(self, handle: str | None, origin: Origin, *, is_staff: bool) -> tuple[Told, ...]:
        """End one of the browser's sessions and return which clients learn of it."""
        with self._database.transaction() as session:
            live = self._sessions.find(session, handle, is_staff=is_staff)
            if live is None:
                return ()
            return self._ending.end(session, live.id, reason="logout", origin=origin)

    def _read_hint(self, text: str | None) -> Hint | None:
        if text is None:
            return None
        try:
            return self._hints.read(text)
        except InvalidRequest as error:
            raise PageError(LogoutProblem.BAD_REQUEST, detail=error.detail) from None


def _return_uri(parameters: Parameters, client: Client | None) -> str | None:
    """Return where to send the person afterwards; only an exactly registered URI (§3), with `state` added."""
    uri = parameters.get("post_logout_redirect_uri")
    if uri is None:
        return None
    if client is None or uri not in client.post_logout_redirect_uris:
        raise PageError(LogoutProblem.BAD_REDIRECT_URI)
    state = parameters.get("state")
    if state is None:
        return uri
    parts = urlsplit(uri)
    added = urlencode({"state": state})
    return urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added))
