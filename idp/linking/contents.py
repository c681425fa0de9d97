"""What a legacy row says, once its columns have names: read, sealed and opened here and nowhere else."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, fields

from idp.crypto.ciphertext import Place
from idp.crypto.keyring import Keyring, Purpose

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class LegacyRow:
    """One account of an older system as its source writes it, field by field; empty where it says nothing.

    Nothing is corrected here: what is compared is made from this anew whenever the rules change. Its repr shows
    nothing of the person.
    """

    reference: str = field(repr=False)
    login: str = field(default="", repr=False)
    document_type: str = field(default="", repr=False)
    number: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    former_name: str = field(default="", repr=False)
    mobile: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    birth_date: str = field(default="", repr=False)
    gender: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    organisation: str = field(default="", repr=False)
    status: str = field(default="", repr=False)
    registered_at: str = field(default="", repr=False)
    last_login_at: str = field(default="", repr=False)
    organisation_code: str = field(default="", repr=False)
    deceased: str = field(default="", repr=False)
    verified: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class StoredPassword:
    """A password as an older system keeps it, with what its scheme needs beside it."""

    stored: str = field(repr=False)
    salt: str = field(default="", repr=False)


#: The fields of a row in the order in which it is kept; a new one comes last.
FIELD_NAMES = tuple(each.name for each in fields(LegacyRow))


def encode_row(row: LegacyRow) -> bytes:
    """Return the row as bytes that are equal for equal rows."""
    return encode_values([getattr(row, name) for name in FIELD_NAMES])


def encode_values(values: Sequence[str]) -> bytes:
    """Return what `encode_row` does of a row whose fields stand in the order of `FIELD_NAMES`.

    An array without the empty fields at its end: a field more, some day, does not change the rows of before.
    """
    end = len(values)
    while end and not values[end - 1]:
        end -= 1
    return _encode_array(values[:end])


def _encode_array(values: Sequence[str]) -> bytes:
    """Return a JSON array of texts; what needs no escape is put together at a fifth of an encoder's time."""
    text = '","'.join(values)
    if values and text.isprintable() and "\\" not in text and text.count('"') == 2 * len(values) - 2:
        return f'["{text}"]'.encode()
    return _ENCODER.encode(list(values)).encode("utf-8", "surrogatepass")


def decode_row(raw: bytes) -> LegacyRow:
    """Return the row that `encode_row` was given."""
    values: list[str] = json.loads(raw.decode("utf-8", "surrogatepass"))
    return LegacyRow(*values, *[""] * (len(FIELD_NAMES) - len(values)))


def content_place(batch_number: int, row_number: int) -> Place:
    """Return where the content of a row belongs: with the batch and row that brought it, wherever it lies."""
    return Place(table="legacy_accounts", column="content", row=f"{batch_number}.{row_number}")


def credential_place(batch_number: int, row_number: int) -> Place:
    """Return where the stored password of a row belongs."""
    return Place(table="legacy_accounts", column="credential", row=f"{batch_number}.{row_number}")


def open_row(keyring: Keyring, batch_number: int, row_number: int, content: bytes) -> LegacyRow:
    """Return what a row says; raises DecryptionFailed."""
    return decode_row(keyring.decrypt(Purpose.DATA, content, content_place(batch_number, row_number)))


def seal_password(keyring: Keyring, batch_number: int, row_number: int, password: StoredPassword) -> bytes:
    """Return a stored password sealed for its row."""
    plain = encode_password(password.stored, password.salt)
    return keyring.encrypt(Purpose.DATA, plain, credential_place(batch_number, row_number))


def encode_password(stored: str, salt: str) -> bytes:
    """Return a stored password as the bytes that are sealed."""
    return _encode_array((stored, salt))


def seal_rows(
    keyring: Keyring, batch_number: int, column: str, row_numbers: Sequence[int], contents: Sequence[bytes]
) -> list[bytes]:
    """Return what rows of a batch hold in that column, sealed for the places that `open_row` and its like expect."""
    rows = [f"{batch_number}.{number}" for number in row_numbers]
    return keyring.encrypt_column(Purpose.DATA, "legacy_accounts", column, rows, contents)


def open_password(keyring: Keyring, batch_number: int, row_number: int, credential: bytes) -> StoredPassword:
    """Return the stored password of a row; raises DecryptionFailed."""
    plain = keyring.decrypt(Purpose.DATA, credential, credential_place(batch_number, row_number))
    stored, salt = json.loads(plain.decode("utf-8", "surrogatepass"))
    return StoredPassword(stored, salt)
