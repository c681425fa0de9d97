"""The part of a reader's software that speaks to the provider: its key, its enrolment, its signed requests.

As a maker would write it from docs/devices.md; nothing here knows the provider's code.
"""

import base64
import hashlib
import json
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from joserfc import jws
from joserfc.jwk import ECKey

_SECONDS = 5
_SECURITY_MODULE = "05.03-20200101-0000000001-0000000001"


class ProviderRefused(Exception):
    """The provider did not do as asked; `problem` is its name for it, or what stood in the way."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Question:
    """The counter wants a card."""

    reading: str
    nonce: str = field(repr=False)


class ReaderDevice:
    """One reader. It keeps key and id in `folder`, readable by its owner alone."""

    def __init__(self, *, issuer: str, folder: Path, now: Callable[[], float] = time.time) -> None:
        self._issuer = issuer
        self._file = folder / "device.json"
        self._now = now
        self._http = requests.Session()
        self._http.trust_env = False  # a proxy of the environment does not lead to loopback
        self._key: ECKey | None = None
        self.device_id = ""
        self.thumbprint = ""
        if self._file.exists():
            self._adopt(json.loads(self._file.read_text(encoding="ascii")))

    @property
    def is_enrolled(self) -> bool:
        """Tell whether it was enrolled once; the provider may have ended it since."""
        return self._key is not None

    def enrol(self, code: str) -> None:
        """Make a key and show it with the one-time code; raises ProviderRefused.

        A new key for each try: one whose answer was lost may be enrolled already, and is not taken again.
        """
        key = ECKey.generate_key("P-256")
        claims = {"aud": self._issuer, "iat": int(self._now()), "code": code}
        body = {
            "code": code,
            "public_jwk": key.as_dict(private=False),
            "proof": _sign(key, "device-enrolment+jwt", claims),
        }
        answer = self._post("/api/v1/devices", json=body)
        if answer.status_code != 201:
            raise ProviderRefused(_problem_of(answer))
        document = {"device_id": answer.json()["device_id"], "jwk": key.as_dict(private=True)}
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            json.dump(document, file)
        self._adopt(document)

    def wanted(self) -> Question | None:
        """Ask whether a card is wanted; raises ProviderRefused."""
        answer = self._post("/api/v1/devices/wanted", headers=self._authorization())
        if answer.status_code == 204:
            return None
        if answer.status_code != 200:
            raise ProviderRefused(_problem_of(answer))
        document = answer.json()
        return Question(document["reading"], document["nonce"])

    def answer(self, question: Question, *, block: bytes, photo: bytes, chip: str) -> None:
        """Sign what was read and hand it over; raises ProviderRefused."""
        claims = {
            "aud": self._issuer,
            "iat": int(self._now()),
            "nonce": question.nonce,
            "card": _base64url(block),
            "photo": _base64url(hashlib.sha256(photo).digest()),
            "chip": chip,
            "sam": _SECURITY_MODULE,
        }
        body = {"reading": _sign(self._own_key(), "card-reading+jwt", claims)}
        answer = self._post("/api/v1/devices/readings", json=body, headers=self._authorization())
        if answer.status_code != 204:
            raise ProviderRefused(_problem_of(answer))

    def _authorization(self) -> dict[str, str]:
        now = int(self._now())
        claims = {
            "iss": self.device_id,
            "aud": self._issuer,
            "iat": now,
            "exp": now + 30,
            "jti": secrets.token_urlsafe(16),
        }
        return {"Authorization": "Bearer " + _sign(self._own_key(), "device+jwt", claims)}

    def _post(self, path: str, **options: Any) -> requests.Response:
        try:
            return self._http.post(self._issuer + path, timeout=_SECONDS, allow_redirects=False, **options)
        except requests.RequestException as error:
            raise ProviderRefused(type(error).__name__) from None

    def _own_key(self) -> ECKey:
        if self._key is None:
            raise ProviderRefused("not-enrolled")
        return self._key

    def _adopt(self, document: dict[str, Any]) -> None:
        self._key = ECKey.import_key(document["jwk"])
        self.device_id = document["device_id"]
        self.thumbprint = self._key.thumbprint()


def _sign(key: ECKey, typ: str, claims: dict[str, Any]) -> str:
    return jws.serialize_compact({"alg": "ES256", "typ": typ}, json.dumps(claims).encode(), key)


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _problem_of(answer: requests.Response) -> str:
    try:
        return str(answer.json()["type"]).rpartition(":")[2]
    except (ValueError, KeyError, TypeError):
        return f"status {answer.status_code}"
