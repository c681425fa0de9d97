"""Making a person: everything that the registration page collected, in one step."""

from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import NOWHERE, Origin, record
from idp.core.clock import Clock
from idp.core.ids import new_id
from idp.persons.attributes import Attributes
from idp.persons.ciphers import PersonCiphers
from idp.persons.contacts import Contacts
from idp.persons.credentials import write_password
from idp.persons.identifiers import Identifiers
from idp.persons.models import Person
from idp.persons.vocabulary import SOURCE_PREPARED, SOURCE_SELF, AttributeName, ContactKind, PersonStatus
from realname.documents.document_number import DocumentNumber

#: The identity level of what nobody but the person says (mission, Levels).
SELF_DECLARED = 1


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person to be made; all values are parsed and canonical.

    Who arrives to show a network identity has neither name nor number yet.
    `mobile` was verified by a code where the person is registered; `email` only where `email_verified` says so.
    """

    name: str | None = field(repr=False)
    number: DocumentNumber | None = None
    mobile: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    email_verified: bool = False
    login_name: str | None = field(default=None, repr=False)
    password_hash: str | None = field(default=None, repr=False)
    locale: str | None = None


class Registration:
    """Makes persons."""

    def __init__(
        self,
        *,
        ciphers: PersonCiphers,
        attributes: Attributes,
        identifiers: Identifiers,
        contacts: Contacts,
        clock: Clock,
    ) -> None:
        self._ciphers = ciphers
        self._attributes = attributes
        self._identifiers = identifiers
        self._contacts = contacts
        self._clock = clock

    def register(self, session: Session, new: NewPerson, *, origin: Origin = NOWHERE) -> str:
        """Write the person with all they brought and return their id.

        The number is claimed only: the same number typed by others does no harm and tells nothing.
        Raises ContactTaken when another person holds the mobile, the verified e-mail or the login name;
        nothing of this person is written then, also where two register it at the same moment.
        """
        person_id, now = new_id(), self._clock.now()
        with session.begin_nested():
            self._write(session, person_id, new, PersonStatus.ACTIVE)
            for kind, value, is_current in contacts_of(new):
                self._contacts.add(session, person_id, kind, value, is_current=is_current, at=now)
            if new.password_hash is not None:
                write_password(session, person_id, new.password_hash, at=now)
            record(
                session,
                Event.PERSON_REGISTERED,
                at=now,
                person_id=person_id,
                origin=origin,
                details={
                    "identifier": new.number.type if new.number else None,
                    "contacts": [kind.value for kind, _, _ in contacts_of(new)],
                    "password": new.password_hash is not None,
                },
            )
        return person_id

    def prepare(self, session: Session, new: NewPerson) -> str:
        """Write somebody whom a system told of and return their id; the caller audits it.

        Number and mobile are claimed only and there is no credential: nothing is reserved, and nobody gets in
        before the person activates it (see `idp.persons.prepared`).
        """
        person_id, now = new_id(), self._clock.now()
        self._write(session, person_id, new, PersonStatus.PREPARED)
        if new.mobile is not None:
            self._contacts.add(session, person_id, ContactKind.MOBILE, new.mobile, is_current=False, at=now)
        return person_id

    def _write(self, session: Session, person_id: str, new: NewPerson, status: PersonStatus) -> None:
        """Write the person with key, name and claimed number, as far as they said them."""
        now = self._clock.now()
        session.execute(sa.insert(Person).values(id=person_id, status=status, locale=new.locale, created_at=now))
        self._ciphers.create(session, person_id)
        if new.name is not None:
            self._attributes.set(
                session,
                person_id,
                AttributeName.FULL_NAME,
                new.name,
                source=SOURCE_PREPARED if status is PersonStatus.PREPARED else SOURCE_SELF,
                level=SELF_DECLARED,
                at=now,
            )
        if new.number is not None:
            self._identifiers.claim(session, person_id, new.number, at=now)


def contacts_of(new: NewPerson) -> list[tuple[ContactKind, str, bool]]:
    """List what was given; in one order always, so that two registrations never wait for each other."""
    given = (
        (ContactKind.MOBILE, new.mobile, True),
        (ContactKind.EMAIL, new.email, new.email_verified),
        (ContactKind.LOGIN_NAME, new.login_name, True),
    )
    return [(kind, value, is_current) for kind, value, is_current in given if value is not None]
