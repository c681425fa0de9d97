"""POST /api/v1/levels: the present level of whom a system deals with, and nothing of anybody else."""

from typing import Any

import pytest

from clients import consents
from clients.consents import ConsentedItem
from idp.audit.events import Event
from idp.audit.log import NOWHERE
from idp.config.settings import ApiSettings
from idp.house.build import House
from idp.house.erasure import build_erasure
from idp.persons.models import Person
from tests.protocol.provider import Provider
from tests.support.acting import choose, make_adult, make_ward
from tests.support.api_v1 import System, approved, events_of
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.proofing import LEVEL
from tests.support.relying_party import parameters_of


@pytest.fixture
def overrides() -> dict[str, Any]:
    return {"api": ApiSettings(levels_per_minute=30)}


@pytest.fixture
def person(provider: Provider) -> TestPerson:
    return provider.person()


def sub_at(provider: Provider, system: System, person: TestPerson, *, amr: tuple[str, ...] = ("pwd",)) -> str:
    """Log the person in at the system, and return how it knows them."""
    tokens = provider.tokens(provider.browser(person, amr=amr), system.party, scope="openid profile")
    return str(provider.claims_of(tokens["id_token"])["sub"])


def allow(house: House, person: TestPerson, system: System) -> None:
    """Let the person allow the system something."""
    item = ConsentedItem("profile", "scope", False, "d" * 43)
    with house.ground.database.transaction() as session:
        consents.grant(
            session, person.id, system.client_id, [item], locale="zh_CN", at=house.ground.clock.now(), origin=NOWHERE
        )


def end_logins(house: House, person: TestPerson) -> None:
    with house.ground.database.transaction() as session:
        house.protocol.ending.end_all(session, person.id, reason="test")


def test_the_level_of_a_login_that_lives(provider: Provider, system: System, person: TestPerson) -> None:
    """ial from what proves the person now, acr from their login at this system."""
    sub = sub_at(provider, system, person)
    assert system.level(sub).get_json() == {"sub": sub, "ial": 1, "acr": f"{LEVEL}1"}
    provider.prove(person, 2)
    assert system.level(sub).get_json()["ial"] == 2
    sub_at(provider, system, person, amr=("pwd", "sms"))
    assert system.level(sub).get_json() == {"sub": sub, "ial": 2, "acr": f"{LEVEL}2"}


def test_a_login_of_a_guardian_lends_a_child_no_level(provider: Provider, system: System, person: TestPerson) -> None:
    """The child's own `ial`, and no acr: the login that lives is somebody else's."""
    house = provider.house
    house.protocol.administration.set_acting_for(system.client_id, True)
    parent = make_adult(house, person)
    child = make_ward(house, parent)
    allow(house, child, system)
    browser = provider.browser(parent, amr=("pwd", "sms"))
    browser.open(system.party.authorize_path(scope="openid profile"))
    choose(browser)
    answer = system.party.redeem(provider.http, parameters_of(browser.location)["code"])
    sub = str(provider.claims_of(answer.get_json()["id_token"])["sub"])
    assert system.level(sub).get_json() == {"sub": sub, "ial": 2, "acr": None}


def test_a_proofing_that_is_over_counts_no_more(
    provider: Provider, clock: FrozenClock, system: System, person: TestPerson
) -> None:
    """The level is that of this instant."""
    provider.prove(person, 2, days=1)
    sub = sub_at(provider, system, person)
    allow(provider.house, person, system)
    assert system.level(sub).get_json()["ial"] == 2
    clock.advance(seconds=86_401)
    assert system.level(sub).get_json() == {"sub": sub, "ial": 1, "acr": None}


def test_a_consent_without_a_login_is_enough(
    house: House, provider: Provider, system: System, person: TestPerson
) -> None:
    """Who allowed the system something is told of with the ial alone; withdrawn, no more."""
    sub = sub_at(provider, system, person)
    allow(house, person, system)
    end_logins(house, person)
    assert system.level(sub).get_json() == {"sub": sub, "ial": 1, "acr": None}
    with house.ground.database.transaction() as session:
        assert consents.withdraw(
            session, person.id, client_id=system.client_id, at=house.ground.clock.now(), origin=NOWHERE
        )
    assert system.level(sub).status_code == 404


def test_nobody_else_is_told_of(house: House, provider: Provider, system: System, person: TestPerson) -> None:
    """Made up, of another sector, logged out without consent, suspended, erased: one and the same answer."""
    sub, other = sub_at(provider, system, person), approved(house, provider.http)
    assert system.level(sub).status_code == 200
    refusals = [other.level(sub), system.level("made-up"), system.level(person.id), system.level("用户")]
    end_logins(house, person)
    refusals.append(system.level(sub))
    allow(house, person, system)
    assert system.level(sub).status_code == 200
    with house.ground.database.transaction() as session:
        session.get_one(Person, person.id).status = "suspended"
    refusals.append(system.level(sub))
    build_erasure(house).erase(person.id)
    refusals.append(system.level(sub))
    assert {(answer.status_code, answer.text) for answer in refusals} == {(404, refusals[0].text)}
    assert refusals[0].get_json()["type"] == "urn:yihao:problem:not-found"


def test_another_system_of_the_sector_is_not_told(house: House, provider: Provider, person: TestPerson) -> None:
    """Two with one sector know one sub (OpenID Connect Core §8.1), but only who the person deals with is told."""
    first, second = (approved(house, provider.http, subject_type="public") for _ in range(2))
    sub = sub_at(provider, first, person)
    assert first.level(sub).status_code == 200
    assert second.level(sub).status_code == 404


def test_it_is_counted_and_limited(house: House, provider: Provider, system: System, person: TestPerson) -> None:
    """What was read is counted per system and minute, the first in full; beyond the quota 429 for a minute."""
    sub = sub_at(provider, system, person)
    for _ in range(30):
        assert system.level(sub).status_code == 200
    refused = system.level(sub)
    assert refused.status_code == 429 and 0 < int(refused.headers["Retry-After"]) <= 60
    house.ground.reads.flush()
    [row] = events_of(house, Event.LEVEL_READ)
    assert (row.client_id, row.person_id, row.reason) == (system.client_id, person.id, "level")
