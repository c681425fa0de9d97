"""Who answers the logins of an older system's users: the older system, both with a comparison, or the platform.

While both answer, each login is asked of both and the answers are counted; nobody is let in by a difference.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import Origin, record
from idp.core.clock import civil_date
from idp.core.errors import IdpError
from idp.linking.models import CutoverCount, LegacySystem
from idp.linking.vocabulary import Cutover
from idp.storage.upsert import insert_into


class Comparison(StrEnum):
    """How the answers of an older system and of our copy to one login compared."""

    BOTH_RIGHT = "both_right"
    BOTH_WRONG = "both_wrong"
    ONLY_LEGACY = "only_legacy"  # right there, wrong by our copy: changed there since, or another scheme
    ONLY_PLATFORM = "only_platform"  # the other way round: changed or closed there
    NOT_COPIED = "not_copied"  # right there, and here there is no password to compare with
    NO_ANSWER = "no_answer"  # the older system could not be asked


#: Both answers agree, so that switching over would have changed nothing.
AGREEMENTS = frozenset({Comparison.BOTH_RIGHT, Comparison.BOTH_WRONG})

#: One step forward or back at a time: nobody loses the older system's answer without having compared.
_STEPS = frozenset(
    {
        (Cutover.LEGACY_ONLY, Cutover.BOTH),
        (Cutover.BOTH, Cutover.LEGACY_ONLY),
        (Cutover.BOTH, Cutover.PLATFORM_ONLY),
        (Cutover.PLATFORM_ONLY, Cutover.BOTH),
    }
)


class CutoverRefused(IdpError):
    """The switch of a system cannot be set so from where it stands."""


@dataclass(frozen=True, slots=True)
class CutoverReport:
    """How the answers compared in a span of days, by kind."""

    first: date
    last: date
    counts: dict[Comparison, int]

    @property
    def compared(self) -> int:
        """How many logins both answered."""
        return sum(count for kind, count in self.counts.items() if kind is not Comparison.NO_ANSWER)

    @property
    def differing(self) -> int:
        """How many of them were answered differently."""
        return self.compared - sum(self.counts.get(kind, 0) for kind in AGREEMENTS)


def compare(*, legacy: bool | None, platform: bool | None) -> Comparison:
    """Return how two answers compare; None where there was none."""
    if legacy is None:
        return Comparison.NO_ANSWER
    if legacy and platform is None:
        return Comparison.NOT_COPIED
    if legacy:
        return Comparison.BOTH_RIGHT if platform else Comparison.ONLY_LEGACY
    return Comparison.ONLY_PLATFORM if platform else Comparison.BOTH_WRONG


def note(session: Session, system_number: int, comparison: Comparison, *, at: datetime) -> None:
    """Count one comparison."""
    insert = insert_into(session, CutoverCount).values(
        system_number=system_number, day=civil_date(at), comparison=comparison, count=1
    )
    session.execute(
        insert.on_conflict_do_update(
            index_elements=["system_number", "day", "comparison"], set_={"count": CutoverCount.count + 1}
        )
    )


def report(session: Session, system_number: int, *, first: date, last: date) -> CutoverReport:
    """Return how the answers compared from one day to another, both included."""
    rows = session.execute(
        sa.select(CutoverCount.comparison, sa.func.sum(CutoverCount.count))
        .where(CutoverCount.system_number == system_number, CutoverCount.day.between(first, last))
        .group_by(CutoverCount.comparison)
    )
    return CutoverReport(first, last, {Comparison(kind): int(count) for kind, count in rows})


def switch(session: Session, code: str, to: Cutover, *, at: datetime, origin: Origin) -> Cutover:
    """Set the switch of a system and return where it stood; raises CutoverRefused."""
    found = session.execute(
        sa.select(LegacySystem.number, LegacySystem.cutover).where(LegacySystem.code == code).with_for_update()
    ).one_or_none()
    if found is None:
        raise CutoverRefused(f"there is no legacy system {code!r}")
    before = Cutover(found.cutover)
    if (before, to) not in _STEPS:
        raise CutoverRefused(f"from {before} the switch cannot be set to {to}; `both` lies between")
    session.execute(
        sa.update(LegacySystem).where(LegacySystem.number == found.number).values(cutover=to, changed_at=at)
    )
    details = {"system": found.number, "before": before, "after": to}
    record(session, Event.LEGACY_CUTOVER_CHANGED, at=at, origin=origin, details=details)
    return before
