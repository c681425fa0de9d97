"""RFC 7009: a client ends its tokens."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.protocol.provider import API, Provider, form, query
from tests.support.relying_party import RelyingParty


def revoke(provider: Provider, party: RelyingParty, token: str, **parameters: Any) -> TestResponse:
    """Post to the revocation endpoint."""
    return provider.http.post("/oauth/revoke", data={"token": token, **parameters}, headers=party.basic())


def refresh(provider: Provider, party: RelyingParty, token: str) -> TestResponse:
    """Use a refresh token."""
    return party.token(provider.http, grant_type="refresh_token", refresh_token=token)


def test_a_refresh_token_ends_with_all_its_family(provider: Provider) -> None:
    """With the refresh token its access tokens end (§2.1), also when an older one of the line is shown."""
    party, person = provider.client(), provider.person()
    tokens = provider.tokens(provider.browser(person), party)
    younger = refresh(provider, party, tokens["refresh_token"]).get_json()
    response = revoke(provider, party, tokens["refresh_token"], token_type_hint="refresh_token")
    assert response.status_code == 200 and response.mimetype == "application/json"
    assert refresh(provider, party, younger["refresh_token"]).get_json()["error"] == "invalid_grant"
    for token in (tokens["access_token"], younger["access_token"]):
        assert provider.userinfo(token).status_code == 401


@pytest.mark.parametrize("token_format", ["jwt", "opaque"])
def test_an_access_token_ends_alone(provider: Provider, token_format: str) -> None:
    """Only the one shown is over; the grant goes on (§2.1)."""
    provider.api(token_format=token_format)
    party = provider.api_client()
    tokens = provider.tokens(provider.browser(provider.person()), party, resource=API)
    assert provider.introspect(party, tokens["access_token"])["active"] is True
    assert revoke(provider, party, tokens["access_token"]).status_code == 200
    assert provider.introspect(party, tokens["access_token"]) == {"active": False}
    assert revoke(provider, party, tokens["access_token"]).status_code == 200  # again: the same answer
    assert refresh(provider, party, tokens["refresh_token"]).status_code == 200


def test_what_is_unknown_or_not_ones_own_is_answered_alike_and_untouched(provider: Provider) -> None:
    """Another client's token stays; nobody learns by the answer that it exists (§2.1, §2.2)."""
    party, stranger = provider.client(), provider.client()
    tokens = provider.tokens(provider.browser(provider.person()), party)
    answers = [
        revoke(provider, stranger, token)
        for token in ("never-issued", "x" * 9_000, "a.b.c", tokens["access_token"], tokens["refresh_token"])
    ]
    assert {(answer.status_code, answer.get_data()) for answer in answers} == {(200, b"{}")}
    assert provider.userinfo(tokens["access_token"]).status_code == 200
    assert refresh(provider, party, tokens["refresh_token"]).status_code == 200


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
def test_a_wrong_hint_does_no_harm(provider: Provider) -> None:
    """The hint only orders the search; an unknown one is ignored (§2.1)."""
    party = provider.client()
    browser = provider.browser(provider.person())
    for hint in ("access_token", "password", "'"):
        tokens = provider.tokens(browser, party)
        assert revoke(provider, party, tokens["refresh_token"], token_type_hint=hint).status_code == 200
        assert refresh(provider, party, tokens["refresh_token"]).status_code == 400


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
def test_a_public_client_revokes_by_its_id(provider: Provider) -> None:
    """A client without a secret is only identified (§2.1)."""
    party = provider.client(token_endpoint_auth_method="none")
    code = provider.code(provider.browser(provider.person()), party)
    data = {"client_id": party.client_id, "redirect_uri": party.redirect_uri, "code_verifier": party.verifier}
    tokens = provider.http.post("/oauth/token", data={"grant_type": "authorization_code", "code": code, **data})
    token = tokens.get_json()["access_token"]
    answer = provider.http.post("/oauth/revoke", data={"token": token, "client_id": party.client_id})
    assert answer.status_code == 200 and provider.userinfo(token).status_code == 401


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
def test_a_request_that_is_no_revocation_is_refused(provider: Provider) -> None:
    """No token, no client, a query or another method are errors (§2.1, §2.2.1)."""
    party, http = provider.client(), provider.http
    assert form(http, "/oauth/revoke", "", **party.basic()).get_json()["error"] == "invalid_request"
    assert form(http, "/oauth/revoke", query(token="x")).status_code == 401
    assert form(http, "/oauth/revoke?token=x", query(token="x"), **party.basic()).status_code == 400
    assert http.get("/oauth/revoke?token=x").status_code == 405
