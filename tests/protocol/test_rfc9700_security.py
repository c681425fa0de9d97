"""RFC 9700 (OAuth 2.0 Security Best Current Practice): what has no section of its own elsewhere."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from idp.config.settings import LimitSettings
from idp.core.hashing import hash_secret
from idp.tokens.models import RefreshToken
from tests.protocol.provider import Provider
from tests.support.relying_party import RelyingParty


@pytest.fixture
def overrides() -> dict[str, Any]:
    return {"limits": LimitSettings(token_per_minute=20)}


def at_once(count: int, call: Callable[[], TestResponse]) -> list[TestResponse]:
    """Call in parallel and return the answers."""
    barrier = Barrier(count)

    def one(_index: int) -> TestResponse:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def refresh(provider: Provider, party: RelyingParty, token: str) -> TestResponse:
    """Use a refresh token, by a connection of its own."""
    return party.token(provider.app.test_client(), grant_type="refresh_token", refresh_token=token)


def test_of_parallel_redemptions_one_wins_at_most(provider: Provider) -> None:
    """However many come at once, one code never gives two families (§4.5, RFC 6749 §4.1.2)."""
    party = provider.client()
    code = provider.code(provider.browser(provider.person()), party)
    answers = at_once(4, lambda: party.redeem(provider.app.test_client(), code))
    won = [answer.get_json() for answer in answers if answer.status_code == 200]
    assert len(won) <= 1
    assert {answer.get_json()["error"] for answer in answers if answer.status_code != 200} == {"invalid_grant"}
    # The others were replays, so what the winner got is revoked by now.
    for tokens in won:
        assert provider.userinfo(tokens["access_token"]).status_code == 401


def test_parallel_retries_of_a_refresh_get_the_same_successor(provider: Provider) -> None:
    """A lost answer is asked for again, by several tabs at once: one line goes on, nobody is logged out (§4.14.2)."""
    party = provider.client()
    token = provider.tokens(provider.browser(provider.person()), party)["refresh_token"]
    answers = at_once(4, lambda: refresh(provider, party, token))
    assert {answer.status_code for answer in answers} == {200}
    (successor,) = {answer.get_json()["refresh_token"] for answer in answers}
    assert refresh(provider, party, successor).status_code == 200


def test_a_replay_after_the_grace_ends_the_family(provider: Provider) -> None:
    """Thief and owner cannot be told apart, so neither goes on (§4.14.2); access tokens end as well."""
    party = provider.client()
    tokens = provider.tokens(provider.browser(provider.person()), party)
    successor = refresh(provider, party, tokens["refresh_token"]).get_json()
    provider.clock.advance(seconds=11)
    for token in (tokens["refresh_token"], successor["refresh_token"]):
        assert refresh(provider, party, token).get_json()["error"] == "invalid_grant"
    assert provider.userinfo(successor["access_token"]).status_code == 401


def test_a_replay_within_the_grace_but_behind_a_used_successor_ends_it_too(provider: Provider) -> None:
    """Once the successor was used nobody has lost an answer (§4.14.2)."""
    party = provider.client()
    first = provider.tokens(provider.browser(provider.person()), party)["refresh_token"]
    second = refresh(provider, party, first).get_json()["refresh_token"]
    third = refresh(provider, party, second).get_json()["refresh_token"]
    assert refresh(provider, party, first).get_json()["error"] == "invalid_grant"
    assert refresh(provider, party, third).get_json()["error"] == "invalid_grant"


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
def test_one_client_cannot_take_all_of_the_token_endpoint(provider: Provider) -> None:
    """Beyond its limit a client is told to wait, another one is not, and a stranger cannot use it up
    (`limits.token_per_minute`; RFC 6585 §4)."""
    party, other = provider.client(), provider.client()
    for _ in range(40):
        RelyingParty(party.client_id, "wrong").token(provider.http, grant_type="refresh_token", refresh_token="x")
    for _ in range(20):
        assert refresh(provider, party, "x").status_code == 400
    limited = refresh(provider, party, "x")
    assert (limited.status_code, limited.get_json()["error"]) == (429, "temporarily_unavailable")
    assert 0 < int(limited.headers["Retry-After"]) <= 60 and limited.headers["Cache-Control"] == "no-store"
    assert refresh(provider, other, "x").status_code == 400
    provider.clock.advance(seconds=60)
    assert refresh(provider, party, "x").status_code == 400


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
def test_redirects_never_repeat_a_post(provider: Provider) -> None:
    """303, so that a password is never posted onwards (§4.12)."""
    party, browser = provider.client(), provider.browser(provider.person())
    assert browser.client.get(party.authorize_path()).status_code == 303
    body = party.authorize_path().partition("?")[2]
    posted = browser.client.post("/oauth/authorize", data=body, content_type="application/x-www-form-urlencoded")
    assert posted.status_code == 303


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
def test_answers_leak_nothing_by_the_referrer(provider: Provider) -> None:
    """No page tells the next one its address (§4.2.4), and an error quotes nothing of the request."""
    party = provider.client()
    response = provider.http.get(party.authorize_path(client_id="<script>alert(1)</script>", state="st-secret"))
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "<script>alert" not in response.text and "st-secret" not in response.text


def test_a_token_of_the_release_before_is_exchanged_like_any_other(provider: Provider) -> None:
    """It carries no issue day; its line goes on, each token once. A day that was put before it is another token."""
    party = provider.client()
    issued = provider.tokens(provider.browser(provider.person()), party)["refresh_token"]
    day, _, secret = issued.partition(".")
    with provider.house.ground.database.transaction() as session:
        session.execute(
            sa.update(RefreshToken)
            .where(RefreshToken.token_hash == hash_secret(issued))
            .values(token_hash=hash_secret(secret))
        )
    assert refresh(provider, party, f"{day}.{secret}").status_code == 400
    successor = refresh(provider, party, secret).get_json()["refresh_token"]
    assert "." not in successor and successor != secret
    assert refresh(provider, party, successor).status_code == 200
    provider.clock.advance(seconds=11)
    assert refresh(provider, party, secret).status_code == 400
