"""Contacts of a person: mobile numbers, e-mail addresses, login names, with history.

A verified one is current and names one person, held by a unique index; a typed one is claimed, reserves
nothing and is never looked up. A login name is current at once: nobody else can answer for it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import NOWHERE, Origin, record
from idp.core.errors import IdpError
from idp.core.ids import new_id
from idp.crypto.blind_index import blind_index, lookup_index
from idp.crypto.keyring import Keyring
from idp.persons.ciphers import PersonCiphers, decrypt_text, encrypt_text
from idp.persons.login_identifier import fold_email
from idp.persons.models import Contact, ContactIndex
from idp.persons.vocabulary import ContactKind, ContactState
from idp.storage.upsert import insert_into


class ContactTaken(IdpError):
    """Somebody else holds this contact verified; `kind` says which sort, the value is not told."""

    def __init__(self, kind: ContactKind) -> None:
        super().__init__(f"another person holds this {kind}")
        self.kind = kind


@dataclass(frozen=True, slots=True)
class KnownContact:
    """A contact of a person in clear; `state` is claimed or current."""

    id: str
    kind: ContactKind
    value: str = field(repr=False)
    state: ContactState
    verified_at: datetime | None


@dataclass(frozen=True, slots=True)
class HeldContact:
    """Whose verified contact something is."""

    contact_id: str
    person_id: str


class Contacts:
    """Writes and reads contacts. Values are canonical: E.164, a parsed address, a parsed login name."""

    def __init__(self, *, keyring: Keyring, ciphers: PersonCiphers) -> None:
        self._keyring = keyring
        self._ciphers = ciphers

    def add(
        self,
        session: Session,
        person_id: str,
        kind: ContactKind,
        value: str,
        *,
        is_current: bool,
        at: datetime,
    ) -> str:
        """Write a contact of a person who has none of the kind, and return its id; the caller audits it.

        Raises ContactTaken when it is to be current and another person holds it; nothing is changed then.
        """
        contact_id = new_id()
        cipher = self._ciphers.of(session, person_id)
        with session.begin_nested():
            session.execute(
                sa.insert(Contact).values(
                    id=contact_id,
                    person_id=person_id,
                    kind=kind,
                    ciphertext=encrypt_text(cipher, value, table="contacts", row=contact_id),
                    state=ContactState.CURRENT if is_current else ContactState.CLAIMED,
                    verified_at=at if is_current else None,
                    created_at=at,
                )
            )
            self._index(session, contact_id, kind, value, is_current=is_current)
        return contact_id

    def claim(
        self,
        session: Session,
        person_id: str,
        kind: ContactKind,
        value: str,
        *,
        at: datetime,
        origin: Origin = NOWHERE,
    ) -> str:
        """Write a contact that the person typed, and return its id; an earlier claim of the kind ends."""
        self._end(session, Contact.state == ContactState.CLAIMED, person_id, kind, at)
        contact_id = self.add(session, person_id, kind, value, is_current=False, at=at)
        _audit(session, person_id, kind, "claimed", at, origin)
        return contact_id

    def set_current(
        self,
        session: Session,
        person_id: str,
        kind: ContactKind,
        value: str,
        *,
        at: datetime,
        origin: Origin = NOWHERE,
    ) -> str:
        """Write a verified contact in the place of the person's others of the kind, and return its id.

        Raises ContactTaken when another person holds it; nothing is changed then.
        """
        with session.begin_nested():
            self._end(session, sa.true(), person_id, kind, at)
            contact_id = self.add(session, person_id, kind, value, is_current=True, at=at)
        _audit(session, person_id, kind, "verified", at, origin)
        return contact_id

    def verify(
        self, session: Session, person_id: str, contact_id: str, *, at: datetime, origin: Origin = NOWHERE
    ) -> bool:
        """Make a claimed contact current in the place of the one before; False when there is none to verify.

        Raises ContactTaken when another person was first; nothing is changed then.
        """
        row = session.execute(
            sa.select(Contact.kind, Contact.ciphertext).where(
                Contact.id == contact_id,
                Contact.person_id == person_id,
                Contact.state == ContactState.CLAIMED,
            )
        ).one_or_none()
        if row is None:
            return False
        kind = ContactKind(row.kind)
        cipher = self._ciphers.of(session, person_id)
        value = decrypt_text(cipher, row.ciphertext, table="contacts", row=contact_id)
        with session.begin_nested():
            self._end(session, Contact.id != contact_id, person_id, kind, at)
            session.execute(
                sa.update(Contact).where(Contact.id == contact_id).values(state=ContactState.CURRENT, verified_at=at)
            )
            self._index(session, contact_id, kind, value, is_current=True)
        _audit(session, person_id, kind, "verified", at, origin)
        return True

    def end(
        self,
        session: Session,
        person_id: str,
        kind: ContactKind,
        *,
        at: datetime,
        origin: Origin = NOWHERE,
    ) -> int:
        """End every contact of the kind, claimed or current, and return how many there were."""
        ended = self._end(session, sa.true(), person_id, kind, at)
        if ended:
            _audit(session, person_id, kind, "ended", at, origin)
        return ended

    def holder(self, session: Session, kind: ContactKind, value: str) -> HeldContact | None:
        """Return who holds the contact verified, whatever their standing; None where nobody does."""
        canonical = fold_email(value) if kind is ContactKind.EMAIL else value
        version, index = lookup_index(self._keyring, kind, canonical)
        row = session.execute(
            sa.select(Contact.id, Contact.person_id)
            .join(ContactIndex, ContactIndex.contact_id == Contact.id)
            .where(ContactIndex.kind == kind, ContactIndex.key_version == version, ContactIndex.index == index)
            .where(ContactIndex.is_current)
        ).one_or_none()
        return HeldContact(row.id, row.person_id) if row else None

    def release(self, session: Session, held: HeldContact, *, at: datetime, origin: Origin = NOWHERE) -> bool:
        """End a verified mobile that went to somebody else; False where it ended before."""
        which = sa.and_(Contact.id == held.contact_id, Contact.state == ContactState.CURRENT)
        released = self._end(session, which, held.person_id, ContactKind.MOBILE, at) > 0
        if released:
            _audit(session, held.person_id, ContactKind.MOBILE, "released", at, origin)
        return released

    def of(self, session: Session, person_id: str) -> tuple[KnownContact, ...]:
        """Return the person's claimed and current contacts, current first; raises PersonErased."""
        cipher = self._ciphers.of(session, person_id)
        rows = session.execute(
            sa.select(Contact.id, Contact.kind, Contact.ciphertext, Contact.state, Contact.verified_at)
            .where(Contact.person_id == person_id, Contact.state != ContactState.FORMER)
            .order_by((Contact.state == ContactState.CURRENT).desc(), Contact.created_at.desc(), Contact.id)
        )
        return tuple(
            KnownContact(
                row.id,
                ContactKind(row.kind),
                decrypt_text(cipher, row.ciphertext, table="contacts", row=row.id),
                ContactState(row.state),
                row.verified_at,
            )
            for row in rows
        )

    def _index(self, session: Session, contact_id: str, kind: ContactKind, value: str, *, is_current: bool) -> None:
        canonical = fold_email(value) if kind is ContactKind.EMAIL else value
        insert = insert_into(session, ContactIndex).values(
            [
                {
                    "contact_id": contact_id,
                    "key_version": version,
                    "kind": kind,
                    "index": index,
                    "is_current": is_current,
                }
                for version, index in blind_index(self._keyring, kind, canonical).items()
            ]
        )
        try:
            # A claimed contact has its rows already, but not under a key version born since.
            session.execute(
                insert.on_conflict_do_update(
                    index_elements=["contact_id", "key_version"],
                    set_={"is_current": insert.excluded.is_current},
                )
            )
        except sa.exc.IntegrityError:
            # Only the unique index over current ones is left to break: whoever commits first has it.
            raise ContactTaken(kind) from None

    def _end(
        self,
        session: Session,
        which: sa.ColumnElement[bool],
        person_id: str,
        kind: ContactKind,
        at: datetime,
    ) -> int:
        ended = session.scalars(
            sa.update(Contact)
            .where(
                Contact.person_id == person_id,
                Contact.kind == kind,
                Contact.state != ContactState.FORMER,
                which,
            )
            .values(state=ContactState.FORMER, ended_at=at)
            .returning(Contact.id)
        ).all()
        session.execute(sa.update(ContactIndex).where(ContactIndex.contact_id.in_(ended)).values(is_current=False))
        return len(ended)


def _audit(session: Session, person_id: str, kind: ContactKind, what: str, at: datetime, origin: Origin) -> None:
    details: dict[str, Any] = {"kind": kind, "what": what}  # never the value
    record(session, Event.CONTACT_CHANGED, at=at, person_id=person_id, origin=origin, details=details)
