"""Signing keys are made, kept and loaded as the algorithm and the name they were made for."""

import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import import_key

from idp.core.errors import ConfigError
from idp.core.hashing import encode_base64url
from idp.crypto.envelope import signing_key_context
from idp.crypto.providers.file import FileKey
from idp.crypto.signing import SigningKeyMaterial, generate_signing_key, load_private

PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "k"}


@pytest.fixture(scope="module", params=["ES256", "RS256"])
def material(request: pytest.FixtureRequest) -> SigningKeyMaterial:
    return generate_signing_key(request.param)


def test_a_token_verifies_with_the_published_key(material: SigningKeyMaterial) -> None:
    """What the wrapped and unwrapped private key signs, the public JWK verifies."""
    key = FileKey(material=b"\1" * 32)
    context = signing_key_context(material.kid, material.algorithm)
    der = key.unwrap(key.wrap(material.private_der, context), context)
    signer = load_private(der, material.algorithm, material.kid)
    assert signer.kid == material.kid
    token = jwt.encode({"alg": material.algorithm, "kid": material.kid}, {"sub": "x"}, signer)
    published = import_key(json.loads(json.dumps(material.public_jwk)))
    assert jwt.decode(token, published, algorithms=[material.algorithm]).claims == {"sub": "x"}


def test_the_name_is_the_thumbprint(material: SigningKeyMaterial) -> None:
    """The kid is the SHA-256 thumbprint of the required members (RFC 7638 §3)."""
    required = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n")}[material.public_jwk["kty"]]
    canonical = json.dumps(
        {name: material.public_jwk[name] for name in required}, separators=(",", ":"), sort_keys=True
    )
    assert material.kid == encode_base64url(hashlib.sha256(canonical.encode()).digest())


def test_the_public_part_is_public(material: SigningKeyMaterial) -> None:
    """The JWK says what it is for and holds no private member; the repr does not hold the private part."""
    assert not PRIVATE_MEMBERS & set(material.public_jwk)
    assert material.public_jwk["use"] == "sig"
    assert material.public_jwk["alg"] == material.algorithm
    assert "private_der" not in repr(material)


def test_keys_differ() -> None:
    """Two keys are never the same."""
    assert generate_signing_key("ES256").kid != generate_signing_key("ES256").kid


def test_rsa_size_is_configurable() -> None:
    """A 3072-bit key can be asked for and loads again; 2048 is the default (RFC 7518 §3.3)."""
    material = generate_signing_key("RS256", rsa_key_size=3072)
    assert load_private(material.private_der, "RS256", material.kid).private_key.key_size == 3072


@pytest.mark.parametrize(("algorithm", "size"), [("none", 2048), ("HS256", 2048), ("RS256", 1024), ("es256", 2048)])
def test_other_algorithms_and_sizes_are_refused(algorithm: str, size: int) -> None:
    """Nothing but ES256 and RS256 of a sound size is made."""
    with pytest.raises(ConfigError, match="ES256"):
        generate_signing_key(algorithm, rsa_key_size=size)


def test_other_names_and_algorithms_are_refused(material: SigningKeyMaterial) -> None:
    """A private part under another key's name or algorithm does not load."""
    with pytest.raises(ConfigError, match="does not belong"):
        load_private(material.private_der, material.algorithm, "another")
    for algorithm in {"ES256", "RS256", "ES384", "PS256", ""} - {material.algorithm}:
        with pytest.raises(ConfigError, match="not a key for"):
            load_private(material.private_der, algorithm, material.kid)


@pytest.mark.parametrize(
    "private",
    [
        ec.generate_private_key(ec.SECP384R1()),
        ec.generate_private_key(ec.SECP256K1()),
        ed25519.Ed25519PrivateKey.generate(),
    ],
    ids=["P-384", "secp256k1", "Ed25519"],
)
def test_other_curves_are_refused(private: ec.EllipticCurvePrivateKey) -> None:
    """ES256 means P-256 only (RFC 7518 §3.4)."""
    der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(ConfigError, match="not a key for ES256"):
        load_private(der, "ES256", "kid")


@pytest.mark.parametrize("cut", [0, 10, -1])
def test_damaged_keys_are_refused(material: SigningKeyMaterial, cut: int) -> None:
    """A damaged private part is a configuration error that shows nothing of it."""
    with pytest.raises(ConfigError, match="damaged") as caught:
        load_private(material.private_der[:cut], material.algorithm, material.kid)
    assert caught.value.__cause__ is None
    assert material.private_der.hex()[:40] not in str(caught.value)
