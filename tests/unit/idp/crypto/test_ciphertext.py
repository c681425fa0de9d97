"""The stored form is parsed strictly, and places and fields never collide."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.crypto.ciphertext import Place, encode_header, parse
from idp.crypto.encoding import encode_fields, encode_fields_after
from idp.crypto.errors import DecryptionFailed
from idp.crypto.suites import INTERNATIONAL, NATIONAL, Suite

BODY = bytes(28)
FIELDS = st.lists(st.text(alphabet="ab\0,.", max_size=4), max_size=4)


@given(left=FIELDS, right=FIELDS)
def test_fields_are_unambiguous(left: list[str], right: list[str]) -> None:
    """Two lists of fields have one encoding exactly when they are the same list."""
    assert (encode_fields(*left) == encode_fields(*right)) == (left == right)


@given(fixed=FIELDS, fields=FIELDS)
def test_fields_after_constants_are_encoded_alike(fixed: list[str], fields: list[str]) -> None:
    """Where the constants were encoded before makes no difference."""
    assert encode_fields_after(tuple(fixed), *fields) == encode_fields(*fixed, *fields)


@given(
    left=st.tuples(*[st.text(alphabet="ab", max_size=3)] * 4),
    right=st.tuples(*[st.text(alphabet="ab", max_size=3)] * 4),
)
def test_places_are_unambiguous(left: tuple[str, str, str, str], right: tuple[str, str, str, str]) -> None:
    """No two places share their associated data."""
    assert (Place(*left).associated_data() == Place(*right).associated_data()) == (left == right)


@given(
    label=st.from_regex(r"[a-z][a-z_]{0,30}", fullmatch=True),
    version=st.integers(1, 999_999_999),
    body=st.binary(min_size=28, max_size=60),
)
def test_header_round_trip(label: str, version: int, body: bytes) -> None:
    """What is written is what is read."""
    header = encode_header(NATIONAL, label, version)
    parsed = parse(header + body)
    assert (parsed.suite, parsed.label, parsed.version) == (NATIONAL, label, version)
    assert (parsed.header, parsed.sealed) == (header, body)


def test_layout_is_fixed(suite: Suite) -> None:
    """Stored ciphertexts of this release stay readable: the bytes of the header are pinned."""
    assert encode_header(suite, "data", 12) == bytes([1, suite.code, 7]) + b"data.12"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x01",
        b"\x01\x01",
        b"\x01\x01\x06",
        b"\x00\x01\x06data.1" + BODY,
        b"\x02\x01\x06data.1" + BODY,
        b"\x01\x00\x06data.1" + BODY,
        b"\x01\x03\x06data.1" + BODY,
        b"\x01\x01\x00" + BODY,
        b"\x01\x01\xffdata.1" + BODY,
        b"\x01\x01\x05data.1" + BODY,
        b"\x01\x01\x07data.1\n" + BODY,
        b"\x01\x01\x06data.0" + BODY,
        b"\x01\x01\x07data.01" + BODY,
        b"\x01\x01\x07data.+1" + BODY,
        b"\x01\x01\x06DATA.1" + BODY,
        b"\x01\x01\x05data1" + BODY,
        b"\x01\x01\x0fdata.1000000000" + BODY,
        b"\x01\x01\x08data.\xef\xbc\x91" + BODY,
        b"\x01\x01\x06data.1" + BODY[1:],
        b"\x01\x01\x06data.1",
        None,
        "text",
        7,
    ],
)
def test_other_forms_are_refused(raw: object) -> None:
    """Anything but the one written form is refused with DecryptionFailed."""
    with pytest.raises(DecryptionFailed):
        parse(raw)


@given(st.binary(max_size=80))
def test_noise_never_crashes(raw: bytes) -> None:
    """Arbitrary bytes parse or are refused; no other exception leaves."""
    try:
        parsed = parse(raw)
    except DecryptionFailed:
        return
    assert parsed.header + parsed.sealed == raw


@pytest.mark.parametrize(("label", "version"), [("", 1), ("Data", 1), ("da.ta", 1), ("data", 0), ("data", 10**9)])
def test_unwritable_key_ids_are_refused(label: str, version: int) -> None:
    """A key id that could not be read back is never written."""
    with pytest.raises(ValueError, match="key id"):
        encode_header(INTERNATIONAL, label, version)
