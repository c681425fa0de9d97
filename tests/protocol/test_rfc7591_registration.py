"""RFC 7591 and RFC 7592 over HTTP: clients register and manage themselves, where it is open."""

from typing import Any

import pytest

from idp.config.settings import RegistrationSettings
from tests.protocol.provider import EMBEDDED, Provider, bearer
from tests.support.relying_party import RelyingParty

pytestmark = EMBEDDED
GOOD = {"client_name": "App", "redirect_uris": ["https://portal.example.gov.cn/callback"], "scope": "openid profile"}


@pytest.fixture
def overrides(request: pytest.FixtureRequest) -> dict[str, Any]:
    is_closed = request.node.name.startswith("test_where_it_is_closed")
    return {"registration": RegistrationSettings(dynamic="closed" if is_closed else "open")}


def test_a_registered_client_works_at_once(provider: Provider) -> None:
    """201 with id, secret, every setting and the management address (RFC 7591 §3.2.1, RFC 7592 §3)."""
    response = provider.http.post("/oauth/register", json=GOOD)
    body = response.get_json()
    assert response.status_code == 201 and response.headers["Cache-Control"] == "no-store"
    assert body["client_secret_expires_at"] == 0 and body["registration_access_token"]
    assert body["registration_client_uri"] == f"{provider.issuer}/oauth/register/{body['client_id']}"
    assert body["token_endpoint_auth_method"] == "client_secret_basic" and body["grant_types"] == ["authorization_code"]
    party = RelyingParty(body["client_id"], body["client_secret"])
    browser = provider.browser(provider.person())
    browser.open(party.authorize_path())
    assert "App" in browser.text  # a self-registered client needs the person's consent


def test_where_it_is_closed_nobody_registers(provider: Provider) -> None:
    """403, and the metadata names no endpoint (§3)."""
    response = provider.http.post("/oauth/register", json=GOOD)
    assert response.status_code == 403 and response.mimetype == "application/json"
    assert "registration_endpoint" not in provider.http.get("/.well-known/openid-configuration").get_json()


def test_bad_metadata_is_named(provider: Provider) -> None:
    """invalid_redirect_uri or invalid_client_metadata, as JSON and uncached (§3.2.2)."""
    bad: list[tuple[dict[str, Any], str]] = [
        ({"redirect_uris": ["http://portal.example.gov.cn/callback"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://portal.example.gov.cn/callback#f"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://*.example.gov.cn/callback"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": "https://portal.example.gov.cn/callback"}, "invalid_client_metadata"),
        ({"grant_types": ["password"]}, "invalid_client_metadata"),
        ({"grant_types": ["implicit"], "response_types": ["id_token"]}, "invalid_client_metadata"),
        ({"scope": "openid nobody-knows"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "tls_client_auth"}, "invalid_client_metadata"),
        ({"id_token_signed_response_alg": "none"}, "invalid_client_metadata"),
        ({"subject_type": "other"}, "invalid_client_metadata"),
        ({"client_name": "x" * 5_000}, "invalid_client_metadata"),
    ]
    for change, error in bad:
        response = provider.http.post("/oauth/register", json={**GOOD, **change})
        assert (response.status_code, response.get_json()["error"]) == (400, error), change
        assert response.headers["Cache-Control"] == "no-store"


def test_a_body_that_is_no_json_object_is_refused(provider: Provider) -> None:
    """Another type, broken, deep, of the wrong encoding or no object: a clean 400 (§3.2.2)."""
    http = provider.http
    for body in (
        b"",
        b"{",
        b"[]",
        b"1",
        b'"x"',
        b"null",
        b"\xff",
        b"[" * 30_000,
        b'{"a":NaN}',
        b'{"client_name":"\\u0000"}',
    ):
        response = http.post("/oauth/register", data=body, content_type="application/json")
        assert response.status_code == 400 and response.get_json()["error"].startswith("invalid_"), body[:20]
    assert http.post("/oauth/register", data=GOOD).status_code == 400
    assert http.post("/oauth/register", data=b"x" * 70_000, content_type="application/json").status_code == 413
    assert http.get("/oauth/register").status_code == 405


def test_a_client_manages_itself_with_its_token(provider: Provider) -> None:
    """Read, replace and delete (RFC 7592 §2.1-2.3); afterwards it is gone."""
    http = provider.http
    created = http.post("/oauth/register", json=GOOD).get_json()
    path, head = f"/oauth/register/{created['client_id']}", bearer(created["registration_access_token"])
    read = http.get(path, headers=head)
    assert read.status_code == 200 and "client_secret" not in read.get_json()
    changed = http.put(path, headers=head, json={**GOOD, "client_id": created["client_id"], "client_name": "New"})
    assert changed.get_json()["client_name"] == "New"
    assert http.put(path, headers=head, json=GOOD).status_code == 400  # client_id is required
    assert http.delete(path, headers=head).status_code == 204
    assert http.get(path, headers=head).status_code == 401
    assert http.get(RelyingParty(created["client_id"], None).authorize_path()).status_code == 400


def test_nobody_else_manages_it(provider: Provider) -> None:
    """Without the token, with a wrong one, or with another client's: 401 (RFC 7592 §2.1)."""
    http = provider.http
    one, other = (http.post("/oauth/register", json=GOOD).get_json() for _ in range(2))
    path = f"/oauth/register/{one['client_id']}"
    for headers in ({}, bearer("wrong"), bearer(other["registration_access_token"]), {"Authorization": "Basic eDp5"}):
        for method in ("GET", "PUT", "DELETE"):
            response = http.open(path, method=method, headers=headers, json=GOOD if method == "PUT" else None)
            assert response.status_code == 401 and response.headers["WWW-Authenticate"].startswith("Bearer")
    assert http.get("/oauth/register/unknown", headers=bearer(one["registration_access_token"])).status_code == 401
    assert http.get(path, headers=bearer(one["registration_access_token"])).status_code == 200
