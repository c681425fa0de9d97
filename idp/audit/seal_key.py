"""The key that seals audit batches (Ed25519, RFC 8032), and the published keys that verify them.

The private part is 32 random bytes in a file of its own, which only the worker's host holds. Beside it lies
the list of public keys: one JSON line for each key that ever sealed, so an earlier seal stays verifiable.
"""

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from idp.core.errors import ConfigError
from idp.core.hashing import decode_base64url, encode_base64url
from idp.crypto.encoding import encode_fields
from idp.crypto.providers.file import create_key_file, read_key_material
from idp.crypto.suites import INTERNATIONAL, Suite, suite_by_name

_ID_SIZE = 16


@dataclass(frozen=True, slots=True)
class PublicSealKey:
    """What verifies one sealer's signatures; `suite` names the digest of its trees."""

    key_id: str
    suite: Suite
    public: bytes

    def verifies(self, statement: bytes, signature: str) -> bool:
        """Tell whether the key's holder signed the statement."""
        with contextlib.suppress(InvalidSignature, ValueError):
            Ed25519PublicKey.from_public_bytes(self.public).verify(decode_base64url(signature), statement)
            return True
        return False


@dataclass(frozen=True, slots=True, eq=False)
class SealKey:
    """A sealer's key, loaded."""

    public: PublicSealKey
    private: Ed25519PrivateKey = field(repr=False)

    def sign(self, statement: bytes) -> str:
        """Return the signature as base64url."""
        return encode_base64url(self.private.sign(statement))


def public_file(path: Path) -> Path:
    """Return where the public keys of a private key file are listed."""
    return path.with_suffix(".pub")


def create_seal_key(path: Path, suite: Suite) -> None:
    """Write a new key and list its public part beside it; ConfigError where the file exists."""
    path.parent.mkdir(parents=True, exist_ok=True)
    create_key_file(path)
    publish_seal_key(path, load_seal_key(path, suite))


def publish_seal_key(path: Path, key: SealKey) -> None:
    """List the public part beside the private file, once; earlier keys stay listed."""
    listed = public_file(path)
    if listed.exists() and key.public.key_id in load_public_keys(listed):
        return
    document = {
        "key_id": key.public.key_id,
        "algorithm": "Ed25519",
        "suite": key.public.suite.name,
        "public": encode_base64url(key.public.public),
    }
    with listed.open("a", encoding="ascii") as file:
        file.write(json.dumps(document) + "\n")
        file.flush()
        os.fsync(file.fileno())


def load_seal_key(path: Path, suite: Suite) -> SealKey:
    """Return the key in the file; raises ConfigError when it is missing, exposed or damaged."""
    private = Ed25519PrivateKey.from_private_bytes(read_key_material(path))
    raw = private.public_key().public_bytes_raw()
    return SealKey(PublicSealKey(_key_id(raw, suite), suite, raw), private)


def load_public_keys(path: Path) -> Mapping[str, PublicSealKey]:
    """Return the listed keys by their ids; raises ConfigError when the list is missing or damaged."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
        documents = [json.loads(line) for line in lines if line]
        listed = [
            PublicSealKey(each["key_id"], suite_by_name(each["suite"]), decode_base64url(each["public"]))
            for each in documents
        ]
    except OSError as error:
        raise ConfigError(f"audit keys {path} cannot be read: {error.strerror}; restore the file") from None
    except (ValueError, KeyError, TypeError):
        raise ConfigError(f"audit keys {path} are damaged; restore the file") from None
    # An id that is not its key's own could give one key's seals to another.
    return {each.key_id: each for each in listed if each.key_id == _key_id(each.public, each.suite)}


def _key_id(public: bytes, suite: Suite) -> str:
    return encode_base64url(INTERNATIONAL.digest(encode_fields("audit seal key", suite.name, public))[:_ID_SIZE])
