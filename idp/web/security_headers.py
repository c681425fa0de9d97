"""The headers that every answer carries: content security policy, framing, referrer, caching."""

import re
from collections.abc import Iterable

from flask import Flask, Response, g

# Permissions Policy: no page of ours uses any of these; passkeys are named because they will.
_PERMISSIONS = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
    "microphone=(), payment=(), usb=(), publickey-credentials-get=(self), publickey-credentials-create=(self)"
)
_HSTS_SECONDS = 31_536_000
_ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
# RFC 8252 §7.1: a private-use scheme holds a dot, which also keeps `https:` or `data:` out.
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:")


def init_security_headers(app: Flask, *, https: bool) -> None:
    """Add the headers to every answer of `app`; a header that a view has set is left alone.

    A view may list further places in `g.csp_form_action` (the origin, or private-use scheme, to which
    a form's redirect chain leads), `g.csp_frame_src` (front-channel logout) and `g.csp_script_src` (the
    one page that needs the script of a service). Anything that is not such a source is dropped.
    """

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", _content_security_policy())
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Referrer-Policy", "no-referrer")
        headers.setdefault("Permissions-Policy", _PERMISSIONS)
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if https:
            headers.setdefault("Strict-Transport-Security", f"max-age={_HSTS_SECONDS}")
        if response.mimetype == "text/html":
            # A page holds personal data or a CSRF token: never in a shared or a back-button cache.
            headers.setdefault("Cache-Control", "no-store")
        return response


def _content_security_policy() -> str:
    form_action = _sources(g.get("csp_form_action", ()))
    frame_src = _sources(g.get("csp_frame_src", ()))
    script_src = _sources(g.get("csp_script_src", ()))
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(["script-src 'self'", *script_src]),
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            # Browsers apply form-action to the redirects after a POST as well.
            " ".join(["form-action 'self'", *form_action]),
            " ".join(["frame-src", *(frame_src or ["'none'"])]),
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )


def _sources(candidates: Iterable[str]) -> list[str]:
    """Return those that are an origin or a private-use scheme, once each, in order."""
    good = (c for c in candidates if _ORIGIN.fullmatch(c) or _PRIVATE_SCHEME.fullmatch(c))
    return list(dict.fromkeys(good))
