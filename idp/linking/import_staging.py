"""Reading a batch's file into its staging table, from the checkpoint on, to the dry run that follows."""

from typing import Any

from idp.linking import staging
from idp.linking.batches import BatchView
from idp.linking.file_chunks import FileChunks
from idp.linking.import_work import Stopped, Workshop
from idp.linking.matching import SituationCounts, match_batch
from idp.linking.models import StagedMatch, StagedRow
from idp.linking.safeguards import StopReason, difference, stop_before_review, stop_while_staging
from idp.linking.systems import SystemView
from idp.linking.vocabulary import BatchState

# What people decided or approved stays known while a file is read once more.
_KEPT = ("accepted", "situations")


def stage_file(shop: Workshop, batch: BatchView, system: SystemView) -> None:
    """Load what is not loaded yet; the batch waits for its dry run then."""
    counters, position = dict(batch.counters), batch.position.get("file")
    if position is None:
        shop.require_same_file(batch)
        counters = {name: counters[name] for name in _KEPT if name in counters}
        counters |= {"rows": 0, "bad": 0, "lost_characters": 0, "bytes": 0, "began": shop.clock.epoch()}
        with shop.writing() as session:
            staging.begin_staging(session, batch.number)
            shop.checkpoint(session, batch, counters=counters)
    chunks = FileChunks(
        path=shop.uploads.path(batch.file or ""),
        batch=batch,
        system=system,
        keyring=shop.keyring,
        at=shop.clock.now(),
    )
    for chunk in chunks.read(size=shop.chunk_rows, after=position):
        counters = {
            **counters,
            "rows": counters["rows"] + len(chunk.rows),
            "bad": counters["bad"] + len(chunk.faults),
            "lost_characters": counters["lost_characters"] + chunk.lost_characters,
            "bytes": chunk.offset,
        }
        with shop.writing() as session:
            staging.load_rows(session, batch.number, chunk.rows)
            staging.record_faults(session, batch.number, chunk.faults)
            shop.checkpoint(session, batch, counters=counters, position={"file": chunk.position})
        _stop_where_bad(shop, counters, is_whole=False)
    _end(shop, batch, counters)


def _end(shop: Workshop, batch: BatchView, counters: dict[str, Any]) -> None:
    # Asked again now that all of it was read: a file that was swapped meanwhile is nobody's.
    shop.require_same_file(batch)
    if not counters["rows"]:
        raise Stopped(StopReason.NO_ROWS)
    _stop_where_bad(shop, counters, is_whole=True)
    with shop.writing(batch) as session:
        faults = staging.set_repeated_apart(session, batch.number)
        staging.analyse_staged(session, batch.number, StagedRow)
        counters = {**counters, "faults": faults, "bytes": batch.file_size}
        shop.checkpoint(session, batch, counters=counters, position=None, state=BatchState.MATCHING)


def _stop_where_bad(shop: Workshop, counters: dict[str, Any], *, is_whole: bool) -> None:
    reason = stop_while_staging(counters, shop.limits, is_whole=is_whole)
    if reason is not None and counters.get("accepted") != reason:
        raise Stopped(reason, may_go_on=True)


def match_staged(shop: Workshop, batch: BatchView, system: SystemView) -> None:
    """Make the dry run; people read it next, or a safeguard stops the batch before they do."""
    with shop.writing(batch) as session:
        counts = match_batch(session, batch_number=batch.number, system=system, at=shop.clock.now())
        staging.analyse_staged(session, batch.number, StagedMatch)
        found = difference(session, system_number=system.number, batch_number=batch.number, kind=batch.kind)
        planned = counted(counts)
        reason = stop_before_review(found, shop.limits)
        stops = reason is not None and batch.counters.get("accepted") != reason
        # Staged once more after a crash, what was approved stays approved where it comes to the same.
        stays = batch.approved_by is not None and planned["situations"] == batch.counters.get("situations")
        shop.checkpoint(
            session,
            batch,
            counters={**batch.counters, **planned, "difference": found.document()},
            state=BatchState.APPROVED if stays and not stops else BatchState.REVIEW,
            **({} if stays else {"approved_by": None, "approved_at": None}),
        )
    if stops and reason is not None:
        raise Stopped(reason, may_go_on=True)


def counted(counts: SituationCounts) -> dict[str, Any]:
    """Return a dry run's outcome as counters are kept."""
    return {
        "situations": {str(each): rows for each, rows in sorted(counts.situations.items())},
        "changes": dict(sorted(counts.changes.items())),
        "actions": {str(each): rows for each, rows in sorted(counts.actions.items())},
    }
