"""Guardians who act for their children towards clients: made straight in the database, and their choice on the page."""

import re
from html import unescape
from typing import Any

import sqlalchemy as sa

from idp.core.clock import civil_date, start_of
from idp.house.build import House
from idp.persons import mandates
from idp.persons.models import Person
from idp.persons.registration import NewPerson
from idp.persons.vocabulary import PersonStatus
from realname.proofing.guardianship import scopes_of
from realname.proofing.method import Method
from tests.support.guardians import BORN
from tests.support.houses import TestPerson
from tests.support.proofed import prove
from tests.support.proofing import number_of
from tests.support.relying_party import FormBrowser, RelyingParty, make_client
from tests.unit.realname.documents.numbers import make_resident_number

#: What the choosing page calls oneself.
ONESELF = "self"


def acting_client(house: House, **extra: Any) -> RelyingParty:
    """Register a client that understands `act`."""
    policy = {"require_consent": False, "acting_for": True, **extra.pop("policy", {})}
    return make_client(house, **{"policy": policy, **extra})


def make_adult(house: House, person: TestPerson, place: int = 1) -> TestPerson:
    """Prove somebody to be an adult of a number of their own."""
    number = make_resident_number(birth="19900307", sequence=f"{700 + place:03d}")
    prove(house, person.id, name=person.name, number=number, method=Method.MOBILE)
    return TestPerson(person.id, person.name, number, person.mobile, person.login_name, person.password)


def make_ward(
    house: House, parent: TestPerson, *, place: int = 1, name: str = "王小小", birth: str = BORN
) -> TestPerson:
    """Make a child with a person of its own, proved through the parent, for whom the parent acts."""
    number = make_resident_number(birth=birth, sequence=f"{place:03d}")
    with house.ground.database.transaction() as session:
        child_id = house.people.registration.register(session, NewPerson(name))
    prove(house, child_id, name=name, number=number, method=Method.GUARDIAN)
    child = TestPerson(child_id, name, number, "", "")
    entrust(house, parent, child)
    return child


def entrust(house: House, parent: TestPerson, child: TestPerson) -> None:
    """Let somebody act for a child, too."""
    now, born = house.ground.clock.now(), number_of(house, child.number).birth_date
    assert born is not None
    with house.ground.database.transaction() as session:
        for scope, end in scopes_of(born, civil_date(now)).items():
            mandates.grant(
                session, parent.id, child.id, scope, evidence_digest="digest", at=now, valid_to=start_of(end)
            )


def end_mandates(house: House, parent: TestPerson, child: TestPerson) -> None:
    """Revoke what one may do for the other, and nothing beside it: what follows is found out by whoever looks."""
    with house.ground.database.transaction() as session:
        assert mandates.revoke(session, parent.id, child.id, at=house.ground.clock.now())


def set_status(house: House, person: TestPerson, status: PersonStatus) -> None:
    """Set the status of a person, and nothing beside it."""
    with house.ground.database.transaction() as session:
        session.execute(sa.update(Person).where(Person.id == person.id).values(status=status))


def is_choosing(browser: FormBrowser) -> bool:
    """Tell whether the browser is asked for whom the person acts."""
    return browser.path.endswith("/acting-for")


def offered(browser: FormBrowser) -> list[str]:
    """Return the choices of the page, oneself first."""
    return [unescape(each) for each in re.findall(r'<button[^>]*name="party"[^>]*value="([^"]+)"', browser.text)]


def choose(browser: FormBrowser, place: int = 1) -> None:
    """Press a button of the page: 0 is oneself, then each child."""
    assert is_choosing(browser), browser.path
    browser.submit({"party": offered(browser)[place]})
