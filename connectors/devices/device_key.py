"""The public key of a device: one kind only, so that nothing about it is negotiated (RFC 7517, RFC 7638)."""

from dataclasses import dataclass, field
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from idp.core.hashing import encode_base64url

#: The one algorithm of devices (RFC 7518 §3.4).
ALGORITHM = "ES256"

_COORDINATE_LENGTH = 43  # RFC 7518 §6.2.1.2: 32 octets, also where they begin with zeros


class UnusableDeviceKey(ValueError):
    """A key is not a public EC P-256 key."""


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """A public key, its members that count, and its name among all keys."""

    jwk: dict[str, Any] = field(repr=False)
    thumbprint: str
    key: ECKey = field(repr=False)


def import_device_key(jwk: object) -> DeviceKey:
    """Return the key without whatever else its document holds; raises UnusableDeviceKey."""
    # Checked before anything reads it: a device that shows its private key must hear of it.
    if not isinstance(jwk, dict) or "d" in jwk or "k" in jwk:
        raise UnusableDeviceKey("not a public key")
    if jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
        raise UnusableDeviceKey("not a key of P-256")
    if jwk.get("use", "sig") != "sig" or jwk.get("alg", ALGORITHM) != ALGORITHM:
        raise UnusableDeviceKey("meant for something else")
    members = {"kty": "EC", "crv": "P-256"}
    for name in ("x", "y"):
        value = jwk.get(name)
        # One spelling only, or one key would have several thumbprints.
        if not isinstance(value, str) or len(value) != _COORDINATE_LENGTH:
            raise UnusableDeviceKey(name)
        members[name] = value
    try:
        key = ECKey.import_key({**members})
        point = key.public_key.public_numbers()
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise UnusableDeviceKey(type(error).__name__) from None
    canonical = _canonical(point.x, point.y)
    if canonical != members:
        raise UnusableDeviceKey("not the one spelling of its point")
    return DeviceKey(canonical, key.thumbprint(), key)


def _canonical(x: int, y: int) -> dict[str, str]:
    return {
        "kty": "EC",
        "crv": "P-256",
        "x": encode_base64url(x.to_bytes(32, "big")),
        "y": encode_base64url(y.to_bytes(32, "big")),
    }
