"""A token of a hardware security module, found and opened by PKCS#11 (version 2.40).

Each use opens the library, logs in and closes everything again. Keys are unwrapped when a process starts and
when one was made, so this costs nothing that matters; and nothing is open when the server forks its workers
(PKCS#11 2.40 §5.4: a child must call C_Initialize itself), after a device was restarted, or between uses.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import pkcs11
from pkcs11 import Attribute, GCMParams, KeyType, Mechanism, MechanismFlag, ObjectClass

from idp.core.errors import ConfigError

#: Library and login belong to the process, not to a session: two threads would log each other out.
_ONE_AT_A_TIME = threading.Lock()


@runtime_checkable
class WrappingKey(Protocol):
    """A key object that may encrypt and decrypt; the library gives others no such methods."""

    @property
    def key_type(self) -> KeyType:
        """What kind of key it is."""

    def __getitem__(self, key: Attribute) -> Any: ...

    def encrypt(self, data: bytes, *, mechanism: Mechanism, mechanism_param: GCMParams) -> bytes:
        """Return the data encrypted in the device."""

    def decrypt(self, data: bytes, *, mechanism: Mechanism, mechanism_param: GCMParams) -> bytes:
        """Return the data decrypted in the device."""


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """Where a key lies: the device's library, the token by label, serial number or both, the key's label.

    `setting` is the section that says so, for errors.
    """

    module: Path
    token: str
    serial: str
    label: str
    pin: str = field(repr=False)
    setting: str = "keys.pkcs11"


@contextmanager
def open_token(place: KeyPlace, *, writing: bool = False) -> Iterator[pkcs11.Session]:
    """Give a session of the logged-in user and end it; raises ConfigError that names setting and remedy."""
    with _ONE_AT_A_TIME:
        library = _library(place)
        try:
            with _log_in(place, _find_token(library, place), writing) as session:
                yield session
        finally:
            # It may have gone with the device; what counts is that the next use begins anew.
            with suppress(pkcs11.PKCS11Error):
                library.finalize()


def find_key(session: pkcs11.Session, place: KeyPlace) -> WrappingKey:
    """Return the key of that label; raises ConfigError where there is none, or more than one."""
    keys = _objects(session, place)
    if not keys:
        raise ConfigError(
            f"{place.setting}.key_label: the token holds no key {place.label}; restore the device's backup, or "
            "create it with idp keys init (a new installation) or idp keys new-kek --in-device (an exchange)"
        )
    if len(keys) > 1:
        raise ConfigError(f"{place.setting}.key_label: the token holds {len(keys)} keys {place.label}; keep one")
    if not isinstance(keys[0], WrappingKey):
        raise ConfigError(f"{place.setting}.key_label: {place.label} may not encrypt and decrypt; make another key")
    return keys[0]


def has_key(place: KeyPlace) -> bool:
    """Tell whether the token holds a key of that label; raises ConfigError where it cannot be asked."""
    with open_token(place) as session:
        return _is_taken(session, place)


def create_key(place: KeyPlace) -> None:
    """Make a new AES-256 key in the token, which never leaves it; raises ConfigError where the label is taken."""
    with open_token(place, writing=True) as session:
        if _is_taken(session, place):
            raise ConfigError(f"{place.setting}.key_label: the token holds a key {place.label} already; name another")
        try:
            session.generate_key(
                KeyType.AES,
                256,
                label=place.label,
                store=True,
                # Nothing but what wrapping needs: it neither signs nor lets other keys out under itself.
                capabilities=MechanismFlag.ENCRYPT | MechanismFlag.DECRYPT,
                template={
                    Attribute.PRIVATE: True,
                    Attribute.SENSITIVE: True,
                    Attribute.EXTRACTABLE: False,
                    Attribute.MODIFIABLE: False,
                },
            )
        except pkcs11.PKCS11Error as error:
            raise ConfigError(
                f"{place.setting}: the device makes no AES-256 key ({type(error).__name__}); "
                "see whether the token may be written to, and what its vendor says"
            ) from None


def _is_taken(session: pkcs11.Session, place: KeyPlace) -> bool:
    return bool(_objects(session, place))


def _objects(session: pkcs11.Session, place: KeyPlace) -> list[pkcs11.Object]:
    try:
        return list(session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.LABEL: place.label}))
    except pkcs11.PKCS11Error as error:
        raise ConfigError(f"{place.setting}: the token does not list its keys ({type(error).__name__})") from None


def _library(place: KeyPlace) -> "pkcs11._pkcs11.lib":
    try:
        return pkcs11.lib(str(place.module))
    except (pkcs11.PKCS11Error, OSError) as error:
        raise ConfigError(
            f"{place.setting}.module: {place.module} cannot be used as a PKCS#11 library ({type(error).__name__}); "
            "name the device's own, such as /usr/lib/softhsm/libsofthsm2.so"
        ) from None


def _find_token(library: "pkcs11._pkcs11.lib", place: KeyPlace) -> pkcs11.Token:
    wanted = f"token {place.token or place.serial}"
    try:
        tokens = [
            token
            for token in library.get_tokens(token_label=place.token or None)
            if not place.serial or token.serial == place.serial.encode("utf-8")
        ]
    except pkcs11.PKCS11Error as error:
        raise ConfigError(
            f"{place.setting}: the device does not answer ({type(error).__name__}); see whether it is connected"
        ) from None
    if not tokens:
        raise ConfigError(f"{place.setting}.token: the device has no {wanted}; correct it, or connect the device")
    if len(tokens) > 1:
        raise ConfigError(f"{place.setting}.serial: more than one {wanted}; give the serial number as well")
    return tokens[0]


@contextmanager
def _log_in(place: KeyPlace, token: pkcs11.Token, writing: bool) -> Iterator[pkcs11.Session]:
    try:
        session = token.open(rw=writing, user_pin=place.pin)
    except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange):
        raise ConfigError(
            f"{place.setting}.pin: the token refuses it; correct it before another start: devices lock after some tries"
        ) from None
    except (pkcs11.PinLocked, pkcs11.PinExpired, pkcs11.UserPinNotInitialized) as error:
        raise ConfigError(
            f"{place.setting}.pin: cannot be used ({type(error).__name__}); have the device's officer set it anew"
        ) from None
    except pkcs11.PKCS11Error as error:
        raise ConfigError(f"{place.setting}: the token cannot be opened ({type(error).__name__})") from None
    try:
        yield session
    finally:
        with suppress(pkcs11.PKCS11Error):
            session.close()
