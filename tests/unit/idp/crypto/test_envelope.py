"""Keys are wrapped under the key-encryption key and unwrap only as what they were wrapped as."""

import pytest

from idp.core.errors import ConfigError
from idp.crypto.envelope import (
    data_key_context,
    require_same_key,
    rewrap,
    signing_key_context,
    unwrap_data_key,
    wrap_data_key,
)
from idp.crypto.errors import DecryptionFailed
from idp.crypto.keyring import KeyState, Purpose, generate_data_key
from idp.crypto.providers.file import FileKey
from idp.crypto.suites import INTERNATIONAL, NATIONAL, Suite

MATERIAL = b"KEKMATER" * 4
OTHER = FileKey(material=b"\x02" * 32)


def test_data_key_round_trip(suite: Suite) -> None:
    """A wrapped data key comes back whole; the wrapped bytes do not hold it."""
    key = FileKey(material=MATERIAL, suite=suite)
    data_key = generate_data_key(Purpose.INDEX, 4, suite, KeyState.READ)
    wrapped = wrap_data_key(key, data_key)
    assert data_key.material not in wrapped
    back = unwrap_data_key(key, wrapped, purpose=Purpose.INDEX, version=4, suite=suite.name, state=KeyState.ACTIVE)
    assert (back.purpose, back.version, back.suite, back.material) == (
        Purpose.INDEX,
        4,
        suite.name,
        data_key.material,
    )
    assert back.state is KeyState.ACTIVE


def test_data_key_is_refused_as_another(suite: Suite) -> None:
    """A row whose purpose, version or suite was changed, or of another key, does not unwrap."""
    key = FileKey(material=MATERIAL, suite=suite)
    wrapped = wrap_data_key(key, generate_data_key(Purpose.INDEX, 4, INTERNATIONAL, KeyState.READ))
    for opener, raw, purpose, version, name in [
        (key, wrapped, Purpose.DATA, 4, "international"),
        (key, wrapped, Purpose.INDEX, 5, "international"),
        (key, wrapped, Purpose.INDEX, 4, "national"),
        (OTHER, wrapped, Purpose.INDEX, 4, "international"),
        (key, wrapped[:-1], Purpose.INDEX, 4, "international"),
        (key, b"", Purpose.INDEX, 4, "international"),
    ]:
        with pytest.raises(DecryptionFailed):
            unwrap_data_key(opener, raw, purpose=purpose, version=version, suite=name, state=KeyState.READ)


def test_altered_wrappings_are_refused(suite: Suite) -> None:
    """Each flipped bit of a wrapped key is refused."""
    key = FileKey(material=MATERIAL, suite=suite)
    good = key.wrap(b"private", b"context")
    for i in range(len(good)):
        with pytest.raises(DecryptionFailed):
            key.unwrap(good[:i] + bytes([good[i] ^ 1]) + good[i + 1 :], b"context")


def test_contexts_never_collide() -> None:
    """A data key cannot be unwrapped as a signing key."""
    assert data_key_context(Purpose.DATA, 1, "x") != signing_key_context("data", "1")
    assert signing_key_context("a", "bc") != signing_key_context("ab", "c")


def test_rewrap_under_another_key() -> None:
    """A change of the key-encryption key moves the wrapped keys, not what they encrypted."""
    old = FileKey(material=MATERIAL)
    wrapped = rewrap(old, OTHER, old.wrap(b"private", b"context"), b"context")
    assert OTHER.unwrap(wrapped, b"context") == b"private"
    with pytest.raises(DecryptionFailed):
        rewrap(old, OTHER, wrapped, b"context")


def test_a_change_of_suite_keeps_the_key() -> None:
    """What was wrapped under one suite unwraps after the switch to the other, and the check value stays."""
    before, after = FileKey(material=MATERIAL), FileKey(material=MATERIAL, suite=NATIONAL)
    wrapped = before.wrap(b"private", b"context")
    assert after.unwrap(wrapped, b"context") == b"private"
    assert after.wrap(b"private", b"context")[1] == NATIONAL.code
    assert before.check_value() == after.check_value()


@pytest.mark.parametrize(
    "stored",
    [
        ("0101056b656b2e31038252c3028dc2b5f45bc836d72012198275e8f560c771703f9695a0cb29d5933abbc1"),
        ("0102056b656b2e3181b8ef56e625611418ec2148118cea274403edfc310c0d2eb6aa76f05ed2d81ea81e9a"),
    ],
    ids=["international", "national"],
)
def test_stored_wrappings_stay_readable(stored: str) -> None:
    """What an earlier release wrapped still unwraps, and the check value of a key never changes."""
    key = FileKey(material=b"\1" * 32)
    assert key.unwrap(bytes.fromhex(stored), b"context") == b"content"
    assert key.check_value() == "fW5m6Zg9coNoBcq3CZlN5Q"


def test_a_start_with_another_key_is_refused() -> None:
    """The check value tells keys apart, reveals nothing, and the refusal names the remedy."""
    key = FileKey(material=MATERIAL)
    require_same_key(key, key.check_value())
    assert len(key.check_value()) == 22
    for stored in (OTHER.check_value(), "", key.check_value()[:-1]):
        with pytest.raises(ConfigError, match="restore"):
            require_same_key(key, stored)


def test_the_key_is_not_shown() -> None:
    """Repr, id and check value do not hold the material."""
    key = FileKey(material=MATERIAL)
    for text in (repr(key), str(key), key.id, key.check_value()):
        assert "KEKMATER" not in text
    assert key.id != OTHER.id


def test_material_of_another_length_is_refused() -> None:
    """A short key is never stretched."""
    with pytest.raises(ValueError, match="32 bytes"):
        FileKey(material=b"short")
