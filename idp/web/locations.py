"""Where an authorization response leads: its parameters added to the client's redirect URI."""

from urllib.parse import urlencode, urlsplit, urlunsplit

from idp.endpoints.authorize import AuthorizationResponse


def location_of(answer: AuthorizationResponse) -> str:
    """Return the address for a redirect in response mode query or fragment."""
    added = urlencode(answer.parameters)
    parts = urlsplit(answer.redirect_uri)
    if answer.response_mode == "fragment":
        return urlunsplit(parts._replace(fragment=added))
    # RFC 6749 §3.1.2: the registered URI's own query stays.
    return urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added))
