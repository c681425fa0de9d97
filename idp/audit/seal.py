"""A seal: what the sealer says of one batch of rows, and its place in the chain."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.canonical import instant_text
from idp.audit.seal_key import PublicSealKey
from idp.audit.sealed_table import AUDIT, SealedTable
from idp.crypto.encoding import encode_fields

_LABEL = "yihao audit seal 1"
#: The root before the first.
GENESIS = ""
_INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"


@dataclass(frozen=True, slots=True)
class Seal:
    """One batch: its rows by count and Merkle root, the root of the batch before it, and who says so."""

    position: int
    first_event_at: datetime
    last_event_at: datetime
    event_count: int
    root: str
    previous_root: str
    key_id: str
    signature: str
    sealed_at: datetime

    @property
    def statement(self) -> bytes:
        """The bytes that are signed."""
        covered = [each.name for each in fields(self) if each.name != "signature"]
        return encode_fields(_LABEL, *(_text(getattr(self, name)) for name in covered))

    @property
    def fingerprint(self) -> bytes:
        """A digest of all of it, signature included."""
        return hashlib.sha256(encode_fields(self.statement, self.signature)).digest()

    @property
    def month(self) -> str:
        """The month of its rows, as YYYY-MM: a batch never holds rows of two."""
        return month_of(self.first_event_at)

    def is_signed(self, keys: Mapping[str, PublicSealKey]) -> bool:
        """Tell whether a listed key signed it."""
        key = keys.get(self.key_id)
        return key is not None and key.verifies(self.statement, self.signature)

    def as_document(self) -> dict[str, Any]:
        """Return the seal as one line of the heads file holds it."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: instant_text(value) if isinstance(value, datetime) else value for name, value in values.items()}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Seal":
        """Read such a line; raises ValueError, KeyError or TypeError for anything else."""
        values = {each.name: document[each.name] for each in fields(cls)}
        for name in ("first_event_at", "last_event_at", "sealed_at"):
            values[name] = datetime.strptime(values[name], _INSTANT).replace(tzinfo=UTC)
        for name in ("position", "event_count"):
            values[name] = int(values[name])
        return cls(**values)


def month_of(at: datetime) -> str:
    """Return the month of an instant, in UTC, as YYYY-MM."""
    return at.astimezone(UTC).strftime("%Y-%m")


def last_seal(session: Session, table: SealedTable = AUDIT) -> Seal | None:
    """Return the newest seal of the table, or None before the first."""
    row = session.scalar(sa.select(table.seals).order_by(table.seals.position.desc()).limit(1))
    return None if row is None else seal_of(row)


def seals_after(session: Session, position: int, *, limit: int, table: SealedTable = AUDIT) -> list[Seal]:
    """Return the next seals of the table in order, at most `limit`."""
    rows = session.scalars(
        sa.select(table.seals).where(table.seals.position > position).order_by(table.seals.position).limit(limit)
    )
    return [seal_of(row) for row in rows]


def seal_of(row: Any) -> Seal:
    """Return what a row of the table says."""
    return Seal(**{each.name: getattr(row, each.name) for each in fields(Seal)})


def _text(value: Any) -> str:
    return instant_text(value) if isinstance(value, datetime) else str(value)
