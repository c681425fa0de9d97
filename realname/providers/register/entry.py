"""What the register says of one document number, and its sealed form."""

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from idp.crypto.ciphertext import Place
from idp.crypto.keyring import Keyring, Purpose
from realname.documents.document_number import DocumentNumber, DocumentType, Sex

# Made once: the library would make one for each entry.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_DATES = ("birth_date", "valid_from", "valid_until", "deceased_on")


@dataclass(frozen=True, slots=True)
class Entry:
    """One number with its holder; days are civil dates, mobiles E.164. Its repr shows the masked number alone.

    `guardians` are the numbers of those who act for a minor; `household` is the source's own key of the household.
    """

    number: DocumentNumber
    name: str = field(repr=False)
    former_names: tuple[str, ...] = field(default=(), repr=False)
    birth_date: date | None = field(default=None, repr=False)
    sex: Sex | None = field(default=None, repr=False)
    valid_from: date | None = field(default=None, repr=False)
    valid_until: date | None = field(default=None, repr=False)
    deceased_on: date | None = field(default=None, repr=False)
    guardians: tuple[DocumentNumber, ...] = field(default=(), repr=False)
    household: str | None = field(default=None, repr=False)
    mobiles: tuple[str, ...] = field(default=(), repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that the number may come with, the present one first."""
        return (self.name, *self.former_names)


def encode_entry(entry: Entry) -> bytes:
    """Return the entry as bytes that are equal for equal entries."""
    document: dict[str, Any] = {
        "type": entry.number.type,
        "number": entry.number.canonical,
        "name": entry.name,
        "former_names": entry.former_names,
        "sex": entry.sex,
        "guardians": [[each.type, each.canonical] for each in entry.guardians],
        "household": entry.household,
        "mobiles": entry.mobiles,
    }
    for name in _DATES:
        day: date | None = getattr(entry, name)
        document[name] = day and day.isoformat()
    kept = {name: value for name, value in document.items() if value}
    return _ENCODER.encode(kept).encode()


def decode_entry(raw: bytes) -> Entry:
    """Return the entry that `encode_entry` was given; of its numbers only type and canonical form are known."""
    document: dict[str, Any] = json.loads(raw)
    days = {name: date.fromisoformat(document[name]) for name in _DATES if name in document}
    return Entry(
        number=DocumentNumber(DocumentType(document["type"]), document["number"]),
        name=document["name"],
        former_names=tuple(document.get("former_names", ())),
        sex=Sex(document["sex"]) if "sex" in document else None,
        guardians=tuple(DocumentNumber(DocumentType(kind), text) for kind, text in document.get("guardians", ())),
        household=document.get("household"),
        mobiles=tuple(document.get("mobiles", ())),
        **days,
    )


def place_of(entry_id: int | str) -> Place:
    """Return where the sealed form of that entry belongs."""
    return Place(table="register_entries", column="content", row=str(entry_id))


def seal_content(keyring: Keyring, entry_id: int, content: bytes) -> bytes:
    """Return an encoded entry sealed under the data key for that row."""
    return keyring.encrypt(Purpose.DATA, content, place_of(entry_id))


def open_content(keyring: Keyring, entry_id: int, sealed: bytes) -> bytes:
    """Return the encoded entry of that row; raises DecryptionFailed."""
    return keyring.decrypt(Purpose.DATA, sealed, place_of(entry_id))
