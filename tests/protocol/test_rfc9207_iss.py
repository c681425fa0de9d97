"""RFC 9207: every authorization response names the issuer."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.protocol.provider import EMBEDDED, Provider

pytestmark = EMBEDDED


@pytest.mark.parametrize("changed", [{}, {"scope": "unknown"}, {"prompt": "none"}, {"request": "x"}])
def test_success_and_error_carry_iss(provider: Provider, changed: dict[str, str]) -> None:
    """`iss` is there whatever the outcome, exactly as the metadata tells it (§2)."""
    browser = provider.browser(provider.person() if not changed else None)
    assert provider.answer(browser, provider.client(), **changed)["iss"] == provider.issuer
    metadata = provider.http.get("/.well-known/openid-configuration").get_json()
    assert metadata["issuer"] == provider.issuer
    assert metadata["authorization_response_iss_parameter_supported"] is True


def test_iss_comes_in_the_fragment_too(provider: Provider) -> None:
    """The parameter goes where the others go (§2)."""
    response = provider.browser().client.get(provider.client().authorize_path(prompt="none", response_mode="fragment"))
    parts = urlsplit(response.headers["Location"])
    assert parts.query == "" and parse_qs(parts.fragment)["iss"] == [provider.issuer]


def test_iss_does_not_follow_the_host_header(provider: Provider) -> None:
    """The issuer is the configured one, whatever host the request names (§2.4, mix-up)."""
    path = provider.client().authorize_path(prompt="none")
    response = provider.http.get(path, headers={"Host": "evil.example"})
    assert "evil.example" not in response.headers["Location"]
