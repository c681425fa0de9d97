"""The stored form of everything encrypted, and the place that it is bound to.

    format version (1) | suite (1) | length of key id (1) | key id | nonce (12) | data | tag (16)

The key id is ASCII, `<label>.<version>`: the label says which family of keys, the version which of them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from idp.crypto.encoding import encode_fields_after
from idp.crypto.errors import DecryptionFailed, DecryptionFailure
from idp.crypto.suites import NONCE_SIZE, TAG_SIZE, Suite, suite_by_code

FORMAT_VERSION = 1
_NOBODY = bytes(4)  # the encoded person of a place that has none
_KEY_ID = re.compile(rb"([a-z][a-z_]{0,30})\.([1-9][0-9]{0,8})")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ciphertext belongs; moved to another table, column, row or person it no longer decrypts."""

    table: str
    column: str
    row: str
    person: str = ""

    def associated_data(self, person: str = "") -> bytes:
        """Return the place as bytes to authenticate, of that person where one is given; no two places share them."""
        return encode_fields_after(("place", self.table, self.column), self.row, person or self.person)


def associated_data_of(table: str, column: str, rows: Sequence[str]) -> list[bytes]:
    """Return what `Place.associated_data` does for rows of one column, in the order given."""
    # All that depends on the row is its own length and text.
    starts: dict[int, bytes] = {}
    found = []
    for row in rows:
        raw = row.encode()
        start = starts.get(len(raw))
        if start is None:
            whole = Place(table=table, column=column, row=row).associated_data()
            start = starts[len(raw)] = whole[: len(whole) - len(raw) - len(_NOBODY)]
        found.append(start + raw + _NOBODY)
    return found


@dataclass(frozen=True, slots=True)
class Ciphertext:
    """A parsed ciphertext: which key it asks for, and what to hand to it."""

    suite: Suite
    label: str
    version: int
    header: bytes = field(repr=False)
    sealed: bytes = field(repr=False)


@lru_cache(maxsize=256)
def encode_header(suite: Suite, label: str, version: int) -> bytes:
    """Return what stands before the nonce; raises ValueError for a label or version it cannot hold."""
    key_id = f"{label}.{version}".encode("ascii")
    if _KEY_ID.fullmatch(key_id) is None:
        raise ValueError("a key id is a label of a-z and _ and a version from 1 to 999999999")
    return bytes((FORMAT_VERSION, suite.code, len(key_id))) + key_id


def parse(raw: bytes) -> Ciphertext:
    """Return the parts of a stored ciphertext; raises DecryptionFailed for any other form."""
    # Columns may hold anything after a bad restore; the type is checked because bytes are sliced below.
    if not isinstance(raw, bytes) or len(raw) < 3 or raw[0] != FORMAT_VERSION:
        raise DecryptionFailed(DecryptionFailure.MALFORMED)
    end = 3 + raw[2]
    header = raw[:end]
    named = _read_header(header)
    if named is None or len(raw) < end + NONCE_SIZE + TAG_SIZE:
        raise DecryptionFailed(DecryptionFailure.MALFORMED)
    suite, label, version = named
    return Ciphertext(suite, label, version, header, raw[end:])


# There are as many as keys, and every look at a person reads two.
@lru_cache(maxsize=256)
def _read_header(header: bytes) -> tuple[Suite, str, int] | None:
    suite, key_id = suite_by_code(header[1]), _KEY_ID.fullmatch(header[3:])
    if suite is None or key_id is None:
        return None
    return suite, key_id[1].decode("ascii"), int(key_id[2])
