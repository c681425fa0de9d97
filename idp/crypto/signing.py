"""Token-signing keys: made, serialised for wrapping, and loaded again (RFC 7517, RFC 7518)."""

from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_private_key
from joserfc.jwk import ECKey, KeyParameters, RSAKey

from idp.core.errors import ConfigError

SIGNING_ALGORITHMS = ("ES256", "RS256")
RSA_KEY_SIZES = (2048, 3072, 4096)  # RFC 7518 §3.3: at least 2048 bits


@dataclass(frozen=True, slots=True, eq=False)
class SigningKeyMaterial:
    """A key pair at rest: `private_der` (PKCS#8) is to be wrapped, `public_jwk` to be published."""

    kid: str
    algorithm: str
    private_der: bytes = field(repr=False)
    public_jwk: dict[str, Any]


def generate_signing_key(algorithm: str, *, rsa_key_size: int = 2048) -> SigningKeyMaterial:
    """Return a new key pair named by its thumbprint (RFC 7638); ConfigError for others."""
    key: ECKey | RSAKey
    if algorithm == "ES256":
        key = ECKey.import_key(ec.generate_private_key(ec.SECP256R1()))
    elif algorithm == "RS256" and rsa_key_size in RSA_KEY_SIZES:
        key = RSAKey.import_key(rsa.generate_private_key(public_exponent=65537, key_size=rsa_key_size))
    else:
        raise ConfigError("signing keys are ES256, or RS256 of 2048, 3072 or 4096 bits")
    kid = key.thumbprint()
    return SigningKeyMaterial(
        kid=kid,
        algorithm=algorithm,
        private_der=key.as_der(private=True),
        public_jwk={**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": algorithm},
    )


def load_private(der: bytes, algorithm: str, kid: str) -> ECKey | RSAKey:
    """Return the key ready to sign; ConfigError when damaged, not for `algorithm` or not named `kid`."""
    try:
        private = load_der_private_key(der, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ConfigError(f"signing key {kid} is damaged; restore the keys' backup") from None
    parameters: KeyParameters = {"kid": kid, "use": "sig", "alg": algorithm}
    key: ECKey | RSAKey
    if isinstance(private, ec.EllipticCurvePrivateKey) and algorithm == "ES256" and _is_p256(private):
        key = ECKey.import_key(private, parameters)
    elif isinstance(private, rsa.RSAPrivateKey) and algorithm == "RS256" and private.key_size in RSA_KEY_SIZES:
        key = RSAKey.import_key(private, parameters)
    else:
        raise ConfigError(f"signing key {kid} is not a key for {algorithm}; restore the keys' backup")
    # A private key under another key's name would give tokens that no published key verifies.
    if key.thumbprint() != kid:
        raise ConfigError(f"signing key {kid} does not belong to its name; restore the keys' backup")
    return key


class ReadyKey:
    """A private key as the library's algorithms ask for it, looked up and checked for signing once."""

    __slots__ = ("_operation", "curve_key_size")

    def __init__(self, key: ECKey | RSAKey) -> None:
        self._operation = key.get_op_key("sign")
        self.curve_key_size = key.curve_key_size if isinstance(key, ECKey) else None

    def get_op_key(self, _operation: str) -> Any:
        """Return the key that signs."""
        return self._operation


def _is_p256(private: ec.EllipticCurvePrivateKey) -> bool:
    # By name: other curves have 256 bits as well (RFC 7518 §3.4).
    return private.curve.name == ec.SECP256R1.name
