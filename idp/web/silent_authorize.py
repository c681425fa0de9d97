"""Authorization requests that need no page: one login, every portal, and each portal asks here.

Answers only the case that succeeds at once; for everything else (a page, an error, a first meeting) it has
written nothing and says None, and the request goes the ordinary way.
"""

from typing import Any

from idp.core.errors import PageError
from idp.core.oauth_errors import OAuthError
from idp.house.build import House
from idp.login.loop import Browser
from idp.login.next_step import Step
from idp.login.progress import Progress
from idp.web.context import CookieNames
from idp.web.locations import location_of
from idp.web.program_answers import NO_STORE, Answer

_MAX_QUERY = 16_384
_MODES = ("query", "fragment")


class SilentAuthorize:
    """The authorization endpoint for browsers that are logged in already."""

    def __init__(self, house: House) -> None:
        self._endpoint = house.protocol.authorize
        self._loop = house.login.loop
        self._cookies = CookieNames.for_scheme(https=house.settings.https)

    def answer(self, environ: dict[str, Any]) -> Answer | None:
        """Return the redirect to the client, or None where this is not such a request."""
        header, query = environ.get("HTTP_COOKIE", ""), environ.get("QUERY_STRING", "")
        if not any(name in header for name in (self._cookies.session, self._cookies.staff)) or len(query) > _MAX_QUERY:
            return None
        try:
            trusted = self._endpoint.trust(query.encode("latin-1"))
            request = self._endpoint.validate(trusted)
        except (PageError, OAuthError, UnicodeError):
            return None
        if request.response_mode not in _MODES or not request.redirect_uri.isascii():
            return None
        client = trusted.client
        handle = _value_of(self._cookies.session_of(for_staff=client.for_staff), header)
        if handle is None:
            return None
        browser = Browser(session_handle=handle, device_secret="", device_label="")
        decision = self._loop.decide(self._endpoint.demands(request, client), Progress(), browser, client)
        if decision.step is not Step.DONE or decision.sub is None or decision.sid is None:
            return None
        assert decision.session is not None and decision.facts is not None  # noqa: S101 - DONE says so
        response = self._endpoint.respond(
            request, client, decision.session, decision.facts.ial, sub=decision.sub, sid=decision.sid
        )
        return Answer(303, [("Location", location_of(response)), *NO_STORE], b"")


def _value_of(name: str, header: str) -> str | None:
    """Return the cookie's value; a header with two of them is for the ordinary way."""
    start = f"{name}="
    found = [each for pair in header.split(";") if (each := pair.strip()).startswith(start)]
    return found[0][len(start) :] if len(found) == 1 else None
