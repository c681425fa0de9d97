"""Roles of persons within departments; the three administrators exclude one another (GB/T 22239 8.1.4)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import NOWHERE, Origin, record
from idp.core.ids import new_id
from idp.core.results import Ok, Refused
from idp.persons.credentials import lock_person
from idp.persons.models import Department, RoleAssignment


class Role(StrEnum):
    """What somebody is here to do beyond being a citizen (mission, Who uses it)."""

    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"
    DEPARTMENT_ADMIN = "department_admin"
    CLERK = "clerk"
    AGENT = "agent"
    DEVELOPER = "developer"
    MERGE_ADMIN = "merge_admin"  # brings accounts of older systems here
    MERGE_REVIEWER = "merge_reviewer"  # decides cases, and signs beside an administrator


#: GB/T 22239-2019 8.1.5: who runs the system, who guards it and who audits both are three people.
EXCLUSIVE_ROLES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})

#: Those who see or change what belongs to others; developers see their own clients only.
STAFF_ROLES = frozenset(Role) - {Role.DEVELOPER}


class RoleProblem(StrEnum):
    """Why a role is not granted, or not revoked."""

    EXCLUSIVE = "exclusive"  # the person holds another of the three
    ALREADY_HELD = "already_held"
    OWN_ROLE = "own_role"  # nobody grants a role to themself
    UNKNOWN_PERSON = "unknown_person"
    UNKNOWN_DEPARTMENT = "unknown_department"
    NOT_ACTIVE = "not_active"  # suspended, merged or closed
    NOT_HELD = "not_held"
    LOGIN_NAME_MISSING = "login_name_missing"  # staff are identified by nothing else
    MOBILE_MISSING = "mobile_missing"  # a first app is set up with a code to it
    LOGIN_NAME_INVALID = "login_name_invalid"
    LOGIN_NAME_TAKEN = "login_name_taken"


@dataclass(frozen=True, slots=True)
class RoleHolder:
    """A role that somebody holds now, with its department as people name it."""

    person_id: str
    role: Role
    department_code: str
    department_name: str
    granted_at: datetime


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role that a person holds now."""

    id: str
    role: Role
    department_id: str
    granted_at: datetime


def grant_role(
    session: Session,
    person_id: str,
    role: Role,
    department_id: str,
    *,
    by: str | None,
    at: datetime,
    origin: Origin = NOWHERE,
) -> Ok[str] | Refused:
    """Grant a role within a department and return the assignment's id, or a `RoleProblem`.

    `by` is the person who grants it, None only for the set-up command. Whether they may is the caller's
    to decide. A refusal changes nothing.
    """
    if by == person_id:
        return Refused(RoleProblem.OWN_ROLE)
    if not lock_person(session, person_id):  # two grants at once must see each other
        return Refused(RoleProblem.UNKNOWN_PERSON)
    if session.scalar(sa.select(Department.id).where(Department.id == department_id)) is None:
        return Refused(RoleProblem.UNKNOWN_DEPARTMENT)
    held = roles_of(session, person_id)
    if any(each.role is role and each.department_id == department_id for each in held):
        return Refused(RoleProblem.ALREADY_HELD)
    if role in EXCLUSIVE_ROLES and any(each.role in EXCLUSIVE_ROLES - {role} for each in held):
        return Refused(RoleProblem.EXCLUSIVE)
    assignment_id = new_id()
    session.execute(
        sa.insert(RoleAssignment).values(
            id=assignment_id,
            person_id=person_id,
            role=role,
            department_id=department_id,
            granted_by=by,
            granted_at=at,
        )
    )
    _audit(session, Event.ROLE_GRANTED, person_id, role, department_id, at, origin)
    return Ok(assignment_id)


def revoke_role(session: Session, assignment_id: str, *, at: datetime, origin: Origin = NOWHERE) -> bool:
    """End an assignment; False where there is none to end.

    The sessions that stand on it are the caller's to end: see `idp.sessions.role_changes`.
    """
    row = session.execute(
        sa.update(RoleAssignment)
        .where(RoleAssignment.id == assignment_id, RoleAssignment.ended_at.is_(None))
        .values(ended_at=at)
        .returning(RoleAssignment.person_id, RoleAssignment.role, RoleAssignment.department_id)
    ).one_or_none()
    if row is None:
        return False
    _audit(session, Event.ROLE_REVOKED, row.person_id, Role(row.role), row.department_id, at, origin)
    return True


def roles_of(session: Session, person_id: str) -> tuple[HeldRole, ...]:
    """Return the roles that the person holds now, the oldest first."""
    rows = session.execute(
        sa.select(RoleAssignment.id, RoleAssignment.role, RoleAssignment.department_id, RoleAssignment.granted_at)
        .where(RoleAssignment.person_id == person_id, RoleAssignment.ended_at.is_(None))
        .order_by(RoleAssignment.granted_at, RoleAssignment.id)
    )
    return tuple(HeldRole(row.id, Role(row.role), row.department_id, row.granted_at) for row in rows)


def role_holders(session: Session, department_id: str | None = None) -> tuple[RoleHolder, ...]:
    """Return who holds which role now, in all departments or in one, by department and person."""
    which = sa.true() if department_id is None else RoleAssignment.department_id == department_id
    return _holders(session, which, Department.code, RoleAssignment.person_id)


def named_roles_of(session: Session, person_id: str) -> tuple[RoleHolder, ...]:
    """Return what `roles_of` does, with the departments by name."""
    return _holders(session, RoleAssignment.person_id == person_id)


def is_staff(session: Session, person_id: str | None) -> bool:
    """Tell whether the person holds a role that opens what belongs to others; one statement, for nobody as well."""
    return bool(session.scalar(sa.select(is_staff_column(person_id or ""))))


def is_staff_column(person_id: Any) -> sa.Exists:
    """Return what `is_staff` tells as a column, for statements that read more at once."""
    return sa.exists().where(
        RoleAssignment.person_id == person_id,
        RoleAssignment.ended_at.is_(None),
        # Written out: a list of parameters would be counted anew for each run of a prepared statement.
        RoleAssignment.role.in_([sa.literal_column(f"'{role}'") for role in sorted(STAFF_ROLES)]),
    )


#: The same as a condition of statements that are written as text: of the person of session `s`.
HOLDS_STAFF_ROLE = str(is_staff_column(sa.literal_column("s.person_id")))


def _holders(
    session: Session, which: sa.ColumnElement[bool], *order: sa.orm.InstrumentedAttribute[str]
) -> tuple[RoleHolder, ...]:
    rows = session.execute(
        sa.select(
            RoleAssignment.person_id, RoleAssignment.role, Department.code, Department.name, RoleAssignment.granted_at
        )
        .join(Department, Department.id == RoleAssignment.department_id)
        .where(RoleAssignment.ended_at.is_(None), which)
        .order_by(*order, RoleAssignment.granted_at, RoleAssignment.id)
    )
    return tuple(RoleHolder(row.person_id, Role(row.role), row.code, row.name, row.granted_at) for row in rows)


def _audit(
    session: Session,
    event: Event,
    person_id: str,
    role: Role,
    department_id: str,
    at: datetime,
    origin: Origin,
) -> None:
    details = {"role": role.value, "department": department_id}
    record(session, event, at=at, person_id=person_id, origin=origin, details=details)
