"""Credentials of a person: the password row, and what is common to every kind."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import NOWHERE, Origin, record
from idp.core.ids import new_id
from idp.persons.models import Credential, Person
from idp.persons.vocabulary import CredentialKind, CredentialState


@dataclass(frozen=True, slots=True)
class CredentialRecord:
    """A credential as its owner sees it: nothing to authenticate with."""

    id: str
    kind: CredentialKind
    created_at: datetime
    changed_at: datetime
    last_used_at: datetime | None


def password_hash_of(session: Session, person_id: str | None) -> str | None:
    """Return the stored hash, or None; one statement whoever is asked for, nobody included."""
    return session.scalar(
        sa.select(Credential.secret_hash)
        .where(_active_password(person_id or ""))
        .order_by(Credential.changed_at.desc())
        .limit(1)
    )


def password_changed_since(session: Session, person_id: str, since: datetime) -> bool:
    """Tell whether the person's password became another one after `since`, or is gone."""
    changed_at = session.scalar(sa.select(sa.func.max(Credential.changed_at)).where(_active_password(person_id)))
    return changed_at is None or changed_at > since


def change_password(
    session: Session,
    person_id: str,
    new_hash: str,
    *,
    at: datetime,
    origin: Origin = NOWHERE,
    is_vouched: bool = False,
) -> None:
    """Store the hash of a new password in the place of the old one, or as the person's first.

    It speaks for the person who was proved only where `is_vouched` says that they chose it (see `vouching`).
    """
    lock_person(session, person_id)  # of two first passwords at once the later must replace the other
    changed = session.execute(
        sa.update(Credential)
        .where(_active_password(person_id))
        .values(secret_hash=new_hash, changed_at=at, vouched_at=at if is_vouched else None)
        .returning(Credential.id)
    ).all()
    if not changed:
        write_password(session, person_id, new_hash, at=at)
    event = Event.CREDENTIAL_CHANGED if changed else Event.CREDENTIAL_ADDED
    audit_credential(session, event, person_id, CredentialKind.PASSWORD, at=at, origin=origin)


def write_password(session: Session, person_id: str, password_hash: str, *, at: datetime) -> None:
    """Insert the password of a person who has none; the caller audits it."""
    session.execute(
        sa.insert(Credential).values(
            id=new_id(),
            person_id=person_id,
            kind=CredentialKind.PASSWORD,
            state=CredentialState.ACTIVE,
            secret_hash=password_hash,
            created_at=at,
            changed_at=at,
        )
    )


def rehash_password(session: Session, person_id: str, *, old_hash: str, new_hash: str) -> bool:
    """Replace a hash by a stronger one of the same password; False where the password changed meanwhile."""
    changed = session.execute(
        sa.update(Credential)
        .where(_active_password(person_id), Credential.secret_hash == old_hash)
        .values(secret_hash=new_hash)
        .returning(Credential.id)
    ).one_or_none()
    return changed is not None


def end_credentials(
    session: Session, person_id: str, kind: CredentialKind, *, at: datetime, origin: Origin = NOWHERE
) -> int:
    """End every credential of the kind, pending or active, and return how many there were."""
    ended = session.execute(
        sa.update(Credential)
        .where(
            Credential.person_id == person_id,
            Credential.kind == kind,
            Credential.state.in_([CredentialState.PENDING, CredentialState.ACTIVE]),
        )
        # The secret goes with it: nothing may be verified against it again.
        .values(state=CredentialState.ENDED, ended_at=at, secret_hash=None, ciphertext=None)
        .returning(Credential.id)
    ).all()
    if ended:
        audit_credential(session, Event.CREDENTIAL_REMOVED, person_id, kind, at=at, origin=origin)
    return len(ended)


def credentials_of(session: Session, person_id: str) -> tuple[CredentialRecord, ...]:
    """Return the person's active credentials, oldest first."""
    rows = session.execute(
        sa.select(
            Credential.id,
            Credential.kind,
            Credential.created_at,
            Credential.changed_at,
            Credential.last_used_at,
        )
        .where(Credential.person_id == person_id, Credential.state == CredentialState.ACTIVE)
        .order_by(Credential.created_at, Credential.id)
    )
    return tuple(
        CredentialRecord(row.id, CredentialKind(row.kind), row.created_at, row.changed_at, row.last_used_at)
        for row in rows
    )


def audit_credential(
    session: Session,
    event: Event,
    person_id: str,
    kind: CredentialKind,
    *,
    at: datetime,
    origin: Origin,
) -> None:
    """Write the audit row of a change of credentials."""
    record(session, event, at=at, person_id=person_id, origin=origin, details={"kind": kind})


def lock_person(session: Session, person_id: str) -> bool:
    """Hold the person's row until the transaction ends; False where there is no such person.

    SQLite, which has one writer, needs and knows no such lock.
    """
    return session.scalar(sa.select(Person.id).where(Person.id == person_id).with_for_update()) is not None


def _active_password(person_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        Credential.person_id == person_id,
        Credential.kind == CredentialKind.PASSWORD,
        Credential.state == CredentialState.ACTIVE,
    )
