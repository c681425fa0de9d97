"""OpenID Connect Back-Channel Logout 1.0: each client is told, durably, in its own words."""

from collections.abc import Callable
from urllib.parse import parse_qs

import pytest

from idp.outbox.worker import Worker
from tests.protocol.provider import Provider
from tests.support.relying_party import FormBrowser, RelyingParty
from tests.unit.idp.outbound.conftest import LocalServer, serve  # noqa: F401 - a fixture

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
FAILED = b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
Serve = Callable[..., LocalServer]


def told_client(provider: Provider, server: LocalServer, host: str = "portal", **metadata: object) -> RelyingParty:
    """Register a client that is told at `server`."""
    return provider.client(
        redirect_uris=[f"https://{host}.example.gov.cn/callback"],
        backchannel_logout_uri=server.url("/logout"),
        backchannel_logout_session_required=True,
        **metadata,
    )


def log_out(browser: FormBrowser) -> None:
    """Log out from our own page."""
    browser.open("/logout")
    browser.submit({"decision": "yes"})


def logout_token(request: bytes) -> str:
    """Return the token of a request that the receiver got, which is a form POST (§2.5)."""
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /logout ") and b"application/x-www-form-urlencoded" in head.lower()
    (token,) = parse_qs(body.decode())["logout_token"]
    return token


def test_each_client_is_told_in_its_own_words(provider: Provider, worker: Worker, serve: Serve) -> None:  # noqa: F811
    """Its own subject, session id and algorithm, typ logout+jwt, no nonce, two minutes at most (§2.4, §2.6)."""
    servers = [serve(OK), serve(OK)]
    parties = [
        told_client(provider, servers[0], id_token_signed_response_alg="ES256"),
        told_client(provider, servers[1], "tax", id_token_signed_response_alg="RS256"),
    ]
    browser = provider.browser(provider.person())
    id_tokens = [provider.claims_of(provider.tokens(browser, party)["id_token"]) for party in parties]
    log_out(browser)
    assert not any(server.received for server in servers)  # told by the worker, not while the person waits
    worker.run_once()
    now = provider.clock.epoch()
    for server, party, id_token, algorithm in zip(servers, parties, id_tokens, ("ES256", "RS256"), strict=True):
        (request,) = server.received
        claims = provider.claims_of(logout_token(request), typ="logout+jwt", algorithm=algorithm)
        assert set(claims) == {"iss", "sub", "aud", "iat", "exp", "jti", "sid", "events"}
        assert (claims["aud"], claims["sub"], claims["sid"]) == (party.client_id, id_token["sub"], id_token["sid"])
        assert claims["events"] == {EVENT: {}} and (claims["iat"], claims["exp"]) == (now, now + 120)
    assert id_tokens[0]["sid"] != id_tokens[1]["sid"]


def test_who_took_no_part_is_not_told(provider: Provider, worker: Worker, serve: Serve) -> None:  # noqa: F811
    """Only the clients of this session, once each however often they came; a failed login tells nobody (§2.3)."""
    server = serve(OK)
    party, other = told_client(provider, server), told_client(provider, serve(OK), "tax")
    person = provider.person()
    browser, elsewhere = provider.browser(person), provider.browser(person)
    for _ in range(2):
        provider.tokens(browser, party)
    provider.tokens(elsewhere, other)
    log_out(browser)
    assert worker.run_once() == 1
    assert len(server.received) == 1
    assert provider.answer(elsewhere, other, prompt="none")["code"]


def test_what_failed_is_tried_again_with_a_fresh_token(
    provider: Provider,
    worker: Worker,
    serve: Serve,  # noqa: F811
) -> None:
    """The outbox keeps it until it succeeds; each attempt has its own token (§2.5; decision 18)."""
    answers = [FAILED, FAILED, OK]
    server = serve(lambda connection: connection.sendall(answers.pop(0)))
    browser, party = provider.browser(provider.person()), told_client(provider, server)
    provider.tokens(browser, party)
    log_out(browser)
    for _ in range(3):
        assert worker.run_once() == 1
        provider.clock.advance(minutes=10)
    assert worker.run_once() == 0
    tokens = [logout_token(request) for request in server.received]
    ids = {provider.claims_of(token, typ="logout+jwt")["jti"] for token in tokens}
    assert len(tokens) == len(ids) == 3


@pytest.mark.parametrize("house", ["embedded"], indirect=True)
def test_204_is_a_success_and_a_redirect_is_not_followed(
    provider: Provider,
    worker: Worker,
    serve: Serve,  # noqa: F811
) -> None:
    """200 and 204 end it (§2.8); a redirect is a failure, so no other place learns the token."""
    elsewhere = serve(OK)
    moved = b"HTTP/1.1 302 Found\r\nLocation: " + elsewhere.url("/").encode() + b"\r\nContent-Length: 0\r\n\r\n"
    answers = [moved, b"HTTP/1.1 204 No Content\r\n\r\n"]
    server = serve(lambda connection: connection.sendall(answers.pop(0)))
    browser, party = provider.browser(provider.person()), told_client(provider, server)
    provider.tokens(browser, party)
    log_out(browser)
    worker.run_once()
    provider.clock.advance(minutes=1)
    worker.run_once()
    provider.clock.advance(hours=1)
    assert worker.run_once() == 0
    assert len(server.received) == 2 and not elsewhere.received
