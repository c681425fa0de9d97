"""Devices that a person has logged in from, recognised by a long-lived random secret in a cookie."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.hashing import hash_secret
from idp.core.ids import new_id
from idp.persons.models import KnownDevice
from idp.storage.upsert import insert_into


@dataclass(frozen=True, slots=True)
class DeviceRecord:
    """A device as its owner sees it; `label` is empty where the browser told nothing readable."""

    id: str
    label: str
    first_seen_at: datetime
    last_seen_at: datetime


class Devices:
    """Remembers devices for `known_seconds` after each login from them."""

    def __init__(self, *, known_seconds: int) -> None:
        self._life = timedelta(seconds=known_seconds)

    def remember(self, session: Session, person_id: str, device_secret: str, label: str, *, at: datetime) -> str:
        """Write that the person logged in from the device and return its id, the same one each time.

        A device that was forgotten and is logged in from again gets its old id but counts anew.
        """
        insert = insert_into(session, KnownDevice).values(
            id=new_id(),
            person_id=person_id,
            device_hash=hash_secret(device_secret),
            label=label,
            first_seen_at=at,
            last_seen_at=at,
        )
        device_id: str = session.execute(
            insert.on_conflict_do_update(
                index_elements=["person_id", "device_hash"],
                set_={"label": insert.excluded.label, "last_seen_at": at, "ended_at": None},
            ).returning(KnownDevice.id)
        ).scalar_one()
        return device_id

    def recognise(
        self, session: Session, person_id: str | None, device_secret: str | None, *, at: datetime
    ) -> str | None:
        """Return the id of a device that the person is known by, or None; one statement always."""
        # Without a cookie a random one is looked for, which nobody has.
        device_hash = hash_secret(device_secret if device_secret is not None else new_id())
        return session.scalar(
            sa.select(KnownDevice.id).where(
                KnownDevice.person_id == (person_id or ""),
                KnownDevice.device_hash == device_hash,
                KnownDevice.ended_at.is_(None),
                KnownDevice.last_seen_at > at - self._life,
            )
        )

    def of(self, session: Session, person_id: str, *, at: datetime) -> tuple[DeviceRecord, ...]:
        """Return the person's known devices, the latest used first."""
        rows = session.execute(
            sa.select(KnownDevice.id, KnownDevice.label, KnownDevice.first_seen_at, KnownDevice.last_seen_at)
            .where(
                KnownDevice.person_id == person_id,
                KnownDevice.ended_at.is_(None),
                KnownDevice.last_seen_at > at - self._life,
            )
            .order_by(KnownDevice.last_seen_at.desc(), KnownDevice.id)
        )
        return tuple(DeviceRecord(*row) for row in rows)

    def forget(self, session: Session, person_id: str, device_id: str, *, at: datetime) -> bool:
        """End a device of the person; False where they have no such device."""
        ended = session.scalar(
            sa.update(KnownDevice)
            .where(
                KnownDevice.id == device_id,
                KnownDevice.person_id == person_id,
                KnownDevice.ended_at.is_(None),
            )
            .values(ended_at=at)
            .returning(KnownDevice.id)
        )
        return ended is not None

    def forget_all(self, session: Session, person_id: str, *, at: datetime) -> int:
        """End every device of the person, after a recovery, and return how many there were."""
        ended = session.scalars(
            sa.update(KnownDevice)
            .where(KnownDevice.person_id == person_id, KnownDevice.ended_at.is_(None))
            .values(ended_at=at)
            .returning(KnownDevice.id)
        ).all()
        return len(ended)


def known_since(session: Session, device_id: str | None) -> datetime | None:
    """Return when a device was first logged in from, None where there is none, or it was forgotten."""
    return session.scalar(
        sa.select(KnownDevice.first_seen_at).where(KnownDevice.id == (device_id or ""), KnownDevice.ended_at.is_(None))
    )
