"""RFC 6749 at the token endpoint: grants, client authentication, and errors as JSON."""

import base64
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.protocol.provider import API, Provider, bearer, form, query
from tests.support.relying_party import REDIRECT_URI, RelyingParty


def refused(response: TestResponse, error: str, status: int = 400) -> None:
    """Hold an answer to §5.2: status, code, description, and no cache."""
    assert (response.status_code, response.get_json()["error"]) == (status, error), response.text
    assert set(response.get_json()) == {"error", "error_description"}
    assert response.headers["Cache-Control"] == "no-store" and response.headers["Pragma"] == "no-cache"


def test_a_code_is_exchanged_for_tokens(provider: Provider) -> None:
    """The answer is JSON that no cache keeps (§4.1.4, §5.1)."""
    party = provider.client()
    response = party.redeem(provider.http, provider.code(provider.browser(provider.person()), party))
    assert response.status_code == 200 and response.mimetype == "application/json"
    assert response.headers["Cache-Control"] == "no-store" and response.headers["Pragma"] == "no-cache"
    body = response.get_json()
    assert body["token_type"] == "Bearer" and body["expires_in"] == 300 and body["scope"] == "openid profile"


def test_a_code_is_used_once_and_a_replay_ends_its_family(provider: Provider) -> None:
    """A second use is refused and revokes what the first gave (§4.1.2, §10.5)."""
    party = provider.client()
    code = provider.code(provider.browser(provider.person()), party)
    tokens = party.redeem(provider.http, code).get_json()
    assert provider.userinfo(tokens["access_token"]).status_code == 200
    refused(party.redeem(provider.http, code), "invalid_grant")
    assert provider.userinfo(tokens["access_token"]).status_code == 401
    refused(_refresh(provider, party, tokens["refresh_token"]), "invalid_grant")


def test_a_code_of_another_client_is_refused_and_not_used_up(provider: Provider) -> None:
    """A code is bound to its client (§4.1.3); a stranger who holds it cannot spoil it."""
    party, other = provider.client(), provider.client()
    code = provider.code(provider.browser(provider.person()), party)
    refused(other.redeem(provider.http, code, code_verifier=party.verifier), "invalid_grant")
    assert party.redeem(provider.http, code).status_code == 200


@pytest.mark.parametrize("uri", [None, REDIRECT_URI + "2", REDIRECT_URI + "/"])
def test_the_redirect_uri_must_be_that_of_the_request(provider: Provider, uri: str | None) -> None:
    """Sent at authorization, it must be sent again and be identical (§4.1.3)."""
    party = provider.client(redirect_uris=[REDIRECT_URI, REDIRECT_URI + "2"])
    code = provider.code(provider.browser(provider.person()), party)
    refused(party.redeem(provider.http, code, redirect_uri=uri), "invalid_grant")
    refused(party.redeem(provider.http, code), "invalid_grant")  # used up by the attempt


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
def test_a_code_lives_a_minute(provider: Provider) -> None:
    """An old code is refused (§4.1.2: at most ten minutes; ASVS 10.4.3)."""
    party, browser = provider.client(), provider.browser(provider.person())
    young, old = provider.code(browser, party), provider.code(browser, party)
    provider.clock.advance(seconds=59)
    assert party.redeem(provider.http, young).status_code == 200
    provider.clock.advance(seconds=2)
    refused(party.redeem(provider.http, old), "invalid_grant")


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
@pytest.mark.parametrize("code", ["x", "x" * 5_000, "中文", "....", "AAAA", "%00"])
def test_a_made_up_code_is_an_invalid_grant(provider: Provider, code: str) -> None:
    """What we never issued is refused (§5.2)."""
    refused(provider.client().redeem(provider.http, code), "invalid_grant")


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": "password", "username": "a", "password": "b"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "unauthorized_client"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "x" * 500}, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "x", "scope": 'a"b'}, "invalid_request"),
    ],
)
def test_each_error_has_its_code(provider: Provider, parameters: dict[str, Any], error: str) -> None:
    """Missing, unknown and forbidden are told apart (§5.2)."""
    refused(provider.client().token(provider.http, **parameters), error)


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
def test_a_form_that_is_odd_is_refused(provider: Provider) -> None:
    """Duplicates, another type, a query, and bytes that are no text end as a clean 400 (§3.2)."""
    party, http = provider.client(), provider.http
    good = query(grant_type="refresh_token", refresh_token="x")
    head = party.basic()
    refused(form(http, "/oauth/token", good + "&grant_type=refresh_token", **head), "invalid_request")
    refused(form(http, "/oauth/token?grant_type=refresh_token", good, **head), "invalid_request")
    refused(http.post("/oauth/token", json={"grant_type": "refresh_token"}, headers=head), "invalid_request")
    multipart = http.post(
        "/oauth/token", data={"grant_type": "refresh_token"}, headers=head, content_type="multipart/form-data"
    )
    refused(multipart, "invalid_request")
    for odd in (b"\xff=1", b"a=%ff", b"a=%00", "a=中".encode(), b"a=" + b"x" * 17_000, b"&".join([b"a=1"] * 99)):
        refused(form(http, "/oauth/token", good.encode() + b"&" + odd, **head), "invalid_request")
    assert http.get("/oauth/token").status_code == 405
    refused(form(http, "/oauth/token", b"x" * 70_000, **head), "invalid_request")


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
def test_a_wrong_client_gets_401_with_a_challenge(provider: Provider) -> None:
    """Unknown client, wrong secret and wrong method look alike (§5.2)."""
    party, http = provider.client(), provider.http
    grant = {"grant_type": "refresh_token", "refresh_token": "x"}
    answers = []
    for client_id, secret in ((party.client_id, "wrong"), ("nobody", "wrong"), (party.client_id, "")):
        stranger = RelyingParty(client_id, secret)
        answers.append(stranger.token(http, **grant))
    answers.append(http.post("/oauth/token", data=grant))
    in_body = {"client_id": party.client_id, "client_secret": party.client_secret}
    answers.append(http.post("/oauth/token", data={**grant, **in_body}))  # registered for Basic
    answers.append(http.post("/oauth/token", data={**grant, "client_id": party.client_id}))
    answers.append(http.post("/oauth/token", data=grant, headers=bearer("x")))
    for answer in answers:
        refused(answer, "invalid_client", 401)
        assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")
    assert len({answer.get_json()["error_description"] for answer in answers}) == 1


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
def test_only_one_way_of_authentication(provider: Provider) -> None:
    """Two at once are refused (§2.3); the same client_id beside Basic is none, another one is."""
    party, http = provider.client(), provider.http
    grant = {"grant_type": "refresh_token", "refresh_token": "x"}
    twice = http.post("/oauth/token", data={**grant, "client_secret": party.client_secret}, headers=party.basic())
    refused(twice, "invalid_request")
    other = http.post("/oauth/token", data={**grant, "client_id": "other"}, headers=party.basic())
    refused(other, "invalid_request")
    same = http.post("/oauth/token", data={**grant, "client_id": party.client_id}, headers=party.basic())
    refused(same, "invalid_grant")


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
def test_each_plain_method_works_for_who_registered_it(provider: Provider, method: str) -> None:
    """In the header, in the body, or by id alone for a public client (§2.3.1, §3.2.1)."""
    party = provider.client(token_endpoint_auth_method=method)
    code = provider.code(provider.browser(provider.person()), party)
    data = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": party.redirect_uri,
        "code_verifier": party.verifier,
    }
    headers = {}
    if method == "client_secret_basic":
        headers = party.basic()
    else:
        data["client_id"] = party.client_id
    if method == "client_secret_post":
        data["client_secret"] = str(party.client_secret)
    assert provider.http.post("/oauth/token", data=data, headers=headers).status_code == 200


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
def test_basic_credentials_are_form_encoded_first(provider: Provider) -> None:
    """Both parts went through form encoding (§2.3.1); broken base64 is a wrong client, never a fault of ours."""
    party = provider.client()
    encoded = "".join(f"%{ord(letter):02X}" for letter in str(party.client_secret))
    raw = base64.b64encode(f"{party.client_id}:{encoded}".encode()).decode()
    grant = {"grant_type": "refresh_token", "refresh_token": "x"}
    refused(provider.http.post("/oauth/token", data=grant, headers={"Authorization": f"Basic {raw}"}), "invalid_grant")
    for broken in ("Basic", "Basic ====", "Basic \xff", "Basic " + base64.b64encode(b"\xff:\xff").decode()):
        answer = provider.http.post("/oauth/token", data=grant, headers={"Authorization": broken})
        refused(answer, "invalid_client", 401)


def test_a_client_gets_a_token_for_itself(provider: Provider) -> None:
    """client_credentials gives an access token and nothing else, for the client's own scopes (§4.4)."""
    provider.api()
    party = provider.api_client(
        grant_types=["client_credentials"], response_types=[], redirect_uris=[], scope="housing.read openid"
    )
    body = party.token(provider.http, grant_type="client_credentials").get_json()
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"} and body["scope"] == "housing.read"
    claims = provider.claims_of(body["access_token"], typ="at+jwt")
    assert claims["sub"] == claims["client_id"] == party.client_id and claims["aud"] == API
    assert "acr" not in claims and "auth_time" not in claims
    refused(party.token(provider.http, grant_type="client_credentials", scope="openid"), "invalid_scope")
    refused(party.token(provider.http, grant_type="client_credentials", scope="housing.write"), "invalid_scope")
    assert provider.userinfo(body["access_token"]).status_code == 401  # for another audience


def test_refreshing_narrows_but_never_widens(provider: Provider) -> None:
    """A refresh may ask for less, and the next one for all again; never for more than was granted (§6)."""
    party = provider.client()
    tokens = provider.tokens(provider.browser(provider.person()), party)
    less = _refresh(provider, party, tokens["refresh_token"], scope="openid").get_json()
    assert less["scope"] == "openid"
    refused(_refresh(provider, party, less["refresh_token"], scope="openid email"), "invalid_scope")
    assert _refresh(provider, party, less["refresh_token"]).get_json()["scope"] == "openid profile"


def test_a_refresh_token_belongs_to_its_client(provider: Provider) -> None:
    """Another client cannot use it, and does not end it either (§6)."""
    party, other = provider.client(), provider.client()
    token = provider.tokens(provider.browser(provider.person()), party)["refresh_token"]
    refused(_refresh(provider, other, token), "invalid_grant")
    assert _refresh(provider, party, token).status_code == 200


def test_a_client_that_was_disabled_is_refused_at_once(provider: Provider) -> None:
    """Between issue and refresh or use the client was switched off: nothing of it works any more (§3.2.1)."""
    party = provider.client()
    tokens = provider.tokens(provider.browser(provider.person()), party)
    provider.house.protocol.administration.disable(party.client_id)
    refused(_refresh(provider, party, tokens["refresh_token"]), "invalid_client", 401)
    assert provider.userinfo(tokens["access_token"]).status_code == 401
    provider.house.protocol.administration.enable(party.client_id)
    assert provider.userinfo(tokens["access_token"]).status_code == 200


def _refresh(provider: Provider, party: RelyingParty, token: str, **parameters: Any) -> TestResponse:
    return party.token(provider.http, grant_type="refresh_token", refresh_token=token, **parameters)
