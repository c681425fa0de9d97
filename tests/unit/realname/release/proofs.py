"""Proved identities for the tests of this room."""

from datetime import UTC, date, datetime

from realname.documents.document_number import DocumentNumber
from realname.documents.parse import parse_number
from realname.release.evidence import ProofingTold
from realname.release.values import Fact, Proved
from tests.unit.realname.documents.numbers import make_resident_number

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
NAME, NUMBER = "张小明", make_resident_number(birth="19900307", sequence="123")


def parsed(number: str, today: date = TODAY) -> DocumentNumber:
    found: DocumentNumber = parse_number(number, today=today).value  # type: ignore[union-attr]
    return found


def proved(number: str | None = NUMBER, *, ial: int = 2, today: date = TODAY, name: str = NAME) -> Proved:
    """Return a person whose name and number were found in the register."""
    document = parsed(number, today) if number is not None else None
    return Proved(ial=ial, today=today, number=document, full_name=Fact(name, 2))


def proofing(level: int = 2, method: str = "name", at: datetime = NOW) -> ProofingTold:
    return ProofingTold(level, method, at)
