"""The durable queue: put in with the change that causes it, taken by one worker at a time.

A delivery counts its attempt before it is tried, so one that may be tried only once (a one-time code) is
never tried twice, even when the worker dies in between.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.clock import Clock, seconds
from idp.core.ids import new_id
from idp.crypto.ciphertext import Place
from idp.crypto.keyring import Keyring, Purpose
from idp.outbox.models import Delivery
from idp.storage.engine import Database

# A worker that holds a delivery longer than this is taken for dead.
_CLAIM_SECONDS = 60
_BACKOFF_SECONDS = (1, 5, 30, 120, 600, 3_600, 21_600)


class DeliveryKind(StrEnum):
    """What is delivered."""

    MESSAGE = "message"
    BACKCHANNEL_LOGOUT = "backchannel_logout"
    RECOVERY = "recovery"
    PREPARATION = "preparation"
    MAPPING_CHANGES = "mapping_changes"


class DeliveryState(StrEnum):
    """How far a delivery is; `unknown` may have arrived and is not tried again."""

    PENDING = "pending"
    SENDING = "sending"
    DONE = "done"
    DEAD = "dead"
    UNKNOWN = "unknown"


# Kinds of a later release wait for a worker of that release.
_is_known = Delivery.kind.in_(tuple(DeliveryKind))


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this worker alone tries now."""

    id: str
    kind: DeliveryKind
    attempt: int
    payload: dict[str, Any] = field(repr=False)


class Queue:
    """The outbox of one database."""

    def __init__(self, *, database: Database, keyring: Keyring, clock: Clock) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock

    def enqueue(
        self,
        session: Session,
        kind: DeliveryKind,
        payload: dict[str, Any],
        *,
        max_attempts: int,
        client_id: str | None = None,
        person_id: str | None = None,
    ) -> str:
        """Add a delivery in the caller's transaction and return its id.

        `person_id` is the person whom a message is for: it goes when they are erased.
        """
        delivery_id, now = new_id(), self._clock.now()
        plain = json.dumps(payload, ensure_ascii=False).encode()
        session.execute(
            sa.insert(Delivery).values(
                id=delivery_id,
                kind=kind,
                client_id=client_id,
                person_id=person_id,
                payload=self._keyring.encrypt(Purpose.MESSAGE, plain, place_of(delivery_id)),
                state=DeliveryState.PENDING,
                attempts=0,
                max_attempts=max_attempts,
                created_at=now,
                next_at=now,
            )
        )
        return delivery_id

    def assign(self, session: Session, delivery_ids: Sequence[str], person_id: str) -> None:
        """Say whom deliveries were for that were put in before the person was known."""
        session.execute(
            sa.update(Delivery)
            .where(Delivery.id.in_(delivery_ids), Delivery.person_id.is_(None))
            .values(person_id=person_id)
        )

    def claim(self, *, most: int = 10) -> tuple[Claimed, ...]:
        """Take deliveries that are due, each for this worker alone, their attempt already counted."""
        now = self._clock.now()
        due = (
            sa.select(Delivery.id)
            .where(Delivery.state == DeliveryState.PENDING, Delivery.next_at <= now, _is_known)
            .order_by(Delivery.next_at)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        with self._database.transaction() as session:
            self._bury_abandoned(session, now)
            rows = session.execute(
                sa.update(Delivery)
                .where(Delivery.id.in_(due.scalar_subquery()), Delivery.state == DeliveryState.PENDING)
                .values(
                    state=DeliveryState.SENDING,
                    attempts=Delivery.attempts + 1,
                    claimed_until=now + seconds(_CLAIM_SECONDS),
                )
                .returning(Delivery.id, Delivery.kind, Delivery.attempts, Delivery.payload)
            ).all()
        return tuple(
            Claimed(row.id, DeliveryKind(row.kind), row.attempts, self._open(row.id, row.payload)) for row in rows
        )

    def has_due(self) -> bool:
        """Tell whether there is anything to claim; reads only, so an idle worker writes nothing."""
        now = self._clock.now()
        with self._database.read() as session:
            found = session.scalar(
                sa.select(Delivery.id)
                .where(
                    sa.or_(
                        sa.and_(Delivery.state == DeliveryState.PENDING, Delivery.next_at <= now, _is_known),
                        sa.and_(Delivery.state == DeliveryState.SENDING, Delivery.claimed_until <= now),
                    )
                )
                .limit(1)
            )
        return found is not None

    def finish(self, delivery_id: str, state: DeliveryState, *, problem: str | None = None) -> None:
        """Note how a claimed delivery ended for good."""
        with self._database.transaction() as session:
            session.execute(
                sa.update(Delivery)
                .where(Delivery.id == delivery_id, Delivery.state == DeliveryState.SENDING)
                .values(state=state, done_at=self._clock.now(), claimed_until=None, last_problem=problem)
            )

    def retry(self, claimed: Claimed, *, problem: str) -> None:
        """Put a delivery that certainly failed back for later; without attempts left it is dead."""
        now = self._clock.now()
        wait = _BACKOFF_SECONDS[min(claimed.attempt, len(_BACKOFF_SECONDS)) - 1]
        exhausted = Delivery.attempts >= Delivery.max_attempts
        with self._database.transaction() as session:
            session.execute(
                sa.update(Delivery)
                .where(Delivery.id == claimed.id, Delivery.state == DeliveryState.SENDING)
                .values(
                    state=sa.case((exhausted, DeliveryState.DEAD), else_=DeliveryState.PENDING),
                    next_at=now + seconds(wait),
                    claimed_until=None,
                    last_problem=problem,
                )
            )

    def recent(self, kind: DeliveryKind, *, most: int) -> tuple[tuple[datetime, dict[str, Any]], ...]:
        """Return the newest deliveries of a kind in clear; only the development outbox page may ask."""
        with self._database.read() as session:
            rows = session.execute(
                sa.select(Delivery.id, Delivery.created_at, Delivery.payload)
                .where(Delivery.kind == kind)
                .order_by(Delivery.created_at.desc())
                .limit(most)
            ).all()
        return tuple((row.created_at, self._open(row.id, row.payload)) for row in rows)

    def _bury_abandoned(self, session: Session, now: datetime) -> None:
        """Give deliveries of dead workers back, or call them unknown where no attempt is left."""
        exhausted = Delivery.attempts >= Delivery.max_attempts
        session.execute(
            sa.update(Delivery)
            .where(Delivery.state == DeliveryState.SENDING, Delivery.claimed_until <= now)
            .values(
                state=sa.case((exhausted, DeliveryState.UNKNOWN), else_=DeliveryState.PENDING),
                claimed_until=None,
                last_problem="worker lost",
            )
        )

    def _open(self, delivery_id: str, sealed: bytes) -> dict[str, Any]:
        plain: dict[str, Any] = json.loads(self._keyring.decrypt(Purpose.MESSAGE, sealed, place_of(delivery_id)))
        return plain


def place_of(delivery_id: str) -> Place:
    """Return where the payload of a delivery belongs."""
    return Place("outbox", "payload", delivery_id)
