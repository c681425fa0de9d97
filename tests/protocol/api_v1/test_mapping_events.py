"""RFC 8935: changes are pushed as signed security event tokens (RFC 8417), until the system has taken them."""

from collections.abc import Callable
from typing import Any

import pytest

from idp.house.build import House
from idp.outbox.worker import Worker
from tests.protocol.provider import Provider
from tests.support.api_v1 import System
from tests.support.frozen_clock import FrozenClock
from tests.support.legacy import add_account, add_system, change, link, propose, seal
from tests.unit.idp.outbound.conftest import LocalServer, serve  # noqa: F401 - a fixture

TAKEN = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
FAILED = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
EVENT = "urn:yihao:event:mapping-changes"
Serve = Callable[..., LocalServer]


@pytest.fixture
def shebao(house: House) -> int:
    return add_system(house)


def listen(house: House, system: System, uri: str) -> None:
    with house.ground.database.transaction() as session:
        house.api.mapping.speakers.allow(session, "shebao", system.client_id, events_uri=uri)


def told(provider: Provider, request: bytes) -> dict[str, Any]:
    """Return the claims of a push, held to its form (RFC 8935 §2.1, RFC 8417 §2)."""
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /events ") and b"application/secevent+jwt" in head.lower()
    claims = provider.claims_of(body.decode(), typ="secevent+jwt")
    assert set(claims) == {"iss", "aud", "iat", "jti", "events"}  # §2.2: no exp, and no sub of a login
    assert set(claims["events"]) == {EVENT}
    return claims


def test_changes_are_pushed(
    house: House,
    provider: Provider,
    system: System,
    shebao: int,
    worker: Worker,
    serve: Serve,  # noqa: F811
) -> None:
    """A signed page of the feed, once; nothing new, nothing sent; proposals are no news."""
    server = serve(TAKEN)
    listen(house, system, server.url("/events"))
    person, look = provider.person(), house.api.mapping.announcements.look
    mine = link(house, shebao, add_account(house, shebao, "A1"), person.id)
    propose(house, shebao, add_account(house, shebao, "A2"), person.id)
    assert look() == 0  # not sealed yet
    seal(house)
    assert (look(), look()) == (1, 0)  # one on its way is enough
    worker.run_once()
    claims = told(provider, server.received[0])
    assert claims["aud"] == system.client_id
    event = claims["events"][EVENT]
    assert (event["system"], event["more"]) == ("shebao", False)
    [only] = event["changes"]
    asked = system.post("/api/v1/mapping/changes", {"system": "shebao"}).get_json()
    assert (only["kind"], only["account"], only["sub"]) == ("linked", "A1", asked["changes"][0]["sub"])
    assert event["cursor"] == asked["cursor"]
    assert look() == 0
    change(house, "suspend", mine)
    seal(house)
    assert look() == 1
    worker.run_once()
    assert [each["kind"] for each in told(provider, server.received[1])["events"][EVENT]["changes"]] == ["suspended"]


def test_what_was_not_taken_comes_again(
    house: House,
    provider: Provider,
    system: System,
    shebao: int,
    worker: Worker,
    serve: Serve,  # noqa: F811
    clock: FrozenClock,
) -> None:
    """Under the same `jti`, so that a receiver knows a page that it has (RFC 8417 §2.2)."""
    server = serve(FAILED)
    listen(house, system, server.url("/events"))
    link(house, shebao, add_account(house, shebao, "A1"), provider.person().id)
    seal(house)
    house.api.mapping.announcements.look()
    worker.run_once()
    clock.advance(seconds=2)
    worker.run_once()
    first, second = (told(provider, each) for each in server.received[:2])
    assert first["jti"] == second["jti"] and first["events"] == second["events"]


def test_who_listens_no_more_is_not_told(
    house: House,
    provider: Provider,
    system: System,
    shebao: int,
    worker: Worker,
    serve: Serve,  # noqa: F811
) -> None:
    """Withdrawn between the look and the push: nothing is sent; without an address nothing is looked for."""
    server = serve(TAKEN)
    listen(house, system, server.url("/events"))
    link(house, shebao, add_account(house, shebao, "A1"), provider.person().id)
    seal(house)
    assert house.api.mapping.announcements.look() == 1
    with house.ground.database.transaction() as session:
        house.api.mapping.speakers.withdraw(session, "shebao", system.client_id)
    worker.run_once()
    assert server.received == []
    with house.ground.database.transaction() as session:
        house.api.mapping.speakers.allow(session, "shebao", system.client_id, events_uri=None)
    assert house.api.mapping.announcements.look() == 0
