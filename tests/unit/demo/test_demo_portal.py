"""The demo portals' pages: silent login once, errors as pages, logging out, the claims."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from demo.portals.settings import PortalKind

from .conftest import BASE, ISSUER, Portal, is_logged_in


def _query(location: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def _silent_answer(client: FlaskClient, error: str) -> str:
    """Follow a silent login to its refusal and return where the portal sends the browser."""
    state = _query(client.get("/").location)["state"]
    return client.get("/callback", query_string={"error": error, "state": state, "iss": ISSUER}).location


def test_the_first_visit_tries_a_silent_login_with_pkce(portal: Portal) -> None:
    """The request carries prompt=none, state, nonce and an S256 challenge (RFC 7636 §4.3)."""
    response = portal.client().get("/")
    query = _query(response.location)
    assert response.status_code == 302
    assert response.location.startswith(f"{ISSUER}/authorize?")
    assert (query["prompt"], query["response_type"]) == ("none", "code")
    assert query["redirect_uri"] == f"{BASE}/callback"
    assert query["code_challenge_method"] == "S256"
    assert {"state", "nonce", "code_challenge"} <= query.keys()


@pytest.mark.parametrize("error", ["login_required", "consent_required", "interaction_required"])
def test_a_refused_silent_login_shows_the_page_and_is_not_repeated(portal: Portal, error: str) -> None:
    """prompt=none is tried once per browser session, whatever it answers."""
    client = portal.client()
    assert _silent_answer(client, error) == "/"
    for _ in range(3):
        page = client.get("/")
        assert page.status_code == 200
        assert b'id="portal-login"' in page.data


def test_a_browser_without_cookies_is_not_sent_round_and_round(portal: Portal) -> None:
    """An answer whose state is unknown ends on a page, even when it says login_required."""
    state = _query(portal.client().get("/").location)["state"]
    forgetful = portal.app.test_client(use_cookies=False)
    answer = forgetful.get(
        "/callback",
        query_string={"error": "login_required", "state": state, "iss": ISSUER},
    )
    assert answer.status_code == 400
    assert b"mismatching_state" in answer.data


def test_coming_from_the_neighbour_allows_one_more_silent_login(portal: Portal) -> None:
    """/enter renews the one try; the home page alone does not."""
    client = portal.client()
    _silent_answer(client, "login_required")
    assert client.get("/enter").location == "/"
    assert _query(client.get("/").location)["prompt"] == "none"
    assert client.get("/").status_code == 200


def test_the_login_button_asks_without_prompt_none(portal: Portal) -> None:
    """An asked-for login may show pages."""
    assert "prompt" not in _query(portal.client().get("/login").location)


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"error": "access_denied"}, "access_denied"),
        ({"error": "<script>alert(1)</script>"}, "unknown_error"),
        ({"iss": "http://evil.example", "code": "c"}, "issuer_mismatch"),
        ({"iss": "", "code": "c"}, "issuer_mismatch"),
        ({"state": "forged", "code": "c"}, "mismatching_state"),
        ({}, "invalid_response"),
    ],
)
def test_a_failed_login_is_a_page_with_its_code_and_advice(portal: Portal, changes: dict[str, str], shown: str) -> None:
    """Every failed answer to the redirect URI is explained; nothing of the request is echoed unchecked."""
    client = portal.client()
    state = _query(client.get("/login").location)["state"]
    answer = client.get("/callback", query_string={"state": state, "iss": ISSUER, **changes})
    assert answer.status_code == 400
    assert f'<code id="portal-error-code">{shown}</code>' in answer.text
    assert 'id="portal-error-advice"' in answer.text
    assert "<script" not in answer.text
    assert not is_logged_in(client)


def test_a_used_state_is_refused(portal: Portal) -> None:
    """state is good for one answer (RFC 6749 §10.12)."""
    client = portal.client()
    state = _query(client.get("/login").location)["state"]
    answer = {"state": state, "iss": ISSUER, "error": "access_denied"}
    client.get("/callback", query_string=answer)
    assert b"mismatching_state" in client.get("/callback", query_string=answer).data


def test_logging_out_ends_the_own_session_and_goes_to_the_provider(portal: Portal) -> None:
    """RP-Initiated Logout 1.0 §2: hint, return address and state; the own session ends first."""
    client = portal.log_in()
    answer = client.post("/logout")
    query = _query(answer.location)
    assert answer.status_code == 303
    assert answer.location.startswith(f"{ISSUER}/logout?")
    assert query["id_token_hint"] == "id.token.hint"
    assert query["post_logout_redirect_uri"] == f"{BASE}/logged-out"
    assert not is_logged_in(client)
    page = client.get("/logged-out", query_string={"state": query["state"]})
    assert 'id="portal-logged-out"' in page.text
    assert client.get("/").status_code == 200, "no silent login right after leaving"


def test_logging_out_takes_a_post(portal: Portal) -> None:
    """A link or picture of another site cannot log anybody out."""
    client = portal.log_in()
    assert client.get("/logout").status_code == 405
    assert is_logged_in(client)


def test_the_claims_are_shown_with_where_they_came_from(portal: Portal) -> None:
    """Each claim is one row; a value that differs between the two sources is shown twice, escaped."""
    page = portal.log_in(nickname="<b>x</b>", amr=["otp"]).get("/me?lang=en").text
    assert '<td id="claim-name" class="value" data-raw="张三">张三</td>' in page
    assert "ID token, userinfo" in page
    assert 'id="claim-amr"' in page
    assert 'id="claim-amr-userinfo"' in page
    assert "<b>x</b>" not in page


def test_a_session_cookie_is_shielded_and_bound_to_the_portal(portal: Portal) -> None:
    """The cookie has the portal's own name, is HttpOnly and Lax, and changes meaning with nobody's choice."""
    cookie = portal.client().get("/").headers["Set-Cookie"]
    assert cookie.startswith("demo-portal-session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    chosen = portal.client()
    chosen.set_cookie(portal.settings.cookie_name, "chosen-by-attacker", domain="portal.example")
    assert "chosen-by-attacker" not in chosen.get("/").headers["Set-Cookie"]


def test_a_login_ends_with_its_time(portal: Portal) -> None:
    """Idle sessions are over after idle_seconds, others stay."""
    client = portal.log_in()
    portal.clock.value += portal.settings.idle_seconds
    assert is_logged_in(client)
    portal.clock.value += portal.settings.idle_seconds + 1
    assert not is_logged_in(client)


def test_another_host_name_is_led_to_the_registered_one(portal: Portal) -> None:
    """localhost would lose the cookie at the redirect URI; a form to it is refused."""
    client = portal.client()
    led = client.get("/me?lang=en", base_url="http://localhost:5001")
    assert led.location == f"{BASE}/me?lang=en"
    assert client.post("/logout", base_url="http://localhost:5001").status_code == 400


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "/me\n"])
def test_the_way_back_after_login_stays_at_the_portal(portal: Portal, wanted: str) -> None:
    """A foreign next address is dropped for the home page."""
    client = portal.client()
    client.get("/login", query_string={"next": wanted})
    cookie = client.get_cookie(portal.settings.cookie_name, domain="portal.example")
    assert cookie is not None
    assert portal.app.extensions["portal_sessions"].find(cookie.value)["next"] == "/"


@pytest.mark.parametrize("kind", list(PortalKind))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_both_looks_speak_both_languages(make_portal: Callable[..., Portal], kind: PortalKind, language: str) -> None:
    """The greeting names the person; the language stays for the next page."""
    client = make_portal(kind).log_in()
    page = client.get(f"/?lang={language}").text
    assert 'id="portal-greeting"' in page
    assert "张三" in page
    assert ("您好" in page) == (language == "zh")
    assert ("您好" in client.get("/").text) == (language == "zh")


def test_an_appointment_is_booked_from_the_lists_only(make_portal: Callable[..., Portal]) -> None:
    """A choice from the lists is booked; anything else, or a visitor, is not."""
    portal = make_portal(PortalKind.APPOINTMENTS)
    client = portal.log_in()
    page = client.get("/").text
    assert 'id="person-mobile" value="13800138001"' in page
    day = page.split('name="day" value="')[1].split('"')[0]
    good = {"hall": "city", "day": day, "time": "09:00-10:00"}
    assert 'id="portal-booked"' in client.post("/book", data=good).text
    assert client.post("/book", data={**good, "day": "2001-01-01"}).status_code == 400
    assert client.post("/book", data={**good, "hall": "moon"}).status_code == 400
    assert portal.client().post("/book", data=good).status_code == 303
