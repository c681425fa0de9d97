"""How high-entropy secrets are stored and compared.

Only for secrets of at least 112 bits that we drew ourselves; passwords and short codes are
hashed elsewhere, slowly or with a key.
"""

import base64
import hashlib
import hmac


def hash_secret(secret: str) -> str:
    """Return the stored form of a random secret: base64url of its SHA-256, 43 characters."""
    digest = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
    return encode_base64url(digest)


def secrets_equal(left: str, right: str) -> bool:
    """Compare two secrets in a time that does not depend on where they differ."""
    return hmac.compare_digest(left.encode("utf-8", "surrogatepass"), right.encode("utf-8", "surrogatepass"))


def encode_base64url(raw: bytes) -> str:
    """Return unpadded base64url (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def decode_base64url(text: str) -> bytes:
    """Return the bytes of unpadded base64url; raises ValueError on anything else."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
