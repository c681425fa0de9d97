"""The keys of a web process: it says which it has loaded, and signs forms with the present ones."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

from idp.crypto.keyring import Keyring, Purpose
from idp.house.ground import Ground

_LABEL = "form cookie"
#: Must be answered while the database is away.
_WITHOUT_KEYS = ("/healthz", "/readyz", "/metrics")


def form_keys(keyring: Keyring) -> list[bytes]:
    """Return the keys of the form cookie, the one that signs last (as itsdangerous wants them)."""
    versions = reversed(keyring.versions(Purpose.SESSION_COOKIE))
    return [keyring.derive(Purpose.SESSION_COOKIE, _LABEL, version=version) for version in versions]


class KeysInUse:
    """A WSGI application around the pages; follows a rotation without a restart."""

    def __init__(self, ground: Ground, app: Flask, inner: Callable[..., Iterable[bytes]]) -> None:
        self._ground = ground
        self._app = app
        self._inner = inner
        self._fingerprint = ""
        self._take_over(ground.keyring.fingerprint)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Look after the keys, seldom, and hand the request on."""
        if environ.get("PATH_INFO") not in _WITHOUT_KEYS:
            fingerprint = self._ground.presence.note()
            if fingerprint is not None and fingerprint != self._fingerprint:
                self._take_over(fingerprint)
        return self._inner(environ, start_response)

    def _take_over(self, fingerprint: str) -> None:
        keys = form_keys(self._ground.keyring)
        self._app.config["SECRET_KEY_FALLBACKS"] = keys[:-1]
        self._app.config["SECRET_KEY"] = keys[-1]
        # A form that was opened under the key before must still be taken.
        self._app.config["WTF_CSRF_SECRET_KEY"] = keys
        self._fingerprint = fingerprint
