"""The keyring: encryption bound to places, rotation, MACs, derivation, and silence about keys."""

import traceback
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.errors import ConfigError
from idp.crypto.ciphertext import Place
from idp.crypto.errors import DecryptionFailed, DecryptionFailure
from idp.crypto.keyring import DataKey, Keyring, KeyState, Purpose, generate_data_key
from idp.crypto.suites import INTERNATIONAL, NATIONAL, SUITES, Suite

PLACE = Place("attributes", "value", "row-1", "person-1")
OLD = DataKey(Purpose.DATA, 1, "international", b"\x11" * 32, KeyState.READ)
NEW = DataKey(Purpose.DATA, 2, "national", b"\x22" * 32, KeyState.ACTIVE)
BEFORE = Keyring([replace(OLD, state=KeyState.ACTIVE)])
ANNOUNCED = Keyring([replace(OLD, state=KeyState.ACTIVE), replace(NEW, state=KeyState.READ)])
ROTATED = Keyring([OLD, NEW])
DROPPED = Keyring([NEW])


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
@given(
    plaintext=st.binary(max_size=100),
    place=st.builds(Place, table=st.text(), column=st.text(), row=st.text(), person=st.text()),
    purpose=st.sampled_from(Purpose),
)
def test_round_trip(suite: Suite, plaintext: bytes, place: Place, purpose: Purpose) -> None:
    """What was encrypted for a place decrypts there, under both suites and every purpose."""
    keyring = Keyring([DataKey(purpose, 3, suite.name, b"\x33" * 32, KeyState.ACTIVE)])
    ciphertext = keyring.encrypt(purpose, plaintext, place)
    assert ciphertext[1] == suite.code
    assert keyring.decrypt(purpose, ciphertext, place) == plaintext


@pytest.mark.parametrize(
    "other",
    [
        replace(PLACE, table="contacts"),
        replace(PLACE, column="name"),
        replace(PLACE, row="row-2"),
        replace(PLACE, person="person-2"),
        replace(PLACE, person=""),
        Place("attributesv", "alue", "row-1", "person-1"),
        Place("attributes", "value", "row-1\udc80", "person-1"),
    ],
)
def test_another_place_is_refused(keyring: Keyring, other: Place) -> None:
    """A ciphertext moved to another table, column, row or person does not decrypt."""
    ciphertext = keyring.encrypt(Purpose.DATA, b"content", PLACE)
    with pytest.raises(DecryptionFailed) as caught:
        keyring.decrypt(Purpose.DATA, ciphertext, other)
    assert caught.value.reason is DecryptionFailure.NOT_AUTHENTIC


def test_swapped_rows_are_refused(keyring: Keyring) -> None:
    """Two rows whose ciphertexts were exchanged are both refused."""
    places = [replace(PLACE, row="a"), replace(PLACE, row="b")]
    written = [keyring.encrypt(Purpose.DATA, b"same length", place) for place in places]
    for place, ciphertext in zip(places, reversed(written), strict=True):
        with pytest.raises(DecryptionFailed):
            keyring.decrypt(Purpose.DATA, ciphertext, place)


def test_altered_ciphertexts_are_refused(keyring: Keyring) -> None:
    """Each flipped bit, header included, and each cut is refused with DecryptionFailed and nothing else."""
    good = keyring.encrypt(Purpose.DATA, b"content", PLACE)
    flipped = [good[:i] + bytes([good[i] ^ (1 << b)]) + good[i + 1 :] for i in range(len(good)) for b in range(8)]
    for bad in [*flipped, *(good[:size] for size in range(len(good))), good + b"\0"]:
        with pytest.raises(DecryptionFailed):
            keyring.decrypt(Purpose.DATA, bad, PLACE)


def test_unknown_keys_are_refused(keyring: Keyring) -> None:
    """A version that is not live, and a purpose that wrote something else, are unknown keys."""
    newer = ROTATED.encrypt(Purpose.DATA, b"content", PLACE)
    for reader, purpose, ciphertext in [
        (BEFORE, Purpose.DATA, newer),
        (DROPPED, Purpose.DATA, BEFORE.encrypt(Purpose.DATA, b"content", PLACE)),
        (keyring, Purpose.MESSAGE, keyring.encrypt(Purpose.DATA, b"content", PLACE)),
        (Keyring([]), Purpose.DATA, newer),
    ]:
        with pytest.raises(DecryptionFailed) as caught:
            reader.decrypt(purpose, ciphertext, PLACE)
        assert caught.value.reason is DecryptionFailure.UNKNOWN_KEY


def test_another_key_of_the_same_version_is_refused() -> None:
    """The version number alone opens nothing."""
    other = Keyring([replace(OLD, material=b"\x44" * 32, state=KeyState.ACTIVE)])
    with pytest.raises(DecryptionFailed):
        other.decrypt(Purpose.DATA, BEFORE.encrypt(Purpose.DATA, b"content", PLACE), PLACE)


def test_rotation() -> None:
    """A new key is announced, then writes while the old one reads, then stands alone; suites may change."""
    old = ANNOUNCED.encrypt(Purpose.DATA, b"content", PLACE)
    new = ROTATED.encrypt(Purpose.DATA, b"content", PLACE)
    assert BEFORE.decrypt(Purpose.DATA, old, PLACE) == b"content"
    assert ANNOUNCED.decrypt(Purpose.DATA, new, PLACE) == b"content"
    assert ROTATED.decrypt(Purpose.DATA, old, PLACE) == b"content"
    assert DROPPED.decrypt(Purpose.DATA, new, PLACE) == b"content"
    assert ROTATED.needs_rewrite(Purpose.DATA, old)
    assert not ROTATED.needs_rewrite(Purpose.DATA, new)
    assert not ANNOUNCED.needs_rewrite(Purpose.DATA, old)
    assert ROTATED.versions(Purpose.DATA) == (2, 1)
    assert ANNOUNCED.versions(Purpose.DATA) == (1, 2)
    assert (BEFORE.active_suite(Purpose.DATA), ROTATED.active_suite(Purpose.DATA)) == (
        INTERNATIONAL,
        NATIONAL,
    )


def test_needs_rewrite_refuses_noise() -> None:
    """A malformed column is reported, not rewritten."""
    with pytest.raises(DecryptionFailed):
        ROTATED.needs_rewrite(Purpose.DATA, b"noise")


@pytest.mark.parametrize(
    ("suite", "stored"),
    list(
        zip(
            SUITES,
            [
                ("010106646174612e3116f8a853ccfa2c571c42d46294c774dce052d26cddb64d3aed51b81c3db568b8a72d0e"),
                ("010206646174612e31ad82cf9d0d399d68ce0ce121f5bf5af0449f7360eceaf9eee5c6c194d4c44f57445c91"),
            ],
            strict=True,
        )
    ),
    ids=["international", "national"],
)
def test_stored_ciphertexts_stay_readable(suite: Suite, stored: str) -> None:
    """A ciphertext written by an earlier release still decrypts: format and key expansion never change."""
    keyring = Keyring([DataKey(Purpose.DATA, 1, suite.name, b"\1" * 32, KeyState.ACTIVE)])
    assert keyring.decrypt(Purpose.DATA, bytes.fromhex(stored), PLACE) == b"content"


def test_macs_per_version() -> None:
    """A MAC is stable per version, differs between versions, and is accepted while its version lives."""
    old, new = BEFORE.mac(Purpose.DATA, b"x"), ROTATED.mac(Purpose.DATA, b"x")
    assert ROTATED.macs(Purpose.DATA, b"x") == {1: old, 2: new}
    assert ROTATED.mac_version(Purpose.DATA, 1, b"x") == old != new
    assert len(old) == len(new) == 32
    assert ROTATED.is_valid_mac(Purpose.DATA, b"x", old)
    assert not DROPPED.is_valid_mac(Purpose.DATA, b"x", old)
    assert not ROTATED.is_valid_mac(Purpose.DATA, b"y", old)
    assert not ROTATED.is_valid_mac(Purpose.DATA, b"x", b"")


def test_same_material_serves_uses_apart() -> None:
    """Purpose, version, suite and use separate keys even where their material is the same by mistake."""
    rings = [
        Keyring([DataKey(purpose, version, suite.name, b"\x55" * 32, KeyState.ACTIVE)])
        for purpose, version, suite in [
            (Purpose.DATA, 1, INTERNATIONAL),
            (Purpose.DATA, 2, INTERNATIONAL),
            (Purpose.INDEX, 1, INTERNATIONAL),
            (Purpose.DATA, 1, NATIONAL),
        ]
    ]
    purposes = [Purpose.DATA, Purpose.DATA, Purpose.INDEX, Purpose.DATA]
    outputs = [ring.mac(purpose, b"x") for ring, purpose in zip(rings, purposes, strict=True)]
    outputs += [ring.derive(purpose, "x") for ring, purpose in zip(rings, purposes, strict=True)]
    assert len(set(outputs)) == 8


def test_derivation() -> None:
    """A derived key is stable per label and version, and unlike any other."""
    keyring = Keyring([OLD, NEW])
    assert keyring.derive(Purpose.DATA, "cookie") == keyring.derive(Purpose.DATA, "cookie", version=2)
    derived = {keyring.derive(Purpose.DATA, label, version=version) for label in ("a", "b") for version in (1, 2)}
    assert len(derived) == 4
    assert {len(key) for key in derived} == {32}


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ([NEW, NEW], "exists twice"),
        ([NEW, replace(OLD, state=KeyState.ACTIVE)], "are active"),
        ([OLD], "no key data is active"),
    ],
)
def test_inconsistent_keys_are_refused(keys: list[DataKey], text: str) -> None:
    """A process does not start on keys that leave open which one encrypts."""
    with pytest.raises(ConfigError, match=text):
        Keyring(keys)


def test_damaged_keys_are_refused() -> None:
    """Material of another length, version 0 and an unknown suite are configuration errors."""
    for change in ({"material": b"short"}, {"version": 0}, {"suite": "none"}):
        with pytest.raises(ConfigError):
            replace(NEW, **change)


def test_missing_keys_are_named_with_the_remedy() -> None:
    """Where a key is missing the error says which, and how to create it."""
    empty = Keyring([])
    for call in (
        lambda: empty.encrypt(Purpose.AUDIT, b"", PLACE),
        lambda: empty.mac(Purpose.AUDIT, b""),
        lambda: empty.macs(Purpose.AUDIT, b""),
        lambda: empty.derive(Purpose.AUDIT, "x"),
        lambda: empty.versions(Purpose.AUDIT),
        lambda: empty.require(Purpose.AUDIT),
    ):
        with pytest.raises(ConfigError, match=r"no key audit.*idp keys init"):
            call()
    with pytest.raises(ConfigError, match="version 9 is not live"):
        ROTATED.mac_version(Purpose.DATA, 9, b"")
    ROTATED.require(Purpose.DATA)


def test_keys_are_random() -> None:
    """Two generated keys share nothing."""
    keys = [generate_data_key(Purpose.DATA, 1, NATIONAL, KeyState.ACTIVE) for _ in range(2)]
    assert keys[0].material != keys[1].material
    assert keys[0].suite == "national"


def test_nothing_secret_is_shown(keyring: Keyring) -> None:
    """Reprs, texts and tracebacks tell neither key material nor content."""
    material, content = b"MATERIAL" * 4, b"11010519491231002X"
    key = replace(NEW, material=material)
    ring = Keyring([key])
    shown = [repr(key), str(key), repr(ring), str(ring)]
    for bad in (ring.encrypt(Purpose.DATA, content, PLACE)[:-1], content):
        try:
            ring.decrypt(Purpose.DATA, bad, PLACE)
        except DecryptionFailed as error:
            assert error.__cause__ is None
            shown += [repr(error), str(error), "".join(traceback.format_exception(error))]
    with pytest.raises(ConfigError) as caught:
        replace(key, material=material[:-1])
    shown.append(repr(caught.value))
    assert len(shown) == 11
    for text in shown:
        assert "MATERIAL" not in text
        assert content.decode() not in text
        assert material.hex() not in text


@given(rows=st.lists(st.text(st.characters(codec="utf-8"), max_size=12), max_size=5), plaintext=st.binary(max_size=60))
@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_a_column_at_once(suite: Suite, rows: list[str], plaintext: bytes) -> None:
    """What is encrypted for many rows at once is what each alone gives: it opens at its place and nowhere else."""
    keyring = Keyring([DataKey(Purpose.DATA, 3, suite.name, b"\x33" * 32, KeyState.ACTIVE)])
    texts = [plaintext + str(at).encode() for at in range(len(rows))]
    sealed = keyring.encrypt_column(Purpose.DATA, "table", "column", rows, texts)
    assert [
        keyring.decrypt(Purpose.DATA, each, Place("table", "column", row))
        for each, row in zip(sealed, rows, strict=True)
    ] == texts
    assert len(set(sealed)) == len(sealed)
    for each, row in zip(sealed, rows, strict=True):
        with pytest.raises(DecryptionFailed):
            keyring.decrypt(Purpose.DATA, each, Place("table", "column", row + "0"))
