"""Adding older systems and changing what is agreed about them, each with its audit row."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import NOWHERE, Origin, record
from idp.core.results import Ok, Refused
from idp.linking.account_versions import prepare_system
from idp.linking.models import LegacySystem
from idp.linking.rules import DEFAULT_RULES, Rules
from idp.linking.vocabulary import Cutover, SystemState
from idp.storage.upsert import insert_into

_CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_MAX_NAME_LENGTH = 100


class SystemProblem(StrEnum):
    """Why a system was not added or changed."""

    CODE = "code"
    NAME = "name"
    TAKEN = "taken"
    NOT_THERE = "not_there"


@dataclass(frozen=True, slots=True)
class NewSystem:
    """What is known of a system from the beginning; the rest is agreed with its first file."""

    code: str
    name: str
    department_id: str
    is_real_name_verified: bool = False
    holds_organisations: bool = False
    pays_out: bool = False


def add_system(session: Session, new: NewSystem, *, at: datetime, origin: Origin = NOWHERE) -> Ok[int] | Refused:
    """Add a system and return its number, or a `SystemProblem`."""
    if not _CODE.fullmatch(new.code):
        return Refused(SystemProblem.CODE)
    if not 0 < len(new.name) <= _MAX_NAME_LENGTH or not new.name.isprintable() or new.name != new.name.strip():
        return Refused(SystemProblem.NAME)
    number = session.scalar(
        insert_into(session, LegacySystem)
        .values(
            code=new.code,
            name=new.name,
            department_id=new.department_id,
            state=SystemState.ACTIVE,
            rules=DEFAULT_RULES.document(),
            rules_version=1,
            is_real_name_verified=new.is_real_name_verified,
            holds_organisations=new.holds_organisations,
            pays_out=new.pays_out,
            vouching="off",
            cutover=Cutover.LEGACY_ONLY,
            created_at=at,
            changed_at=at,
        )
        .on_conflict_do_nothing(index_elements=["code"])
        .returning(LegacySystem.number)
    )
    if number is None:
        return Refused(SystemProblem.TAKEN)
    prepare_system(session, number)
    record(session, Event.LEGACY_SYSTEM_ADDED, at=at, origin=origin, details={"system": number})
    return Ok(number)


def agree_on_files(
    session: Session,
    number: int,
    *,
    source: dict[str, Any],
    columns: dict[str, Any],
    at: datetime,
    origin: Origin = NOWHERE,
) -> bool:
    """Save how a system's files are built and which column is which field; False for no such system."""
    return _change(session, number, ("source", "columns"), at, origin, source=source, columns=columns)


def change_rules(session: Session, number: int, rules: Rules, *, at: datetime, origin: Origin = NOWHERE) -> bool:
    """Save the action for each situation as the next version of the rules; False for no such system."""
    version = LegacySystem.rules_version + 1
    return _change(session, number, ("rules",), at, origin, rules=rules.document(), rules_version=version)


def change_facts(session: Session, number: int, *, at: datetime, origin: Origin = NOWHERE, **facts: Any) -> bool:
    """Save columns of a system's row that are facts about it: its name, whom it holds; False for no such system."""
    return _change(session, number, tuple(sorted(facts)), at, origin, **facts)


def end_system(session: Session, number: int, *, at: datetime, origin: Origin = NOWHERE) -> bool:
    """Take no more files of a system, and begin no login with it; its links stay. False for no such system."""
    return _change(session, number, ("state",), at, origin, state=SystemState.ENDED)


def _change(session: Session, number: int, names: tuple[str, ...], at: datetime, origin: Origin, **values: Any) -> bool:
    changed = session.execute(
        sa.update(LegacySystem)
        .where(LegacySystem.number == number)
        .values(changed_at=at, **values)
        .returning(LegacySystem.number)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if changed is None:
        return False
    details = {"system": number, "changed": list(names)}
    record(session, Event.LEGACY_SYSTEM_CHANGED, at=at, origin=origin, details=details)
    return True
