"""Blind indexes and keyed digests: equality can be searched, the value cannot be recovered without the key.

Document numbers and mobile numbers are few enough to try them all, so a plain hash would reveal them; each
digest here is a MAC. A bare name gets no blind index: common names would stand out by their number of rows.
"""

import hmac
from collections.abc import Mapping

from idp.core.hashing import encode_base64url
from idp.crypto.encoding import encode_fields
from idp.crypto.keyring import Keyring, Purpose


def blind_index(keyring: Keyring, kind: str, canonical: str) -> Mapping[int, str]:
    """Return the index of a value under every live key version, 43 characters each.

    A row is written for each version; `canonical` is the one spelling that the owner of `kind` defines.
    """
    return _texts(keyring.macs(Purpose.INDEX, _single(kind, canonical)))


def blind_index_pair(keyring: Keyring, kind: str, number: str, name_key: str) -> Mapping[int, str]:
    """Return the index of a number together with a name under every live key version."""
    return _texts(keyring.macs(Purpose.INDEX, _pair(kind, number, name_key)))


def lookup_index(keyring: Keyring, kind: str, canonical: str) -> tuple[int, str]:
    """Return key version and index to search a value by: those of the active key."""
    return _active(keyring, _single(kind, canonical))


def lookup_index_pair(keyring: Keyring, kind: str, number: str, name_key: str) -> tuple[int, str]:
    """Return key version and index to search a number together with a name by."""
    return _active(keyring, _pair(kind, number, name_key))


def keyed_digest(keyring: Keyring, kind: str, data: str | bytes) -> str:
    """Return 43 characters to store or show where a plain digest of personal data could be guessed."""
    return encode_base64url(keyring.mac(Purpose.DIGEST, _digest(kind, data)))


def keyed_digests(keyring: Keyring, kind: str, data: str | bytes) -> tuple[str, ...]:
    """Return that digest under every live key version, for whoever must find all that was stored under it."""
    return tuple(_texts(keyring.macs(Purpose.DIGEST, _digest(kind, data))).values())


def is_keyed_digest(keyring: Keyring, kind: str, data: str | bytes, digest: str) -> bool:
    """Tell whether `digest` is that of `data` under any live key version."""
    given = digest.encode("utf-8", "surrogatepass")
    expected = _texts(keyring.macs(Purpose.DIGEST, _digest(kind, data))).values()
    matches = [hmac.compare_digest(text.encode("ascii"), given) for text in expected]
    return any(matches)


def _single(kind: str, canonical: str) -> bytes:
    return encode_fields("blind index", kind, canonical)


def _pair(kind: str, number: str, name_key: str) -> bytes:
    return encode_fields("blind index pair", kind, number, name_key)


def _digest(kind: str, data: str | bytes) -> bytes:
    return encode_fields("keyed digest", kind, data)


def _active(keyring: Keyring, data: bytes) -> tuple[int, str]:
    version = keyring.active_version(Purpose.INDEX)
    # Of that version by name: another one may become active between the two calls.
    return version, encode_base64url(keyring.mac_version(Purpose.INDEX, version, data))


def _texts(macs: Mapping[int, bytes]) -> Mapping[int, str]:
    return {version: encode_base64url(mac) for version, mac in macs.items()}
