"""RFC 6749 at the authorization endpoint: whom it answers, where, and with which error."""

import pytest

from clients.client import ClientState
from tests.protocol.provider import EMBEDDED, Provider, form
from tests.support.relying_party import REDIRECT_URI, parameters_of

pytestmark = EMBEDDED


def test_a_code_comes_back_with_the_state(provider: Provider) -> None:
    """The answer carries the code and the very state of the request, and no cache keeps it (§4.1.2)."""
    party, state = provider.client(), "a b&c=\"<'%/中文"
    response = provider.browser(provider.person()).client.get(party.authorize_path(state=state))
    answer = parameters_of(response.headers["Location"])
    assert response.status_code == 303 and response.headers["Cache-Control"] == "no-store"
    assert answer["state"] == state and answer["code"]


def test_a_request_without_state_is_answered_without_one(provider: Provider) -> None:
    """No state was sent, so none comes back (§4.1.2)."""
    answer = provider.answer(provider.browser(provider.person()), provider.client(), state=None)
    assert set(answer) == {"code", "iss"}


@pytest.mark.parametrize("client_id", [None, "", "unknown", "x" * 300, "a\x00b", "中文", "' OR 1=1 --"])
def test_an_unknown_client_gets_a_page(provider: Provider, client_id: str | None) -> None:
    """Who is not registered is never redirected to (§4.1.2.1)."""
    response = provider.http.get(provider.client().authorize_path(client_id=client_id))
    assert response.status_code == 400 and "Location" not in response.headers
    assert response.mimetype == "text/html" and response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("state", [ClientState.DISABLED, ClientState.DELETED])
def test_a_client_that_was_switched_off_gets_a_page(provider: Provider, state: ClientState) -> None:
    """A disabled client is as unknown as one that never was (§4.1.2.1)."""
    party, administration = provider.client(), provider.house.protocol.administration
    assert provider.http.get(party.authorize_path()).status_code == 303
    (administration.disable if state is ClientState.DISABLED else administration.delete)(party.client_id)
    response = provider.http.get(party.authorize_path())
    assert response.status_code == 400 and "Location" not in response.headers


@pytest.mark.parametrize(
    "uri",
    [
        REDIRECT_URI + "/",
        REDIRECT_URI + "?x=1",
        REDIRECT_URI + "#f",
        REDIRECT_URI.upper(),
        REDIRECT_URI.replace("https", "http"),
        REDIRECT_URI + "/../callback",
        REDIRECT_URI.replace(".cn", ".cn:443"),
        REDIRECT_URI.replace("portal", "user@portal"),
        "https://evil.example/callback",
        "javascript:alert(1)",
        "callback",
    ],
)
def test_a_redirect_uri_is_compared_as_text(provider: Provider, uri: str) -> None:
    """Anything but the registered text is a page, never a redirect (§3.1.2.3, RFC 9700 §2.1)."""
    response = provider.http.get(provider.client().authorize_path(redirect_uri=uri))
    assert response.status_code == 400 and "Location" not in response.headers


def test_a_missing_redirect_uri_is_filled_in_for_plain_oauth_only(provider: Provider) -> None:
    """The only registered one counts without OpenID (§3.1.2.3); with it the parameter is required (Core §3.1.2.1)."""
    party, person = provider.client(), provider.person()
    browser = provider.browser(person)
    assert provider.answer(browser, party, redirect_uri=None, scope="profile")["code"]
    assert browser.client.get(party.authorize_path(redirect_uri=None)).status_code == 400
    two = provider.client(redirect_uris=[REDIRECT_URI, REDIRECT_URI + "2"])
    assert browser.client.get(two.authorize_path(redirect_uri=None, scope="profile")).status_code == 400


def test_the_query_of_a_redirect_uri_stays(provider: Provider) -> None:
    """What is registered with a query keeps it (§3.1.2)."""
    party = provider.client(redirect_uris=[REDIRECT_URI + "?tenant=7"])
    answer = provider.answer(provider.browser(provider.person()), party)
    assert answer["tenant"] == "7" and answer["code"]


def test_only_a_native_client_may_vary_the_loopback_port(provider: Provider) -> None:
    """Any port of the registered loopback address will do for an app, nothing else of it (RFC 8252 §7.3)."""
    native = provider.client(application_type="native", redirect_uris=["http://127.0.0.1/cb"])
    web = provider.client(redirect_uris=["http://127.0.0.1:8000/cb"])
    assert provider.http.get(native.authorize_path(redirect_uri="http://127.0.0.1:51004/cb")).status_code == 303
    for party, uri in (
        (native, "http://127.0.0.1:51004/other"),
        (native, "http://localhost:51004/cb"),
        (native, "http://127.0.0.1:51004@evil.example/cb"),
        (native, "http://127.0.0.1:x/cb"),
        (web, "http://127.0.0.1:8001/cb"),
    ):
        assert provider.http.get(party.authorize_path(redirect_uri=uri)).status_code == 400, uri


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "nobody-knows"}, "invalid_scope"),
        ({"scope": "openid address"}, "invalid_scope"),
        ({"scope": 'openid "x"'}, "invalid_request"),
        ({"scope": "openid\x7f"}, "invalid_request"),
        ({"scope": ["openid", "profile"]}, "invalid_request"),
        ({"nonce": "x" * 16_000 + "\n"}, "invalid_request"),
        ({"response_mode": "web_message"}, "invalid_request"),
    ],
)
def test_what_is_wrong_is_told_by_redirect(provider: Provider, changed: dict[str, object], error: str) -> None:
    """Once client and address are trusted, the client learns the error by its code (§4.1.2.1)."""
    answer = provider.answer(provider.browser(), provider.client(), **changed)
    assert answer["error"] == error and answer["state"] == "st-1"
    assert "code" not in answer


def test_an_unknown_scope_beside_known_ones_is_ignored(provider: Provider) -> None:
    """What is not understood is left out, and the answer says what was given (§3.3, OpenID Connect Core §3.1.2.1)."""
    party = provider.client()
    tokens = provider.tokens(provider.browser(provider.person()), party, scope="openid profile nobody-knows")
    assert tokens["scope"] == "openid profile"


def test_a_client_without_the_code_grant_is_told_so(provider: Provider) -> None:
    """A client registered for itself alone gets unauthorized_client (§4.1.2.1)."""
    party = provider.client(grant_types=["client_credentials"], response_types=[], scope="openid")
    assert provider.answer(provider.browser(), party)["error"] == "unauthorized_client"


@pytest.mark.parametrize("name", ["state", "scope", "nonce", "code_challenge"])
def test_a_repeated_parameter_is_refused(provider: Provider, name: str) -> None:
    """No parameter comes twice (§3.1); a state in doubt is not sent back."""
    path = provider.client().authorize_path() + f"&{name}=again"
    answer = parameters_of(provider.http.get(path).headers["Location"])
    assert answer["error"] == "invalid_request" and ("state" in answer) == (name != "state")


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_a_repeated_client_or_address_is_a_page(provider: Provider, name: str) -> None:
    """Of two clients or addresses neither is trusted (§3.1, §4.1.2.1)."""
    party = provider.client()
    value = party.client_id if name == "client_id" else party.redirect_uri
    response = provider.http.get(party.authorize_path() + f"&{name}={value}")
    assert response.status_code == 400 and "Location" not in response.headers


def test_an_empty_parameter_counts_as_omitted(provider: Provider) -> None:
    """A parameter without a value is as good as none (§3.1)."""
    answer = provider.answer(provider.browser(provider.person()), provider.client(), prompt="", max_age="", claims="")
    assert answer["code"]


def test_a_post_is_taken_like_a_get(provider: Provider) -> None:
    """A cross-site POST, which brings no Lax cookie, is parked and goes on by our own GET (§3.1)."""
    party, browser = provider.client(), provider.browser(provider.person())
    body = party.authorize_path().partition("?")[2]
    parked = form(provider.http, "/oauth/authorize", body)
    assert parked.status_code == 303 and parked.headers["Location"].startswith("/oauth/authorize/")
    answered = browser.client.get(parked.headers["Location"])
    assert parameters_of(answered.headers["Location"])["code"]


def test_a_bad_post_is_refused_before_it_is_parked(provider: Provider) -> None:
    """Another type, a query beside the body, or an unknown client is a page; a wrong scope a redirect (§3.1)."""
    party, http = provider.client(), provider.http
    body = party.authorize_path().partition("?")[2]
    assert http.post("/oauth/authorize", data=body, content_type="application/json").status_code == 400
    assert form(http, "/oauth/authorize?x=1", body).status_code == 400
    assert form(http, "/oauth/authorize", body.replace(party.client_id, "nobody")).status_code == 400
    assert form(http, "/oauth/authorize", body + "&x=" + "y" * 17_000).status_code == 400
    refused = form(http, "/oauth/authorize", body.replace("profile", "nobody").replace("openid", "knows"))
    assert parameters_of(refused.headers["Location"])["error"] == "invalid_scope"
    assert http.get("/oauth/authorize/never-parked").status_code == 400


def test_other_methods_are_refused(provider: Provider) -> None:
    """GET and POST only (§3.1); HEAD answers as GET would, OPTIONS tells the methods and nothing cross-origin."""
    path = provider.client().authorize_path()
    for method in ("PUT", "DELETE", "PATCH"):
        response = provider.http.open(path, method=method)
        assert response.status_code == 405 and "GET" in response.headers["Allow"]
    options = provider.http.options(path, headers={"Origin": "https://app.example"})
    assert options.status_code == 200 and "Access-Control-Allow-Origin" not in options.headers
    assert provider.http.head(path).status_code == 303
