"""The console for tests: departments with a system each, and staff who are logged in there."""

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask

from idp.core.results import Ok
from idp.house.build import House
from idp.linking.system_changes import NewSystem, add_system
from idp.linking.systems import SystemView, system_by_code
from idp.persons.credentials import change_password
from idp.persons.departments import create_department, find_department
from idp.persons.roles import Role
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.relying_party import FormBrowser
from tests.support.staff import STAFF_PASSWORD, enrol, grant

HOUSING, HEALTH = "housing", "health"
Register = Callable[..., TestPerson]


@dataclass
class Office:
    """The console of a house, with whoever was let in."""

    house: House
    app: Flask
    clock: FrozenClock
    register: Register
    staff: dict[str, TestPerson] = field(default_factory=dict)

    def enter(self, name: str, *roles: Role, department: str = HOUSING) -> FormBrowser:
        """Return the browser of somebody with these roles in a department, logged in at the console."""
        person = self.register(name)
        for role in roles:
            grant(self.house, person, role, department)
        with self.house.ground.database.transaction() as session:
            new_hash = self.house.people.passwords.hash(STAFF_PASSWORD)
            change_password(session, person.id, new_hash, at=self.clock.now())
        totp = enrol(self.house, person)
        self.clock.advance(seconds=60)
        self.staff[name] = person
        browser = FormBrowser(self.app)
        browser.open("/console")
        browser.submit({"identifier": person.login_name, "password": STAFF_PASSWORD})
        self.clock.advance(seconds=30)
        browser.submit({"code": totp.at(self.clock.now())})
        return browser

    def admin(self, name: str = "周管理", department: str = HOUSING) -> FormBrowser:
        """Return the browser of an administrator of legacy accounts."""
        return self.enter(name, Role.MERGE_ADMIN, department=department)

    def reviewer(self, name: str = "郑复核", department: str = HOUSING) -> FormBrowser:
        """Return the browser of a reviewer."""
        return self.enter(name, Role.MERGE_REVIEWER, department=department)

    def system(self, code: str = "gjj", name: str = "住房公积金", department: str = HOUSING) -> SystemView:
        """Add a system to a department, which is made where it is missing."""
        with self.house.ground.database.transaction() as session:
            found = find_department(session, department)
            if found is None:
                made = create_department(session, code=department, name="测试部门", at=self.clock.now())
                assert isinstance(made, Ok)
                found = find_department(session, department)
            assert found is not None
            new = NewSystem(code, name, found.id, is_real_name_verified=True)
            added = add_system(session, new, at=self.clock.now())
            assert isinstance(added, Ok)
            system = system_by_code(session, code)
        assert system is not None
        return system
