"""Adding older systems and changing what is agreed about them; each change a row of the audit.

How a system keeps passwords is `login_systems`', whether its word counts `vouching`'s, who answers logins `cutover`'s.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import Origin, record
from idp.core.results import Ok, Refused
from idp.linking.models import LegacySystem
from idp.linking.rules import DEFAULT_RULES, Rules
from idp.linking.vocabulary import Cutover
from idp.linking.vouching import Vouching
from idp.persons.models import Department
from idp.storage.upsert import insert_into

ACTIVE = "active"
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_MAX_NAME_LENGTH = 100


class SystemProblem(StrEnum):
    """Why a system is not added or changed."""

    NOT_THERE = "not_there"
    CODE = "code"
    NAME = "name"
    TAKEN = "code_taken"
    UNKNOWN_DEPARTMENT = "unknown_department"


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """What is agreed about a system, beside its rules."""

    name: str
    is_real_name_verified: bool = False
    holds_organisations: bool = False
    pays_out: bool = False


def add_system(
    session: Session, code: str, department_id: str, facts: SystemFacts, *, at: datetime, origin: Origin
) -> Ok[int] | Refused:
    """Write a system with the usual rules and return its number, or a `SystemProblem`.

    A code has 1 to 40 of A-Z, a-z, 0-9, dot, underscore and dash and starts with a letter or a digit.
    """
    if not _CODE.fullmatch(code):
        return Refused(SystemProblem.CODE)
    if not _is_name(facts.name):
        return Refused(SystemProblem.NAME)
    if session.scalar(sa.select(Department.id).where(Department.id == department_id)) is None:
        return Refused(SystemProblem.UNKNOWN_DEPARTMENT)
    number = session.scalar(
        insert_into(session, LegacySystem)
        .values(
            code=code,
            department_id=department_id,
            state=ACTIVE,
            rules=DEFAULT_RULES.document(),
            rules_version=1,
            vouching=Vouching.OFF,
            cutover=Cutover.LEGACY_ONLY,
            created_at=at,
            changed_at=at,
            **_columns(facts),
        )
        .on_conflict_do_nothing(index_elements=["code"])
        .returning(LegacySystem.number)
    )
    if number is None:
        return Refused(SystemProblem.TAKEN)
    record(session, Event.LEGACY_SYSTEM_ADDED, at=at, origin=origin, details={"system": number})
    return Ok(number)


def describe(session: Session, number: int, facts: SystemFacts, *, at: datetime, origin: Origin) -> Ok[int] | Refused:
    """Change what is agreed about a system; one that begins to pay out vouches no more."""
    if not _is_name(facts.name):
        return Refused(SystemProblem.NAME)
    values = _columns(facts)
    if facts.pays_out or not facts.is_real_name_verified:
        values["vouching"] = Vouching.OFF
    return _change(session, number, values, "facts", at=at, origin=origin)


def set_rules(session: Session, number: int, rules: Rules, *, at: datetime, origin: Origin) -> Ok[int] | Refused:
    """Replace the rules; a dry run that was made by earlier ones is not approved any more."""
    values = {"rules": rules.document(), "rules_version": LegacySystem.rules_version + 1}
    return _change(session, number, values, "rules", at=at, origin=origin)


def _change(
    session: Session, number: int, values: dict[str, object], what: str, *, at: datetime, origin: Origin
) -> Ok[int] | Refused:
    changed = session.scalar(
        sa.update(LegacySystem)
        .where(LegacySystem.number == number)
        .values(changed_at=at, **values)
        .returning(LegacySystem.number)
    )
    if changed is None:
        return Refused(SystemProblem.NOT_THERE)
    record(session, Event.LEGACY_SYSTEM_CHANGED, at=at, origin=origin, details={"system": number, "what": what})
    return Ok(number)


def _columns(facts: SystemFacts) -> dict[str, object]:
    return {
        "name": facts.name,
        "is_real_name_verified": facts.is_real_name_verified,
        "holds_organisations": facts.holds_organisations,
        "pays_out": facts.pays_out,
    }


def _is_name(name: str) -> bool:
    return 0 < len(name) <= _MAX_NAME_LENGTH and name.isprintable() and name == name.strip()
