"""The sealer: batches of rows under Merkle roots, chained and signed, published outside the database."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from idp.audit.canonical import encode_row
from idp.audit.heads import HeadsFile
from idp.audit.merkle import MerkleTree
from idp.audit.seal import GENESIS, Seal, last_seal, month_of, seals_after
from idp.audit.seal_key import SealKey
from idp.audit.sealed_table import AUDIT, SealedTable
from idp.core.clock import Clock, seconds
from idp.core.errors import IdpError
from idp.core.hashing import encode_base64url
from idp.storage.engine import Database
from idp.storage.locks import try_lock

#: Whoever holds this, and nobody else, adds seals to the audit log.
LOCK = AUDIT.lock
_PUBLISH_AT_ONCE = 500
# No transaction of ours lives so long, and no database counts two thousand million of them in it.
_CERTAINLY_OVER_SECONDS = 3_600
_log = structlog.get_logger("idp.audit")


class AuditBroken(IdpError):
    """The table does not hold what was published of it; sealing on would bury the evidence."""


class SealKeyRetired(IdpError):
    """Another key seals now; a seal by this one would be taken for a thief's."""


class Sealer:
    """Seals what is safe to seal; any number may run, one at a time does the work.

    `load_key` is asked for each batch: the key may be exchanged at any time (see `idp.audit.seal_rotation`).
    """

    def __init__(
        self,
        *,
        database: Database,
        load_key: Callable[[], SealKey],
        heads: HeadsFile,
        clock: Clock,
        batch_rows: int = 1_000,
        table: SealedTable = AUDIT,
    ) -> None:
        self._database = database
        self._load_key = load_key
        self._heads = heads
        self._clock = clock
        self._batch_rows = batch_rows
        self._table = table
        self._rows = table.rows

    def run(self, *, most_batches: int = 20) -> int:
        """Seal up to `most_batches` and return the number of rows.

        Raises AuditBroken, SealKeyRetired, ConfigError or OSError.
        """
        self._publish()
        sealed = 0
        for _ in range(most_batches):
            seal = self._seal_batch()
            if seal is None:
                break
            sealed += seal.event_count
            # A head that a crash keeps from the file is published by the next run.
            self._publish()
        return sealed

    def _seal_batch(self) -> Seal | None:
        with self._database.transaction() as session:
            if not try_lock(session, self._table.lock):
                return None
            rows = self._next_rows(session)
            if not rows:
                return None
            before = last_seal(session, self._table)
            seal = self._sign(rows, before, self._key(session, before))
            session.execute(
                sa.insert(self._table.seals).values({name: getattr(seal, name) for name in Seal.__dataclass_fields__})
            )
            session.execute(
                sa.update(self._rows)
                .where(*(column == sa.bindparam(f"row_{column.name}") for column in self._table.order))
                .values(seal_position=seal.position, seal_leaf=sa.bindparam("leaf")),
                [
                    {"leaf": leaf, **{f"row_{name}": row[name] for name in self._table.key}}
                    for leaf, row in enumerate(rows)
                ],
            )
        return seal

    def _next_rows(self, session: Session) -> Sequence[sa.RowMapping]:
        """Return the next batch in the order of the key, where months count rows of one."""
        statement = (
            sa.select(self._rows)
            .where(self._rows.c.seal_position.is_(None), self._is_settled())
            .order_by(*self._table.order)
            .limit(self._batch_rows)
        )
        rows = session.execute(statement).mappings().all()
        if not self._table.has_months:
            return rows
        # A batch is dropped with its month as a whole, so it never reaches over the month's end.
        return [row for row in rows if month_of(row["at"]) == month_of(rows[0]["at"])]

    def _is_settled(self) -> sa.ColumnElement[bool]:
        """Say in SQL that no open transaction is older than the row's, so nothing comes in before it any more.

        On SQLite the one writer is this transaction. PostgreSQL: `age` counts back from now and so compares
        32-bit ids rightly across their wrap-around; only a row left for a thousand million transactions could
        be misjudged, hence the second condition.
        """
        if self._database.is_sqlite:
            return sa.true()
        written = f"age({self._rows.name}.xmin)"
        horizon = sa.text(f"{written} > age(pg_snapshot_xmin(pg_current_snapshot())::xid)")
        return sa.or_(horizon, self._rows.c.at < self._clock.now() - seconds(_CERTAINLY_OVER_SECONDS))

    def _key(self, session: Session, before: Seal | None) -> SealKey:
        """Return this host's key, loaded while nobody can exchange it; raises SealKeyRetired or ConfigError."""
        key = self._load_key()
        if before is None or before.key_id == key.public.key_id:
            return key
        own = sa.select(sa.exists().where(self._table.seals.key_id == key.public.key_id))
        if session.scalar(own):  # it sealed before another one did
            raise SealKeyRetired("the sealing key was exchanged on another host; copy its file and its list here")
        return key

    def _sign(self, rows: Sequence[sa.RowMapping], before: Seal | None, key: SealKey) -> Seal:
        tree = MerkleTree(key.public.suite.digest)
        for row in rows:
            tree.add(encode_row(row, self._table))
        unsigned = Seal(
            position=before.position + 1 if before else 1,
            first_event_at=min(row["at"] for row in rows),
            last_event_at=max(row["at"] for row in rows),
            event_count=len(rows),
            root=encode_base64url(tree.root()),
            previous_root=before.root if before else GENESIS,
            key_id=key.public.key_id,
            signature="",
            sealed_at=self._clock.now(),
        )
        return replace(unsigned, signature=key.sign(unsigned.statement))

    def _publish(self) -> None:
        """Bring the heads file up to the table; raises AuditBroken where the two contradict each other."""
        head = self._heads.last_seal()
        with self._database.read() as session:
            if head is not None and next(iter(self._after(session, head.position - 1, 1)), None) != head:
                raise AuditBroken(f"the {self._table.name} seals differ from the heads file; verify them")
            missing = self._after(session, head.position if head else 0, _PUBLISH_AT_ONCE)
        if missing:
            self._heads.append(*missing)
            for seal in missing:
                # Logs are carried elsewhere, so each head leaves the machine by them as well.
                _log.info(
                    "audit.sealed",
                    table=self._table.name,
                    position=seal.position,
                    root=seal.root,
                    count=seal.event_count,
                )

    def _after(self, session: Session, position: int, limit: int) -> list[Seal]:
        return seals_after(session, position, limit=limit, table=self._table)
