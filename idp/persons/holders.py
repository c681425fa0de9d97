"""Who else has a number, disputes it, or showed something of it: what proofing has to settle."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.crypto.blind_index import lookup_index
from idp.crypto.keyring import Keyring
from idp.persons.identifiers import Provable, held_rows
from idp.persons.models import Identifier, IdentifierIndex
from idp.persons.vocabulary import IdentifierState
from idp.storage.locks import wait_for_lock
from realname.documents.document_number import DocumentNumber


@dataclass(frozen=True, slots=True)
class HeldNumber:
    """A number as somebody proved it: who, by which row and method, at which level, and whether it was bound by it."""

    identifier_id: str
    person_id: str
    ial: int
    is_bound: bool
    method: str | None


class Holders:
    """Finds holders of numbers."""

    def __init__(self, *, keyring: Keyring) -> None:
        self._keyring = keyring

    def hold(self, session: Session, number: Provable) -> None:
        """Let nobody else settle whose the number is until the transaction ends.

        Without it somebody who sees nobody yet may find afterwards that two disputed it meanwhile.
        """
        _, index = lookup_index(self._keyring, number.type, number.canonical)
        wait_for_lock(session, f"number {index}")

    def others(self, session: Session, identifier_id: str, number: Provable) -> tuple[HeldNumber, ...]:
        """Return who else proved the number; their rows are held until the transaction ends.

        Bound are those who have it or dispute it; the others showed only that they know the name to it.
        """
        own = sa.select(Identifier.person_id).where(Identifier.id == identifier_id).scalar_subquery()
        rows = session.execute(
            self._proved(number, Identifier.person_id != own).order_by(Identifier.id).with_for_update(of=Identifier)
        )
        return tuple(
            HeldNumber(row.id, row.person_id, row.level or 1, row.state != IdentifierState.CLAIMED, row.method)
            for row in rows
        )

    def levels_of_others(self, session: Session, person_id: str, number: DocumentNumber) -> tuple[int, ...]:
        """Return the identity levels by which others than this person have or dispute the number."""
        rows = session.execute(
            self._proved(number, Identifier.person_id != person_id, Identifier.state != IdentifierState.CLAIMED)
        )
        return tuple(row.level or 1 for row in rows)

    def _proved(self, number: Provable, *conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
        """Return the rows of a number that somebody showed something of, and that are not history."""
        version, index = lookup_index(self._keyring, number.type, number.canonical)
        return held_rows(
            IdentifierIndex.key_version == version,
            IdentifierIndex.index == index,
            IdentifierIndex.type == number.type,
            Identifier.state != IdentifierState.FORMER,
            Identifier.proofing_id.is_not(None),
            *conditions,
        ).join(IdentifierIndex, IdentifierIndex.identifier_id == Identifier.id)

    def is_disputed(self, session: Session, number: DocumentNumber) -> bool:
        """Tell whether persons dispute the number, so that nobody has it."""
        version, index = lookup_index(self._keyring, number.type, number.canonical)
        found = (
            sa.select(Identifier.id)
            .join(IdentifierIndex, IdentifierIndex.identifier_id == Identifier.id)
            .where(
                IdentifierIndex.key_version == version,
                IdentifierIndex.index == index,
                IdentifierIndex.type == number.type,
                Identifier.state == IdentifierState.DISPUTED,
            )
        )
        return session.scalar(found.limit(1)) is not None

    def current(self, session: Session, numbers: Sequence[DocumentNumber]) -> tuple[str | None, ...]:
        """Return for each number the id of the person who has it as current, None where nobody does."""
        indexes = [lookup_index(self._keyring, number.type, number.canonical) for number in numbers]
        # A row has a method `index`, so the column comes under another name.
        index_column = IdentifierIndex.index.label("digest")
        rows = session.execute(
            sa.select(IdentifierIndex.type, IdentifierIndex.key_version, index_column, Identifier.person_id)
            .join(Identifier, Identifier.id == IdentifierIndex.identifier_id)
            .where(
                IdentifierIndex.is_current,
                IdentifierIndex.key_version.in_({version for version, _ in indexes}),
                IdentifierIndex.index.in_([index for _, index in indexes]),
            )
        )
        found: dict[tuple[str, int, str], str] = {
            (row.type, row.key_version, row.digest): row.person_id for row in rows
        }
        return tuple(found.get((number.type, *index)) for number, index in zip(numbers, indexes, strict=True))
