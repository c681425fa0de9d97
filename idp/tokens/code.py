"""Authorization codes: random, carrying their issue day and a MAC, so that only ours ever reach SQL."""

import hmac
from dataclasses import dataclass
from datetime import date, timedelta

from idp.core.clock import Clock
from idp.core.hashing import decode_base64url, encode_base64url, hash_secret
from idp.core.ids import new_secret
from idp.crypto.encoding import encode_fields
from idp.crypto.keyring import Keyring, Purpose

_EPOCH = date(2020, 1, 1)
_RANDOM = 24  # 192 bits
_MAC = 16
_SIZE = 2 + _RANDOM + _MAC


@dataclass(frozen=True, slots=True)
class CodeReference:
    """Where the redemption of a code is recorded: fixed at its issue, so a replay finds it without a store."""

    issue_day: date
    code_hash: str

    @property
    def family_id(self) -> str:
        """The id of the token family that the code's redemption starts."""
        return with_day(self.issue_day, hash_secret("family " + self.code_hash)[:22])


def with_day(issue_day: date, rest: str) -> str:
    """Return what carries the issue day of a family before it, so that one partition is looked at, not all."""
    return f"{(issue_day - _EPOCH).days}.{rest}"


def day_of(text: str) -> date | None:
    """Return the issue day that `with_day` put before a family id or refresh token, None where there is none."""
    days, dot, _ = text.partition(".")
    if not dot or not days.isascii() or not days.isdecimal() or len(days) > 5:
        return None
    return _EPOCH + timedelta(days=int(days))


class AuthorizationCodes:
    """Makes codes and recognises them."""

    def __init__(self, *, keyring: Keyring, clock: Clock) -> None:
        self._keyring = keyring
        self._clock = clock

    def make(self, client_id: str) -> str:
        """Return a new code for a client."""
        day = (self._clock.now().date() - _EPOCH).days.to_bytes(2, "big")
        body = day + decode_base64url(new_secret())[:_RANDOM]
        return encode_base64url(body + self._keyring.mac(Purpose.CODE, _covered(body, client_id))[:_MAC])

    def recognise(self, code: str, client_id: str) -> CodeReference | None:
        """Return where the redemption of `code` is recorded, or None for anything not issued to that client."""
        try:
            raw = decode_base64url(code)
        except ValueError:
            return None
        if len(raw) != _SIZE or encode_base64url(raw) != code:
            return None
        body, mac = raw[:-_MAC], raw[-_MAC:]
        expected = self._keyring.macs(Purpose.CODE, _covered(body, client_id)).values()
        matches = [hmac.compare_digest(each[:_MAC], mac) for each in expected]  # all, so the time tells nothing
        if not any(matches):
            return None
        return CodeReference(_EPOCH + timedelta(days=int.from_bytes(body[:2], "big")), hash_secret(code))


def _covered(body: bytes, client_id: str) -> bytes:
    return encode_fields("authorization code", body, client_id)
