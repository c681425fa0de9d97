"""Departments of government, by code."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import NOWHERE, Origin, record
from idp.core.ids import new_id
from idp.core.results import Ok, Refused
from idp.persons.models import Department
from idp.storage.upsert import insert_into

#: The value of `departments.state` for one that works.
ACTIVE = "active"

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_MAX_NAME_LENGTH = 100
_SELECT = sa.select(Department.id, Department.code, Department.name, Department.parent_id, Department.state)


class DepartmentProblem(StrEnum):
    """Why a department is not created."""

    CODE = "code"
    NAME = "name"
    TAKEN = "taken"
    UNKNOWN_PARENT = "unknown_parent"


@dataclass(frozen=True, slots=True)
class DepartmentRecord:
    """A department."""

    id: str
    code: str
    name: str
    parent_id: str | None
    state: str


def create_department(
    session: Session,
    *,
    code: str,
    name: str,
    parent_id: str | None = None,
    at: datetime,
    origin: Origin = NOWHERE,
) -> Ok[str] | Refused:
    """Write a department and return its id, or a `DepartmentProblem`.

    A code has 1 to 40 of A-Z, a-z, 0-9, dot, underscore and dash and starts with a letter or a digit.
    """
    if not _CODE.fullmatch(code):
        return Refused(DepartmentProblem.CODE)
    if not 0 < len(name) <= _MAX_NAME_LENGTH or not name.isprintable() or name != name.strip():
        return Refused(DepartmentProblem.NAME)
    if parent_id is not None and _one(session, Department.id == parent_id) is None:
        return Refused(DepartmentProblem.UNKNOWN_PARENT)
    department_id = session.scalar(
        insert_into(session, Department)
        .values(id=new_id(), code=code, name=name, parent_id=parent_id, state=ACTIVE, created_at=at)
        .on_conflict_do_nothing(index_elements=["code"])
        .returning(Department.id)
    )
    if department_id is None:
        return Refused(DepartmentProblem.TAKEN)
    record(session, Event.DEPARTMENT_ADDED, at=at, origin=origin, details={"department": department_id})
    return Ok(department_id)


def find_department(session: Session, code: str) -> DepartmentRecord | None:
    """Return the department of that code, or None."""
    return _one(session, Department.code == code)


def all_departments(session: Session) -> tuple[DepartmentRecord, ...]:
    """Return every department, by code."""
    rows = session.execute(_SELECT.order_by(Department.code))
    return tuple(DepartmentRecord(*row) for row in rows)


def _one(session: Session, which: sa.ColumnElement[bool]) -> DepartmentRecord | None:
    row = session.execute(_SELECT.where(which)).one_or_none()
    return None if row is None else DepartmentRecord(*row)
