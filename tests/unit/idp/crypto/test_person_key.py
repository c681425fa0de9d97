"""A person's ciphertexts open with that person's key only, and with its erasure they are gone."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.crypto.ciphertext import Place, parse
from idp.crypto.errors import DecryptionFailed, DecryptionFailure
from idp.crypto.keyring import DataKey, Keyring, KeyState, Purpose
from idp.crypto.person_key import (
    PERSON_LABEL,
    PersonCipher,
    open_person_key,
    rewrap_person_key,
    wrap_person_key,
)
from idp.crypto.suites import INTERNATIONAL, NATIONAL, SUITES, Suite

PLACE = Place("attributes", "value", "row-1")


def test_round_trip(keyring: Keyring, suite: Suite) -> None:
    """What a person's key wrote, the same wrapped key reads in a later request."""
    wrapped = wrap_person_key(keyring, "p1")
    written = open_person_key(keyring, "p1", wrapped).encrypt(b"content", PLACE)
    reader = open_person_key(keyring, "p1", wrapped)
    assert reader.decrypt(written, PLACE) == b"content"
    assert reader.decrypt(written, replace(PLACE, person="p1")) == b"content"
    assert (parse(written).label, parse(written).suite) == (PERSON_LABEL, suite)
    assert not reader.needs_rewrite(written)


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
@given(plaintext=st.binary(max_size=60), row=st.text(max_size=10))
def test_any_content(suite: Suite, plaintext: bytes, row: str) -> None:
    """Any bytes survive in any row."""
    cipher = PersonCipher(person_id="p1", material=b"\1" * 32, suite=suite)
    place = replace(PLACE, row=row)
    assert cipher.decrypt(cipher.encrypt(plaintext, place), place) == plaintext


def test_other_persons_and_places_are_refused(keyring: Keyring) -> None:
    """Neither another person's key nor the same key under another name or place opens it."""
    wrapped = wrap_person_key(keyring, "p1")
    cipher = open_person_key(keyring, "p1", wrapped)
    other = open_person_key(keyring, "p2", wrap_person_key(keyring, "p2"))
    written = cipher.encrypt(b"content", PLACE)
    for reader, place in [
        (other, PLACE),
        (cipher, replace(PLACE, row="row-2")),
        (cipher, replace(PLACE, column="name")),
        (cipher, replace(PLACE, person="p2")),
        (PersonCipher(person_id="p2", material=b"\1" * 32, suite=INTERNATIONAL), PLACE),
    ]:
        with pytest.raises(DecryptionFailed):
            reader.decrypt(written, place)
    with pytest.raises(DecryptionFailed):
        open_person_key(keyring, "p2", wrapped)
    with pytest.raises(ValueError, match="another person"):
        cipher.encrypt(b"content", replace(PLACE, person="p2"))


def test_same_material_under_another_person_is_refused() -> None:
    """The person stands in the associated data, so a copied key row alone moves nothing."""
    ciphers = [PersonCipher(person_id=name, material=b"\1" * 32, suite=NATIONAL) for name in ("p1", "p2")]
    with pytest.raises(DecryptionFailed) as caught:
        ciphers[1].decrypt(ciphers[0].encrypt(b"content", PLACE), PLACE)
    assert caught.value.reason is DecryptionFailure.NOT_AUTHENTIC


def test_ring_and_person_ciphertexts_are_told_apart(keyring: Keyring) -> None:
    """A person's ciphertext is not a data ciphertext, nor the other way round."""
    cipher = open_person_key(keyring, "p1", wrap_person_key(keyring, "p1"))
    with pytest.raises(DecryptionFailed):
        keyring.decrypt(Purpose.DATA, cipher.encrypt(b"content", PLACE), PLACE)
    with pytest.raises(DecryptionFailed):
        cipher.decrypt(keyring.encrypt(Purpose.DATA, b"content", PLACE), PLACE)
    assert PERSON_LABEL not in set(Purpose)


def test_altered_columns_are_refused(keyring: Keyring) -> None:
    """Each flipped bit and each cut of a person's column is refused."""
    cipher = open_person_key(keyring, "p1", wrap_person_key(keyring, "p1"))
    good = cipher.encrypt(b"content", PLACE)
    for bad in [*(good[:i] + bytes([good[i] ^ 1]) + good[i + 1 :] for i in range(len(good))), good[:-1], b""]:
        with pytest.raises(DecryptionFailed):
            cipher.decrypt(bad, PLACE)


def test_erased_keys_take_their_content_along(keyring: Keyring) -> None:
    """After the wrapped key is gone, a new key for the same person opens nothing of the old."""
    written = open_person_key(keyring, "p1", wrap_person_key(keyring, "p1")).encrypt(b"content", PLACE)
    fresh = open_person_key(keyring, "p1", wrap_person_key(keyring, "p1"))
    with pytest.raises(DecryptionFailed):
        fresh.decrypt(written, PLACE)
    with pytest.raises(DecryptionFailed):
        open_person_key(keyring, "p1", b"")


def test_rotation_rewraps_the_key_only() -> None:
    """After a rotation the person's key is rewrapped; columns stay readable, new ones use the new suite."""
    old = DataKey(Purpose.DATA, 1, "international", b"\1" * 32, KeyState.ACTIVE)
    new = DataKey(Purpose.DATA, 2, "national", b"\2" * 32, KeyState.ACTIVE)
    before, between, after = Keyring([old]), Keyring([replace(old, state=KeyState.READ), new]), Keyring([new])
    wrapped = wrap_person_key(before, "p1")
    written = open_person_key(before, "p1", wrapped).encrypt(b"content", PLACE)
    assert between.needs_rewrite(Purpose.DATA, wrapped)
    cipher = open_person_key(after, "p1", rewrap_person_key(between, "p1", wrapped))
    assert cipher.decrypt(written, PLACE) == b"content"
    assert cipher.needs_rewrite(written)
    assert not cipher.needs_rewrite(cipher.encrypt(b"content", PLACE))


@pytest.mark.parametrize(
    "stored",
    [
        ("010108706572736f6e2e31fcd2faf9baa44b3fedfd12d22761d44adae1c656d50f9849d8ccf953923cca41c3d693"),
        ("010208706572736f6e2e31ac1e87045bc56ff50fa9ecc16bafa4b138f5f23fc7d01f22abb3de3417a2c79f14c8b7"),
    ],
    ids=["international", "national"],
)
def test_stored_columns_stay_readable(stored: str) -> None:
    """A person's column written by an earlier release still decrypts."""
    cipher = PersonCipher(person_id="person-1", material=b"\1" * 32, suite=INTERNATIONAL)
    assert cipher.decrypt(bytes.fromhex(stored), PLACE) == b"content"


def test_a_wrapped_key_of_another_length_is_refused(keyring: Keyring) -> None:
    """Something else encrypted in the key's place is no key."""
    wrapped = keyring.encrypt(Purpose.DATA, b"short", Place("person_keys", "wrapped_key", "p1"))
    with pytest.raises(DecryptionFailed) as caught:
        open_person_key(keyring, "p1", wrapped)
    assert caught.value.reason is DecryptionFailure.MALFORMED


def test_the_key_is_not_shown() -> None:
    """A cipher's repr does not hold the material."""
    cipher = PersonCipher(person_id="p1", material=b"MATERIAL" * 4, suite=NATIONAL)
    assert "MATERIAL" not in repr(cipher) + str(cipher)
