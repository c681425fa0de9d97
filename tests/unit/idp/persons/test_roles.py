"""Roles within departments."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
import sqlalchemy as sa

from idp.audit.models import AuditEvent
from idp.core.results import Ok, Refused
from idp.persons.departments import create_department
from idp.persons.roles import EXCLUSIVE_ROLES, Role, RoleProblem, grant_role, is_staff, revoke_role, roles_of


@pytest.fixture
def department(database, clock):
    with database.transaction() as session:
        return create_department(session, code="hall", name="测试大厅", at=clock.now()).value


def _grant(database, clock, person_id, role, department, by=None):
    with database.transaction() as session:
        return grant_role(session, person_id, role, department, by=by, at=clock.now())


def test_a_role_is_held_until_revoked(database, register, department, clock):
    """A granted role is listed and ends once; both are audited."""
    person_id, admin = register(), register()
    granted = _grant(database, clock, person_id, Role.CLERK, department, by=admin)
    assert isinstance(granted, Ok)
    with database.transaction() as session:
        (held,) = roles_of(session, person_id)
        assert (held.id, held.role, held.department_id) == (granted.value, Role.CLERK, department)
        assert revoke_role(session, granted.value, at=clock.advance(1))
        assert not revoke_role(session, granted.value, at=clock.now())
        assert roles_of(session, person_id) == ()
        rows = session.execute(
            sa.select(AuditEvent.event, AuditEvent.details).where(AuditEvent.event.startswith("role."))
        ).all()
    assert sorted(row.event for row in rows) == ["role.granted", "role.revoked"]
    assert rows[0].details == {"role": "clerk", "department": department}


@pytest.mark.parametrize("first", sorted(EXCLUSIVE_ROLES))
@pytest.mark.parametrize("second", sorted(EXCLUSIVE_ROLES))
def test_the_three_administrators_are_three_people(database, register, department, clock, first, second):
    """System, security and audit administrator exclude one another in any department (GB/T 22239 8.1.5)."""
    person_id = register()
    assert isinstance(_grant(database, clock, person_id, first, department), Ok)
    with database.transaction() as session:
        other = create_department(session, code="other", name="另一个", at=clock.now()).value
    expected = Ok if second is first else Refused
    assert isinstance(_grant(database, clock, person_id, second, other), expected)


def test_a_revoked_administrator_may_become_another(database, register, department, clock):
    """The exclusion is of roles held at the same time; other roles go together."""
    person_id = register()
    granted = _grant(database, clock, person_id, Role.SYSTEM_ADMIN, department)
    assert isinstance(_grant(database, clock, person_id, Role.CLERK, department), Ok)
    refused = _grant(database, clock, person_id, Role.AUDIT_ADMIN, department)
    assert refused == Refused(RoleProblem.EXCLUSIVE)
    with database.transaction() as session:
        revoke_role(session, granted.value, at=clock.now())
    assert isinstance(_grant(database, clock, person_id, Role.AUDIT_ADMIN, department), Ok)


def test_what_is_refused(database, register, department, clock):
    """One's own role, one held already, and unknown persons and departments are refused."""
    person_id = register()
    own = _grant(database, clock, person_id, Role.CLERK, department, by=person_id)
    assert own == Refused(RoleProblem.OWN_ROLE)
    _grant(database, clock, person_id, Role.CLERK, department)
    again = _grant(database, clock, person_id, Role.CLERK, department)
    assert again == Refused(RoleProblem.ALREADY_HELD)
    nobody = _grant(database, clock, "nobody", Role.CLERK, department)
    assert nobody == Refused(RoleProblem.UNKNOWN_PERSON)
    nowhere = _grant(database, clock, person_id, Role.AGENT, "nowhere")
    assert nowhere == Refused(RoleProblem.UNKNOWN_DEPARTMENT)


def test_two_exclusive_roles_at_once(database, register, department, clock):
    """A grant that meets another one under way waits for it, and is refused where the two exclude."""
    person_id = register()
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as session:
            first = grant_role(session, person_id, Role.SYSTEM_ADMIN, department, by=None, at=clock.now())
            second = pool.submit(_grant, database, clock, person_id, Role.AUDIT_ADMIN, department)
            # It cannot answer before we commit; one that did not wait would answer here, and wrongly.
            with suppress(TimeoutError):
                second.result(timeout=0.3)
        assert isinstance(first, Ok)
        assert second.result(timeout=30) == Refused(RoleProblem.EXCLUSIVE)


@pytest.mark.parametrize("role", sorted(Role))
def test_staff_is_whoever_handles_what_belongs_to_others(database, register, department, clock, role):
    """Every role but the developer's makes staff; a citizen is none."""
    person_id = register()
    with database.read() as session:
        assert not is_staff(session, person_id)
    _grant(database, clock, person_id, role, department)
    with database.read() as session:
        assert is_staff(session, person_id) is (role is not Role.DEVELOPER)
