"""Document numbers of a person, with history: the unique index decides whose a current number is.

When a number may become current, and what becomes of the claims of others, is decided by proofing. The code by which
the national network identity service names the person to us is kept beside them, as a kind of its own: proved and
unique like a number, but never typed, shown, told or logged in by.
"""

import hmac
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.ids import new_id
from idp.core.results import Ok, Refused
from idp.crypto.blind_index import blind_index, lookup_index
from idp.crypto.keyring import Keyring
from idp.persons.ciphers import PersonCiphers, PersonErased, PersonUnknown, decrypt_text, encrypt_text
from idp.persons.models import Identifier, IdentifierIndex, Proofing
from idp.persons.vocabulary import IdentifierState
from idp.storage.upsert import insert_into
from realname.documents.application_id import NETWORK_IDENTITY, ApplicationId
from realname.documents.document_number import DocumentNumber, DocumentType

#: What can be proved to name one person: `type` and `canonical` are what is indexed and compared.
Provable = DocumentNumber | ApplicationId


class IdentifierProblem(StrEnum):
    """Why an identifier cannot become current."""

    TAKEN = "taken"  # another row holds the number as current
    NOT_CLAIMED = "not_claimed"


@dataclass(frozen=True, slots=True)
class KnownIdentifier:
    """A document number of a person in clear, with what is known about it."""

    id: str
    type: DocumentType
    canonical: str = field(repr=False)
    state: IdentifierState
    proofing_id: str | None
    valid_from: datetime


class Identifiers:
    """Writes and reads the document numbers of persons."""

    def __init__(self, *, keyring: Keyring, ciphers: PersonCiphers) -> None:
        self._keyring = keyring
        self._ciphers = ciphers

    def claim(self, session: Session, person_id: str, number: Provable, *, at: datetime) -> str:
        """Write a number that the person typed, or is about to prove, and return the row's id; it reserves nothing."""
        identifier_id = new_id()
        cipher = self._ciphers.of(session, person_id)
        session.execute(
            sa.insert(Identifier).values(
                id=identifier_id,
                person_id=person_id,
                type=number.type,
                ciphertext=encrypt_text(cipher, number.canonical, table="identifiers", row=identifier_id),
                state=IdentifierState.CLAIMED,
                valid_from=at,
            )
        )
        self._index(session, identifier_id, number.type, number.canonical, is_current=False)
        return identifier_id

    def set_current(self, session: Session, identifier_id: str, *, proofing_id: str, at: datetime) -> Ok[str] | Refused:
        """Make a claimed number current and return its person's id, or an `IdentifierProblem`.

        Atomic: of two persons who prove one number at the same time, one is refused. A refusal changes
        nothing. The caller audits, with its reasons.
        """
        row = session.execute(
            sa.update(Identifier)
            .where(Identifier.id == identifier_id, Identifier.state == IdentifierState.CLAIMED)
            .values(proofing_id=Identifier.proofing_id)  # changes nothing, holds the row
            .returning(Identifier.person_id, Identifier.type, Identifier.ciphertext)
        ).one_or_none()
        if row is None:
            return Refused(IdentifierProblem.NOT_CLAIMED)
        cipher = self._ciphers.of(session, row.person_id)
        canonical = decrypt_text(cipher, row.ciphertext, table="identifiers", row=identifier_id)
        try:
            with session.begin_nested():
                self._index(session, identifier_id, row.type, canonical, is_current=True)
        except sa.exc.IntegrityError:
            return Refused(IdentifierProblem.TAKEN)
        session.execute(
            sa.update(Identifier)
            .where(Identifier.id == identifier_id)
            .values(state=IdentifierState.CURRENT, proofing_id=proofing_id, valid_from=at)
        )
        return Ok(row.person_id)

    def note(self, session: Session, identifier_id: str, *, proofing_id: str) -> None:
        """Note by what a claimed number was shown to agree with the name; it stays claimed."""
        session.execute(
            sa.update(Identifier)
            .where(Identifier.id == identifier_id, Identifier.state == IdentifierState.CLAIMED)
            .values(proofing_id=proofing_id)
        )

    def confirm(self, session: Session, identifier_id: str, *, proofing_id: str, ial: int) -> bool:
        """Note a further proofing of a number that is current; False where it is not.

        The row names the highest one: it is what another person's is compared with.
        """
        held = held_rows(Identifier.id == identifier_id, Identifier.state == IdentifierState.CURRENT)
        found = session.execute(held).one_or_none()
        if found is None:
            return False
        if ial >= (found.level or 0):
            session.execute(sa.update(Identifier).where(Identifier.id == identifier_id).values(proofing_id=proofing_id))
        return True

    def state_of(self, session: Session, identifier_id: str) -> IdentifierState:
        """Return what is known about a number of a person."""
        return IdentifierState(
            session.execute(sa.select(Identifier.state).where(Identifier.id == identifier_id)).scalar_one()
        )

    def end_current(self, session: Session, person_id: str, *, at: datetime) -> None:
        """Turn whatever number of a person is current into a former one: another one was proved in its place."""
        held = sa.select(Identifier.id).where(
            Identifier.person_id == person_id,
            Identifier.type != NETWORK_IDENTITY,
            Identifier.state == IdentifierState.CURRENT,
        )
        for identifier_id in session.scalars(held).all():
            self.end(session, identifier_id, IdentifierState.FORMER, at=at)

    def end_dispute(self, session: Session, number: Provable) -> tuple[str, ...]:
        """Turn every disputed row of a number into a former one, and return the ids of all rows of the number."""
        version, index = lookup_index(self._keyring, number.type, number.canonical)
        rows = sa.select(IdentifierIndex.identifier_id).where(
            IdentifierIndex.key_version == version, IdentifierIndex.index == index, IdentifierIndex.type == number.type
        )
        session.execute(
            sa.update(Identifier)
            .where(Identifier.id.in_(rows), Identifier.state == IdentifierState.DISPUTED)
            .values(state=IdentifierState.FORMER)
        )
        return tuple(session.scalars(rows))

    def end(
        self,
        session: Session,
        identifier_id: str,
        state: IdentifierState,
        *,
        at: datetime,
        proofing_id: str | None = None,
    ) -> bool:
        """Turn a claimed or current number into a former or disputed one; False where it was neither.

        `proofing_id` is by what a disputed one was proved, where it never was current.
        """
        proved = {} if proofing_id is None else {"proofing_id": proofing_id}
        ended = session.execute(
            sa.update(Identifier)
            .where(
                Identifier.id == identifier_id,
                Identifier.state.in_([IdentifierState.CLAIMED, IdentifierState.CURRENT]),
            )
            .values(state=state, valid_to=at, **proved)
            .returning(Identifier.id)
        ).one_or_none()
        session.execute(
            sa.update(IdentifierIndex).where(IdentifierIndex.identifier_id == identifier_id).values(is_current=False)
        )
        return ended is not None

    def of(self, session: Session, person_id: str) -> tuple[KnownIdentifier, ...]:
        """Return the person's current and claimed numbers in clear, current first; raises PersonErased."""
        cipher = self._ciphers.of(session, person_id)
        rows = session.scalars(
            sa.select(Identifier)
            .where(
                Identifier.person_id == person_id,
                Identifier.type != NETWORK_IDENTITY,
                Identifier.state.in_([IdentifierState.CLAIMED, IdentifierState.CURRENT]),
            )
            .order_by(
                (Identifier.state == IdentifierState.CURRENT).desc(),
                Identifier.valid_from.desc(),
                Identifier.id,
            )
        )
        return tuple(
            KnownIdentifier(
                row.id,
                DocumentType(row.type),
                decrypt_text(cipher, row.ciphertext, table="identifiers", row=row.id),
                IdentifierState(row.state),
                row.proofing_id,
                row.valid_from,
            )
            for row in rows
        )

    def read(self, session: Session, identifier_id: str) -> DocumentNumber | None:
        """Return one number in clear, whatever became of it; None for what is none, and where its person was erased."""
        row = session.execute(
            sa.select(Identifier.person_id, Identifier.type, Identifier.ciphertext).where(
                Identifier.id == identifier_id, Identifier.type != NETWORK_IDENTITY
            )
        ).one_or_none()
        if row is None:
            return None
        try:
            cipher = self._ciphers.of(session, row.person_id)
        except PersonErased:
            return None
        canonical = decrypt_text(cipher, row.ciphertext, table="identifiers", row=identifier_id)
        return DocumentNumber(DocumentType(row.type), canonical)

    def application_ids(self, session: Session, person_id: str) -> dict[str, ApplicationId]:
        """Return the person's current application ids by the ids of their rows; raises PersonErased."""
        cipher = self._ciphers.of(session, person_id)
        rows = session.execute(
            sa.select(Identifier.id, Identifier.ciphertext).where(
                Identifier.person_id == person_id,
                Identifier.type == NETWORK_IDENTITY,
                Identifier.state == IdentifierState.CURRENT,
            )
        )
        return {
            row.id: ApplicationId(decrypt_text(cipher, row.ciphertext, table="identifiers", row=row.id)) for row in rows
        }

    def has(self, session: Session, person_id: str, number: DocumentNumber) -> bool:
        """Tell whether the number is a current or claimed one of this person; two statements whoever it is.

        It is compared with the person's own in clear and never looked for among those of others. An erased
        or unknown person has none.
        """
        rows = session.execute(
            sa.select(Identifier.id, Identifier.ciphertext).where(
                Identifier.person_id == person_id,
                Identifier.type == number.type,
                Identifier.state.in_([IdentifierState.CLAIMED, IdentifierState.CURRENT]),
            )
        ).all()
        try:
            cipher = self._ciphers.of(session, person_id)
        except (PersonErased, PersonUnknown):
            return False
        own = [decrypt_text(cipher, row.ciphertext, table="identifiers", row=row.id) for row in rows]
        return sum(hmac.compare_digest(each.encode(), number.canonical.encode()) for each in own) > 0

    def _index(self, session: Session, identifier_id: str, kind: str, canonical: str, *, is_current: bool) -> None:
        insert = insert_into(session, IdentifierIndex).values(
            [
                {
                    "identifier_id": identifier_id,
                    "key_version": version,
                    "type": kind,
                    "index": index,
                    "is_current": is_current,
                }
                for version, index in blind_index(self._keyring, kind, canonical).items()
            ]
        )
        # A claimed number has its rows already, but not under a key version born since.
        session.execute(
            insert.on_conflict_do_update(
                index_elements=["identifier_id", "key_version"],
                set_={"is_current": insert.excluded.is_current},
            )
        )


def held_rows(*conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Return rows of identifiers with level and method of the proofing that each rests on."""
    columns: tuple[Any, ...] = (Identifier.id, Identifier.person_id, Identifier.state, Proofing.level)
    columns += (Proofing.method,)
    return sa.select(*columns).outerjoin(Proofing, Proofing.id == Identifier.proofing_id).where(*conditions)
