"""What finding the situations of legacy accounts costs, proposing them, and taking them back: CPU and time a row.

    python -m bench.legacy_match [--rows 1000000]

Digests are drawn at random, equal on both sides where a row names a person: the database compares them as it would
real ones. Shares of situations are those of docs/merging.md. CPU is that of the whole server and of this process.
"""

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench.cpu import tree_seconds
from bench.stores import start_postgres
from idp.audit.log import NOWHERE
from idp.keys.models import WrappedKey
from idp.linking import undoing
from idp.linking.journal import Change
from idp.linking.link_models import MatchKey
from idp.linking.matching import SituationCounts, match_batch
from idp.linking.models import ImportBatch, LegacySystem, StagedRow
from idp.linking.proposing import apply_matches
from idp.linking.rules import DEFAULT_RULES
from idp.linking.systems import SystemView, system_by_number
from idp.linking.vocabulary import BatchState, HolderKind, NumberState, SourceState
from idp.persons.models import Department, Identifier, Person
from idp.storage.bulk import insert_rows
from idp.storage.engine import Database, take_time
from migrations import run as migrations

_AT = datetime(2026, 1, 1, tzinfo=UTC)
_CHUNK = 20_000
_CONTENT = os.urandom(260)
# One system holds most people once: seven in a hundred rows are somebody's second.
_PERSONS_PER_ROW = 1.1
_COPIED = tuple(each.name for each in StagedRow.__table__.columns if each.name not in ("batch_number", "row_number"))


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rows may name of a person."""

    number: bytes
    pair: bytes
    mobile: bytes
    name_mobile: bytes


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
    system, batch = _system(database)
    _stage(database, batch, known, rows)
    _analyze(database, "match_keys", "staged_rows")
    counts: list[SituationCounts] = []
    with meter.step("match and situations", lambda: rows), database.transaction() as session:
        counts.append(match_batch(session, batch_number=batch, system=system, at=_AT))
    print({str(key): value for key, value in sorted(counts[0].situations.items())}, flush=True)
    _analyze(database, "staged_matches")
    with meter.step("rows become accounts", lambda: rows), database.transaction() as session:
        take_time(session)
        _take_over(session, system.number, batch)
    _analyze(database, "legacy_accounts")
    proposed = cases = 0
    with meter.step("proposals, cases, journal", lambda: rows):
        for start in range(1, rows + 1, _CHUNK):
            with database.transaction() as session:
                done = apply_matches(
                    session, batch_number=batch, rows=range(start, start + _CHUNK), change=Change(at=_AT)
                )
            proposed, cases = proposed + done.proposed, cases + done.cases
    print(f"{proposed:,} proposals, {cases:,} cases", flush=True)
    with database.transaction() as session:
        session.get_one(ImportBatch, batch).state = BatchState.DONE
    _analyze(database, "links", "merge_events", "merge_cases", "account_situations")
    _undo(database, meter, batch, proposed)


def load_persons(database: Database, count: int) -> list[_Known]:
    """Write persons with a number, a name and a mobile each, set-based, and return what rows may name of them."""
    digest = random.Random(1).randbytes
    known = []
    for start in range(0, count, _CHUNK):
        some = range(start, min(start + _CHUNK, count))
        these = [_Known(digest(16), digest(16), digest(16), digest(16)) for _ in some]
        known += these
        with database.transaction() as session:
            take_time(session)
            insert_rows(session, Person, [{"id": f"p{n:021}", "status": "active", "created_at": _AT} for n in some])
            insert_rows(
                session,
                Identifier,
                [
                    {
                        "id": f"i{n:021}",
                        "person_id": f"p{n:021}",
                        "type": "resident_id",
                        "ciphertext": b"",
                        "state": "current",
                        "valid_from": _AT,
                    }
                    for n in some
                ],
            )
            insert_rows(
                session,
                MatchKey,
                [
                    {
                        "identifier_id": f"i{n:021}",
                        "name_number": 0,
                        "key_version": 1,
                        "person_id": f"p{n:021}",
                        "number_index": each.number,
                        "pair_index": each.pair,
                        "mobile_index": each.mobile,
                        "name_mobile_index": each.name_mobile,
                        "is_former_number": False,
                        "is_former_name": False,
                        "is_deceased": False,
                    }
                    for n, each in zip(some, these, strict=True)
                ],
            )
    return known


def _system(database: Database) -> tuple[SystemView, int]:
    with database.transaction() as session:
        session.add(
            WrappedKey(purpose="index", version=1, suite="-", state="active", kek_id="-", wrapped=b"", created_at=_AT)
        )
        session.add(Department(id="d" * 22, code="d", name="d", state="active", created_at=_AT))
        session.flush()
        system = LegacySystem(
            code="bench",
            name="bench",
            department_id="d" * 22,
            state="active",
            rules=DEFAULT_RULES.document(),
            rules_version=1,
            is_real_name_verified=False,
            holds_organisations=False,
            pays_out=False,
            vouching="off",
            cutover="legacy_only",
            created_at=_AT,
            changed_at=_AT,
        )
        session.add(system)
        session.flush()
        batch = ImportBatch(
            system_number=system.number,
            kind="full",
            state=BatchState.APPROVED,
            rules_version=1,
            counters={},
            is_paused=False,
            created_at=_AT,
        )
        session.add(batch)
        session.flush()
        for table in ("staged_rows", "staged_matches"):
            session.execute(
                sa.text(
                    f"CREATE UNLOGGED TABLE {table}_{batch.number} PARTITION OF {table} FOR VALUES IN ({batch.number})"
                )
            )
        view = system_by_number(session, system.number)
        assert view is not None
        return view, batch.number


def _stage(database: Database, batch: int, known: list[_Known], rows: int) -> None:
    draw = random.Random(2)
    for start in range(1, rows + 1, _CHUNK):
        some = range(start, min(start + _CHUNK, rows + 1))
        with database.transaction() as session:
            take_time(session)
            insert_rows(session, StagedRow, [_row(draw, known, batch, number) for number in some])


def _row(draw: random.Random, known: list[_Known], batch: int, number: int) -> dict[str, Any]:
    """Return a row of one of the kinds of docs/merging.md, in about their shares."""
    person, kind = known[number if draw.random() > 0.035 else number // 2], draw.random()
    valid, is_pair = kind > 0.037, kind > 0.07
    is_absent = 0.07 < kind < 0.1
    return {
        "batch_number": batch,
        "row_number": number,
        "ref_index": draw.randbytes(16),
        "content": _CONTENT,
        "content_digest": draw.randbytes(16),
        "key_version": 1,
        "number_index": (draw.randbytes(16) if is_absent else person.number) if valid else None,
        "pair_index": (person.pair if is_pair and not is_absent else draw.randbytes(16)) if valid else None,
        "name_mobile_index": person.name_mobile if draw.random() < 0.5 else draw.randbytes(16),
        "mobile_index": person.mobile if draw.random() < 0.5 else draw.randbytes(16),
        "number_state": str(NumberState.VALID if valid else NumberState.INVALID),
        "holder_kind": str(HolderKind.ORGANISATION if 0.1 < kind < 0.148 else HolderKind.PERSON),
        "source_state": str(SourceState.DECEASED if 0.148 < kind < 0.19 else SourceState.ACTIVE),
        "is_contradictory": False,
    }


def _take_over(session: Session, system: int, batch: int) -> None:
    columns = ", ".join(_COPIED)
    session.execute(
        sa.text(
            "INSERT INTO legacy_accounts (system_number, account_id, version, batch_number, row_number, seen_batch,"
            f" valid_from, {columns}) SELECT :system, m.account_id, 1, r.batch_number, r.row_number, :batch, :at,"
            f" {', '.join(f'r.{each}' for each in _COPIED)} FROM staged_rows r JOIN staged_matches m"
            " USING (batch_number, row_number) WHERE r.batch_number = :batch"
        ),
        {"system": system, "batch": batch, "at": _AT},
    )


def _undo(database: Database, meter: Meter, batch: int, links: int) -> None:
    with database.transaction() as session:
        undoing.ask(session, batch, by="a", change=Change(at=_AT), origin=NOWHERE)
        undoing.approve(session, batch, by="b", change=Change(at=_AT), origin=NOWHERE)
    is_over = False
    with meter.step("undo of links", lambda: links):
        while not is_over:
            with database.transaction() as session:
                is_over = undoing.carry_on(session, batch, change=Change(at=_AT)) is not undoing.Step.LINKS
    with meter.step("the rest of the undo", lambda: links):
        while True:
            with database.transaction() as session:
                if undoing.carry_on(session, batch, change=Change(at=_AT)) is None:
                    break


def _analyze(database: Database, *tables: str) -> None:
    with database.transaction() as session:
        take_time(session)
        for table in tables:
            session.execute(sa.text(f"ANALYZE {table}"))


if __name__ == "__main__":
    main()
