"""/api/v1/mapping: an older system asks about its own accounts, and learns of links that have an effect alone."""

from typing import Any

import pytest
import sqlalchemy as sa

from idp.audit.events import Event
from idp.house.build import House
from idp.tokens.models import Subject
from tests.protocol.provider import Provider
from tests.support.api_v1 import System, approved, events_of
from tests.support.houses import TestPerson
from tests.support.legacy import add_account, add_system, change, link, propose, seal


@pytest.fixture
def shebao(house: House, system: System) -> int:
    """Return an older system that the approved client speaks for."""
    number = add_system(house)
    speak(house, "shebao", system)
    return number


def speak(house: House, code: str, system: System, events_uri: str | None = None) -> None:
    with house.ground.database.transaction() as session:
        house.api.mapping.speakers.allow(session, code, system.client_id, events_uri=events_uri)


def ask(system: System, what: str, **document: Any) -> Any:
    answer = system.post(f"/api/v1/mapping/{what}", {"system": "shebao", **document})
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def sub_of(provider: Provider, system: System, person: TestPerson) -> str:
    tokens = provider.tokens(provider.browser(person), system.party, scope="openid")
    return str(provider.claims_of(tokens["id_token"])["sub"])


def test_both_ways(house: House, provider: Provider, system: System, shebao: int) -> None:
    """The accounts of a sub, the sub of an account; who has none and what is nobody's are left out."""
    person = provider.person()
    sub = sub_of(provider, system, person)
    link(house, shebao, add_account(house, shebao, "A1", name="张小明"), person.id)
    add_account(house, shebao, "A2")
    since = house.ground.clock.now().isoformat().replace("+00:00", "Z")
    assert ask(system, "subjects", subs=[sub, "made-up"]) == {
        "subjects": [
            {
                "sub": sub,
                "replaced_by": None,
                "accounts": [{"account": "A1", "state": "active", "main": False, "since": since}],
            }
        ]
    }
    found = ask(system, "accounts", accounts=["A1", "A2", "A3"])
    assert found == {"accounts": [{"account": "A1", "sub": sub, "state": "active", "since": since}]}


def test_a_proposal_is_nobodys_business(house: House, provider: Provider, system: System, shebao: int) -> None:
    """Only what has an effect is told; a suspended link is told as such, an ended one no more."""
    person = provider.person()
    proposed = propose(house, shebao, add_account(house, shebao, "A1"), person.id)
    assert ask(system, "accounts", accounts=["A1"]) == {"accounts": []}
    change(house, "reject", proposed)
    kept = link(house, shebao, add_account(house, shebao, "A2"), person.id)
    change(house, "suspend", kept)
    assert [each["state"] for each in ask(system, "accounts", accounts=["A1", "A2"])["accounts"]] == ["suspended"]
    change(house, "revoke", kept)
    assert ask(system, "accounts", accounts=["A1", "A2"]) == {"accounts": []}


def test_who_never_logged_in_gets_a_sub_by_the_link(
    house: House, provider: Provider, system: System, shebao: int
) -> None:
    """The system learns the sub that it will meet at the first login, of its own sector."""
    person = provider.person()
    link(house, shebao, add_account(house, shebao, "A1"), person.id)
    [told] = ask(system, "accounts", accounts=["A1"])["accounts"]
    assert told["sub"] == sub_of(provider, system, person) != person.id


def test_another_systems_accounts_are_not_told(house: House, provider: Provider, system: System, shebao: int) -> None:
    """Who speaks for one system asks about no other, known or not, and two clients cannot join people by asking."""
    person = provider.person()
    other = approved(house, provider.http, redirect_uris=["https://tax.example.gov.cn/cb"])
    tax = add_system(house, "tax")
    link(house, shebao, add_account(house, shebao, "A1"), person.id)
    link(house, tax, add_account(house, tax, "A1"), person.id)
    for code in ("tax", "nothing"):
        refused = system.post("/api/v1/mapping/accounts", {"system": code, "accounts": ["A1"]})
        assert refused.status_code == 422
        assert refused.get_json()["errors"] == [{"member": "system", "reason": "unknown"}]
    speak(house, "tax", other)
    theirs = other.post("/api/v1/mapping/accounts", {"system": "tax", "accounts": ["A1"]}).get_json()
    assert theirs["accounts"][0]["sub"] != ask(system, "accounts", accounts=["A1"])["accounts"][0]["sub"]
    with house.ground.database.transaction() as session:
        house.api.mapping.speakers.withdraw(session, "shebao", system.client_id)
    assert system.post("/api/v1/mapping/accounts", {"system": "shebao", "accounts": ["A1"]}).status_code == 422


def test_a_replaced_sub_is_answered_for_ever(house: House, provider: Provider, system: System, shebao: int) -> None:
    """After a merge of two persons the sub that is no longer primary leads to the one that is."""
    one, two = provider.person(), provider.person()
    old, new = sub_of(provider, system, two), sub_of(provider, system, one)
    link(house, shebao, add_account(house, shebao, "A1"), one.id)
    with house.ground.database.transaction() as session:
        session.execute(sa.update(Subject).where(Subject.sub == old).values(person_id=one.id, is_primary=False))
    [told] = ask(system, "subjects", subs=[old])["subjects"]
    assert (told["sub"], told["replaced_by"]) == (old, new)
    assert [each["account"] for each in told["accounts"]] == ["A1"]


def test_every_change_is_told_once_and_in_order(house: House, provider: Provider, system: System, shebao: int) -> None:
    """By pages of one, nothing is told twice or left out; what is not sealed yet comes later."""
    person = provider.person()
    sub = sub_of(provider, system, person)
    mine = link(house, shebao, add_account(house, shebao, "A1"), person.id)
    foreign = propose(house, shebao, add_account(house, shebao, "A2"), person.id)
    change(house, "suspend", mine)
    assert ask(system, "changes") == {"changes": [], "cursor": "0.0", "more": False}
    seal(house)
    change(house, "resume", mine)
    change(house, "revoke", mine)
    change(house, "reject", foreign)
    seen, cursor = [], None
    for _ in range(10):
        page = ask(system, "changes", limit=1, **({"cursor": cursor} if cursor else {}))
        seen += [(each["kind"], each["account"], each["sub"]) for each in page["changes"]]
        cursor = page["cursor"]
        if not page["more"]:
            break
    assert seen == [("linked", "A1", sub), ("suspended", "A1", sub)]
    seal(house)
    rest = ask(system, "changes", cursor=cursor)
    assert [(each["kind"], each["account"], each["sub"]) for each in rest["changes"]] == [
        ("resumed", "A1", sub),
        ("unlinked", "A1", sub),
        ("not_theirs", "A2", None),
    ]
    assert ask(system, "changes", cursor=rest["cursor"])["changes"] == []


@pytest.mark.parametrize("cursor", ["", "x", "1", "1.", "-1.0", "1.0.0", "٣.0", "1" * 19 + ".0", "1.1\n"])
def test_cursors_that_are_none(system: System, shebao: int, cursor: str) -> None:
    """A cursor that we did not give is refused, and quoted nowhere."""
    answer = system.post("/api/v1/mapping/changes", {"system": "shebao", "cursor": cursor})
    assert answer.status_code in (400, 422)


def test_it_is_counted(house: House, system: System, shebao: int) -> None:
    """What was read is counted per client and minute."""
    for _ in range(3):
        ask(system, "changes")
    house.ground.reads.flush()
    [row] = events_of(house, Event.MAPPING_READ)
    assert (row.client_id, row.person_id, row.reason) == (system.client_id, None, "mapping")
