"""The steps of a walk through the real application, the same for every language, width and browser."""

from playwright.sync_api import Page, expect

from tests.pages.people import Newcomer
from tests.support.site import Site


def fill_registration(page: Page, person: Newcomer) -> None:
    """Fill in the registration form and send it."""
    page.fill("#name", person.name)
    page.fill("#number", person.number)
    page.fill("#mobile", person.mobile)
    page.fill("#password", person.password)
    page.check("#terms")
    page.click("#register-submit")
    expect(page.locator("#code")).to_be_visible()


def enter_code(page: Page, site: Site, person: Newcomer) -> None:
    """Type the code that was sent."""
    page.fill("#code", site.newest_code(person.mobile))
    page.click("#code-submit")


def allow_everything(page: Page) -> None:
    """Tick every item of the consent page and allow."""
    expect(page.locator("#consent-allow")).to_be_visible()  # `all` below does not wait for the page
    for box in page.locator("input[name=granted]").all():
        box.check()
    page.click("#consent-allow")


def log_in(page: Page, identifier: str, password: str) -> None:
    """Fill in the login form and send it."""
    page.fill("#identifier", identifier)
    page.fill("#password", password)
    page.click("#login-submit")


def register_and_return(page: Page, site: Site, person: Newcomer) -> None:
    """Come from the client, open an account, consent, and end at the client."""
    page.goto(site.authorize_url())
    page.click("a[href*='/register']")
    fill_registration(page, person)
    enter_code(page, site, person)
    allow_everything(page)
    expect_client(page, site)


def expect_client(page: Page, site: Site) -> None:
    """The browser stands at the client's callback."""
    expect(page.locator("#client")).to_be_visible()
    assert page.url.startswith(site.party.redirect_uri)
