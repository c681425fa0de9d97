"""What the erasure of a person takes of this room's tables, and what ends with them.

Ciphertexts need nothing more than the person's key: their rows stay as the history of an opaque id, and the
indexes by which a value was found go, so that somebody else may take the number.
"""

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.crypto.keyring import Keyring
from idp.keys.models import PersonKey
from idp.persons.mobile_releases import MobileRelease, Outcome
from idp.persons.models import (
    Contact,
    ContactIndex,
    Credential,
    Identifier,
    IdentifierIndex,
    KnownDevice,
    LoginTries,
    Mandate,
    Person,
    Proofing,
    Recovery,
    RoleAssignment,
)
from idp.persons.tries import subjects_of_person
from idp.persons.vocabulary import PersonStatus
from idp.storage.erasure import ErasedRows, table_of


def erased_rows(keyring: Keyring) -> tuple[ErasedRows, ...]:
    """Return what is erased of every table of persons, those that point at others first."""
    return (
        ErasedRows(
            table_of(IdentifierIndex),
            lambda person_id: IdentifierIndex.identifier_id.in_(
                sa.select(Identifier.id).where(Identifier.person_id == person_id)
            ),
        ),
        ErasedRows(
            table_of(ContactIndex),
            lambda person_id: ContactIndex.contact_id.in_(sa.select(Contact.id).where(Contact.person_id == person_id)),
        ),
        ErasedRows(table_of(Credential), lambda person_id: Credential.person_id == person_id),
        ErasedRows(
            table_of(LoginTries), lambda person_id: LoginTries.subject.in_(subjects_of_person(keyring, person_id))
        ),
        ErasedRows(table_of(KnownDevice), lambda person_id: KnownDevice.person_id == person_id),
        ErasedRows(table_of(Recovery), lambda person_id: Recovery.person_id == person_id, {"device_hash": ""}),
        ErasedRows(
            table_of(MobileRelease),
            lambda person_id: MobileRelease.person_id == person_id,
            {"objection_hash": MobileRelease.id},  # unique; the hash of no token is that short
        ),
        ErasedRows(table_of(Proofing), lambda person_id: Proofing.person_id == person_id, {"evidence_digest": None}),
        ErasedRows(table_of(Mandate), lambda person_id: Mandate.person_id == person_id, {"evidence_digest": None}),
        ErasedRows(table_of(PersonKey), lambda person_id: PersonKey.person_id == person_id, {"wrapped": b""}),
    )


def end_standing(session: Session, person_id: str, *, at: datetime) -> Mapping[str, int]:
    """Close the person and end what they still hold; return how many of each. The caller audits it."""
    session.execute(
        sa.update(Person)
        .where(Person.id == person_id)
        .values(
            # One that was merged stays merged: where they went is no personal data.
            status=sa.case((Person.status == PersonStatus.MERGED, Person.status), else_=PersonStatus.CLOSED),
            closed_at=sa.func.coalesce(Person.closed_at, sa.literal(at, Person.closed_at.type)),
        )
    )
    recoveries = (
        sa.update(Recovery)
        .where(
            Recovery.person_id == person_id,
            Recovery.finished_at.is_(None),
            Recovery.cancelled_at.is_(None),
            Recovery.expires_at > at,
        )
        .values(cancelled_at=at)
        .returning(Recovery.id)
    )
    roles = (
        sa.update(RoleAssignment)
        .where(RoleAssignment.person_id == person_id, RoleAssignment.ended_at.is_(None))
        .values(ended_at=at)
        .returning(RoleAssignment.id)
    )
    mandates = (
        sa.update(Mandate)
        .where(Mandate.person_id == person_id, Mandate.revoked_at.is_(None))
        .values(revoked_at=at)
        .returning(Mandate.id)
    )
    releases = (
        sa.update(MobileRelease)
        .where(MobileRelease.person_id == person_id, MobileRelease.ended_at.is_(None))
        .values(ended_at=at, outcome=Outcome.MOOT)
        .returning(MobileRelease.id)
    )
    ended = {"recoveries": recoveries, "mobile_releases": releases, "roles": roles, "mandates": mandates}
    return {name: len(session.execute(statement).all()) for name, statement in ended.items()}
