"""What stops a batch before anybody approves it: a file that cannot be read well, or one that turns a system over."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.linking.batches import BatchKind
from idp.linking.link_models import Link
from idp.linking.models import AccountSituation, LegacyAccount, StagedMatch
from idp.linking.vocabulary import Action, LinkState


class StopReason(StrEnum):
    """Why a batch stopped; the first four are safeguards, which somebody may accept with a reason."""

    BAD_ROWS = "bad_rows"
    LOST_CHARACTERS = "lost_characters"
    MANY_CHANGES = "many_changes"
    MANY_SUSPENSIONS = "many_suspensions"
    FILE_CHANGED = "file_changed"
    FILE_MISSING = "file_missing"
    FILE_UNREADABLE = "file_unreadable"
    COLUMN_MISSING = "column_missing"
    DISK_FULL = "disk_full"
    NO_ROWS = "no_rows"
    PLAN_CHANGED = "plan_changed"  # production is no longer what the approved plan was made for
    KEY_EXCHANGED = "key_exchanged"  # the index key was exchanged meanwhile


@dataclass(frozen=True, slots=True)
class Safeguards:
    """The shares, in percent, above which a batch stops."""

    bad_rows: float
    lost_characters: float  # of rows, each counted with every character that it lost
    changes: float  # of the system's accounts, those whose situation becomes another or that are gone
    suspensions: float  # of the system's active links


@dataclass(frozen=True, slots=True)
class Difference:
    """What a batch would change about what is known of its system."""

    known: int  # accounts of before
    changed: int  # of them, those that get another situation
    gone: int  # of them, those that a full file does not have
    active: int  # links
    suspended: int  # of them

    def document(self) -> dict[str, int]:
        """Return it as counters are kept."""
        return {name: getattr(self, name) for name in self.__slots__}


def difference(session: Session, *, system_number: int, batch_number: int, kind: BatchKind) -> Difference:
    """Return how a batch's plan differs from production."""
    present = sa.and_(LegacyAccount.system_number == system_number, LegacyAccount.valid_to.is_(None))
    known = session.scalar(sa.select(sa.func.count()).select_from(LegacyAccount).where(present)) or 0
    planned = StagedMatch.batch_number == batch_number
    changed = session.scalar(
        sa.select(sa.func.count())
        .select_from(StagedMatch)
        .join(
            AccountSituation,
            sa.and_(
                AccountSituation.system_number == system_number, AccountSituation.account_id == StagedMatch.account_id
            ),
        )
        .where(planned, StagedMatch.situation != AccountSituation.situation)
    )
    in_file = sa.select(StagedMatch.account_id).where(planned)
    is_gone = LegacyAccount.account_id.not_in(in_file)
    gone = 0
    if kind is BatchKind.FULL and known:
        gone = session.scalar(sa.select(sa.func.count()).select_from(LegacyAccount).where(present, is_gone)) or 0
    active = sa.and_(Link.system_number == system_number, Link.state == LinkState.ACTIVE)
    links = session.scalar(sa.select(sa.func.count()).select_from(Link).where(active)) or 0
    losing: sa.ColumnElement[bool] = Link.account_id.in_(
        sa.select(StagedMatch.account_id).where(planned, StagedMatch.action == Action.SUSPEND)
    )
    if kind is BatchKind.FULL:
        losing = sa.or_(losing, Link.account_id.not_in(in_file))
    suspended = session.scalar(sa.select(sa.func.count()).select_from(Link).where(active, losing)) if links else 0
    return Difference(known, changed or 0, gone, links, suspended or 0)


def stop_while_staging(counters: Mapping[str, Any], limits: Safeguards, *, is_whole: bool) -> StopReason | None:
    """Return why a file is not read on, None where it is; the first thousand rows say nothing yet."""
    rows = counters["rows"] + counters["bad"]
    if rows < 1_000 and not is_whole:
        return None
    if _share(counters["bad"], rows) > limits.bad_rows:
        return StopReason.BAD_ROWS
    if _share(counters["lost_characters"], rows) > limits.lost_characters:
        return StopReason.LOST_CHARACTERS
    return None


def stop_before_review(found: Difference, limits: Safeguards) -> StopReason | None:
    """Return why a plan is not offered for approval, None where it is."""
    if _share(found.suspended, found.active) > limits.suspensions:
        return StopReason.MANY_SUSPENSIONS
    if _share(found.changed + found.gone, found.known) > limits.changes:
        return StopReason.MANY_CHANGES
    return None


def _share(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0
