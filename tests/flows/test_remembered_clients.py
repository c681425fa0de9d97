"""What a worker remembers of clients is never out of date once a change is acknowledged (architecture, decision 11)."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from clients.registry import ClientRegistry
from idp.config.settings import LimitSettings
from idp.house.build import House, build_house
from idp.storage.short_lived.store import ShortLivedStore
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.relying_party import FormBrowser, RelyingParty, make_client, parameters_of

LIMIT = 6


@pytest.fixture
def overrides() -> dict[str, Any]:
    """A limit that a test can reach."""
    return {"limits": LimitSettings(token_per_minute=LIMIT)}


@pytest.fixture
def elsewhere(house: House, clock: FrozenClock) -> Iterator[House]:
    """Another worker on the same stores."""
    built = build_house(house.settings, clock=clock)
    yield built
    built.close()


class Caller:
    """A client with the tokens of one login, as one worker sees it; it was served before, so it is remembered."""

    def __init__(self, app: Flask, person: TestPerson, party: RelyingParty) -> None:
        browser = FormBrowser(app)
        browser.open(party.authorize_path())
        browser.log_in(person)
        self._http, self._party = browser.client, party
        self.tokens = party.redeem(self._http, parameters_of(browser.location)["code"]).get_json()
        assert self.introspect() == (200, True)

    def refresh(self) -> int:
        """Exchange the refresh token, keep its successor, and return the status."""
        form = {"grant_type": "refresh_token", "refresh_token": self.tokens["refresh_token"]}
        response = self._party.token(self._http, **form)
        if response.status_code == 200:
            self.tokens = response.get_json()
        return response.status_code

    def introspect(self) -> tuple[int, bool | None]:
        """Return the status, and whether the access token is called active."""
        form = {"token": self.tokens["access_token"]}
        response = self._http.post("/oauth/introspect", data=form, headers=self._party.basic())
        return response.status_code, response.get_json().get("active")


@pytest.fixture
def long_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mark that no test outlives."""
    monkeypatch.setattr("clients.memory.MARK_SECONDS", 3_600)


@pytest.fixture
def party(house: House) -> RelyingParty:
    """A registered client."""
    return make_client(house)


@pytest.fixture
def caller(app: Flask, register_person: Callable[..., TestPerson], party: RelyingParty) -> Caller:
    """The client, served by the first worker."""
    return Caller(app, register_person(), party)


def _disable(house: House, client_id: str) -> None:
    house.protocol.administration.disable(client_id)


def _withdraw(house: House, client_id: str) -> None:
    client = house.protocol.clients.find(client_id)
    assert client is not None
    house.protocol.administration.rotate_secret(client_id, keep_old_seconds=3_600)
    house.protocol.administration.withdraw_secret(client_id, client.secrets[0].id)


def _rotate(house: House, client_id: str) -> None:
    house.protocol.administration.rotate_secret(client_id)


@pytest.mark.parametrize("change", [_disable, _withdraw, _rotate])
def test_what_ends_on_one_worker_is_refused_by_the_next_request_on_another(
    caller: Caller, party: RelyingParty, elsewhere: House, change: Callable[[House, str], None]
) -> None:
    """Disabled, or its secret withdrawn: neither tokens nor a word about one, and the token is not used up."""
    assert caller.refresh() == 200
    change(elsewhere, party.client_id)
    assert caller.introspect() == (401, None)
    assert caller.refresh() == 401
    if change is _disable:
        elsewhere.protocol.administration.enable(party.client_id)
        assert caller.introspect() == (200, True)
        assert caller.refresh() == 200


def test_another_change_on_one_worker_is_followed_by_the_next_request_on_another(
    caller: Caller, party: RelyingParty, elsewhere: House
) -> None:
    """A client that is merely another version goes on, by what it is now."""
    client = elsewhere.protocol.clients.find(party.client_id)
    assert client is not None
    elsewhere.protocol.administration.update(party.client_id, {**client.metadata, "client_name": "Renamed"})
    assert caller.introspect() == (200, True)
    assert caller.refresh() == 200
    without = {**client.metadata, "grant_types": ["authorization_code"]}
    elsewhere.protocol.administration.update(party.client_id, without)
    assert caller.refresh() == 400


def test_a_new_secret_works_at_once(caller: Caller, party: RelyingParty, elsewhere: House) -> None:
    """What the worker remembers knows nothing of it, and is not the last word."""
    created = elsewhere.protocol.administration.rotate_secret(party.client_id)
    party.client_secret = created.client_secret
    assert caller.refresh() == 200
    assert caller.introspect() == (200, True)


def test_a_remembered_client_costs_no_look_up(
    long_mark: None, caller: Caller, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as the mark is good, no request asks for it; the client itself is read every half minute."""
    asked: list[str] = []
    mark, load = ShortLivedStore.mark, ClientRegistry.find_in
    monkeypatch.setattr(ShortLivedStore, "mark", lambda *given: asked.append("mark") or mark(*given))
    monkeypatch.setattr(ClientRegistry, "find_in", lambda *given: asked.append("client") or load(*given))
    assert caller.introspect() == (200, True) and caller.refresh() == 200
    assert asked == []
    clock.advance(seconds=31)
    assert caller.introspect() == (200, True) and caller.refresh() == 200
    assert asked == ["client"]


def test_each_request_counts_once(caller: Caller) -> None:
    """The limit is the client's requests."""
    used = 1  # the code
    for _ in range(LIMIT - used):
        assert caller.refresh() == 200
    assert caller.refresh() == 429
