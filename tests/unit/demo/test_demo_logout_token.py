"""The demo portals' back channel (OpenID Connect Back-Channel Logout 1.0 §2.4-2.8)."""

import base64
import json
from typing import Any

import pytest
from joserfc.jwk import ECKey

from demo.portals.logout_token import LOGOUT_EVENT

from .conftest import Portal, is_logged_in


def _post(portal: Portal, token: str) -> tuple[int, dict[str, Any]]:
    response = portal.client().post("/backchannel-logout", data={"logout_token": token})
    assert response.headers["Cache-Control"] == "no-store"
    return response.status_code, response.get_json()


def test_a_good_token_ends_the_session_it_names_and_no_other(portal: Portal) -> None:
    """A logout token ends the login with its sid only (§2.7)."""
    meant, other = portal.log_in(sid="sid-1"), portal.log_in(sid="sid-2")
    assert _post(portal, portal.token()) == (200, {"ended": 1})
    assert not is_logged_in(meant)
    assert is_logged_in(other)


def test_a_token_without_sid_ends_every_session_of_the_subject(portal: Portal) -> None:
    """A logout token that names only a subject ends all its logins (§2.7)."""
    first, second = portal.log_in(sid="sid-1"), portal.log_in(sid="sid-2")
    stranger = portal.log_in(sid="sid-3", sub="sub-9")
    assert _post(portal, portal.token(sid=None)) == (200, {"ended": 2})
    assert not is_logged_in(first)
    assert not is_logged_in(second)
    assert is_logged_in(stranger)


def test_a_token_for_a_session_that_is_gone_is_a_success(portal: Portal) -> None:
    """Nobody left to log out is answered with 200 (§2.7)."""
    assert _post(portal, portal.token(sid="sid-none", sub=None)) == (200, {"ended": 0})


def test_a_token_among_several_audiences_is_accepted(portal: Portal) -> None:
    """aud may be a list that holds the client (RFC 7519 §4.1.3)."""
    portal.log_in()
    assert _post(portal, portal.token(aud=["someone", "demo-portal"]))[0] == 200


@pytest.mark.parametrize(
    ("header", "changes"),
    [
        pytest.param({"typ": "JWT"}, {}, id="typ of another token"),
        pytest.param({"typ": None}, {}, id="typ missing"),
        pytest.param({"kid": None}, {}, id="kid missing"),
        pytest.param({"kid": "unknown"}, {}, id="kid unknown"),
        pytest.param({}, {"nonce": "n"}, id="nonce present"),
        pytest.param({}, {"nonce": ""}, id="empty nonce present"),
        pytest.param({}, {"aud": "demo-appointments"}, id="aud of another client"),
        pytest.param({}, {"aud": None}, id="aud missing"),
        pytest.param({}, {"iss": "http://evil.example"}, id="iss of another provider"),
        pytest.param({}, {"iss": None}, id="iss missing"),
        pytest.param({}, {"iat": 1_800_000_000 - 3600}, id="iat too old"),
        pytest.param({}, {"iat": 1_800_000_000 + 3600, "exp": 1_800_007_200}, id="iat in the future"),
        pytest.param({}, {"iat": None}, id="iat missing"),
        pytest.param({}, {"exp": 1_800_000_000 - 61}, id="expired"),
        pytest.param({}, {"exp": None}, id="exp missing"),
        pytest.param({}, {"jti": None}, id="jti missing"),
        pytest.param({}, {"jti": 7}, id="jti no string"),
        pytest.param({}, {"events": None}, id="events missing"),
        pytest.param({}, {"events": {"http://other.example": {}}}, id="events of another kind"),
        pytest.param({}, {"events": {LOGOUT_EVENT: "yes"}}, id="event no object"),
        pytest.param({}, {"events": [LOGOUT_EVENT]}, id="events no object"),
        pytest.param({}, {"sid": None, "sub": None}, id="neither sid nor sub"),
        pytest.param({}, {"sid": ["sid-1"]}, id="sid no string"),
        pytest.param({}, {"sid": ""}, id="sid empty"),
    ],
)
def test_a_wrong_token_is_refused_and_ends_nothing(
    portal: Portal, header: dict[str, Any], changes: dict[str, Any]
) -> None:
    """Each rule of §2.6, broken alone, is answered with 400 and leaves the login alone."""
    browser = portal.log_in()
    status, body = _post(portal, portal.token(header, **changes))
    assert (status, body["error"]) == (400, "invalid_request")
    assert is_logged_in(browser)


def test_a_token_signed_by_another_key_is_refused(portal: Portal) -> None:
    """A known kid over a stranger's signature proves nothing (§2.6)."""
    browser = portal.log_in()
    stranger = ECKey.generate_key("P-256", {"kid": "key-1"})
    assert _post(portal, portal.token(key=stranger))[0] == 400
    assert is_logged_in(browser)


def test_an_unsigned_token_is_refused(portal: Portal) -> None:
    """alg none is never allowed (§2.6)."""
    browser = portal.log_in()

    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    head = part({"alg": "none", "kid": "key-1", "typ": "logout+jwt"})
    assert _post(portal, f"{head}.{part(portal.claims())}.")[0] == 400
    assert is_logged_in(browser)


def test_a_replayed_token_is_refused(portal: Portal) -> None:
    """The same jti counts once (§2.6 step 7)."""
    token = portal.token()
    assert _post(portal, token)[0] == 200
    assert _post(portal, token)[0] == 400


def test_a_refused_token_does_not_use_up_its_jti(portal: Portal) -> None:
    """A bad token with somebody's jti cannot block the good one."""
    assert _post(portal, portal.token(jti="same", nonce="n"))[0] == 400
    assert _post(portal, portal.token(jti="same"))[0] == 200


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "。.。.。", "." * 50, "e30.e30.e30", "\x00"])
def test_garbage_is_refused_cleanly(portal: Portal, token: str) -> None:
    """What is no JWT at all is a 400, never an error of the server."""
    assert _post(portal, token)[0] == 400


def test_the_token_must_be_one_form_field(portal: Portal) -> None:
    """A token in the address, twice or not at all is refused (§2.5)."""
    client = portal.client()
    assert client.post(f"/backchannel-logout?logout_token={portal.token()}").status_code == 400
    both = {"logout_token": [portal.token(), portal.token()]}
    assert client.post("/backchannel-logout", data=both).status_code == 400
    assert client.get("/backchannel-logout").status_code == 405


def test_keys_are_fetched_again_for_an_unknown_kid_and_not_at_every_request(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rotated key is found by one refetch, which strangers cannot repeat at will."""
    fresh = ECKey.generate_key("P-256", {"kid": "key-2", "use": "sig", "alg": "ES256"})
    served = {"keys": [portal.key.as_dict(private=False), fresh.as_dict(private=False)]}
    client = portal.app.extensions["authlib.integrations.flask_client"].create_client("provider")
    forced: list[bool] = []

    def fetch(force: bool = False) -> dict[str, Any]:
        if force:
            forced.append(True)
            client.server_metadata["jwks"] = served
        return client.server_metadata["jwks"]

    monkeypatch.setattr(client, "fetch_jwk_set", fetch)
    assert _post(portal, portal.token({"kid": "key-2"}, key=fresh))[0] == 200
    assert _post(portal, portal.token({"kid": "key-3"}, key=fresh))[0] == 400
    assert len(forced) == 1
