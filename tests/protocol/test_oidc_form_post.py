"""OAuth 2.0 Form Post Response Mode 1.0, and the fragment: where the answer goes."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.protocol.provider import EMBEDDED, Provider
from tests.support.relying_party import REDIRECT_URI

pytestmark = EMBEDDED
STATE = "a b&c=\"<'>%2F/中文"


def fields_of(page: str) -> dict[str, str]:
    """Return the hidden fields of a page."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return {unescape(name): unescape(value) for name, value in found}


@pytest.mark.parametrize("changed", [{}, {"scope": "unknown"}])
def test_the_answer_is_posted_with_exact_values(provider: Provider, changed: dict[str, str]) -> None:
    """Code or error, state and iss are fields of a form that posts itself to the client (§2)."""
    party = provider.client()
    path = party.authorize_path(response_mode="form_post", state=STATE, **changed)
    response = provider.browser(provider.person()).client.get(path)
    page = response.get_data(as_text=True)
    fields = fields_of(page)
    expected = {"error", "error_description"} if changed else {"code"}
    assert response.status_code == 200 and set(fields) == expected | {"state", "iss"}
    assert fields["state"] == STATE
    assert f'method="post" action="{REDIRECT_URI}"' in page
    # §4: no cache keeps it; nothing of it runs inline, so the policy needs no exception.
    assert response.headers["Cache-Control"] == "no-store"
    assert "onload" not in page and "<script>" not in page
    assert "form-action 'self' https://portal.example.gov.cn" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("changed", [{}, {"prompt": "none", "max_age": "x"}])
def test_a_fragment_holds_the_whole_answer(provider: Provider, changed: dict[str, str]) -> None:
    """In fragment mode nothing is in the query (OAuth 2.0 Multiple Response Types §2.1)."""
    party = provider.client(redirect_uris=[REDIRECT_URI + "?tenant=7"])
    path = party.authorize_path(response_mode="fragment", state=STATE, **changed)
    location = provider.browser(provider.person()).client.get(path).headers["Location"]
    parts = urlsplit(location)
    answer = parse_qs(parts.fragment)
    assert parts.query == "tenant=7" and answer["state"] == [STATE]
    assert ("error" in answer) == bool(changed) and ("code" in answer) != bool(changed)


def test_a_refusal_after_the_login_keeps_the_mode(provider: Provider) -> None:
    """A person who cancels on the login page is told in the mode that was asked for (§2)."""
    browser = provider.browser()
    browser.open(provider.client().authorize_path(response_mode="form_post"))
    browser.submit({}, path=browser.path.replace("/login", "/cancel"))
    assert fields_of(browser.text)["error"] == "access_denied"
