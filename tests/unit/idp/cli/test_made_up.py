"""Made-up people and clients: well formed, distinct, repeatable, and never in production."""

from datetime import date

import pytest
import sqlalchemy as sa

from idp.audit.models import AuditEvent
from idp.cli.made_up import MOST_PEOPLE, PASSWORD, login_name, number_at, seed_people
from idp.cli.seed import seed_made_up_clients
from idp.config.settings import Settings
from idp.core.errors import ConfigError
from idp.house.build import House
from idp.persons.bulk_registration import register_many
from idp.persons.credentials import password_hash_of
from idp.persons.models import (
    Attribute,
    Contact,
    ContactIndex,
    Credential,
    Identifier,
    IdentifierIndex,
    Person,
)
from idp.persons.registration import NewPerson
from realname.documents.parse import parse_number

TODAY = date(2026, 1, 1)
TABLES = (Person, Attribute, Identifier, IdentifierIndex, Contact, ContactIndex, Credential, AuditEvent)
# Drawn at random, or sealed with what was.
RANDOM = {"id", "person_id", "contact_id", "identifier_id", "ciphertext"}


def test_people_can_log_in(house: House) -> None:
    """Each has a name, a claimed number, a mobile and a login name, and the one password opens."""
    assert seed_people(house, 3) == ["3 made-up people created"]
    with house.ground.database.read() as session:
        found = [house.people.directory.find_by_login(session, login_name(place)) for place in range(3)]
        persons = [each.person_id for each in found if each is not None]
        assert len(set(persons)) == 3
        assert house.people.passwords.verify(PASSWORD, password_hash_of(session, persons[0]))
        assert len({number.canonical for each in persons for number in house.people.identifiers.of(session, each)}) == 3
        record = house.people.directory.load(session, persons[0])
    assert record is not None


def test_repeating_makes_nobody_twice(house: House) -> None:
    """A second run only makes who is missing, also where the first ended within a batch."""
    seed_people(house, 2)
    assert seed_people(house, 5) == ["3 made-up people created"]
    assert seed_people(house, 5) == []
    with house.ground.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == 5


def test_the_same_rows_as_registration(house: House) -> None:
    """A person made among many has the very rows of one who registered."""
    now = house.ground.clock.now()
    parsed = parse_number("11010519491231002X", today=TODAY)
    people = [
        NewPerson(
            name="张小明",
            number=parsed.value,  # type: ignore[union-attr]
            mobile=f"+8613800138{place:03d}",
            email="Someone@Example.com",
            login_name=f"someone{place}",
            password_hash="$hash",
            locale="en",
        )
        for place in range(2)
    ]
    with house.ground.database.transaction() as session:
        house.people.registration.register(session, people[0])
    alone = _shapes(house)
    with house.ground.database.transaction() as session:
        register_many(session, house.ground.keyring, people[1:], at=now)
    assert [sorted(shape * 2) for shape in alone] == [sorted(shape) for shape in _shapes(house)]


def test_numbers_are_distinct_and_nobodys() -> None:
    """The last number that can be made up is well formed, and born before anybody alive."""
    numbers = [number_at(place, today=TODAY) for place in (0, 1, 999, 1000, MOST_PEOPLE - 1)]
    assert len({number.canonical for number in numbers}) == 5
    assert all(number.birth_date is not None and number.birth_date.year < 1900 for number in numbers)


def test_too_many(house: House) -> None:
    """More than there are numbers for are refused before anything is written."""
    with pytest.raises(ConfigError, match="at most"):
        seed_people(house, MOST_PEOPLE + 1)


def test_clients_share_a_secret_and_are_made_once(house: House) -> None:
    """Repeating creates none twice, and a larger number only those that are missing."""
    assert seed_made_up_clients(house, 2) == ["2 made-up clients created"]
    assert seed_made_up_clients(house, 3) == ["1 made-up clients created"]
    assert seed_made_up_clients(house, 3) == []
    assert (house.settings.data_dir / "made-up-clients.secret").exists()


class TestWhereDemoPeopleAreFalse:
    """A house that may hold real people."""

    @pytest.fixture
    def overrides(self) -> dict[str, bool]:
        assert Settings.model_fields["demo_people"].default is True
        return {"demo_people": False}

    def test_nobody_is_made_up(self, house: House) -> None:
        """Neither people nor clients are made up beside real ones."""
        with pytest.raises(ConfigError, match="demo_people"):
            seed_people(house, 1)
        with pytest.raises(ConfigError, match="demo_people"):
            seed_made_up_clients(house, 1)


def _shapes(house: House) -> list[list[str]]:
    """Return every row of every table without what is random or one person's own."""
    shapes = []
    with house.ground.database.read() as session:
        for table in TABLES:
            rows = session.execute(sa.select(sa.inspect(table).local_table)).mappings()
            kept = [{name: value for name, value in row.items() if name not in RANDOM} for row in rows]
            for row in kept:
                if row.get("kind") in ("mobile", "login_name"):
                    row.pop("index", None)
            shapes.append([str(sorted(row.items())) for row in kept if row.get("event") in (None, "person.registered")])
    return shapes
