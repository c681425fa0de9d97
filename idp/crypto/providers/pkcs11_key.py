"""A key-encryption key in a hardware security module: it wraps by AES-256-GCM inside the device."""

import secrets

import pkcs11
from pkcs11 import Attribute, GCMParams, KeyType, Mechanism

from idp.core.errors import ConfigError, StoreUnavailable
from idp.core.hashing import encode_base64url
from idp.crypto.ciphertext import encode_header, parse
from idp.crypto.encoding import encode_fields
from idp.crypto.errors import DecryptionFailed, DecryptionFailure
from idp.crypto.providers.pkcs11_token import KeyPlace, WrappingKey, find_key, open_token
from idp.crypto.suites import INTERNATIONAL, NONCE_SIZE, TAG_SIZE

# Not a file's label, so that of two keys only the right one is asked.
_HEADER = encode_header(INTERNATIONAL, "kek_device", 1)
_KEY_SIZE = 32
# Never drawn for wrapping, so that the check value's tag is the only one ever made with this nonce.
_CHECK_NONCE = bytes(NONCE_SIZE)
# What devices answer to a wrong tag; SoftHSM 2.6 a general error, which may also be one.
_PERHAPS_NOT_AUTHENTIC = (
    pkcs11.EncryptedDataInvalid,
    pkcs11.EncryptedDataLenRange,
    pkcs11.DataInvalid,
    pkcs11.DataLenRange,
    pkcs11.SignatureInvalid,
    pkcs11.FunctionFailed,
    pkcs11.GeneralError,
)


class Pkcs11Key:
    """A key that never leaves its device; only what it wraps does."""

    __slots__ = ("_check_value", "_place")

    def __init__(self, place: KeyPlace, *, may_leave: bool = False) -> None:
        """Find the key and try it; raises ConfigError where it is missing, unfit or, unless `may_leave`, readable."""
        self._place = place
        with open_token(place) as session:
            key = find_key(session, place)
            _require_fit(key, place, may_leave=may_leave)
            self._check_value = _try(key, place)

    @property
    def id(self) -> str:
        """Which key this is: `pkcs11.` and its check value."""
        return f"pkcs11.{self._check_value}"

    def check_value(self) -> str:
        """Return 22 characters that only this key gives: the tag of a fixed text under a nonce kept for it.

        Never the first block under the bare key (CKA_CHECK_VALUE, ECB of zeros): that block is the key which
        GCM authenticates with (NIST SP 800-38D §6.4). CMAC would need a right to sign that not every key has.
        """
        return self._check_value

    def wrap(self, material: bytes, context: bytes) -> bytes:
        """Return the wrapped material, bound to `context`; raises StoreUnavailable where the device fails."""
        nonce = _nonce()
        with open_token(self._place) as session:
            try:
                sealed = _seal(find_key(session, self._place), nonce, material, _associated(context))
            except pkcs11.PKCS11Error as error:
                raise _unavailable(error) from None
        return _HEADER + nonce + sealed

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Return the material; raises DecryptionFailed for another key, another context or altered bytes."""
        parsed = parse(wrapped)
        if parsed.header != _HEADER:
            raise DecryptionFailed(DecryptionFailure.UNKNOWN_KEY)
        nonce, sealed = parsed.sealed[:NONCE_SIZE], parsed.sealed[NONCE_SIZE:]
        with open_token(self._place) as session:
            try:
                key = find_key(session, self._place)
                return _unseal(key, nonce, sealed, _associated(context))
            except _PERHAPS_NOT_AUTHENTIC as error:
                failed = error
            except pkcs11.PKCS11Error as error:
                raise _unavailable(error) from None
        # A device that answers rightly just after has meant the content. In a session of its own: some leave
        # the one that met the error in the middle of its operation.
        with open_token(self._place) as session:
            try:
                answers = _check_value(find_key(session, self._place)) == self._check_value
            except pkcs11.PKCS11Error:
                answers = False
        if not answers:
            raise _unavailable(failed)
        raise DecryptionFailed(DecryptionFailure.NOT_AUTHENTIC)


def _associated(context: bytes) -> bytes:
    return _HEADER + encode_fields("wrapped key", context)


def _nonce() -> bytes:
    while (nonce := secrets.token_bytes(NONCE_SIZE)) == _CHECK_NONCE:
        pass
    return nonce


def _seal(key: WrappingKey, nonce: bytes, plaintext: bytes, associated: bytes) -> bytes:
    # Given a copy: a device that makes nonces of its own writes them over ours.
    param = GCMParams(bytes(bytearray(nonce)), associated, TAG_SIZE * 8)
    return key.encrypt(plaintext, mechanism=Mechanism.AES_GCM, mechanism_param=param)


def _unseal(key: WrappingKey, nonce: bytes, sealed: bytes, associated: bytes) -> bytes:
    param = GCMParams(nonce, associated, TAG_SIZE * 8)
    return key.decrypt(sealed, mechanism=Mechanism.AES_GCM, mechanism_param=param)


def _check_value(key: WrappingKey) -> str:
    return encode_base64url(_seal(key, _CHECK_NONCE, b"", encode_fields("key check value"))[-TAG_SIZE:])


def _require_fit(key: WrappingKey, place: KeyPlace, *, may_leave: bool) -> None:
    try:
        fit = key.key_type is KeyType.AES and key[Attribute.VALUE_LEN] == _KEY_SIZE
        leaves = bool(key[Attribute.EXTRACTABLE]) or not key[Attribute.SENSITIVE]
    except pkcs11.PKCS11Error as error:
        raise ConfigError(
            f"{place.setting}: the device does not say what the key {place.label} is ({type(error).__name__})"
        ) from None
    if not fit:
        raise ConfigError(
            f"{place.setting}.key_label: {place.label} is no AES key of 256 bits; name one, or make it anew"
        )
    if leaves and not may_leave:
        raise ConfigError(
            f"{place.setting}.key_label: the key {place.label} can be read out of the device, so it gives no more "
            "than a file; make another with idp keys new-kek --in-device and exchange it"
        )


def _try(key: WrappingKey, place: KeyPlace) -> str:
    """Return the check value after a round trip; raises ConfigError where the device's AES-GCM is not ours."""
    text, nonce, associated = secrets.token_bytes(_KEY_SIZE), _nonce(), _associated(b"trial")
    try:
        sealed = _seal(key, nonce, text, associated)
        works = len(sealed) == len(text) + TAG_SIZE and _unseal(key, nonce, sealed, associated) == text
        value = _check_value(key)
        works = works and value == _check_value(key)
        problem = "its answers do not fit"
    except pkcs11.PKCS11Error as error:
        works, value, problem = False, "", type(error).__name__
    if not works:
        raise ConfigError(
            f"{place.setting}: the device does not wrap by AES-GCM with a nonce of ours ({problem}); allow "
            "CKM_AES_GCM for the key, or keep the key-encryption key in a file"
        )
    return value


def _unavailable(error: pkcs11.PKCS11Error) -> StoreUnavailable:
    return StoreUnavailable(f"key-encryption key in the device: {type(error).__name__}")
