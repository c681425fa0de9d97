"""RFC 7636 (PKCE), as decision 8 narrows it: S256 only, and enforced wherever a challenge was sent."""

import pytest

from tests.protocol.provider import EMBEDDED, Provider
from tests.support.relying_party import RelyingParty

pytestmark = EMBEDDED


def test_the_verifier_of_the_challenge_redeems(provider: Provider) -> None:
    """base64url(SHA-256(verifier)) equals the challenge (§4.6), of the shortest and the longest verifier (§4.1)."""
    browser, party = provider.browser(provider.person()), provider.client()
    for verifier in ("a" * 43, "-._~" * 32):
        party = RelyingParty(party.client_id, party.client_secret, party.redirect_uri, verifier)
        assert party.redeem(provider.http, provider.code(browser, party)).status_code == 200


@pytest.mark.parametrize("verifier", [None, "a" * 42, "a" * 129, "b" * 43, "a" * 42 + "+", "a" * 42 + "中"])
def test_a_wrong_verifier_is_refused_and_uses_the_code_up(provider: Provider, verifier: str | None) -> None:
    """Missing, too short, too long, of other letters or simply another one (§4.1, §4.6): one guess, not more."""
    party = provider.client()
    code = provider.code(provider.browser(provider.person()), party)
    for tried in (verifier, party.verifier):
        response = party.redeem(provider.http, code, code_verifier=tried)
        assert (response.status_code, response.get_json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    "changed",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": "s256"},
        {"code_challenge": None},
        {"code_challenge": "short"},
        {"code_challenge": "a" * 44},
        {"code_challenge": "a" * 42 + "="},
        {"code_challenge": "a" * 42 + "\u0661"},
    ],
)
def test_a_request_without_a_good_challenge_is_refused(provider: Provider, changed: dict[str, str | None]) -> None:
    """An omitted method means plain (§4.3), which is not had here; the challenge is 43 letters (§4.2, §4.4.1)."""
    answer = provider.answer(provider.browser(), provider.client(), **changed)
    assert answer["error"] == "invalid_request"


def test_a_client_that_need_not_may_go_without_but_not_halfway(provider: Provider) -> None:
    """Without a challenge a verifier is refused (RFC 9700 §2.1.1, downgrade); a challenge once sent is enforced."""
    browser = provider.browser(provider.person())
    party = provider.client(policy={"require_consent": False, "require_pkce": False})
    without = {"code_challenge": None, "code_challenge_method": None}
    assert party.redeem(provider.http, provider.code(browser, party, **without), code_verifier=None).status_code == 200
    with_verifier = party.redeem(provider.http, provider.code(browser, party, **without))
    assert with_verifier.get_json()["error"] == "invalid_grant"
    forgotten = party.redeem(provider.http, provider.code(browser, party), code_verifier=None)
    assert forgotten.get_json()["error"] == "invalid_grant"


def test_a_public_client_always_needs_it(provider: Provider) -> None:
    """A client without a secret has nothing else that binds the code to it (RFC 9700 §2.1.1)."""
    party = provider.client(token_endpoint_auth_method="none")
    answer = provider.answer(provider.browser(), party, code_challenge=None, code_challenge_method=None)
    assert answer["error"] == "invalid_request"
