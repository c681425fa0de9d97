"""What finding the situations of legacy accounts costs, proposing them, and taking them back: CPU and time a row.

    python -m bench.legacy_match [--rows 1000000]

Digests are drawn at random, equal on both sides where a row names a person: the database compares them as it would
real ones. Shares of situations are those of docs/merging.md. CPU is that of the whole server and of this process.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench.cpu import tree_seconds
from bench.legacy_rows import AT, CHUNK, add_system, load_persons, stage
from bench.stores import start_postgres
from idp.audit.log import NOWHERE
from idp.linking import undoing
from idp.linking.journal import Change
from idp.linking.matching import SituationCounts, match_batch
from idp.linking.models import ImportBatch, StagedRow
from idp.linking.proposing import apply_matches
from idp.linking.vocabulary import BatchState
from idp.storage.engine import Database, take_time
from migrations import run as migrations

# One system holds most people once: seven in a hundred rows are somebody's second.
_PERSONS_PER_ROW = 1.1
_COPIED = tuple(each.name for each in StagedRow.__table__.columns if each.name not in ("batch_number", "row_number"))


@dataclass(slots=True)
class Step:
    """What one step cost."""

    name: str
    rows: int
    wall: float
    client: float
    server: float

    def text(self) -> str:
        """Return one line of the report."""
        cpu = (self.client + self.server) * 1e6 / max(self.rows, 1)
        return (
            f"{self.name:<28} {self.rows:>10,} {cpu:>8.2f} us CPU each "
            f"(server {self.server * 1e6 / max(self.rows, 1):.2f}) {self.wall:>8.2f} s "
            f"{self.rows / max(self.wall, 1e-9):>12,.0f}/s"
        )


class Meter:
    """Collects the steps."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.steps: list[Step] = []

    @contextmanager
    def step(self, name: str, rows: Callable[[], int]) -> Iterator[None]:
        """Measure what is done within."""
        before = (time.perf_counter(), time.process_time(), tree_seconds([self._pid]))
        yield
        spent = (
            time.perf_counter() - before[0],
            time.process_time() - before[1],
            tree_seconds([self._pid]) - before[2],
        )
        self.steps.append(Step(name, rows(), *spent))
        print(self.steps[-1].text(), flush=True)


def main() -> None:
    """Run it."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=200_000)
    rows = arguments.parse_args().rows
    print(f"{rows:,} rows, load {os.getloadavg()[0]:.1f}", flush=True)
    with tempfile.TemporaryDirectory(prefix="legacy-") as folder:
        os.chmod(folder, 0o755)
        postgres = start_postgres(Path(folder) / "data", Path(folder) / "sockets", Path(folder) / "log")
        database = Database(postgres.url)
        try:
            migrations.upgrade(database)
            measure(database, Meter(postgres.child.pid), rows)
        finally:
            database.close()
            postgres.child.stop()


def measure(database: Database, meter: Meter, rows: int) -> None:
    """Fill the database, then match, propose and take back, and print each step."""
    known = load_persons(database, int(rows * _PERSONS_PER_ROW))
    system, batch = add_system(database)
    stage(database, batch, known, rows)
    _analyze(database, "match_keys", "staged_rows")
    counts: list[SituationCounts] = []
    with meter.step("match and situations", lambda: rows), database.transaction() as session:
        counts.append(match_batch(session, batch_number=batch, system=system, at=AT))
    print({str(key): value for key, value in sorted(counts[0].situations.items())}, flush=True)
    _analyze(database, "staged_matches")
    with meter.step("rows become accounts", lambda: rows), database.transaction() as session:
        take_time(session)
        _take_over(session, system.number, batch)
    _analyze(database, "legacy_accounts")
    proposed = cases = 0
    with meter.step("proposals, cases, journal", lambda: rows):
        for start in range(1, rows + 1, CHUNK):
            with database.transaction() as session:
                done = apply_matches(
                    session, batch_number=batch, rows=range(start, start + CHUNK), change=Change(at=AT)
                )
            proposed, cases = proposed + done.proposed, cases + done.cases
    print(f"{proposed:,} proposals, {cases:,} cases", flush=True)
    with database.transaction() as session:
        session.get_one(ImportBatch, batch).state = BatchState.DONE
    _analyze(database, "links", "merge_events", "merge_cases", "account_situations")
    _undo(database, meter, batch, proposed)


def _take_over(session: Session, system: int, batch: int) -> None:
    columns = ", ".join(_COPIED)
    session.execute(
        sa.text(
            "INSERT INTO legacy_accounts (system_number, account_id, version, batch_number, row_number, seen_batch,"
            f" valid_from, {columns}) SELECT :system, m.account_id, 1, r.batch_number, r.row_number, :batch, :at,"
            f" {', '.join(f'r.{each}' for each in _COPIED)} FROM staged_rows r JOIN staged_matches m"
            " USING (batch_number, row_number) WHERE r.batch_number = :batch"
        ),
        {"system": system, "batch": batch, "at": AT},
    )


def _undo(database: Database, meter: Meter, batch: int, links: int) -> None:
    with database.transaction() as session:
        undoing.ask(session, batch, by="a", change=Change(at=AT), origin=NOWHERE)
        undoing.approve(session, batch, by="b", change=Change(at=AT), origin=NOWHERE)
    is_over = False
    with meter.step("undo of links", lambda: links):
        while not is_over:
            with database.transaction() as session:
                is_over = undoing.carry_on(session, batch, change=Change(at=AT)) is not undoing.Step.LINKS
    with meter.step("the rest of the undo", lambda: links):
        while True:
            with database.transaction() as session:
                if undoing.carry_on(session, batch, change=Change(at=AT)) is None:
                    break


def _analyze(database: Database, *tables: str) -> None:
    with database.transaction() as session:
        take_time(session)
        for table in tables:
            session.execute(sa.text(f"ANALYZE {table}"))


if __name__ == "__main__":
    main()
