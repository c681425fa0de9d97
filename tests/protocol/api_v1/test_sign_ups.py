"""POST /api/v1/mapping/sign-ups: new accounts of an older system are born linked, by the login that they come from."""

from typing import Any

import pytest
import sqlalchemy as sa

from idp.audit.events import Event
from idp.house.build import House
from idp.linking import links
from idp.linking.models import LegacyAccount
from idp.persons.models import Person
from tests.protocol.provider import Provider
from tests.support.api_v1 import System, approved, events_of
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.legacy import add_account, add_system, link

_PATH = "/api/v1/mapping/sign-ups"


@pytest.fixture
def shebao(house: House, system: System) -> int:
    number = add_system(house)
    with house.ground.database.transaction() as session:
        house.api.mapping.speakers.allow(session, "shebao", system.client_id, events_uri=None)
    return number


@pytest.fixture
def person(provider: Provider) -> TestPerson:
    """Return somebody at identity level 3."""
    person = provider.person()
    provider.prove(person, 3)
    return person


def id_token(provider: Provider, system: System, person: TestPerson, *, amr: tuple[str, ...] = ("pwd", "otp")) -> str:
    return str(provider.tokens(provider.browser(person, amr=amr), system.party, scope="openid")["id_token"])


def tell(system: System, token: str, **changed: Any) -> Any:
    return system.post(_PATH, {"system": "shebao", "account": "N1", "id_token": token, **changed})


def states(house: House, person: TestPerson) -> list[str]:
    with house.ground.database.read() as session:
        return [str(each.state) for each in links.of_person(session, person.id)]


def test_a_new_account_is_theirs_at_once(
    house: House, provider: Provider, system: System, shebao: int, person: TestPerson
) -> None:
    """Logged in at level 3 within ten minutes: active, with its event and its audit row; again, the same answer."""
    token = id_token(provider, system, person)
    for _ in range(2):
        answer = tell(system, token, login="zhangxm")
        assert (answer.status_code, answer.get_json()) == (200, {"account": "N1", "state": "active"}), answer.text
    assert states(house, person) == ["active"]
    rows = events_of(house, Event.LEGACY_ACCOUNT_OPENED)
    assert {(row.person_id, row.client_id) for row in rows} == {(person.id, system.client_id)}
    with house.ground.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(LegacyAccount)) == 1


def test_a_lower_login_proposes_only(house: House, provider: Provider, system: System, shebao: int) -> None:
    """Below level 3 the account is proposed: it gives nothing before the person proved themself."""
    person = provider.person()
    answer = tell(system, id_token(provider, system, person))
    assert answer.get_json() == {"account": "N1", "state": "proposed"}
    provider.prove(person, 3)
    # One factor is level 2, whatever was proved.
    assert (
        tell(system, id_token(provider, system, person, amr=("pwd",)), account="N2").get_json()["state"] == "proposed"
    )
    assert tell(system, id_token(provider, system, person), account="N3").get_json()["state"] == "active"
    assert states(house, person) == ["proposed", "proposed", "active"]


def test_an_old_login_proposes_only(
    house: House, provider: Provider, system: System, shebao: int, person: TestPerson, clock: FrozenClock
) -> None:
    """Ten minutes after the login it says nothing of who sits there."""
    token = id_token(provider, system, person)
    clock.advance(seconds=600)
    assert tell(system, token).get_json()["state"] == "active"
    clock.advance(seconds=1)
    assert tell(system, token, account="N2").get_json()["state"] == "proposed"


def test_an_account_that_was_there_before_is_no_new_one(
    house: House, provider: Provider, system: System, shebao: int, person: TestPerson
) -> None:
    """A system cannot hand somebody's account to whom it likes: known accounts are claimed, by proof."""
    other, token = provider.person(), id_token(provider, system, person)
    link(house, shebao, add_account(house, shebao, "A1"), other.id)
    add_account(house, shebao, "A2")
    for account in ("A1", "A2"):
        answer = tell(system, token, account=account)
        assert (answer.status_code, answer.get_json()["type"]) == (409, "urn:yihao:problem:account-known")
    assert states(house, person) == [] and states(house, other) == ["active"]


def test_tokens_that_show_no_login_of_this_client(
    house: House, provider: Provider, system: System, shebao: int, person: TestPerson
) -> None:
    """Another client's, an access token, nonsense, one with a changed signature: nothing is written."""
    good, other = (
        provider.tokens(provider.browser(person), system.party, scope="openid"),
        approved(house, provider.http),
    )
    token = good["id_token"]
    for wrong in (
        id_token(provider, other, person),
        good["access_token"],
        "nonsense",
        token[:-6] + ("A" if token[-6] != "A" else "B") + token[-5:],
    ):
        answer = tell(system, wrong)
        assert answer.status_code == 422
        assert answer.get_json()["errors"] == [{"member": "id_token", "reason": "invalid"}]
    assert states(house, person) == []
    assert tell(system, token).status_code == 200


def test_a_suspended_person_gets_none(
    house: House, provider: Provider, system: System, shebao: int, person: TestPerson
) -> None:
    """Whoever may not log in any more is linked to nothing."""
    token = id_token(provider, system, person)
    with house.ground.database.transaction() as session:
        session.get_one(Person, person.id).status = "suspended"
    assert tell(system, token).status_code == 409
    with house.ground.database.transaction() as session:
        session.get_one(Person, person.id).status = "active"
    assert tell(system, token).status_code == 200
