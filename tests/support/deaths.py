"""Reported deaths for tests: the staff who decide, and what became of an account."""

from collections.abc import Callable
from datetime import date
from typing import Any

import sqlalchemy as sa

from idp.core.ids import new_id
from idp.core.results import Ok, Refused
from idp.house.build import House
from idp.login.two_persons import Decision
from idp.persons.models import Person
from realname.documents.document_number import DocumentNumber
from realname.proofing import deaths
from realname.proofing.deaths import StandingReport
from realname.providers.register.entry import Entry
from tests.support.houses import TestPerson
from tests.support.proofed import prove
from tests.support.proofing import number_of
from tests.unit.realname.documents.numbers import make_resident_number

Make = Callable[..., TestPerson]
DIED = date(2026, 2, 20)
_DIGEST = "e" * 43


def make_person(house: House, register_person: Make, sequence: int, *, birth: str = "19900307") -> TestPerson:
    """Make somebody whose number was proved."""
    number = make_resident_number(birth=birth, sequence=f"{sequence:03d}")
    person = register_person(name="王小红", number=number)
    prove(house, person.id, name=person.name, number=number, method="mobile")
    return person


def decision(proposed: TestPerson, decided: TestPerson) -> Decision:
    """Return that the first proposed something and the second decided it."""
    return Decision(proposed.id, decided.id, "hall-1", _DIGEST)


def say(house: House, person: TestPerson, *, died: date | None = DIED, **facts: Any) -> None:
    """Let the register say something of the person's number."""
    say_of(house, number_of(house, person.number), name=person.name, deceased_on=died, **facts)


def say_of(house: House, number: DocumentNumber, *, name: str, **facts: Any) -> None:
    """Let the register say something of a number."""
    with house.ground.database.transaction() as session:
        house.register.entries.put(session, [Entry(number, name, **facts)])


def act(house: House) -> int:
    """Act on what the register says newly, as an import and the worker do."""
    return house.login.life_events.register_deaths.act()


def status_of(house: House, person: TestPerson) -> str:
    with house.ground.database.read() as session:
        return str(session.scalar(sa.select(Person.status).where(Person.id == person.id)))


def standing_of(house: House, person: TestPerson) -> StandingReport | None:
    with house.ground.database.read() as session:
        return deaths.standing_of(session, person.id)


def outcome(result: Ok[Any] | Refused) -> str:
    """Return `ok`, or the reason of a refusal."""
    return str(result.reason) if isinstance(result, Refused) else "ok"


def unknown_person() -> TestPerson:
    return TestPerson(new_id(), "", "", "", "")
