"""Blind indexes and keyed digests are stable, apart from each other, and useless without the key."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.errors import ConfigError
from idp.crypto.blind_index import (
    blind_index,
    blind_index_pair,
    is_keyed_digest,
    keyed_digest,
    lookup_index,
    lookup_index_pair,
)
from idp.crypto.keyring import DataKey, Keyring, KeyState, Purpose

KEYS = [
    DataKey(purpose, version, "national" if version == 2 else "international", bytes([version]) * 32, state)
    for purpose in (Purpose.INDEX, Purpose.DIGEST)
    for version, state in ((1, KeyState.READ), (2, KeyState.ACTIVE))
]
KEYRING = Keyring(KEYS)
NUMBER = "110105194912310000"


def test_index_is_stable_and_one_per_live_version() -> None:
    """A value has one index per live version, the same in every process with these keys."""
    index = blind_index(KEYRING, "resident_id", NUMBER)
    assert index == blind_index(Keyring(KEYS), "resident_id", NUMBER)
    assert set(index) == {1, 2}
    assert index[1] != index[2]
    assert all(re.fullmatch("[A-Za-z0-9_-]{43}", text) for text in index.values())


def test_lookup_uses_the_active_version() -> None:
    """A search uses the active key, and finds what was written under it."""
    assert lookup_index(KEYRING, "resident_id", NUMBER) == (2, blind_index(KEYRING, "resident_id", NUMBER)[2])
    pair = blind_index_pair(KEYRING, "resident_id", NUMBER, "name")
    assert lookup_index_pair(KEYRING, "resident_id", NUMBER, "name") == (2, pair[2])


def test_index_pinned() -> None:
    """Indexes already stored stay findable: one value of each kind is pinned."""
    keyring = Keyring([DataKey(Purpose.INDEX, 1, "international", b"\1" * 32, KeyState.ACTIVE)])
    assert lookup_index(keyring, "resident_id", NUMBER) == (1, "L3_OpARgBEhTbTbEDTqUVVAJGZfeXh0Ec43KMxtbA8k")
    pair = lookup_index_pair(keyring, "resident_id", NUMBER, "name")
    assert pair == (1, "ZTbhy5t2OhOI8jSmo6dUx5lQmcii5F9yUgmkDYfdIpg")


TEXT = st.text(alphabet="ab1", max_size=4)


@given(left=st.tuples(TEXT, TEXT), right=st.tuples(TEXT, TEXT))
def test_kinds_and_values_never_collide(left: tuple[str, str], right: tuple[str, str]) -> None:
    """Kind and value are separate fields: moving a letter between them changes the index."""
    assert (lookup_index(KEYRING, *left) == lookup_index(KEYRING, *right)) == (left == right)


def test_pair_differs_from_any_single() -> None:
    """A pair's index equals neither the number's nor that of the same text split elsewhere."""
    pairs = [("k", "12", "3"), ("k", "1", "23"), ("k1", "2", "3"), ("k", "3", "12"), ("k", "12", "")]
    singles = [("k", "12"), ("k", "123"), ("k12", "3")]
    texts = [lookup_index_pair(KEYRING, *pair)[1] for pair in pairs]
    texts += [lookup_index(KEYRING, *single)[1] for single in singles]
    texts.append(keyed_digest(KEYRING, "k", "12"))
    assert len(set(texts)) == 9


def test_another_key_gives_another_index() -> None:
    """Without the key the index of a known value cannot be computed."""
    other = Keyring([DataKey(Purpose.INDEX, 2, "national", b"\7" * 32, KeyState.ACTIVE)])
    assert lookup_index(other, "resident_id", NUMBER) != lookup_index(KEYRING, "resident_id", NUMBER)


def test_keyed_digest() -> None:
    """A digest is accepted under any live version, and only for its kind and data; text and bytes agree."""
    old = keyed_digest(Keyring([DataKey(Purpose.DIGEST, 1, "international", b"\1" * 32, KeyState.ACTIVE)]), "face", "x")
    new = keyed_digest(KEYRING, "face", b"x")
    assert old != new
    assert is_keyed_digest(KEYRING, "face", b"x", old)
    assert is_keyed_digest(KEYRING, "face", "x", new)
    for kind, data, digest in [
        ("face", "y", new),
        ("card", "x", new),
        ("face", "x", new[:-1]),
        ("face", "x", "错"),
    ]:
        assert not is_keyed_digest(KEYRING, kind, data, digest)


def test_a_missing_index_key_is_a_configuration_error() -> None:
    """No index is ever made without a key."""
    with pytest.raises(ConfigError, match="no key index"):
        blind_index(Keyring([]), "resident_id", NUMBER)
