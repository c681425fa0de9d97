"""Accounts that a system prepared: found again by number and mobile, and activated by who proves the mobile.

Until then a person is `prepared`: every way in asks for `active`, and there is nothing to get in by. Neither number
nor mobile is reserved; whoever registers with another number, or another mobile, is somebody else.
"""

import hmac
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import NOWHERE, Origin, record
from idp.crypto.blind_index import lookup_index
from idp.crypto.keyring import Keyring
from idp.persons.attributes import Attributes
from idp.persons.contacts import Contacts
from idp.persons.credentials import write_password
from idp.persons.models import Identifier, IdentifierIndex, Person
from idp.persons.registration import SELF_DECLARED, NewPerson
from idp.persons.vocabulary import SOURCE_SELF, AttributeName, ContactKind, IdentifierState, PersonStatus
from realname.documents.document_number import DocumentNumber

#: How many may be prepared under one number, each with another mobile: more is no mistake in typing.
MOST_PER_NUMBER = 5


class PreparedPersons:
    """Finds and activates prepared persons."""

    def __init__(self, *, keyring: Keyring, contacts: Contacts, attributes: Attributes) -> None:
        self._keyring = keyring
        self._contacts = contacts
        self._attributes = attributes

    def of_number(self, session: Session, number: DocumentNumber) -> tuple[str, ...]:
        """Return the ids of those prepared under a number, the first of them first."""
        version, index = lookup_index(self._keyring, number.type, number.canonical)
        return tuple(
            session.scalars(
                sa.select(Person.id)
                .join(Identifier, Identifier.person_id == Person.id)
                .join(IdentifierIndex, IdentifierIndex.identifier_id == Identifier.id)
                .where(IdentifierIndex.key_version == version, IdentifierIndex.index == index)
                .where(IdentifierIndex.type == number.type, Identifier.state == IdentifierState.CLAIMED)
                .where(Person.status == PersonStatus.PREPARED)
                .order_by(Person.created_at, Person.id)
                .limit(MOST_PER_NUMBER)
            )
        )

    def with_mobile(self, session: Session, person_ids: tuple[str, ...], mobile: str) -> str | None:
        """Return the first of them that was prepared with the mobile."""
        return next((each for each in person_ids if self._has_mobile(session, each, mobile)), None)

    def activate(self, session: Session, new: NewPerson, *, at: datetime, origin: Origin = NOWHERE) -> str | None:
        """Let who proved the mobile have what was prepared for them, by their own words; None where nothing was.

        Raises ContactTaken where another person holds the mobile; nothing is changed then.
        """
        if new.name is None or new.number is None or new.mobile is None or new.password_hash is None:
            return None
        person_id = self.with_mobile(session, self.of_number(session, new.number), new.mobile)
        if person_id is None:
            return None
        with session.begin_nested():
            if not self._begin(session, person_id, new.locale):
                return None
            self._contacts.set_current(session, person_id, ContactKind.MOBILE, new.mobile, at=at, origin=origin)
            self._attributes.set(
                session, person_id, AttributeName.FULL_NAME, new.name, source=SOURCE_SELF, level=SELF_DECLARED, at=at
            )
            write_password(session, person_id, new.password_hash, at=at)
            record(
                session,
                Event.PERSON_REGISTERED,
                at=at,
                person_id=person_id,
                origin=origin,
                details={"identifier": new.number.type, "contacts": ["mobile"], "password": True, "prepared": True},
            )
        return person_id

    @staticmethod
    def _begin(session: Session, person_id: str, locale: str | None) -> bool:
        """Make the person active; False where another request, or the end of their time, was faster."""
        begun = session.execute(
            sa.update(Person)
            .where(Person.id == person_id, Person.status == PersonStatus.PREPARED)
            .values(status=PersonStatus.ACTIVE, locale=locale)
            .returning(Person.id)
        ).one_or_none()
        return begun is not None

    def _has_mobile(self, session: Session, person_id: str, mobile: str) -> bool:
        contacts = self._contacts.of(session, person_id)
        own = [each.value for each in contacts if each.kind is ContactKind.MOBILE]
        return any(hmac.compare_digest(each.encode(), mobile.encode()) for each in own)


def hold_prepared(session: Session, person_id: str) -> bool:
    """Tell whether the person still is a prepared one, and let nobody activate them until the transaction ends."""
    which = sa.select(Person.id).where(Person.id == person_id, Person.status == PersonStatus.PREPARED)
    return session.scalar(which.with_for_update()) is not None


def prepared_before(session: Session, at: datetime, *, most: int) -> tuple[str, ...]:
    """Return who was prepared before that instant and never activated; for a periodic task."""
    return tuple(
        session.scalars(
            sa.select(Person.id)
            .where(Person.status == PersonStatus.PREPARED, Person.created_at < at)
            .order_by(Person.created_at)
            .limit(most)
        )
    )
