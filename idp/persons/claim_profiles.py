"""What claims are made of: key, present facts and contacts of a person, read along with something else.

Contacts are neither read nor opened unless a claim about them is wanted, facts not opened unless theirs is.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from idp.audit.events import Event
from idp.audit.reading import ReadCounts
from idp.keys.models import PersonKey
from idp.persons.ciphers import PersonCiphers, decrypt_text
from idp.persons.directory import Profile
from idp.persons.models import Attribute, Contact
from idp.persons.vocabulary import AttributeName, ContactKind, ContactState

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

    def of_row(self, person_id: str, row: Any, wanted: frozenset[str], *, reader: str) -> Known:
        """Return in clear what the claims `wanted` need of a person, from a row with `profile_columns`.

        That the client `reader` read them is counted. Raises PersonUnknown, PersonErased, or DecryptionFailed.
        """
        cipher = self._ciphers.open(person_id, row.person_key, row.person_erased_at)
        self._reads.note(Event.CLAIMS_READ, reader, person_id=person_id)
        facts: dict[str, str] = {}
        changes: list[str] = []
        for row_id, name, ciphertext, since in _in_order(row.facts):
            claim = _NAME_OF_PERSON if name == AttributeName.FULL_NAME else name
            changes.append(since)
            if claim in wanted:
                facts[claim] = decrypt_text(cipher, bytes.fromhex(ciphertext), table=_FACTS, row=row_id)
        contacts: dict[str, tuple[str, bool]] = {}
        kinds = {_KINDS[claim] for claim in wanted if claim in _KINDS} if row.contacts else ()
        for row_id, kind, ciphertext, state, since in _in_order(row.contacts):
            if kind not in kinds:
                continue
            if since:
                changes.append(since)
            is_current = state == ContactState.CURRENT
            # A verified one goes before one that is only claimed, and the earliest of either before the others.
            if kind not in contacts or (is_current and not contacts[kind][1]):
                value = decrypt_text(cipher, bytes.fromhex(ciphertext), table=_CONTACTS, row=row_id)
                contacts[kind] = (value, is_current)
        return Known(
            facts=facts,
            mobile=contacts.get(ContactKind.MOBILE),
            email=contacts.get(ContactKind.EMAIL),
            updated_at=max(map(_instant, changes), default=None),
        )


def profile_columns(person_id: Any, *, with_contacts: Any, is_postgresql: bool) -> tuple[Any, ...]:
    """Return the columns that `of_row` reads: the key, and facts and contacts as JSON text.

    Join `PersonKey` on `person_id`. `with_contacts` is a condition; where it does not hold none is read.
    """
    facts = _documents(
        (Attribute.id, Attribute.name, Attribute.ciphertext, Attribute.valid_from),
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
    if len(rows) > 1:
        rows.sort(key=lambda row: (row[-1] is not None, row[-1], row[0]))
    return rows


def _instant(text: str) -> datetime:
    """Return an instant as either database writes it into JSON."""
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
