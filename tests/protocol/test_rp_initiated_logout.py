"""OpenID Connect RP-Initiated Logout 1.0: at once for a hint of this session, otherwise after a question."""

from typing import Any

import pytest

from tests.protocol.provider import Provider, form, query
from tests.support.relying_party import FormBrowser, RelyingParty, parameters_of

RETURN = "https://portal.example.gov.cn/bye"
QUESTION = 'id="logout-yes"'


@pytest.fixture
def party(provider: Provider) -> RelyingParty:
    """A client with an address to come back to."""
    return provider.client(post_logout_redirect_uris=[RETURN])


def ask(browser: FormBrowser, **parameters: Any) -> None:
    """Open the logout endpoint."""
    browser.open("/oauth/logout?" + query(**parameters))


def is_logged_in(provider: Provider, browser: FormBrowser, party: RelyingParty) -> bool:
    """Tell whether the browser still has its session."""
    return "code" in provider.answer(browser, party, prompt="none")


def test_a_hint_of_this_session_logs_out_at_once(provider: Provider, party: RelyingParty) -> None:
    """No question, back to the registered address, with the state (§2, §3); the tokens end too."""
    browser = provider.browser(provider.person())
    tokens = provider.tokens(browser, party)
    ask(browser, id_token_hint=tokens["id_token"], post_logout_redirect_uri=RETURN, state="a b&c")
    assert browser.location.startswith(RETURN + "?") and parameters_of(browser.location) == {"state": "a b&c"}
    assert not is_logged_in(provider, browser, party)
    assert provider.userinfo(tokens["access_token"]).status_code == 401


def test_an_expired_hint_is_still_a_hint(provider: Provider, party: RelyingParty) -> None:
    """Its age does not matter (§2)."""
    browser = provider.browser(provider.person())
    hint = provider.tokens(browser, party)["id_token"]
    provider.clock.advance(minutes=25)
    ask(browser, id_token_hint=hint, post_logout_redirect_uri=RETURN)
    assert browser.location == RETURN and not is_logged_in(provider, browser, party)


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
def test_anything_else_asks_first(provider: Provider, party: RelyingParty) -> None:
    """No hint, or one of another session or person: the person decides (§2, §6; ASVS 10.6.2)."""
    person = provider.person()
    elsewhere = provider.tokens(provider.browser(person), party)["id_token"]
    somebody = provider.tokens(provider.browser(provider.person()), party)["id_token"]
    browser = provider.browser(person)
    provider.tokens(browser, party)
    for parameters in (
        {},
        {"client_id": party.client_id},
        {"client_id": party.client_id, "post_logout_redirect_uri": RETURN},
        {"id_token_hint": elsewhere},
        {"id_token_hint": somebody, "logout_hint": "x"},
    ):
        ask(browser, **parameters)
        assert QUESTION in browser.text, parameters
        assert is_logged_in(provider, browser, party)


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
def test_the_person_decides(provider: Provider, party: RelyingParty) -> None:
    """A no keeps the session; a yes ends it and goes back; the question cannot be answered from elsewhere (§2)."""
    browser = provider.browser(provider.person())
    parameters = {"client_id": party.client_id, "post_logout_redirect_uri": RETURN}
    ask(browser, **parameters)
    without_token = browser.client.post(browser.path, data={"decision": "yes"})
    assert without_token.status_code == 400 and is_logged_in(provider, browser, party)
    browser.submit({"decision": "no"})
    assert is_logged_in(provider, browser, party)
    ask(browser, **parameters)
    browser.submit({"decision": "yes"})
    assert browser.location == RETURN and not is_logged_in(provider, browser, party)


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
def test_a_post_is_taken_like_a_get(provider: Provider, party: RelyingParty) -> None:
    """Cross-site it brings no cookie, so our own GET goes on with it (§2)."""
    browser = provider.browser(provider.person())
    hint = provider.tokens(browser, party)["id_token"]
    body = query(id_token_hint=hint, post_logout_redirect_uri=RETURN)
    posted = form(provider.http, "/oauth/logout", body)
    assert posted.status_code == 303
    browser.open(posted.headers["Location"])
    assert browser.location == RETURN and not is_logged_in(provider, browser, party)
    assert provider.http.post("/oauth/logout", data=body, content_type="text/plain").status_code == 400
    assert form(provider.http, "/oauth/logout?x=1", body).status_code == 400


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
def test_what_cannot_be_trusted_is_a_page(provider: Provider, party: RelyingParty) -> None:
    """An address that is not registered, a forged hint, another client than the hint's: never a redirect (§2, §3)."""
    browser = provider.browser(provider.person())
    tokens = provider.tokens(browser, party)
    hint, other = tokens["id_token"], provider.client(post_logout_redirect_uris=[RETURN + "2"])
    head, payload, _ = hint.split(".")
    for parameters in (
        {"id_token_hint": hint, "post_logout_redirect_uri": RETURN + "/"},
        {"id_token_hint": hint, "post_logout_redirect_uri": RETURN + "2"},
        {"id_token_hint": hint, "post_logout_redirect_uri": "https://evil.example"},
        {"id_token_hint": hint, "client_id": other.client_id},
        {"id_token_hint": f"{head}.{payload}.AAAA"},
        {"id_token_hint": tokens["access_token"]},
        {"id_token_hint": "x"},
        {"client_id": "unknown", "post_logout_redirect_uri": RETURN},
        {"post_logout_redirect_uri": RETURN},
        {"id_token_hint": [hint, hint]},
        {"state": "a\x00b"},
    ):
        response = browser.client.get("/oauth/logout?" + query(**parameters))
        assert response.status_code == 400 and "Location" not in response.headers, parameters
        assert response.mimetype == "text/html" and is_logged_in(provider, browser, party)


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
def test_without_a_session_nothing_is_asked(provider: Provider, party: RelyingParty) -> None:
    """Who is logged out already goes straight back (§2), but only to a registered address."""
    browser = provider.browser()
    ask(browser, client_id=party.client_id, post_logout_redirect_uri=RETURN, state="s")
    assert browser.location == RETURN + "?state=s"
    ask(browser)
    assert browser.response is not None and browser.response.status_code == 200 and QUESTION not in browser.text


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
def test_a_private_scheme_takes_the_state_as_well(provider: Provider) -> None:
    """An app comes back by its own scheme (§3; RFC 8252 §7.1)."""
    party = provider.client(
        application_type="native",
        redirect_uris=["cn.gov.example.app:/cb"],
        post_logout_redirect_uris=["cn.gov.example.app:/bye?x=1"],
    )
    browser = provider.browser(provider.person())
    hint = provider.tokens(browser, party)["id_token"]
    ask(browser, id_token_hint=hint, post_logout_redirect_uri="cn.gov.example.app:/bye?x=1", state="s")
    assert browser.location == "cn.gov.example.app:/bye?x=1&state=s"
