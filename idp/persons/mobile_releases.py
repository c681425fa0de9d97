"""Mobiles that somebody else was seen to hold, to be taken off an account unless its owner objects in time.

Carriers give numbers out again. Whoever shows to hold one gets nothing of the account that has it: only a
waiting time begins. It ends once: kept by the owner, released, or moot where the contact ended in between.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from idp.core.ids import new_id
from idp.persons.models import Contact, ContactIndex, Person
from idp.persons.vocabulary import ContactKind, ContactState
from idp.storage.base import Base

_ID = sa.String(22)


class Outcome(StrEnum):
    """How a release ended."""

    KEPT = "kept"
    RELEASED = "released"
    MOOT = "moot"


class MobileRelease(Base):
    """A waiting time for one verified mobile; at most one is open for a contact."""

    __tablename__ = "mobile_releases"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    contact_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("contacts.id"), index=True)
    person_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("persons.id"), index=True)
    objection_hash: Mapped[str] = mapped_column(sa.String(43), unique=True)
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]

    __table_args__ = (
        sa.Index(
            "uq_mobile_releases_open",
            "contact_id",
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        ),
    )


@dataclass(frozen=True, slots=True)
class OpenRelease:
    """A release that has not ended; `due_at` is when the mobile may be taken off."""

    id: str
    contact_id: str
    person_id: str
    opened_at: datetime
    due_at: datetime


def start(
    session: Session, *, contact_id: str, person_id: str, objection_hash: str, at: datetime, due_at: datetime
) -> str:
    """Write a release and return its id; the caller holds the person, found none open, and audits it."""
    release_id = new_id()
    session.execute(
        sa.insert(MobileRelease).values(
            id=release_id,
            contact_id=contact_id,
            person_id=person_id,
            objection_hash=objection_hash,
            opened_at=at,
            due_at=due_at,
        )
    )
    return release_id


def open_of_contact(session: Session, contact_id: str) -> OpenRelease | None:
    """Return the release that is open for a contact, or None."""
    return _one(session, MobileRelease.contact_id == contact_id)


def open_of_person(session: Session, person_id: str) -> OpenRelease | None:
    """Return the release that is open for the person's mobile, or None."""
    return _one(session, MobileRelease.person_id == person_id)


def open_of_objection(session: Session, objection_hash: str) -> OpenRelease | None:
    """Return the open release of which a notice with that token told, or None."""
    return _one(session, MobileRelease.objection_hash == objection_hash)


def still_open(session: Session, release_id: str) -> OpenRelease | None:
    """Return the release if it is open; asked anew once the person is held."""
    return _one(session, MobileRelease.id == release_id)


def due(session: Session, *, at: datetime, most: int = 100) -> tuple[OpenRelease, ...]:
    """Return releases whose time has come, also where the contact ended since; for a periodic task."""
    rows = session.execute(
        sa.select(*_COLUMNS)
        .where(MobileRelease.ended_at.is_(None), MobileRelease.due_at <= at)
        .order_by(MobileRelease.due_at)
        .limit(most)
    )
    return tuple(OpenRelease(*row) for row in rows)


def end(session: Session, release_id: str, outcome: Outcome, *, at: datetime) -> bool:
    """End a release; False where it ended before. The caller audits it."""
    ended = session.scalar(
        sa.update(MobileRelease)
        .where(MobileRelease.id == release_id, MobileRelease.ended_at.is_(None))
        .values(ended_at=at, outcome=outcome)
        .returning(MobileRelease.id)
    )
    return ended is not None


def kept_since(session: Session, contact_id: str, *, since: datetime) -> bool:
    """Tell whether the owner of the contact objected to a release after `since`."""
    found = session.scalar(
        sa.select(MobileRelease.id)
        .where(
            MobileRelease.contact_id == contact_id,
            MobileRelease.outcome == Outcome.KEPT,
            MobileRelease.ended_at > since,
        )
        .limit(1)
    )
    return found is not None


def has_lost_mobile(session: Session, person_id: str) -> bool:
    """Tell whether a mobile was taken off the account and none is verified in its place."""
    released = sa.exists().where(MobileRelease.person_id == person_id, MobileRelease.outcome == Outcome.RELEASED)
    return bool(session.scalar(sa.select(sa.and_(released, ~_has_mobile(person_id)))))


def former_holders(kind: str, key_version: int, index: str) -> sa.Select[str, str]:
    """Select id and status of whom the mobile was taken off and who have none since, the last one first."""
    return (
        sa.select(Person.id, Person.status)
        .select_from(ContactIndex)
        .join(MobileRelease, MobileRelease.contact_id == ContactIndex.contact_id)
        .join(Person, Person.id == MobileRelease.person_id)
        .where(ContactIndex.kind == kind, ContactIndex.key_version == key_version, ContactIndex.index == index)
        .where(MobileRelease.outcome == Outcome.RELEASED, ~_has_mobile(Person.id))
        .order_by(MobileRelease.ended_at.desc())
    )


_COLUMNS: tuple[Any, ...] = (
    MobileRelease.id,
    MobileRelease.contact_id,
    MobileRelease.person_id,
    MobileRelease.opened_at,
    MobileRelease.due_at,
)


def _has_mobile(person_id: Any) -> sa.Exists:
    mobile = sa.orm.aliased(Contact)
    return sa.exists().where(
        mobile.person_id == person_id, mobile.kind == ContactKind.MOBILE, mobile.state == ContactState.CURRENT
    )


def _one(session: Session, which: sa.ColumnElement[bool]) -> OpenRelease | None:
    row = session.execute(
        sa.select(*_COLUMNS)
        .join(Contact, Contact.id == MobileRelease.contact_id)
        # Of a contact that ended since there is nothing left to decide.
        .where(which, MobileRelease.ended_at.is_(None), Contact.state == ContactState.CURRENT)
    ).one_or_none()
    return OpenRelease(*row) if row else None
