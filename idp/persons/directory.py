"""Finding and reading persons."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.clock import Clock, civil_date
from idp.core.results import Ok
from idp.crypto.blind_index import lookup_index
from idp.crypto.keyring import Keyring
from idp.persons import mobile_releases
from idp.persons.attributes import Attributes, KnownAttribute
from idp.persons.ciphers import PersonErased, PersonUnknown
from idp.persons.contacts import Contacts, KnownContact
from idp.persons.identifiers import Identifiers, KnownIdentifier
from idp.persons.login_identifier import LoginIdentifier, read_login_identifier
from idp.persons.models import Contact, ContactIndex, Identifier, IdentifierIndex, Person
from idp.persons.vocabulary import AttributeName, ContactKind, ContactState, IdentifierState, PersonStatus
from realname.documents.document_number import DocumentNumber, DocumentType
from realname.documents.masking import mask_number
from realname.documents.parse import parse_number

# The kind that nonsense is indexed under: no row has it, and it costs the same digest as any other.
_NOWHERE = "nothing"


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """What is known about a person without opening anything encrypted."""

    id: str
    status: PersonStatus
    locale: str | None
    created_at: datetime
    merged_into: str | None


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """A person found by what was typed; `kind` says what that was. Whether they may log in is `status`."""

    person_id: str
    kind: ContactKind | DocumentType
    status: PersonStatus


@dataclass(frozen=True, slots=True)
class Profile:
    """A person in clear, for pages and claims; the repr shows the id alone.

    `attributes` holds every present fact but the full name, by claim name; `address` as JSON text.
    """

    person_id: str
    full_name: str | None = field(repr=False)
    name_source: str | None = field(repr=False)
    name_source_level: int | None = field(repr=False)
    mobile: str | None = field(repr=False)
    mobile_verified: bool = field(repr=False)
    email: str | None = field(repr=False)
    email_verified: bool = field(repr=False)
    login_name: str | None = field(repr=False)
    number_masked: str | None = field(repr=False)
    number_type: DocumentType | None = field(repr=False)
    number_state: IdentifierState | None = field(repr=False)
    attributes: Mapping[AttributeName, str] = field(repr=False)
    updated_at: datetime | None = field(repr=False)


class Directory:
    """Looks persons up by what they are named by, and reads what is known about them."""

    def __init__(
        self,
        *,
        keyring: Keyring,
        attributes: Attributes,
        identifiers: Identifiers,
        contacts: Contacts,
        clock: Clock,
    ) -> None:
        self._keyring = keyring
        self._attributes = attributes
        self._identifiers = identifiers
        self._contacts = contacts
        self._clock = clock

    def read_identifier(self, text: str) -> LoginIdentifier:
        """Return what `text` is, by the one parse; never raises."""
        return read_login_identifier(text, today=civil_date(self._clock.now()))

    def find_by_login(self, session: Session, text: str) -> FoundPerson | None:
        """Return the one person whom `text` names, or None; never raises for any text.

        Found are verified mobiles and e-mails, login names, and numbers that are proved (current). One
        parse, one digest and one statement, whatever was typed and whether anybody is found.
        """
        return self.find(session, self.read_identifier(text))

    def find_by_mobile(self, session: Session, mobile: str) -> FoundPerson | None:
        """Return the person who holds the E.164 mobile number verified, or None."""
        return self.find(session, LoginIdentifier(mobile, contact=ContactKind.MOBILE))

    def find_former(self, session: Session, identifier: LoginIdentifier) -> FoundPerson | None:
        """Return whose mobile it was until it was taken off, if they have none since; one statement always.

        It names them to their password alone, because many have no other name to log in by.
        """
        kind = identifier.contact if identifier.contact is ContactKind.MOBILE else None
        version, index = lookup_index(self._keyring, kind or _NOWHERE, identifier.canonical)
        row = session.execute(mobile_releases.former_holders(kind or _NOWHERE, version, index).limit(1)).one_or_none()
        return FoundPerson(row.id, kind, PersonStatus(row.status)) if row is not None and kind is not None else None

    def find(self, session: Session, identifier: LoginIdentifier) -> FoundPerson | None:
        """Return the one person whom a parsed identifier names, or None; one statement always."""
        version, index = lookup_index(self._keyring, identifier.kind or _NOWHERE, identifier.canonical)
        contact = (
            sa.select(ContactIndex.kind, Person.id, Person.status)
            .join(Contact, Contact.id == ContactIndex.contact_id)
            .join(Person, Person.id == Contact.person_id)
            .where(ContactIndex.kind == (identifier.contact or _NOWHERE))
            .where(ContactIndex.key_version == version, ContactIndex.index == index)
            .where(ContactIndex.is_current)
        )
        number = (
            sa.select(IdentifierIndex.type, Person.id, Person.status)
            .join(Identifier, Identifier.id == IdentifierIndex.identifier_id)
            .join(Person, Person.id == Identifier.person_id)
            .where(IdentifierIndex.type == (identifier.document or _NOWHERE))
            .where(IdentifierIndex.key_version == version, IdentifierIndex.index == index)
            .where(IdentifierIndex.is_current)
        )
        row = session.execute(sa.union_all(contact, number)).one_or_none()
        kind = identifier.contact or identifier.document
        if row is None or kind is None:
            return None
        return FoundPerson(row.id, kind, PersonStatus(row.status))

    def load(self, session: Session, person_id: str, *, hold: bool = False) -> PersonRecord | None:
        """Return the person of that id, or None; `hold` lets nobody erase them until the transaction ends."""
        statement = sa.select(Person.status, Person.locale, Person.created_at, Person.merged_into)
        statement = statement.where(Person.id == person_id)
        row = session.execute(
            # FOR KEY SHARE: logins do not wait for one another.
            statement.with_for_update(read=True, key_share=True) if hold else statement
        ).one_or_none()
        if row is None:
            return None
        return PersonRecord(person_id, PersonStatus(row.status), row.locale, row.created_at, row.merged_into)

    def profile(self, session: Session, person_id: str) -> Profile:
        """Return everything about a person that pages and claims show.

        Raises PersonUnknown, PersonErased, or DecryptionFailed for damaged rows.
        """
        number = next(iter(self._identifiers.of(session, person_id)), None)
        return _profile_of(
            person_id, self._attributes.of(session, person_id), self._contacts.of(session, person_id), number
        )

    def contacts(self, session: Session, person_id: str) -> tuple[KnownContact, ...]:
        """Return the verified mobile and e-mail in clear, for notices; raises PersonErased."""
        return tuple(
            contact
            for contact in self._contacts.of(session, person_id)
            if _is_current(contact) and contact.kind is not ContactKind.LOGIN_NAME
        )

    def mobile(self, session: Session, person_id: str) -> KnownContact | None:
        """Return the verified mobile in clear; None where the person has none, or was erased."""
        try:
            contacts = self.contacts(session, person_id)
        except PersonErased:
            return None
        return next((each for each in contacts if each.kind is ContactKind.MOBILE), None)

    def number_to_compare(self, session: Session, person_id: str) -> KnownIdentifier | None:
        """Return the number that a face is compared for: the proved one, else the one that agreed with the name."""
        numbers = self._identifiers.of(session, person_id)
        return next((number for number in numbers if number.proofing_id is not None), None)

    def current_number(self, session: Session, person_id: str) -> KnownIdentifier | None:
        """Return the proved number in clear, or None; only for what a client is granted (`id_number`)."""
        numbers = self._identifiers.of(session, person_id)
        return next((number for number in numbers if number.state is IdentifierState.CURRENT), None)

    def proved_number(self, session: Session, person_id: str) -> DocumentNumber | None:
        """Return the proved number with what it says of its holder; None without one, or where they were erased."""
        try:
            known = self.current_number(session, person_id)
        except (PersonErased, PersonUnknown):
            return None
        if known is None:
            return None
        parsed = parse_number(known.canonical, today=civil_date(self._clock.now()))
        if isinstance(parsed, Ok) and parsed.value.type is known.type:
            return parsed.value
        return DocumentNumber(known.type, known.canonical)


def _profile_of(
    person_id: str,
    facts: dict[AttributeName, KnownAttribute],
    contacts: tuple[KnownContact, ...],
    number: KnownIdentifier | None,
) -> Profile:
    """Return the profile that facts, contacts (current first) and a number make."""
    facts = dict(facts)
    name = facts.pop(AttributeName.FULL_NAME, None)
    mobile, email, login_name = (_first(contacts, kind) for kind in ContactKind)
    changes = [fact.valid_from for fact in (*facts.values(), name) if fact is not None]
    changes += [contact.verified_at for contact in contacts if contact.verified_at is not None]
    return Profile(
        person_id=person_id,
        full_name=name.value if name else None,
        name_source=name.source if name else None,
        name_source_level=name.level if name else None,
        mobile=mobile.value if mobile else None,
        mobile_verified=_is_current(mobile),
        email=email.value if email else None,
        email_verified=_is_current(email),
        login_name=login_name.value if login_name else None,
        number_masked=mask_number(number.canonical, strict=True) if number else None,
        number_type=number.type if number else None,
        number_state=number.state if number else None,
        attributes=MappingProxyType({fact.name: fact.value for fact in facts.values()}),
        updated_at=max(changes, default=None),
    )


def _first(contacts: tuple[KnownContact, ...], kind: ContactKind) -> KnownContact | None:
    return next((contact for contact in contacts if contact.kind is kind), None)


def _is_current(contact: KnownContact | None) -> bool:
    return contact is not None and contact.state is ContactState.CURRENT
