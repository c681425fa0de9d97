"""What claims are made of: key, present facts and contacts of a person, read along with something else.

Contacts are neither read nor opened unless a claim about them is wanted, facts not opened unless theirs is.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from idp.audit.events import Event
from idp.audit.reading import ReadCounts
from idp.keys.models import PersonKey
from idp.persons.ciphers import PersonCiphers, decrypt_text
from idp.persons.directory import Profile
from idp.persons.models import Attribute, Contact
from idp.persons.vocabulary import AttributeName, ContactKind, ContactState
from idp.storage.json_rows import instant_of_json, json_rows

_FACTS, _CONTACTS = Attribute.__tablename__, Contact.__tablename__
_NAME_OF_PERSON = "name"  # the claim of AttributeName.FULL_NAME; every other fact is named as its claim
_KINDS = {
    "phone_number": ContactKind.MOBILE,
    "phone_number_verified": ContactKind.MOBILE,
    "email": ContactKind.EMAIL,
    "email_verified": ContactKind.EMAIL,
}


def needs_contacts(claims: Iterable[str]) -> bool:
    """Tell whether one of these claims is about a contact."""
    return not _KINDS.keys().isdisjoint(claims)


@dataclass(frozen=True, slots=True)
class Known:
    """What claims tell of a person, in clear: facts by the name of their claim, contacts with whether verified."""

    facts: Mapping[str, str] = field(repr=False)
    mobile: tuple[str, bool] | None = field(repr=False)
    email: tuple[str, bool] | None = field(repr=False)
    updated_at: datetime | None = field(repr=False)


def known_of(profile: Profile) -> Known:
    """Return the part of a profile that claims tell."""
    return Known(
        facts={
            _NAME_OF_PERSON: profile.full_name or "",
            **{str(name): fact for name, fact in profile.attributes.items()},
        },
        mobile=(profile.mobile, profile.mobile_verified) if profile.mobile is not None else None,
        email=(profile.email, profile.email_verified) if profile.email is not None else None,
        updated_at=profile.updated_at,
    )


class ClaimProfiles:
    """Opens what claims tell; never document numbers: those are no ordinary claim."""

    def __init__(self, *, ciphers: PersonCiphers, reads: ReadCounts) -> None:
        self._ciphers = ciphers
        self._reads = reads

    def of_rows(self, person_id: str, rows: Sequence[Any], wanted: frozenset[str], *, reader: str) -> Known:
        """Return in clear what the claims `wanted` need of a person, from rows with `profile_columns`.

        That the client `reader` read them is counted. Raises PersonUnknown, PersonErased, or DecryptionFailed.
        """
        first = rows[0]
        cipher = self._ciphers.open(person_id, first.person_key, first.person_erased_at)
        self._reads.note(Event.CLAIMS_READ, reader, person_id=person_id)
        facts: dict[str, str] = {}
        changes: list[datetime] = []
        for row in _facts_in_order(rows):
            claim = _NAME_OF_PERSON if row.fact == AttributeName.FULL_NAME else row.fact
            changes.append(row.fact_since)
            if claim in wanted:
                facts[claim] = decrypt_text(cipher, row.fact_ciphertext, table=_FACTS, row=row.fact_id)
        contacts: dict[str, tuple[str, bool]] = {}
        kinds = {_KINDS[claim] for claim in wanted if claim in _KINDS} if first.contacts else ()
        for row_id, kind, ciphertext, state, since in _contacts_in_order(first.contacts):
            if kind not in kinds:
                continue
            if since:
                changes.append(instant_of_json(since))
            is_current = state == ContactState.CURRENT
            # A verified one goes before one that is only claimed, and the earliest of either before the others.
            if kind not in contacts or (is_current and not contacts[kind][1]):
                value = decrypt_text(cipher, bytes.fromhex(ciphertext), table=_CONTACTS, row=row_id)
                contacts[kind] = (value, is_current)
        return Known(
            facts=facts,
            mobile=contacts.get(ContactKind.MOBILE),
            email=contacts.get(ContactKind.EMAIL),
            updated_at=max(changes, default=None),
        )


def profile_columns(person_id: Any, *, with_contacts: bool, is_postgresql: bool) -> tuple[Any, ...]:
    """Return the columns that `of_rows` reads: the key, one fact in each row, and all contacts as JSON text.

    Outer-join `PersonKey` on `person_id`, and `Attribute` on `is_fact_of(person_id)`.
    """
    return (
        PersonKey.wrapped.label("person_key"),
        PersonKey.erased_at.label("person_erased_at"),
        Attribute.id.label("fact_id"),
        Attribute.name.label("fact"),
        Attribute.ciphertext.label("fact_ciphertext"),
        Attribute.valid_from.label("fact_since"),
        (_contacts(person_id, is_postgresql=is_postgresql) if with_contacts else sa.null()).label("contacts"),
    )


def is_fact_of(person_id: Any) -> sa.ColumnElement[bool]:
    """Return the condition for a row of `Attribute` that holds of the person at present."""
    return sa.and_(Attribute.person_id == person_id, Attribute.valid_to.is_(None))


def _contacts(person_id: Any, *, is_postgresql: bool) -> sa.ScalarSelect[Any]:
    """Return a subquery of one JSON text with an array for each contact."""
    columns = (Contact.id, Contact.kind, Contact.ciphertext, Contact.state, Contact.verified_at)
    of_person = sa.and_(Contact.person_id == person_id, Contact.state != ContactState.FORMER)
    return json_rows(columns, of_person, is_postgresql=is_postgresql)


def _facts_in_order(rows: Sequence[Any]) -> Sequence[Any]:
    """Return the rows that hold a fact by its time and id, so that of two written in a race the later is told."""
    if len(rows) == 1:
        return rows if rows[0].fact_id is not None else ()
    return sorted(rows, key=lambda row: (row.fact_since, row.fact_id))


def _contacts_in_order(text: str | None) -> list[list[Any]]:
    """Return the contacts by the time of their proof and id."""
    contacts: list[list[Any]] = json.loads(text) if text else []
    if len(contacts) > 1:
        contacts.sort(key=lambda row: (row[-1] is not None, row[-1], row[0]))
    return contacts
