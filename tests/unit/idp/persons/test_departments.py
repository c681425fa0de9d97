"""Departments by code."""

import pytest
import sqlalchemy as sa

from idp.audit.models import AuditEvent
from idp.core.results import Ok, Refused
from idp.persons.departments import DepartmentProblem, all_departments, create_department, find_department


def test_a_department_is_found_by_its_code(database, clock):
    """A department is made once and found by its code; a child knows its parent."""
    with database.transaction() as session:
        parent = create_department(session, code="tibet", name="自治区", at=clock.now())
        assert isinstance(parent, Ok)
        create_department(session, code="lhasa-1", name="市", parent_id=parent.value, at=clock.now())
        found = find_department(session, "lhasa-1")
        assert (found.name, found.parent_id, found.state) == ("市", parent.value, "active")
        assert find_department(session, "nowhere") is None
        again = create_department(session, code="tibet", name="别的", at=clock.now())
        assert again == Refused(DepartmentProblem.TAKEN)
        assert find_department(session, "tibet").name == "自治区"
        assert [each.code for each in all_departments(session)] == ["lhasa-1", "tibet"]
        rows = session.execute(sa.select(AuditEvent.event, AuditEvent.details)).all()
    # One row for each that was added, none for the one that was not.
    assert [row.event for row in rows] == ["department.added"] * 2
    assert {row.details["department"] for row in rows} == {parent.value, found.id}


@pytest.mark.parametrize(
    ("code", "name", "problem"),
    [
        ("", "x", DepartmentProblem.CODE),
        ("a b", "x", DepartmentProblem.CODE),
        ("a\n", "x", DepartmentProblem.CODE),
        ("局", "x", DepartmentProblem.CODE),
        ("a" * 41, "x", DepartmentProblem.CODE),
        ("a", "", DepartmentProblem.NAME),
        ("a", " x", DepartmentProblem.NAME),
        ("a", "x\x00y", DepartmentProblem.NAME),
        ("a", "x" * 101, DepartmentProblem.NAME),
    ],
)
def test_other_codes_and_names_are_refused(database, clock, code, name, problem):
    """A code is short ASCII, a name is printable and neither empty nor endless."""
    with database.transaction() as session:
        assert create_department(session, code=code, name=name, at=clock.now()) == Refused(problem)


def test_an_unknown_parent_is_refused(database, clock):
    """A department cannot hang below one that is not there."""
    with database.transaction() as session:
        made = create_department(session, code="a", name="x", parent_id="nowhere", at=clock.now())
    assert made == Refused(DepartmentProblem.UNKNOWN_PARENT)
