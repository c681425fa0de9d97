"""The main journey over HTTP: log in, consent, code, tokens, userinfo, refresh, logout."""

from collections.abc import Callable

import pytest
from flask import Flask

from idp.house.build import House
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.relying_party import FormBrowser, make_client, parameters_of

Register = Callable[..., TestPerson]


def test_a_person_logs_in_and_the_client_gets_tokens(house: House, app: Flask, register_person: Register) -> None:
    """Code flow with PKCE ends in an ID token, an access token and claims (OpenID Connect Core §3.1)."""
    person, party, browser = register_person(), make_client(house), FormBrowser(app)
    browser.open(party.authorize_path())
    assert 'id="identifier"' in browser.text
    browser.log_in(person)
    answer = parameters_of(browser.location)
    assert browser.location.startswith(party.redirect_uri + "?")
    assert answer["state"] == "st-1" and answer["iss"] == house.settings.issuer
    http = app.test_client()
    tokens = party.redeem(http, answer["code"])
    assert tokens.status_code == 200, tokens.text
    body = tokens.get_json()
    assert tokens.headers["Cache-Control"] == "no-store"
    assert {"access_token", "id_token", "refresh_token", "expires_in", "token_type", "scope"} == set(body)
    claims = http.get("/oauth/userinfo", headers={"Authorization": f"Bearer {body['access_token']}"}).get_json()
    assert claims["name"] == person.name
    assert person.number not in str(claims)


def test_a_second_client_gets_its_code_without_a_page(house: House, app: Flask, register_person: Register) -> None:
    """One login, every portal: prompt=none answers at once while the session lives (§3.1.2.1)."""
    person, first, second = register_person(), make_client(house), make_client(house)
    browser = FormBrowser(app)
    browser.open(first.authorize_path())
    browser.log_in(person)
    browser.open(second.authorize_path(prompt="none"))
    assert "code" in parameters_of(browser.location)
    stranger = FormBrowser(app)
    stranger.open(second.authorize_path(prompt="none"))
    assert parameters_of(stranger.location)["error"] == "login_required"


@pytest.mark.parametrize("wrong", ["password", "identifier"])
def test_a_wrong_login_is_refused_alike(house: House, app: Flask, register_person: Register, wrong: str) -> None:
    """Unknown person and wrong password get the same words and status (ASVS 6.3.8)."""
    person, party, browser = register_person(), make_client(house), FormBrowser(app)
    browser.open(party.authorize_path())
    typed = {"identifier": person.login_name, "password": person.password} | {wrong: "something-else"}
    response = browser.submit(typed)
    assert response.status_code == 422
    assert "不正确" in browser.text or "not right" in browser.text


def test_a_used_code_is_refused_and_its_tokens_die(house: House, app: Flask, register_person: Register) -> None:
    """A reused code is refused and revokes its tokens (RFC 6749 §4.1.2)."""
    person, party, browser = register_person(), make_client(house), FormBrowser(app)
    browser.open(party.authorize_path())
    browser.log_in(person)
    code, http = parameters_of(browser.location)["code"], app.test_client()
    first = party.redeem(http, code).get_json()
    again = party.redeem(http, code)
    assert (again.status_code, again.get_json()["error"]) == (400, "invalid_grant")
    userinfo = http.get("/oauth/userinfo", headers={"Authorization": f"Bearer {first['access_token']}"})
    assert userinfo.status_code == 401
    refresh = party.token(http, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert refresh.get_json()["error"] == "invalid_grant"


def test_refresh_rotates_with_grace_and_replay_ends_the_family(
    house: House, app: Flask, clock: FrozenClock, register_person: Register
) -> None:
    """The same token again within the grace gets the same successor; later it ends the family (RFC 9700 §4.14.2)."""
    person, party, browser = register_person(), make_client(house), FormBrowser(app)
    browser.open(party.authorize_path(scope="openid offline_access"))
    browser.log_in(person)
    http = app.test_client()
    first = party.redeem(http, parameters_of(browser.location)["code"]).get_json()["refresh_token"]
    second = party.token(http, grant_type="refresh_token", refresh_token=first).get_json()["refresh_token"]
    retried = party.token(http, grant_type="refresh_token", refresh_token=first).get_json()["refresh_token"]
    assert second != first and retried == second
    clock.advance(seconds=11)
    replay = party.token(http, grant_type="refresh_token", refresh_token=first)
    assert replay.get_json()["error"] == "invalid_grant"
    dead = party.token(http, grant_type="refresh_token", refresh_token=second)
    assert dead.get_json()["error"] == "invalid_grant"
