"""The dry run as people read it: how far a batch is, what it found, samples of each class, and the rows at fault."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.crypto.keyring import Keyring
from idp.linking.batches import BatchView
from idp.linking.contents import open_row
from idp.linking.models import StagedFault, StagedMatch, StagedRow
from idp.linking.vocabulary import BatchState, Situation
from idp.storage.engine import Database
from realname.documents.masking import mask_mobile, mask_name, mask_number

_FAULTS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of the present piece of work is done, and how long the rest will take at this pace."""

    share: float
    seconds_left: int | None


@dataclass(frozen=True, slots=True)
class Sample:
    """A row of one situation, masked."""

    row_number: int
    situation: Situation
    change: str
    action: str
    number: str = field(repr=False)
    name: str = field(repr=False)
    mobile: str = field(repr=False)


def progress(batch: BatchView, *, at: datetime) -> Progress | None:
    """Return how far a worker is with a batch; None where none is at work."""
    counters = batch.counters
    if batch.state is BatchState.STAGING:
        done, whole = counters.get("bytes", 0), batch.file_size
    elif batch.state is BatchState.APPLYING:
        done, whole = counters.get("applied", 0), sum(counters.get("changes", {}).values())
    else:
        return None
    share = min(done / whole, 1.0) if whole else 0.0
    began = counters.get("began")
    if not share or began is None:
        return Progress(share, None)
    return Progress(share, round((at.timestamp() - began) * (1 - share) / share))


def samples(session: Session, keyring: Keyring, batch_number: int, *, most: int) -> tuple[Sample, ...]:
    """Return the first rows of each situation in a batch's plan; raises DecryptionFailed."""
    found: list[Sample] = []
    for situation in Situation:
        rows = session.execute(
            sa.select(StagedMatch, StagedRow.content)
            .join(
                StagedRow,
                sa.and_(
                    StagedRow.batch_number == StagedMatch.batch_number, StagedRow.row_number == StagedMatch.row_number
                ),
            )
            .where(StagedMatch.batch_number == batch_number, StagedMatch.situation == situation)
            .order_by(StagedMatch.row_number)
            .limit(most)
        )
        for match, content in rows:
            said = open_row(keyring, batch_number, match.row_number, content)
            found.append(
                Sample(
                    row_number=match.row_number,
                    situation=situation,
                    change=match.change,
                    action=match.action,
                    number=mask_number(said.number, strict=True),
                    name=mask_name(said.name),
                    mobile=mask_mobile(said.mobile),
                )
            )
    return tuple(found)


def faults(database: Database, batch_number: int) -> Iterator[tuple[int, str]]:
    """Yield the rows that cannot be taken, each with its reason, by their numbers."""
    after = 0
    while True:
        with database.read() as session:
            page = session.execute(
                sa.select(StagedFault.row_number, StagedFault.fault)
                .where(StagedFault.batch_number == batch_number, StagedFault.row_number > after)
                .order_by(StagedFault.row_number)
                .limit(_FAULTS_AT_ONCE)
            ).all()
        if not page:
            return
        yield from ((row.row_number, row.fault) for row in page)
        after = page[-1].row_number
