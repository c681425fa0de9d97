"""What comes of a reading, and the form in which it lies in the short-lived store until the clerk takes it.

The block itself is never kept: address and nation are in it, and nobody here has a use for them.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from idp.core.clock import civil_date
from idp.core.results import Ok
from realname.documents.card import CardProblem, CardText
from realname.documents.document_number import Sex
from realname.documents.parse import parse_number

#: Version of the parked form.
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class CardReading:
    """A card that an enrolled device read for one question; `evidence_digest` is keyed, over all that it signed."""

    reading_id: str = field(repr=False)  # whoever has it can take the reading
    device_id: str
    office: str
    department_id: str
    card: CardText
    read_at: datetime
    evidence_digest: str


def as_parked(found: CardReading | CardProblem) -> dict[str, Any]:
    """Return what was found as it is parked; the store seals it, and its handle is the reading's id."""
    if isinstance(found, CardProblem):
        return {"format": _FORMAT, "problem": found.value}
    return {
        "format": _FORMAT,
        "device_id": found.device_id,
        "office": found.office,
        "department_id": found.department_id,
        "card": _card_document(found.card),
        "read_at": found.read_at.isoformat(),
        "evidence_digest": found.evidence_digest,
    }


def read_parked(reading_id: str, document: dict[str, Any] | None) -> CardReading | CardProblem | None:
    """Return what was parked under that id, or None for nothing."""
    if document is None or document["format"] != _FORMAT:
        return None
    if "problem" in document:
        return CardProblem(document["problem"])
    read_at = datetime.fromisoformat(document["read_at"])
    return CardReading(
        reading_id=reading_id,
        device_id=document["device_id"],
        office=document["office"],
        department_id=document["department_id"],
        card=_card(document["card"], read_at),
        read_at=read_at,
        evidence_digest=document["evidence_digest"],
    )


def _card_document(card: CardText) -> dict[str, Any]:
    return {
        "number": card.number.canonical,
        "name": card.name,
        "latin_name": card.latin_name,
        "name_may_be_cut": card.name_may_be_cut,
        "has_private_use": card.has_private_use,
        "sex": card.sex,
        "birth_date": card.birth_date.isoformat(),
        "valid_from": card.valid_from.isoformat(),
        "valid_until": card.valid_until.isoformat() if card.valid_until else None,
        "replacements": card.replacements,
        "previous": card.previous,
    }


def _card(document: dict[str, Any], read_at: datetime) -> CardText:
    number = parse_number(document["number"], today=civil_date(read_at))
    assert isinstance(number, Ok)  # noqa: S101 - it was parsed on that day before it was parked
    sex, last = document["sex"], document["valid_until"]
    return CardText(
        number=number.value,
        name=document["name"],
        latin_name=document["latin_name"],
        name_may_be_cut=document["name_may_be_cut"],
        has_private_use=document["has_private_use"],
        sex=Sex(sex) if sex is not None else None,
        birth_date=date.fromisoformat(document["birth_date"]),
        valid_from=date.fromisoformat(document["valid_from"]),
        valid_until=date.fromisoformat(last) if last is not None else None,
        replacements=document["replacements"],
        previous=document["previous"],
    )
