"""Sources that speak for their own accounts: off until two administrators switch it on, by recorded evidence.

Where it is on, a person may take an account that the source verified by name and number without showing control of
it; they confirm each one, and whoever the source knew before may object. A system that pays out never vouches.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import Origin, record
from idp.core.results import Ok, Refused
from idp.linking.models import LegacySystem


class Vouching(StrEnum):
    """Whether a source may speak for its accounts."""

    OFF = "off"
    ASKED = "asked"  # by one administrator; a second one has to agree
    ON = "on"


class VouchingProblem(StrEnum):
    """Why the switch was not turned."""

    NOT_THERE = "not_there"
    PAYS_OUT = "pays_out"
    NOT_REAL_NAME = "not_real_name"  # the source does not verify who its users are
    NO_EVIDENCE = "no_evidence"
    STATE = "state"
    ONE_PERSON = "one_person"


def is_vouching(session: Session, system_number: int) -> bool:
    """Tell whether the source may speak for its accounts now; its other properties are asked each time."""
    return bool(
        session.scalar(
            sa.select(
                sa.exists().where(
                    LegacySystem.number == system_number,
                    LegacySystem.vouching == Vouching.ON,
                    LegacySystem.is_real_name_verified,
                    sa.not_(LegacySystem.pays_out),
                )
            )
        )
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with the word of a source."""

    state: Vouching
    asked_by: str | None
    approved_by: str | None
    evidence: str | None


def standing(session: Session, system_number: int) -> Standing:
    """Return how it stands; a source that is not there vouches for nothing."""
    row = session.get(LegacySystem, system_number, populate_existing=True)
    if row is None:
        return Standing(Vouching.OFF, None, None, None)
    return Standing(Vouching(row.vouching), row.vouching_asked_by, row.vouching_approved_by, row.vouching_evidence)


def ask(
    session: Session, system_number: int, evidence: str, *, by: str, at: datetime, origin: Origin
) -> Ok[int] | Refused:
    """Ask, as the first administrator, that a source may vouch; `evidence` names the agreement it rests on."""
    row = _held(session, system_number)
    if row is None:
        return Refused(VouchingProblem.NOT_THERE)
    if row.pays_out:
        return Refused(VouchingProblem.PAYS_OUT)
    if not row.is_real_name_verified:
        return Refused(VouchingProblem.NOT_REAL_NAME)
    if not evidence.strip():
        return Refused(VouchingProblem.NO_EVIDENCE)
    if row.vouching != Vouching.OFF:
        return Refused(VouchingProblem.STATE)
    row.vouching, row.vouching_asked_by, row.vouching_evidence = Vouching.ASKED, by, evidence.strip()
    row.vouching_approved_by = None
    _changed(session, row, at, origin)
    return Ok(system_number)


def approve(session: Session, system_number: int, *, by: str, at: datetime, origin: Origin) -> Ok[int] | Refused:
    """Agree, as another person than the one who asked."""
    row = _held(session, system_number)
    if row is None:
        return Refused(VouchingProblem.NOT_THERE)
    if row.vouching != Vouching.ASKED:
        return Refused(VouchingProblem.STATE)
    if row.vouching_asked_by == by:
        return Refused(VouchingProblem.ONE_PERSON)
    if row.pays_out:
        return Refused(VouchingProblem.PAYS_OUT)
    row.vouching, row.vouching_approved_by = Vouching.ON, by
    _changed(session, row, at, origin)
    return Ok(system_number)


def withdraw(session: Session, system_number: int, *, at: datetime, origin: Origin) -> Ok[int] | Refused:
    """Switch it off, or take the question back; one person suffices, because nothing is opened by it."""
    row = _held(session, system_number)
    if row is None:
        return Refused(VouchingProblem.NOT_THERE)
    if row.vouching == Vouching.OFF:
        return Refused(VouchingProblem.STATE)
    row.vouching = Vouching.OFF
    _changed(session, row, at, origin)
    return Ok(system_number)


def _held(session: Session, system_number: int) -> LegacySystem | None:
    return session.scalar(sa.select(LegacySystem).where(LegacySystem.number == system_number).with_for_update())


def _changed(session: Session, row: LegacySystem, at: datetime, origin: Origin) -> None:
    row.changed_at = at
    session.flush()
    details = {"system": row.number, "state": row.vouching}
    record(session, Event.VOUCHING_CHANGED, at=at, origin=origin, details=details)
