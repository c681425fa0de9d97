"""An audit log on both databases, written, sealed, tampered with and verified."""

import threading
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa

from idp.audit.canonical import ROW
from idp.audit.events import Event
from idp.audit.heads import HeadsFile
from idp.audit.log import Origin, record
from idp.audit.sealing import Sealer
from idp.audit.verification import Finding, Problem, Report, Verifier
from idp.house.audit import build_verifier, load_audit_key
from idp.house.build import House
from tests.support.frozen_clock import FrozenClock


@dataclass
class AuditLog:
    """The log of one house; time goes on by a second with every row."""

    house: House
    clock: FrozenClock
    batch_rows: int = 4
    findings: list[Finding] = field(default_factory=list)

    @property
    def heads(self) -> HeadsFile:
        return HeadsFile(self.house.settings.heads_file)

    def write(self, count: int = 1, **values: Any) -> None:
        """Append rows as rooms do."""
        for number in range(count):
            self.clock.advance(seconds=1)
            with self.house.ground.database.transaction() as session:
                record(
                    session,
                    values.get("event", Event.LOGIN_SUCCEEDED),
                    at=values.get("at", self.clock.now()),
                    reason="password",
                    person_id=f"person-{number}",
                    client_id="client-1",
                    session_id="session-1",
                    origin=Origin("request-1", "portal", "actor-1", "party-1", "office-1"),
                    details={"number": number, "scopes": ["openid"]},
                )

    def sealer(self) -> Sealer:
        return Sealer(
            database=self.house.ground.database,
            load_key=lambda: load_audit_key(self.house.settings),
            heads=self.heads,
            clock=self.clock,
            batch_rows=self.batch_rows,
        )

    def seal(self) -> None:
        """Seal everything at once, so that batches are full; then nothing is left."""
        self.settle()
        self.sealer().run()
        assert self.scalar("SELECT count(*) FROM audit_events WHERE seal_position IS NULL") == 0

    def settle(self) -> None:
        """Wait for others: PostgreSQL counts open transactions of every database on the server."""
        held_back = sa.select(sa.func.count()).where(ROW.c.seal_position.is_(None), ~self.sealer()._is_settled())
        for _ in range(600):
            with self.house.ground.database.read() as session:
                if session.scalar(held_back) == 0:
                    return
            threading.Event().wait(0.05)
        raise AssertionError("a transaction on the server stays open")

    def verify(self, heads: HeadsFile | None = None) -> Report:
        self.findings.clear()
        verifier: Verifier = build_verifier(
            self.house.settings,
            self.house.ground.database,
            self.clock,
            heads=heads,
            on_finding=self.findings.append,
        )
        return verifier.verify()

    def problems(self, heads: HeadsFile | None = None) -> set[Problem]:
        """Verify and return what was found."""
        report = self.verify(heads)
        assert report.findings == len(self.findings)
        return {finding.problem for finding in self.findings}

    def tamper(self, statement: str | sa.Executable, **values: Any) -> None:
        """Change the database behind the rooms' back."""
        executable = sa.text(statement) if isinstance(statement, str) else statement
        with self.house.ground.database.transaction() as session:
            session.execute(executable, values)

    def scalar(self, statement: str) -> Any:
        with self.house.ground.database.read() as session:
            return session.scalar(sa.text(statement))

    def ids(self, position: int) -> list[str]:
        """Return the ids of a batch's rows, in order."""
        with self.house.ground.database.read() as session:
            return list(
                session.scalars(sa.select(ROW.c.id).where(ROW.c.seal_position == position).order_by(ROW.c.seal_leaf))
            )


@pytest.fixture
def log(house: House, clock: FrozenClock) -> AuditLog:
    """An empty log: what making the house wrote is not looked at."""
    made = AuditLog(house, clock)
    made.tamper(sa.delete(ROW))
    return made


@pytest.fixture
def sealed(log: AuditLog) -> AuditLog:
    """A log of three batches of four rows, and nothing else."""
    log.write(12)
    log.seal()
    # Any head would be on its way for less: none is missing by chance.
    log.clock.advance(seconds=log.house.settings.audit.late_seconds + 1)
    return log
