"""The work on batches: one is taken, led to its next state from its checkpoint on, and let go of.

It may be killed at any moment: what counts is what a checkpoint says, and that is written in the transaction of the
work itself. Any number of processes may work on PostgreSQL, each on a batch of its own; on SQLite one does.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
import sqlalchemy as sa
import structlog

from connectors.legacy.refusal import SourceRefused
from idp.audit.events import Event
from idp.audit.log import record as audit
from idp.linking import staging
from idp.linking.batches import BatchView, find_batch
from idp.linking.file_chunks import FileProblem, FileUnusable
from idp.linking.import_applying import apply_plan, begin_applying
from idp.linking.import_staging import match_staged, stage_file
from idp.linking.import_work import Stopped, Workshop
from idp.linking.leases import LeaseLost, lease, release
from idp.linking.matching import IndexKeyExchanged
from idp.linking.proposing import BatchTakenBack
from idp.linking.safeguards import StopReason
from idp.linking.systems import system_by_number
from idp.linking.vocabulary import BatchState

_log = structlog.get_logger("idp.linking")


class ImportJob:
    """Leads batches on."""

    def __init__(self, shop: Workshop) -> None:
        self._shop = shop

    def run(self) -> int:
        """Work on what waits until nothing does, and return how many times a batch was led on."""
        done = 0
        while self.run_one():
            done += 1
        return done

    def run_one(self) -> bool:
        """Lead one batch to its next state; False where none waits."""
        shop = self._shop
        with shop.database.transaction() as session:
            batch = lease(session, shop.worker, at=shop.clock.now())
        if batch is None:
            return False
        try:
            with _named_stops():
                self._lead_on(batch)
        except (LeaseLost, BatchTakenBack):
            _log.info("import.let_go", batch=batch.number)
        except Stopped as stopped:
            with suppress(LeaseLost):
                self._stop(batch, stopped)
        with shop.database.transaction() as session:
            release(session, batch.number, shop.worker)
        return True

    def _lead_on(self, batch: BatchView) -> None:
        shop = self._shop
        with shop.database.read() as session:
            system = system_by_number(session, batch.system_number)
            is_lost = bool(batch.counters.get("rows")) and staging.is_lost(session, batch.number)
        assert system is not None  # noqa: S101 - a foreign key
        if is_lost:
            # PostgreSQL crashed and emptied what is not logged; the file is still here.
            _log.warning("import.staged_rows_lost", batch=batch.number)
            with shop.writing() as session:
                counters = {**batch.counters, "rows": 0}
                shop.checkpoint(session, batch, counters=counters, position=None, state=BatchState.STAGING)
            return
        match batch.state:
            case BatchState.STAGING:
                stage_file(shop, batch, system)
            case BatchState.MATCHING:
                match_staged(shop, batch, system)
            case BatchState.APPROVED:
                begin_applying(shop, batch, system)
            case BatchState.APPLYING:
                apply_plan(shop, batch)

    def _stop(self, batch: BatchView, stopped: Stopped) -> None:
        _log.warning("import.stopped", batch=batch.number, reason=stopped.reason)
        shop, now = self._shop, self._shop.clock.now()
        with shop.database.transaction() as session:
            current = find_batch(session, batch.number, hold=True)
            audit(session, Event.LEGACY_BATCH_STOPPED, at=now, reason=stopped.reason, details={"batch": batch.number})
            shop.checkpoint(
                session,
                current,
                state=BatchState.STOPPED,
                reason=stopped.reason,
                counters={**current.counters, "may_go_on": stopped.may_go_on, "stopped_in": str(current.state)},
            )


@contextmanager
def _named_stops() -> Iterator[None]:
    """Turn what a file or a disk may do into a reason."""
    try:
        yield
    except FileUnusable as unusable:
        is_column = unusable.problem is FileProblem.COLUMNS
        raise Stopped(StopReason.COLUMN_MISSING if is_column else StopReason.FILE_UNREADABLE) from None
    except SourceRefused:
        raise Stopped(StopReason.FILE_UNREADABLE) from None
    except IndexKeyExchanged:
        raise Stopped(StopReason.KEY_EXCHANGED) from None
    except FileNotFoundError:
        raise Stopped(StopReason.FILE_MISSING) from None
    except (OSError, psycopg.errors.DiskFull, sa.exc.DBAPIError) as error:
        if not _is_disk_full(error):
            raise
        raise Stopped(StopReason.DISK_FULL) from None


def _is_disk_full(error: Exception) -> bool:
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    if isinstance(cause, psycopg.errors.DiskFull):
        return True
    return getattr(cause, "errno", None) == errno.ENOSPC or "disk is full" in str(cause)
