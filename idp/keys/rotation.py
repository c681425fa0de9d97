"""Exchanging a data key for its next version while logins run (architecture, decision 6).

The phase stands in SQL, so a rotation that was killed goes on where it was: announced (every process learns
to read the new version, and blind indexes are written under both) → rows that are looked up are filled in →
activated (the new version writes) → rows are rewritten, what cannot be expires → retired (no process loads
the old version) → dropped.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.clock import Clock
from idp.crypto.ciphertext import encode_header
from idp.crypto.keyring import KeyState, Purpose
from idp.crypto.suites import suite_by_name
from idp.keys.live import LiveKeyring
from idp.keys.models import KeyRotation, WrappedKey
from idp.keys.rows import Exchange, KeyedRows, RotationFailed
from idp.keys.store import KeyStore
from idp.storage.engine import Database

#: The state of a key that no process loads any more, beside those of KeyState.
RETIRED = "retired"


class Phase(StrEnum):
    """How far a rotation is."""

    ANNOUNCED = "announced"
    ACTIVATED = "activated"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class KeyPlan:
    """What a rotation of one purpose means.

    `lookups`: rows are found by this key, so they are written under the new version before it is active.
    `expire_seconds`: how long what the old version made and nobody rewrites may still be shown to us.
    `keeps_old`: what it made can neither be rewritten nor expires; the old version stays, to read.
    """

    rows: tuple[KeyedRows, ...] = ()
    lookups: bool = False
    expire_seconds: int = 0
    keeps_old: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """The rotation is over."""

    version: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """The old version is needed until then; the rotation is to be gone on with afterwards."""

    until: datetime


class Rotation:
    """Rotates the data keys of one database."""

    def __init__(
        self,
        *,
        database: Database,
        store: KeyStore,
        clock: Clock,
        plans: Mapping[Purpose, KeyPlan],
        reload_seconds: float,
        wait_for_processes: Callable[[], None],
        audit: Callable[[Session, Purpose, int, str], None],
        report: Callable[[str], None],
    ) -> None:
        self._database = database
        self._store = store
        self._clock = clock
        self._plans = plans
        self._reload_seconds = reload_seconds
        self._wait = wait_for_processes
        self._audit = audit
        self._report = report

    def begin(self, purpose: Purpose) -> bool:
        """Announce the next version of a key; False where a rotation of it is under way already."""
        now = self._clock.now()
        with self._database.transaction() as session:
            if session.get(KeyRotation, purpose) is not None:
                return False
            old = session.scalars(
                sa.select(WrappedKey.version).where(WrappedKey.purpose == purpose, WrappedKey.state == KeyState.ACTIVE)
            ).one()
            new = self._store.add_version(session, purpose)
            session.add(
                KeyRotation(
                    purpose=purpose,
                    from_version=old,
                    to_version=new,
                    phase=Phase.ANNOUNCED,
                    started_at=now,
                    phase_at=now,
                )
            )
            self._audit(session, purpose, new, "announced")
        self._report(f"{purpose}: version {new} is announced")
        return True

    def due(self) -> tuple[Purpose, ...]:
        """Return the rotations that were waiting for time alone and need wait no longer."""
        with self._database.read() as session:
            rows = session.scalars(sa.select(KeyRotation).where(KeyRotation.phase != Phase.ANNOUNCED)).all()
        waits = {row.purpose: timedelta(seconds=self._plans[Purpose(row.purpose)].expire_seconds) for row in rows}
        # The others are carried through by the command that began them, or by its next run.
        return tuple(
            Purpose(row.purpose)
            for row in rows
            if waits[row.purpose]
            and (row.phase == Phase.RETIRED or row.phase_at + waits[row.purpose] <= self._clock.now())
        )

    def go_on(self, purpose: Purpose) -> Done | Waiting:
        """Carry a rotation that was begun to its end, or to where only time helps.

        Safe to call again after it was killed anywhere. Raises RotationFailed or StoreUnavailable.
        """
        while (found := self._present(purpose)) is not None:
            exchange, phase, phase_at = found
            match phase:
                case Phase.ANNOUNCED:
                    self._activate(exchange)
                case Phase.ACTIVATED:
                    if (until := self._retire(exchange, phase_at)) is not None:
                        return Waiting(until)
                case Phase.RETIRED:
                    self._drop(exchange)
        with self._database.read() as session:
            active = sa.select(WrappedKey.version).where(
                WrappedKey.purpose == purpose, WrappedKey.state == KeyState.ACTIVE
            )
            return Done(session.scalars(active).one())

    def withdraw(self, purpose: Purpose, version: int) -> None:
        """Delete a version that was kept to read; what it made can then no longer be verified."""
        with self._database.transaction() as session:
            key = session.get(WrappedKey, (purpose, version), with_for_update=True)
            if key is None or session.get(KeyRotation, purpose) is not None or key.state == KeyState.ACTIVE:
                raise RotationFailed(f"{purpose} version {version} is in use, or not there; see: idp keys status")
            key.state = RETIRED
        self._wait()
        with self._database.transaction() as session:
            session.execute(_row(purpose, version))
            self._audit(session, purpose, version, "withdrawn")

    def _activate(self, exchange: Exchange) -> None:
        self._wait()
        if self._plans[exchange.purpose].lookups:
            self._convert(exchange)
        self._move(exchange, Phase.ANNOUNCED, Phase.ACTIVATED, old=KeyState.READ, new=KeyState.ACTIVE)

    def _retire(self, exchange: Exchange, since: datetime) -> datetime | None:
        """Bring everything under the new version; return until when the old one is needed all the same."""
        plan = self._plans[exchange.purpose]
        self._wait()
        if plan.keeps_old:
            self._finish(exchange, Phase.ACTIVATED, "kept")
            return None
        self._convert(exchange)
        until = since + timedelta(seconds=plan.expire_seconds)
        if self._clock.now() < until:
            return until
        self._move(exchange, Phase.ACTIVATED, Phase.RETIRED, old=RETIRED, new=KeyState.ACTIVE)
        return None

    def _drop(self, exchange: Exchange) -> None:
        self._wait()
        if self._left(exchange):
            # Something was written under the old version all the same: its key is still here.
            self._report(f"{exchange.purpose}: rows under version {exchange.old} appeared; going back to them")
            self._move(exchange, Phase.RETIRED, Phase.ACTIVATED, old=KeyState.READ, new=KeyState.ACTIVE)
            return
        for rows in self._plans[exchange.purpose].rows:
            for _ in rows.forget(exchange):
                pass
        self._finish(exchange, Phase.RETIRED, "dropped")

    def _convert(self, exchange: Exchange) -> None:
        # Kept up to date as any process does: it may take hours, in which another key is exchanged.
        keyring = LiveKeyring(source=self._store, reload_seconds=self._reload_seconds)
        for rows in self._plans[exchange.purpose].rows:
            while left := rows.count_left(exchange):
                self._report(f"{exchange.purpose}: {left} rows of {rows.name} to write anew")
                for _ in rows.convert(exchange, keyring):
                    pass

    def _left(self, exchange: Exchange) -> int:
        return sum(rows.count_left(exchange) for rows in self._plans[exchange.purpose].rows)

    def _present(self, purpose: Purpose) -> tuple[Exchange, Phase, datetime] | None:
        with self._database.read() as session:
            row = session.get(KeyRotation, purpose)
            if row is None:
                return None
            suite = session.scalars(
                sa.select(WrappedKey.suite).where(WrappedKey.purpose == purpose, WrappedKey.version == row.from_version)
            ).one()
        header = encode_header(suite_by_name(suite), purpose, row.from_version)
        return Exchange(purpose, row.from_version, row.to_version, header), Phase(row.phase), row.phase_at

    def _move(self, exchange: Exchange, before: Phase, after: Phase, *, old: str, new: str) -> None:
        with self._database.transaction() as session:
            if not self._leave(session, exchange, before, after):
                return
            for version, state in ((exchange.old, old), (exchange.new, new)):
                key = session.get(WrappedKey, (exchange.purpose, version))
                if key is None:
                    raise RotationFailed(f"{exchange.purpose} version {version} is gone; restore the database")
                key.state = state
            self._audit(session, exchange.purpose, exchange.new, after)
        self._report(f"{exchange.purpose}: {after}")

    def _leave(self, session: Session, exchange: Exchange, before: Phase, after: Phase) -> bool:
        """Take the phase on; False where another command, running at the same time, did."""
        moved = session.execute(
            sa.update(KeyRotation)
            .where(KeyRotation.purpose == exchange.purpose, KeyRotation.phase == before)
            .values(phase=after, phase_at=self._clock.now())
            .returning(KeyRotation.purpose)
        ).one_or_none()
        return moved is not None

    def _finish(self, exchange: Exchange, phase: Phase, how: str) -> None:
        with self._database.transaction() as session:
            if not self._leave(session, exchange, phase, phase):
                return
            if how == "dropped":
                session.execute(_row(exchange.purpose, exchange.old))
            session.execute(sa.delete(KeyRotation).where(KeyRotation.purpose == exchange.purpose))
            self._audit(session, exchange.purpose, exchange.old, how)
        self._report(f"{exchange.purpose}: version {exchange.old} is {how}")


def _row(purpose: Purpose, version: int) -> sa.Delete:
    return sa.delete(WrappedKey).where(WrappedKey.purpose == purpose, WrappedKey.version == version)
