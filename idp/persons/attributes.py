"""Named facts about a person, encrypted, with source, level and history; one of each name is present."""

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.ids import new_id
from idp.persons.ciphers import PersonCiphers, decrypt_text, encrypt_text
from idp.persons.models import Attribute
from idp.persons.vocabulary import AttributeName


@dataclass(frozen=True, slots=True)
class KnownAttribute:
    """A present fact: `level` is the identity level that its source carries (1 self-declared)."""

    name: AttributeName
    value: str = field(repr=False)
    source: str
    level: int
    valid_from: datetime


class Attributes:
    """Writes and reads attributes."""

    def __init__(self, *, ciphers: PersonCiphers) -> None:
        self._ciphers = ciphers

    def set(
        self,
        session: Session,
        person_id: str,
        name: AttributeName,
        value: str,
        *,
        source: str,
        level: int,
        at: datetime,
    ) -> None:
        """Write a fact in the place of the present one of that name, which becomes history."""
        self.end(session, person_id, name, at=at)
        attribute_id = new_id()
        cipher = self._ciphers.of(session, person_id)
        session.execute(
            sa.insert(Attribute).values(
                id=attribute_id,
                person_id=person_id,
                name=name,
                ciphertext=encrypt_text(cipher, value, table="attributes", row=attribute_id),
                source=source,
                level=level,
                valid_from=at,
            )
        )

    def end(self, session: Session, person_id: str, name: AttributeName, *, at: datetime) -> None:
        """Make the present fact of that name history, where there is one."""
        session.execute(
            sa.update(Attribute)
            .where(Attribute.person_id == person_id, Attribute.name == name, Attribute.valid_to.is_(None))
            .values(valid_to=at)
        )

    def of(self, session: Session, person_id: str) -> dict[AttributeName, KnownAttribute]:
        """Return the present facts about a person in clear; raises PersonErased."""
        cipher = self._ciphers.of(session, person_id)
        rows = session.execute(
            sa.select(
                Attribute.id,
                Attribute.name,
                Attribute.ciphertext,
                Attribute.source,
                Attribute.level,
                Attribute.valid_from,
            )
            .where(Attribute.person_id == person_id, Attribute.valid_to.is_(None))
            .order_by(Attribute.valid_from, Attribute.id)  # of two written in a race the later is told
        )
        facts = (
            KnownAttribute(
                AttributeName(row.name),
                decrypt_text(cipher, row.ciphertext, table="attributes", row=row.id),
                row.source,
                row.level,
                row.valid_from,
            )
            for row in rows
        )
        return {fact.name: fact for fact in facts}

    def ever(self, session: Session, person_id: str, name: AttributeName, *, least_level: int) -> tuple[str, ...]:
        """Return every value that a fact had by sources of that level, present or ended; raises PersonErased."""
        cipher = self._ciphers.of(session, person_id)
        rows = session.execute(
            sa.select(Attribute.id, Attribute.ciphertext)
            .where(Attribute.person_id == person_id, Attribute.name == name, Attribute.level >= least_level)
            .order_by(Attribute.valid_from, Attribute.id)
        )
        return tuple(decrypt_text(cipher, row.ciphertext, table="attributes", row=row.id) for row in rows)
