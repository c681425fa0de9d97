"""Every page does its whole work without JavaScript, on a phone."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.pages import steps
from tests.pages.people import newcomer
from tests.support.site import Site


@pytest.fixture
def context_options() -> dict[str, Any]:
    """A phone that runs no scripts."""
    return {"locale": "zh-CN", "java_script_enabled": False, "viewport": {"width": 390, "height": 844}}


def test_register_log_in_consent_and_log_out(page: Page, site: Site) -> None:
    """The whole journey: account, code, consent, client; logout; login again."""
    person = newcomer()
    steps.register_and_return(page, site, person)
    assert "code=" in page.url
    page.goto(f"{site.issuer}/logout")
    page.click("#logout-yes")
    expect(page.locator("h1")).to_have_text("您已退出登录")
    page.goto(site.authorize_url())
    steps.log_in(page, person.mobile, "wrong-password-1")
    expect(page.locator("#error-summary")).to_be_focused()
    steps.log_in(page, person.mobile, person.password)
    steps.expect_client(page, site)


def test_denied_consent_goes_back_with_an_error(page: Page, site: Site) -> None:
    """Refusing leads back to the client as access_denied, and an unticked item is no consent."""
    person = newcomer()
    page.goto(site.authorize_url())
    page.click("a[href*='/register']")
    steps.fill_registration(page, person)
    steps.enter_code(page, site, person)
    page.click("#consent-allow")
    expect(page.locator("#error-summary")).to_be_visible()
    page.click("#consent-deny")
    steps.expect_client(page, site)
    assert "error=access_denied" in page.url


def test_an_answer_by_form_goes_on_with_a_button(page: Page, site: Site) -> None:
    """form_post without scripts shows a button that carries the answer to the client."""
    person = newcomer()
    steps.register_and_return(page, site, person)
    page.goto(site.authorize_url(response_mode="form_post"))
    page.click("#form-post-submit")
    steps.expect_client(page, site)


def test_a_code_opens_the_form_for_the_password(page: Page, site: Site) -> None:
    """Login by SMS asks for the code, and on a known device that is enough; a wrong code is told."""
    person = newcomer()
    steps.register_and_return(page, site, person)
    page.goto(f"{site.issuer}/logout")
    page.click("#logout-yes")
    page.goto(site.authorize_url())
    page.click("a[href*='/login/sms']")
    page.fill("#mobile", person.mobile)
    page.click("form:has(#mobile) [type=submit]")
    sent = site.newest_code(person.mobile)
    page.fill("#code", "000000" if sent != "000000" else "111111")
    page.click("#code-submit")
    expect(page.locator("#error-summary")).to_be_visible()
    steps.enter_code(page, site, person)
    steps.expect_client(page, site)


def test_the_language_switch_keeps_the_page(page: Page, site: Site) -> None:
    """The switch leads back to the same page in the other language."""
    page.goto(f"{site.issuer}/terms")
    page.click("button[name=locale][value=en]")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url == f"{site.issuer}/terms"
    page.click("button[name=locale][value=zh_CN]")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
