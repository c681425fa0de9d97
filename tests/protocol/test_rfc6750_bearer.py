"""RFC 6750: how a token is shown, and how a refusal says what is missing."""

from tests.protocol.provider import EMBEDDED, Provider, bearer, form, query

pytestmark = EMBEDDED


def test_a_token_goes_in_the_header_or_in_a_form(provider: Provider) -> None:
    """Both ways are taken (§2.1, §2.2), the scheme in any case."""
    token = provider.tokens(provider.browser(provider.person()), provider.client())["access_token"]
    assert provider.userinfo(token).status_code == 200
    assert provider.http.post("/oauth/userinfo", headers=bearer(token)).status_code == 200
    assert provider.http.get("/oauth/userinfo", headers={"Authorization": f"bearer {token}"}).status_code == 200
    assert form(provider.http, "/oauth/userinfo", query(access_token=token)).status_code == 200


def test_a_token_in_the_query_is_refused(provider: Provider) -> None:
    """An address ends in logs (§2.3, RFC 9700 §4.3.2)."""
    token = provider.tokens(provider.browser(provider.person()), provider.client())["access_token"]
    response = provider.http.get(f"/oauth/userinfo?access_token={token}")
    assert (response.status_code, response.get_json()["error"]) == (400, "invalid_request")


def test_two_ways_at_once_are_refused(provider: Provider) -> None:
    """One method per request (§2); neither a body of another type nor a repeated field is read."""
    token = provider.tokens(provider.browser(provider.person()), provider.client())["access_token"]
    http, body = provider.http, query(access_token=token)
    for response in (
        form(http, "/oauth/userinfo", body, **bearer(token)),
        form(http, "/oauth/userinfo", body + "&" + body),
        http.post("/oauth/userinfo", data={"access_token": token}, content_type="multipart/form-data"),
        http.post("/oauth/userinfo", json={"access_token": token}),
    ):
        assert (response.status_code, response.get_json()["error"]) == (400, "invalid_request")
        assert 'error="invalid_request"' in response.headers["WWW-Authenticate"]


def test_without_a_token_the_challenge_names_no_error(provider: Provider) -> None:
    """Who sent nothing is only told what to send (§3.1)."""
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Basic eDp5"}):
        response = provider.http.get("/oauth/userinfo", headers=headers)
        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"].startswith("Bearer realm=")
        assert "error" not in response.headers["WWW-Authenticate"] and response.get_json() == {}


def test_a_bad_token_is_named_so(provider: Provider) -> None:
    """Malformed, forged, expired or of another kind: invalid_token and 401 (§3.1)."""
    tokens = provider.tokens(provider.browser(provider.person()), provider.client())
    good = tokens["access_token"]
    head, payload, signature = good.split(".")
    none = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0"  # {"alg":"none","typ":"at+jwt"}
    forged = [
        "x",
        "x" * 9_000,
        "..",
        "a.b.c",
        f"{head}.{payload}.",
        f"{head}.{payload}.{signature[:-4]}AAAA",
        f"{none}.{payload}.",
        f"W10.{payload}.{signature}",
        f"bnVsbA.{payload}.{signature}",
        f"{head}.W10.{signature}",
        tokens["id_token"],
        tokens["refresh_token"],
        "\xe9.\xe9.\xe9",
    ]
    for token in forged:
        response = provider.userinfo(token)
        assert (response.status_code, response.get_json()["error"]) == (401, "invalid_token"), token
        assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]
        assert response.headers["Cache-Control"] == "no-store"
    provider.clock.advance(seconds=301)
    assert provider.userinfo(good).status_code == 401


def test_a_token_without_the_scope_is_told_so(provider: Provider) -> None:
    """insufficient_scope and 403 for a good token that may not (§3.1)."""
    token = provider.tokens(provider.browser(provider.person()), provider.client(), scope="profile")["access_token"]
    response = provider.userinfo(token)
    assert (response.status_code, response.get_json()["error"]) == (403, "insufficient_scope")
    assert 'error="insufficient_scope"' in response.headers["WWW-Authenticate"]
