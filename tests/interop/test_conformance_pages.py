"""The pages of the conformance profile in Chromium, by the ids and names that docs/conformance.md promises."""

from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.interop.conformance import Provider, answer_of
from tests.interop.relying_party_site import RelyingPartySite


@pytest.fixture
def context_options() -> dict[str, Any]:
    """The browser does not know the throw-away authority."""
    return {"locale": "en-GB", "ignore_https_errors": True}


def test_login_consent_and_logout(provider: Provider, site: RelyingPartySite, page: Page) -> None:
    """A wrong password, the right one, consent item by item, the relying party; then the logout question."""
    redirect_uri = f"{site.url}/callback"
    client = provider.register(redirect_uris=[redirect_uri], client_name="Suite")
    asked = {
        "response_type": "code",
        "client_id": client["client_id"],
        "redirect_uri": redirect_uri,
        "scope": "openid profile phone address",
        "state": "st",
    }
    page.goto(f"{provider.issuer}/oauth/authorize?{urlencode(asked)}")
    page.fill("#identifier", "alice")
    page.fill("#password", "wrong")
    page.click("#login-submit")
    expect(page.locator("[role=alert], .error-summary").first).to_be_visible()
    page.fill("#password", "alice-password")
    page.click("#login-submit")
    expect(page.locator("#consent-allow")).to_be_visible()
    expect(page.locator("#consent-deny")).to_be_visible()
    boxes = page.locator("input[name=granted]")
    expect(boxes).to_have_count(2)
    for box in boxes.all():
        box.check()
    page.click("#consent-allow")
    page.wait_for_url(f"{redirect_uri}?**")
    answer = answer_of(page.url)
    assert (answer["state"], answer["iss"]) == ("st", provider.issuer)
    assert answer["code"]
    page.goto(f"{provider.issuer}/oauth/logout?client_id={client['client_id']}")
    page.click("#logout-yes")
    expect(page.locator("#logout-yes")).to_have_count(0)
    page.goto(f"{provider.issuer}/oauth/authorize?{urlencode(asked | {'prompt': 'none'})}")
    assert answer_of(page.url)["error"] == "login_required"


def test_form_post_and_refusal(provider: Provider, site: RelyingPartySite, page: Page) -> None:
    """Refused consent comes back as access_denied, posted by the page itself (Form Post Response Mode §4)."""
    redirect_uri = f"{site.url}/callback"
    client = provider.register(redirect_uris=[redirect_uri])
    asked = {
        "response_type": "code",
        "response_mode": "form_post",
        "client_id": client["client_id"],
        "redirect_uri": redirect_uri,
        "scope": "openid email",
        "state": "st",
    }
    page.goto(f"{provider.issuer}/oauth/authorize?{urlencode(asked)}")
    page.fill("#identifier", "alice")
    page.fill("#password", "alice-password")
    page.click("#login-submit")
    page.click("#consent-deny")
    posted = answer_of("?" + site.posts.get(timeout=60))
    assert (posted["error"], posted["state"], posted["iss"]) == ("access_denied", "st", provider.issuer)
