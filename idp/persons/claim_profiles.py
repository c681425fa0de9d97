"""What claims are made of: key, present facts and contacts of a person, read along with something else.

Contacts are neither read nor opened unless a claim about them is wanted, facts not opened unless theirs is.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from idp.audit.events import Event
from idp.audit.reading import ReadCounts
from idp.keys.models import PersonKey
from idp.persons.attributes import KnownAttribute
from idp.persons.ciphers import PersonCiphers, decrypt_text
from idp.persons.contacts import KnownContact
from idp.persons.directory import Profile, profile_of
from idp.persons.models import Attribute, Contact
from idp.persons.vocabulary import AttributeName, ContactKind, ContactState

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


class ClaimProfiles:
    """Builds profiles without document numbers: those are no ordinary claim."""

    def __init__(self, *, ciphers: PersonCiphers, reads: ReadCounts) -> None:
        self._ciphers = ciphers
        self._reads = reads

    def of_row(self, person_id: str, row: Any, wanted: frozenset[str], *, reader: str) -> Profile:
        """Return in clear what the claims `wanted` need of a person, from a row with `profile_columns`.

        That the client `reader` read them is counted. Raises PersonUnknown, PersonErased, or DecryptionFailed.
        """
        cipher = self._ciphers.open(person_id, row.person_key, row.person_erased_at)
        self._reads.note(Event.CLAIMS_READ, reader, person_id=person_id)
        facts: dict[AttributeName, KnownAttribute] = {}
        for row_id, name, ciphertext, source, level, since in _in_order(row.facts):
            claim = _NAME_OF_PERSON if name == AttributeName.FULL_NAME else name
            value = ""
            if claim in wanted:
                value = decrypt_text(cipher, bytes.fromhex(ciphertext), table=Attribute.__tablename__, row=row_id)
            known = AttributeName(name)
            facts[known] = KnownAttribute(known, value, source, level, _instant(since))
        contacts: list[KnownContact] = []
        kinds = {_KINDS[claim] for claim in wanted if claim in _KINDS}
        for row_id, kind, ciphertext, state, since in _in_order(row.contacts):
            if kind in kinds:
                value = decrypt_text(cipher, bytes.fromhex(ciphertext), table=Contact.__tablename__, row=row_id)
                at = _instant(since) if since else None
                contacts.append(KnownContact(row_id, ContactKind(kind), value, ContactState(state), at))
        contacts.sort(key=lambda contact: contact.state is not ContactState.CURRENT)
        return profile_of(person_id, facts, tuple(contacts), None)


def profile_columns(person_id: Any, *, with_contacts: Any, is_postgresql: bool) -> tuple[Any, ...]:
    """Return the columns that `of_row` reads: the key, and facts and contacts as JSON text.

    Join `PersonKey` on `person_id`. `with_contacts` is a condition; where it does not hold none is read.
    """
    facts = _documents(
        (Attribute.id, Attribute.name, Attribute.ciphertext, Attribute.source, Attribute.level, Attribute.valid_from),
        sa.and_(Attribute.person_id == person_id, Attribute.valid_to.is_(None)),
        is_postgresql=is_postgresql,
    )
    contacts = _documents(
        (Contact.id, Contact.kind, Contact.ciphertext, Contact.state, Contact.verified_at),
        sa.and_(Contact.person_id == person_id, Contact.state != ContactState.FORMER),
        is_postgresql=is_postgresql,
    )
    return (
        PersonKey.wrapped.label("person_key"),
        PersonKey.erased_at.label("person_erased_at"),
        facts.label("facts"),
        sa.case((with_contacts, contacts)).label("contacts"),
    )


def _documents(columns: tuple[Any, ...], condition: Any, *, is_postgresql: bool) -> sa.ScalarSelect[Any]:
    """Return a subquery of one JSON text with an array of the columns for each row."""
    if is_postgresql:
        values = [
            sa.func.encode(column, "hex") if isinstance(column.type, sa.LargeBinary) else column for column in columns
        ]
        collected: Any = sa.func.json_agg(sa.func.json_build_array(*values))
    else:
        values = [sa.func.hex(column) if isinstance(column.type, sa.LargeBinary) else column for column in columns]
        collected = sa.func.json_group_array(sa.func.json_array(*values))
    text: sa.ColumnElement[Any] = sa.cast(collected, sa.Text())
    return sa.select(text).where(condition).scalar_subquery()


def _in_order(text: str | None) -> list[list[Any]]:
    """Return the rows by their time and id, so that of two written in a race the later is told."""
    rows: list[list[Any]] = json.loads(text) if text else []
    rows.sort(key=lambda row: (row[-1] is not None, row[-1], row[0]))
    return rows


def _instant(text: str) -> datetime:
    """Return an instant as either database writes it into JSON."""
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
