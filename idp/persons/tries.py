"""Failed tries of secrets, counted before the secret is looked at (NIST SP 800-63B-4 §3.2.2, ASVS 6.3.1).

One row per subject and class of device, and one row per subject over all. A stranger can exhaust the row
that all unknown devices share, never the row of a device that the person logged in from before.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.crypto.blind_index import keyed_digest, keyed_digests
from idp.crypto.keyring import Keyring
from idp.persons.models import LoginTries
from idp.storage.upsert import insert_into

#: NIST SP 800-63B-4 §3.2.2: at most so many consecutive failures on one account, whatever the pace.
MAX_CONSECUTIVE = 100

#: All devices that the person is not known to use.
OTHER_DEVICE = "other"

_ALL_DEVICES = "*"
_MAX_BLOCK = timedelta(hours=24)
_DIGEST_KIND = "login tries"


class Purpose(StrEnum):
    """What a person's tries are counted for, each by itself; the values are part of stored keys."""

    PASSWORD = ""
    SECOND_FACTOR = " second factor"
    REGISTERED_NUMBER = " registered number"
    PROOFING = " proofing"
    GUARDIANSHIP = " guardianship"


@dataclass(frozen=True, slots=True)
class TryAllowed:
    """The secret may be checked now; the try is counted as failed until `clear`."""

    failures: int


@dataclass(frozen=True, slots=True)
class Blocked:
    """The secret must not be checked before `until`; None: not before a success elsewhere or a recovery."""

    until: datetime | None


def subject_of_person(keyring: Keyring, person_id: str, purpose: Purpose = Purpose.PASSWORD) -> str:
    """Return the key that a person's tries are counted under."""
    return keyed_digest(keyring, _DIGEST_KIND, f"person:{person_id}{purpose}")


def subjects_of_person(keyring: Keyring, person_id: str) -> tuple[str, ...]:
    """Return every key that a person's tries may be counted under, those of older key versions among them."""
    return tuple(
        key for purpose in Purpose for key in keyed_digests(keyring, _DIGEST_KIND, f"person:{person_id}{purpose}")
    )


def subject_of_unknown(keyring: Keyring, canonical: str) -> str:
    """Return the key for an identifier that names nobody, so that it costs and blocks like a person's."""
    return keyed_digest(keyring, _DIGEST_KIND, f"unknown:{canonical}")


def subject_of_legacy_account(keyring: Keyring, system_number: int, account_id: int) -> str:
    """Return the key for an account of an older system, whoever tries it and by whatever name."""
    return keyed_digest(keyring, _DIGEST_KIND, f"legacy:{system_number}:{account_id}")


def device_key_of(device_id: str | None) -> str:
    """Return the class of a device: its own where the person is known to use it."""
    return OTHER_DEVICE if device_id is None else f"known:{device_id}"


class Tries:
    """Blocks after `tries_before_lock` failures for `lock_seconds`, twice as long each further time."""

    def __init__(self, *, tries_before_lock: int, lock_seconds: int) -> None:
        self._step = tries_before_lock
        self._blocks = _growing_blocks(lock_seconds)

    def reserve(self, session: Session, subject_key: str, device_key: str, *, at: datetime) -> TryAllowed | Blocked:
        """Count a try and tell whether the secret may be checked.

        Counting and comparing is one statement: however many ask at once, no more than allowed pass. The
        caller commits before the secret is checked, so that a crash in between still counts. A blocked
        try is not counted: hammering does not lengthen a block.
        """
        own = self._count_own(session, subject_key, device_key, at)
        if own is None:
            return Blocked(self._blocked_until(session, subject_key, device_key, at))
        if not self._count_total(session, subject_key, device_key, at):
            return Blocked(None)
        return TryAllowed(own)

    def clear(self, session: Session, subject_key: str, device_key: str) -> None:
        """Forget the failures of this device after a success; no other device's row is touched.

        The consecutive failures over all devices end here as well, so that a success from a known device
        lets others try again, at the pace that they had reached.
        """
        session.execute(
            sa.delete(LoginTries).where(
                LoginTries.subject == subject_key, LoginTries.device.in_([device_key, _ALL_DEVICES])
            )
        )

    def give_back(self, session: Session, subject_key: str, device_key: str) -> None:
        """Take the last try back, with the pause that it began: what was to be tried could not be asked."""
        session.execute(
            sa.update(LoginTries)
            .where(
                LoginTries.subject == subject_key,
                LoginTries.device.in_([device_key, _ALL_DEVICES]),
                LoginTries.failures > 0,
            )
            .values(
                failures=LoginTries.failures - 1,
                blocked_until=sa.case(
                    (LoginTries.failures % self._step == 0, sa.null()), else_=LoginTries.blocked_until
                ),
            )
        )

    def clear_all(self, session: Session, subject_key: str) -> None:
        """Forget every failure, after the person recovered the account."""
        session.execute(sa.delete(LoginTries).where(LoginTries.subject == subject_key))

    def _count_own(self, session: Session, subject: str, device: str, at: datetime) -> int | None:
        insert = insert_into(session, LoginTries).values(
            subject=subject, device=device, failures=1, last_at=at, blocked_until=self._block_at(1, at)
        )
        present = LoginTries.failures + 1
        may_try = sa.or_(LoginTries.blocked_until.is_(None), LoginTries.blocked_until <= at)
        if device != OTHER_DEVICE:
            # The row over all does not bind a known device, so its own hundred does.
            may_try = sa.and_(may_try, LoginTries.failures < MAX_CONSECUTIVE)
        return session.scalar(
            insert.on_conflict_do_update(
                index_elements=["subject", "device"],
                set_={"failures": present, "last_at": at, "blocked_until": self._block_after(present, at)},
                where=may_try,
            ).returning(LoginTries.failures)
        )

    def _count_total(self, session: Session, subject: str, device: str, at: datetime) -> bool:
        insert = insert_into(session, LoginTries).values(subject=subject, device=_ALL_DEVICES, failures=1, last_at=at)
        # Strangers must not be able to shut out a device that the person uses (ASVS 6.1.1).
        may_try = LoginTries.failures < MAX_CONSECUTIVE if device == OTHER_DEVICE else sa.true()
        counted = session.scalar(
            insert.on_conflict_do_update(
                index_elements=["subject", "device"],
                set_={"failures": LoginTries.failures + 1, "last_at": at},
                where=may_try,
            ).returning(LoginTries.failures)
        )
        return counted is not None

    def _blocked_until(self, session: Session, subject: str, device: str, at: datetime) -> datetime | None:
        row = session.execute(
            sa.select(LoginTries.blocked_until, LoginTries.failures).where(
                LoginTries.subject == subject, LoginTries.device == device
            )
        ).one_or_none()
        if row is None:  # cleared by a success in between
            return at
        if device != OTHER_DEVICE and row.failures >= MAX_CONSECUTIVE:
            return None
        return row.blocked_until or at

    def _block_at(self, failures: int, at: datetime) -> datetime | None:
        return at + self._blocks[0] if failures == self._step else None

    def _block_after(self, failures: sa.ColumnElement[int], at: datetime) -> sa.ColumnElement[datetime | None]:
        """Say in SQL when the next try is allowed: every `step` failures a longer block begins."""
        column = LoginTries.blocked_until.type
        lengths = [
            (failures <= self._step * (place + 1), sa.literal(at + block, column))
            for place, block in enumerate(self._blocks[:-1])
        ]
        return sa.case(
            (failures % self._step != 0, sa.null()), *lengths, else_=sa.literal(at + self._blocks[-1], column)
        )


def forget_idle(session: Session, *, before: datetime, limit: int = 1000) -> int:
    """Delete up to `limit` rows without a try since `before` and return how many; for a periodic job.

    Rows that reached the limit over all stay: only a success or a recovery may open them.
    """
    idle = (
        sa.select(LoginTries.subject, LoginTries.device)
        .where(LoginTries.last_at < before, LoginTries.failures < MAX_CONSECUTIVE)
        .limit(limit)
    )
    deleted = session.execute(
        sa.delete(LoginTries)
        .where(sa.tuple_(LoginTries.subject, LoginTries.device).in_(idle))
        .returning(LoginTries.subject)
    ).all()
    return len(deleted)


def _growing_blocks(lock_seconds: int) -> tuple[timedelta, ...]:
    block = min(timedelta(seconds=lock_seconds), _MAX_BLOCK)
    blocks = [block]
    while block < _MAX_BLOCK:
        block = min(block * 2, _MAX_BLOCK)
        blocks.append(block)
    return tuple(blocks)
