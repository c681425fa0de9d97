"""Checking a sealed table against its seals and their heads: what was changed, removed, moved or put in."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.canonical import encode_row
from idp.audit.heads import DROPPED, RESUMED, ROTATED, DamagedLine, HeadsFile, Note
from idp.audit.merkle import MerkleTree
from idp.audit.seal import GENESIS, Seal, seals_after
from idp.audit.seal_key import PublicSealKey
from idp.audit.sealed_table import AUDIT, SealedTable
from idp.core.clock import Clock, seconds
from idp.core.hashing import encode_base64url
from idp.storage.engine import Database, take_time

_SEALS_AT_ONCE = 200


class Problem(StrEnum):
    """What can be wrong; each is evidence of tampering or of a broken sealer, never of normal work."""

    ROWS_CHANGED = "rows_changed"  # also: their order, or the places of two exchanged
    ROWS_MISSING = "rows_missing"
    ROWS_ADDED = "rows_added"
    STRAY_ROWS = "stray_rows"  # rows that claim a place in a batch which does not hold them
    BACK_DATED = "back_dated"
    SEAL_MISSING = "seal_missing"
    CHAIN_BROKEN = "chain_broken"
    UNKNOWN_KEY = "unknown_key"
    BAD_SIGNATURE = "bad_signature"
    RETIRED_KEY = "retired_key"  # signed by a key whose time had ended
    HEAD_MISSING = "head_missing"
    HEAD_DIFFERS = "head_differs"
    HEAD_FORGED = "head_forged"
    TAIL_CUT = "tail_cut"


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem, at a batch where it belongs to one."""

    problem: Problem
    position: int | None = None
    detail: str = ""


@dataclass(slots=True)
class Report:
    """What was checked; `findings` go to the caller as they are found."""

    seals: int = 0
    rows: int = 0
    findings: int = 0
    dropped_batches: int = 0
    dropped_rows: int = 0
    restarts: int = 0
    damaged_lines: int = 0
    unsealed_rows: int = 0
    unsealed_age_seconds: int = 0


@dataclass(slots=True)
class _Heads:
    """The heads file, read: of each seal only a digest is held."""

    seals: dict[int, bytes] = field(default_factory=dict)
    dropped_months: set[str] = field(default_factory=set)
    # Keys that were exchanged, and the last position that each may have sealed.
    retired: dict[str, int] = field(default_factory=dict)


class Verifier:
    """Goes through seals and rows batch by batch, so its memory does not grow with the rows."""

    def __init__(
        self,
        *,
        database: Database,
        keys: Mapping[str, PublicSealKey],
        heads: HeadsFile,
        clock: Clock,
        late_seconds: int,
        on_finding: Callable[[Finding], None],
        table: SealedTable = AUDIT,
    ) -> None:
        self._database = database
        self._keys = keys
        self._heads_file = heads
        self._clock = clock
        self._late = seconds(late_seconds)
        self._on_finding = on_finding
        self._table = table
        self._rows = table.rows
        self._report = Report()

    def verify(self) -> Report:
        """Check everything once and report; findings are handed over on the way."""
        self._report = Report()
        with self._database.read() as session:
            if not self._database.is_sqlite:
                # One snapshot for all statements: the sealer goes on meanwhile.
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
                take_time(session)
            heads = self._read_heads()
            newest, places = self._check_seals(session, heads)
            self._check_rest(session, newest, places)
            for position in sorted(heads.seals):
                self._found(Problem.TAIL_CUT, position, "published, but no longer in the table")
        return self._report

    def _read_heads(self) -> _Heads:
        heads = _Heads()
        for line in self._heads_file.lines():
            if isinstance(line, DamagedLine):
                self._report.damaged_lines += 1
            elif not line.is_signed(self._keys):
                position = line.position if isinstance(line, Seal) else None
                self._found(Problem.HEAD_FORGED, position, "a line of the heads file bears no valid signature")
            elif isinstance(line, Seal):
                self._take_head(heads, line)
            else:
                self._take_note(heads, line)
        return heads

    def _take_head(self, heads: _Heads, head: Seal) -> None:
        known = heads.seals.get(head.position)
        if known is not None and known != head.fingerprint:
            self._found(Problem.HEAD_DIFFERS, head.position, "published twice with different content")
        heads.seals[head.position] = head.fingerprint

    def _take_note(self, heads: _Heads, note: Note) -> None:
        if note.key_id in heads.retired or (note.what == ROTATED and note.key_id != note.facts["to"]):
            self._found(
                Problem.HEAD_FORGED, None, f"a note of the heads file ({note.what}) is of a key out of its time"
            )
        elif note.what == ROTATED:
            heads.retired[str(note.facts["from"])] = int(note.facts["after"])
        elif note.what == DROPPED:
            heads.dropped_months.add(str(note.facts["month"]))
        elif note.what == RESUMED:
            self._report.restarts += 1
            heads.retired = {key: min(last, int(note.facts["after"])) for key, last in heads.retired.items()}
            for position in [each for each in heads.seals if each > int(note.facts["after"])]:
                del heads.seals[position]

    def _check_seals(self, session: Session, heads: _Heads) -> tuple[datetime | None, int]:
        """Check every batch; return the newest instant sealed, and how many rows lie in checked places."""
        position, previous_root, newest, places = 0, GENESIS, None, 0
        for seal in _all_seals(session, self._table):
            if seal.position != position + 1:
                self._found(Problem.SEAL_MISSING, position + 1, f"up to {seal.position - 1}")
            elif seal.previous_root != previous_root:
                self._found(Problem.CHAIN_BROKEN, seal.position)
            self._check_signature(seal, heads)
            self._check_head(seal, heads.seals.pop(seal.position, None))
            places += self._check_rows(session, seal, heads, newest)
            position, previous_root = seal.position, seal.root
            newest = max(newest or seal.last_event_at, seal.last_event_at)
            self._report.seals += 1
        return newest, places

    def _check_signature(self, seal: Seal, heads: _Heads) -> None:
        if seal.key_id not in self._keys:
            self._found(Problem.UNKNOWN_KEY, seal.position)
        elif not seal.is_signed(self._keys):
            self._found(Problem.BAD_SIGNATURE, seal.position)
        elif seal.position > heads.retired.get(seal.key_id, seal.position):
            self._found(Problem.RETIRED_KEY, seal.position)

    def _check_head(self, seal: Seal, head: bytes | None) -> None:
        if head is not None and head != seal.fingerprint:
            self._found(Problem.HEAD_DIFFERS, seal.position, "the table's seal is not the published one")
        elif head is None and seal.sealed_at < self._clock.now() - self._late:
            # A younger one may be on its way to the file.
            self._found(Problem.HEAD_MISSING, seal.position)

    def _check_rows(self, session: Session, seal: Seal, heads: _Heads, newest: datetime | None) -> int:
        """Compute a batch's root anew; return how many rows were found in its place."""
        rows = session.execute(
            sa.select(self._rows)
            .where(self._rows.c.seal_position == seal.position, self._is_within(seal))
            .order_by(self._rows.c.seal_leaf, *self._table.order)
        ).mappings()
        key = self._keys.get(seal.key_id)
        tree = MerkleTree(key.suite.digest) if key else None
        found, in_order, back_dated = 0, True, 0
        for row in rows:
            in_order = in_order and row["seal_leaf"] == found
            back_dated += newest is not None and self._table.has_months and row["at"] < newest - self._late
            if tree is not None:
                tree.add(encode_row(row, self._table))
            found += 1
        self._report.rows += found
        if found == 0 and seal.month in heads.dropped_months:
            self._report.dropped_batches += 1
            self._report.dropped_rows += seal.event_count
        elif found != seal.event_count:
            problem = Problem.ROWS_MISSING if found < seal.event_count else Problem.ROWS_ADDED
            self._found(problem, seal.position, f"{found} rows of {seal.event_count}, {_span(seal)}")
        elif not in_order or (tree is not None and encode_base64url(tree.root()) != seal.root):
            self._found(Problem.ROWS_CHANGED, seal.position, _span(seal))
        if back_dated:
            self._found(Problem.BACK_DATED, seal.position, f"{back_dated} rows, older than rows sealed before them")
        return found

    def _is_within(self, seal: Seal) -> sa.ColumnElement[bool]:
        """Say how the primary key finds a batch's rows, where times are a part of it."""
        if not self._table.has_months:
            return sa.true()
        return self._rows.c.at.between(seal.first_event_at, seal.last_event_at)

    def _check_rest(self, session: Session, newest: datetime | None, places: int) -> None:
        """Look at the rows outside of every batch."""
        in_places = session.scalars(sa.select(sa.func.count()).where(self._rows.c.seal_position.is_not(None))).one()
        if in_places != places:
            self._found(Problem.STRAY_ROWS, None, f"{in_places - places} rows")
        unsealed = self._rows.c.seal_position.is_(None)
        count, oldest = session.execute(sa.select(sa.func.count(), sa.func.min(self._rows.c.at)).where(unsealed)).one()
        self._report.unsealed_rows = count
        if oldest is not None:
            self._report.unsealed_age_seconds = int((self._clock.now() - oldest).total_seconds())
        is_late = oldest is not None and newest is not None and oldest < newest - self._late
        if is_late and self._table.has_months:
            self._found(Problem.BACK_DATED, None, "unsealed rows that are older than sealed ones")

    def _found(self, problem: Problem, position: int | None, detail: str = "") -> None:
        self._report.findings += 1
        self._on_finding(Finding(problem, position, detail))


def _all_seals(session: Session, table: SealedTable) -> Iterator[Seal]:
    position = 0
    while seals := seals_after(session, position, limit=_SEALS_AT_ONCE, table=table):
        yield from seals
        position = seals[-1].position


def _span(seal: Seal) -> str:
    return f"{seal.first_event_at:%Y-%m-%d %H:%M:%S} to {seal.last_event_at:%Y-%m-%d %H:%M:%S} UTC"
