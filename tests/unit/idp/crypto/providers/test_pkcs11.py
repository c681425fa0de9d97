"""A key in a device wraps as one in a file does, never leaves it, and is refused where it cannot serve."""

import os
import sys
from pathlib import Path

import pkcs11
import pytest
from pkcs11 import Attribute, KeyType, MechanismFlag, ObjectClass

from idp.core.errors import ConfigError, StoreUnavailable
from idp.crypto.errors import DecryptionFailed
from idp.crypto.providers.file import FileKey
from idp.crypto.providers.pkcs11_key import Pkcs11Key
from idp.crypto.providers.pkcs11_token import KeyPlace, create_key, has_key, open_token
from tests.support.softhsm import PIN, SoftHsm

CONTEXT, MATERIAL = b"data key", bytes(range(32))


@pytest.fixture
def key(softhsm: SoftHsm) -> Pkcs11Key:
    """A key in the token "house"."""
    create_key(softhsm.place())
    return Pkcs11Key(softhsm.place())


def make_object(place: KeyPlace, bits: int = 256, *, kind: KeyType = KeyType.AES, **template: bool) -> None:
    """Make a key as somebody else's tool would."""
    with open_token(place, writing=True) as session:
        session.generate_key(
            kind,
            bits,
            label=place.label,
            store=True,
            capabilities=MechanismFlag.ENCRYPT | MechanismFlag.DECRYPT,
            template={getattr(Attribute, name.upper()): value for name, value in template.items()},
        )


def test_what_is_wrapped_unwraps(key: Pkcs11Key, softhsm: SoftHsm) -> None:
    """Also in another process's hands, and twice the same material never looks the same."""
    wrapped = key.wrap(MATERIAL, CONTEXT)
    assert MATERIAL not in wrapped
    assert wrapped != key.wrap(MATERIAL, CONTEXT)
    again = Pkcs11Key(softhsm.place())
    assert again.unwrap(wrapped, CONTEXT) == MATERIAL
    assert (again.id, again.check_value()) == (key.id, key.check_value())
    assert key.id == f"pkcs11.{key.check_value()}"
    assert len(key.check_value()) == 22


def test_another_context_key_or_content_is_refused(key: Pkcs11Key, softhsm: SoftHsm) -> None:
    """Each is DecryptionFailed, and the device goes on."""
    create_key(softhsm.place(label="other"))
    other, wrapped = Pkcs11Key(softhsm.place(label="other")), key.wrap(MATERIAL, CONTEXT)
    assert other.check_value() != key.check_value()
    for who, what, context in (
        (key, wrapped, b"another"),
        (other, wrapped, CONTEXT),
        (key, wrapped[:-1] + bytes([wrapped[-1] ^ 1]), CONTEXT),
        (key, wrapped[:-1], CONTEXT),
        (key, b"", CONTEXT),
        (key, FileKey(material=bytes(32)).wrap(MATERIAL, CONTEXT), CONTEXT),
        (FileKey(material=bytes(32)), wrapped, CONTEXT),
    ):
        with pytest.raises(DecryptionFailed):
            who.unwrap(what, context)
    assert key.unwrap(wrapped, CONTEXT) == MATERIAL


def test_the_key_never_leaves_the_device(key: Pkcs11Key, softhsm: SoftHsm) -> None:
    """The object that we make is sensitive, not extractable, and may do nothing but encrypt and decrypt."""
    with open_token(softhsm.place()) as session:
        (made,) = session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY})
        for attribute in (Attribute.SENSITIVE, Attribute.ALWAYS_SENSITIVE, Attribute.NEVER_EXTRACTABLE):
            assert made[attribute] is True
        for attribute in (Attribute.EXTRACTABLE, Attribute.MODIFIABLE, Attribute.WRAP, Attribute.SIGN):
            assert made[attribute] is False
        with pytest.raises(pkcs11.AttributeSensitive):
            made[Attribute.VALUE]


def test_a_key_that_can_leave_is_refused(softhsm: SoftHsm) -> None:
    """In production; a try-out may use one."""
    make_object(softhsm.place(), extractable=True, sensitive=True)
    make_object(softhsm.place(label="plain"), extractable=False, sensitive=False)
    for label in ("kek", "plain"):
        with pytest.raises(ConfigError, match=r"keys\.pkcs11\.key_label: .*can be read out"):
            Pkcs11Key(softhsm.place(label=label))
        Pkcs11Key(softhsm.place(label=label), may_leave=True)


def test_unfit_keys_are_refused(softhsm: SoftHsm) -> None:
    """None, two of a name, a short one, and one that may not encrypt."""
    make_object(softhsm.place(label="short"), 128)
    make_object(softhsm.place(label="twice"))
    make_object(softhsm.place(label="twice"))
    with open_token(softhsm.place(), writing=True) as session:
        session.generate_key(KeyType.AES, 256, label="signs", store=True, capabilities=MechanismFlag.SIGN)
    for label, text in (
        ("kek", "holds no key kek; .*idp keys init"),
        ("short", "no AES key of 256 bits"),
        ("twice", "holds 2 keys"),
        ("signs", "may not encrypt"),
    ):
        with pytest.raises(ConfigError, match=rf"keys\.pkcs11\.key_label: .*{text}"):
            Pkcs11Key(softhsm.place(label=label))


def test_a_key_is_never_made_over_another(key: Pkcs11Key, softhsm: SoftHsm) -> None:
    """A label that is taken stays as it is."""
    assert has_key(softhsm.place())
    assert not has_key(softhsm.place(label="free"))
    with pytest.raises(ConfigError, match="already"):
        create_key(softhsm.place())
    assert Pkcs11Key(softhsm.place()).check_value() == key.check_value()


def test_what_cannot_be_opened_is_named(softhsm: SoftHsm, tmp_path: Path) -> None:
    """A missing library, something else of its name, a missing token, a wrong PIN: each with its setting."""
    (tmp_path / "text.so").write_text("no library")
    for place, text in (
        (KeyPlace(tmp_path / "none.so", "house", "", "kek", PIN), r"^keys\.pkcs11\.module: "),
        (KeyPlace(tmp_path / "text.so", "house", "", "kek", PIN), r"^keys\.pkcs11\.module: "),
        (softhsm.place(token="another"), r"^keys\.pkcs11\.token: the device has no token another"),
        (softhsm.place(serial="0000"), r"^keys\.pkcs11\.token: "),
        (softhsm.place(pin="wrong-pin"), r"^keys\.pkcs11\.pin: the token refuses it"),
    ):
        with pytest.raises(ConfigError, match=text) as refused:
            has_key(place)
        assert place.pin not in str(refused.value)
        assert place.pin not in repr(place)


def test_a_token_is_found_by_its_serial_number(key: Pkcs11Key, softhsm: SoftHsm) -> None:
    """Where two tokens have one label the serial number tells them apart."""
    with open_token(softhsm.place()) as session:
        serial = session.token.serial.decode()
    softhsm.make_token("house")
    with pytest.raises(ConfigError, match=r"keys\.pkcs11\.serial: more than one"):
        Pkcs11Key(softhsm.place())
    for token in ("house", ""):
        assert Pkcs11Key(softhsm.place(token=token, serial=serial)).check_value() == key.check_value()


def test_a_forked_process_goes_on(key: Pkcs11Key) -> None:
    """A server that opened the device before it forked its workers leaves them a key that works."""
    wrapped = key.wrap(MATERIAL, CONTEXT)
    child = os.fork()
    if child == 0:
        os._exit(0 if key.unwrap(wrapped, CONTEXT) == MATERIAL else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert key.unwrap(wrapped, CONTEXT) == MATERIAL


def test_a_device_that_fails_is_no_wrong_key(key: Pkcs11Key, monkeypatch: pytest.MonkeyPatch) -> None:
    """A general error of a device that does not answer rightly afterwards is an outage, not a refusal."""
    wrapped = key.wrap(MATERIAL, CONTEXT)
    module = sys.modules["idp.crypto.providers.pkcs11_key"]

    def fail(*_args: object) -> bytes:
        raise pkcs11.GeneralError

    monkeypatch.setattr(module, "_unseal", fail)
    with pytest.raises(DecryptionFailed):
        key.unwrap(wrapped, CONTEXT)
    monkeypatch.setattr(module, "_seal", fail)
    with pytest.raises(StoreUnavailable, match="GeneralError"):
        key.unwrap(wrapped, CONTEXT)
    with pytest.raises(StoreUnavailable, match="GeneralError"):
        key.wrap(MATERIAL, CONTEXT)


def test_a_device_without_our_gcm_stops_the_start(
    key: Pkcs11Key, softhsm: SoftHsm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that refuses the mechanism, or makes a nonce of its own."""
    module = sys.modules["idp.crypto.providers.pkcs11_key"]

    def refuse(*_args: object) -> bytes:
        raise pkcs11.MechanismInvalid

    for answer in (refuse, lambda *_args: os.urandom(48)):
        monkeypatch.setattr(module, "_seal", answer)
        with pytest.raises(ConfigError, match=r"^keys\.pkcs11: the device does not wrap by AES-GCM"):
            Pkcs11Key(softhsm.place())
