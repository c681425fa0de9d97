"""Persons and legacy rows for a measurement, drawn at random: equal on both sides where a row names a person."""

import os
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from idp.keys.models import WrappedKey
from idp.linking.link_models import MatchKey
from idp.linking.models import ImportBatch, LegacySystem, StagedRow
from idp.linking.rules import DEFAULT_RULES
from idp.linking.systems import SystemView, system_by_number
from idp.linking.vocabulary import BatchState, HolderKind, NumberState, SourceState
from idp.persons.models import Department, Identifier, Person
from idp.storage.bulk import insert_rows
from idp.storage.engine import Database, take_time

#: When everything happens.
AT = datetime(2026, 1, 1, tzinfo=UTC)
#: So many rows are written at once.
CHUNK = 20_000
_CONTENT = os.urandom(260)


@dataclass(frozen=True, slots=True)
class Known:
    """What the rows may name of a person."""

    number: bytes
    pair: bytes
    mobile: bytes
    name_mobile: bytes


def load_persons(database: Database, count: int) -> list[Known]:
    """Write persons with a number, a name and a mobile each, set-based, and return what rows may name of them."""
    digest = random.Random(1).randbytes
    known = []
    for start in range(0, count, CHUNK):
        some = range(start, min(start + CHUNK, count))
        these = [Known(digest(16), digest(16), digest(16), digest(16)) for _ in some]
        known += these
        with database.transaction() as session:
            take_time(session)
            insert_rows(session, Person, [{"id": f"p{n:021}", "status": "active", "created_at": AT} for n in some])
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
                        "valid_from": AT,
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


def add_system(database: Database) -> tuple[SystemView, int]:
    """Write one older system with a batch that is approved, and return both."""
    with database.transaction() as session:
        session.add(
            WrappedKey(purpose="index", version=1, suite="-", state="active", kek_id="-", wrapped=b"", created_at=AT)
        )
        session.add(Department(id="d" * 22, code="d", name="d", state="active", created_at=AT))
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
            created_at=AT,
            changed_at=AT,
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
            created_at=AT,
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


def stage(database: Database, batch: int, known: list[Known], rows: int) -> None:
    """Write the rows of a batch."""
    draw = random.Random(2)
    for start in range(1, rows + 1, CHUNK):
        some = range(start, min(start + CHUNK, rows + 1))
        with database.transaction() as session:
            take_time(session)
            insert_rows(session, StagedRow, [_row(draw, known, batch, number) for number in some])


def _row(draw: random.Random, known: list[Known], batch: int, number: int) -> dict[str, Any]:
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
