"""What claims are made of: key, present facts and contacts of a person, read along with something else."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from idp.keys.models import PersonKey
from idp.persons.attributes import KnownAttribute
from idp.persons.ciphers import PersonCiphers, PersonUnknown, decrypt_text
from idp.persons.contacts import KnownContact
from idp.persons.directory import Profile, profile_of
from idp.persons.models import Attribute, Contact
from idp.persons.vocabulary import AttributeName, ContactKind, ContactState


class ClaimProfiles:
    """Builds profiles without document numbers: those are no ordinary claim."""

    def __init__(self, *, ciphers: PersonCiphers) -> None:
        self._ciphers = ciphers

    def of_rows(self, person_id: str, rows: Sequence[Any]) -> Profile:
        """Return the person in clear from the rows of a statement made by `with_profile`.

        Raises PersonUnknown, PersonErased, or DecryptionFailed.
        """
        if not rows:
            raise PersonUnknown("no such person")
        cipher = self._ciphers.open(person_id, rows[0].wrapped, rows[0].erased_at)
        facts: dict[AttributeName, KnownAttribute] = {}
        contacts: list[KnownContact] = []
        known = [row for row in rows if row.known_place is not None]
        known.sort(key=lambda row: (row.known_at is not None, row.known_at, row.known_id))
        for row in known:  # in their order, so that of two written in a race the later is told
            value = decrypt_text(cipher, row.known_ciphertext, table=row.known_place, row=row.known_id)
            if row.known_place == Attribute.__tablename__:
                name = AttributeName(row.known_name)
                facts[name] = KnownAttribute(name, value, row.known_source, row.known_level, row.known_at)
            else:
                kind, state = ContactKind(row.known_name), ContactState(row.known_state)
                contacts.append(KnownContact(row.known_id, kind, value, state, row.known_at))
        contacts.sort(key=lambda contact: contact.state is not ContactState.CURRENT)
        return profile_of(person_id, facts, tuple(contacts), None)


def with_profile(statement: sa.Select[Any], person_id: Any, *, is_lateral: bool = False) -> sa.Select[Any]:
    """Return the statement with a person's key, and a row for each present fact and contact.

    `is_lateral` is for PostgreSQL, which reads everybody's facts and contacts for one person without it;
    SQLite uses its indexes as it is and knows no LATERAL.
    """
    no_text: Any = sa.cast(sa.null(), sa.String())
    facts = sa.select(
        Attribute.person_id,
        sa.literal_column("'attributes'").label("known_place"),
        Attribute.id.label("known_id"),
        Attribute.name.label("known_name"),
        Attribute.ciphertext.label("known_ciphertext"),
        Attribute.source.label("known_source"),
        Attribute.level.label("known_level"),
        no_text.label("known_state"),
        Attribute.valid_from.label("known_at"),
    ).where(Attribute.valid_to.is_(None))
    contacts = sa.select(
        Contact.person_id,
        sa.literal_column("'contacts'"),
        Contact.id,
        Contact.kind,
        Contact.ciphertext,
        no_text,
        sa.cast(sa.null(), sa.Integer()),
        Contact.state,
        Contact.verified_at,
    ).where(Contact.state != ContactState.FORMER)
    known: Any
    if is_lateral:
        mine = [facts.where(Attribute.person_id == person_id), contacts.where(Contact.person_id == person_id)]
        known = sa.union_all(*(each.correlate(person_id.class_) for each in mine)).lateral("known")
    else:
        known = sa.union_all(facts, contacts).subquery("known")
    return (
        statement.add_columns(
            PersonKey.wrapped, PersonKey.erased_at, *(column for column in known.c if column.key != "person_id")
        )
        .outerjoin(PersonKey, PersonKey.person_id == person_id)
        .outerjoin(known, known.c.person_id == person_id)
    )
