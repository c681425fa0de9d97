"""Whose request it is: X-Forwarded-For is believed of listed front proxies only."""

from collections.abc import Callable, Iterable
from typing import Any

import structlog

from idp.core.networks import Networks, parse_address
from idp.web.environ import UNKNOWN_HOP

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WsgiApplication = Callable[[Environ, StartResponse], Iterable[bytes]]

_BODY = b"The request came with a malformed X-Forwarded-For header.\n"
_MOST_HOPS = 20
_log = structlog.get_logger("idp.proxies")


class Proxies:
    """A WSGI application in front of all others; sets REMOTE_ADDR to the address that asked."""

    def __init__(self, trusted: Networks, inner: WsgiApplication) -> None:
        self._trusted = trusted
        self._inner = inner

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Hand the request on, or refuse it where a listed proxy's header cannot be read.

        Falling back to the proxy's own address would let a malformed header pass as somebody else
        (CVE-2024-47070).
        """
        header = environ.get("HTTP_X_FORWARDED_FOR")
        if environ.get("REMOTE_ADDR", "") not in self._trusted:
            environ[UNKNOWN_HOP] = header is not None or "HTTP_FORWARDED" in environ
        elif header is not None:
            try:
                environ["REMOTE_ADDR"] = self._client(header)
            except ValueError:
                _log.warning("proxies.malformed_header", peer=environ.get("REMOTE_ADDR"))
                headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(_BODY)))]
                start_response("400 Bad Request", [*headers, ("Cache-Control", "no-store")])
                return [_BODY]
        return self._inner(environ, start_response)

    def _client(self, header: str) -> str:
        """Return the nearest address that is no listed proxy: whatever stands before it, it may have made up."""
        hops = header.split(",")
        if len(hops) > _MOST_HOPS:
            raise ValueError("too many hops")
        address = ""
        for hop in reversed(hops):
            address = str(parse_address(hop.strip(" \t")))
            if address not in self._trusted:
                break
        return address
