"""The real application in two made-up languages: a long one, and one that is written from right to left."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from idp.config.settings import LocaleSettings
from idp.web import locale
from scripts.translations import extract
from tests.pages import steps
from tests.pages.people import newcomer
from tests.pages.reading import problems, untranslated
from tests.support.pseudo_locale import LEFT_TO_RIGHT, RIGHT_TO_LEFT, write_pseudo_translations
from tests.support.site import CLIENT_NAME, Site, serving
from tests.support.staff import STAFF_PASSWORD, made_clerk, staff_client

_LANGUAGES = [(LEFT_TO_RIGHT, "ltr"), (RIGHT_TO_LEFT, "rtl")]


@pytest.fixture(scope="module")
def foreign_site(site_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The real application, speaking nothing but the made-up languages."""
    folder = tmp_path_factory.mktemp("translations")
    write_pseudo_translations(extract(), folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(locale, "TRANSLATIONS", folder)
        settings = LocaleSettings(default=LEFT_TO_RIGHT, supported=(LEFT_TO_RIGHT, RIGHT_TO_LEFT))
        with serving(site_folder, settings) as running:
            yield running


@pytest.fixture(params=_LANGUAGES, ids=["long", "rtl"])
def speech(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The language and direction of a walk."""
    return request.param


@pytest.fixture
def context_options(speech: tuple[str, str]) -> dict[str, Any]:
    """A browser that asks for the language."""
    return {"locale": speech[0], "viewport": {"width": 390, "height": 844}}


@pytest.fixture
def read(page: Page, speech: tuple[str, str]) -> Iterator["Reader"]:
    """Looks at pages on the way; what was wrong on any of them fails the test at its end."""
    reader = Reader(page, *speech)
    yield reader
    assert reader.found == {}


class Reader:
    """Collects what is wrong with the pages of a walk."""

    def __init__(self, page: Page, language: str, direction: str) -> None:
        self._page, self._language, self._direction = page, language, direction
        self.found: dict[str, list[str]] = {}
        self.seen = 0

    def __call__(self, name: str) -> None:
        """Look at the page that is open; one that is called refused shows why."""
        self.seen += 1
        if name.endswith("refused"):
            expect(self._page.locator("#error-summary")).to_be_visible()
        if wrong := problems(self._page, language=self._language, direction=self._direction):
            self.found[name] = wrong


def test_the_journey_is_translated_and_fits(page: Page, foreign_site: Site, read: Reader) -> None:
    """Front page, login, refusal, registration, code, consent and logout, in every state on the way."""
    person = newcomer()
    page.goto(foreign_site.issuer)
    read("front page")
    page.goto(foreign_site.authorize_url())
    read("login")
    steps.log_in(page, "nobody", "wrong-password-1")
    read("login refused")
    page.click("a[href*='/register']")
    read("registration")
    page.click("#register-submit")
    read("registration refused")
    steps.fill_registration(page, person)
    read("code")
    page.fill("#code", "1")
    page.click("#code-submit")
    read("code refused")
    steps.enter_code(page, foreign_site, person)
    read("consent")
    page.click("#consent-allow")
    read("consent refused")
    steps.allow_everything(page)
    steps.expect_client(page, foreign_site)
    page.goto(foreign_site.issuer)
    read("front page, logged in")
    page.goto(f"{foreign_site.issuer}/oauth/logout?client_id={foreign_site.party.client_id}")
    read("logout question")
    page.click("#logout-yes")
    read("logged out")
    assert read.seen == 12


def test_the_other_doors_are_translated_and_fit(page: Page, foreign_site: Site, read: Reader) -> None:
    """Login by SMS, password recovery, and the texts of law."""
    page.goto(f"{foreign_site.issuer}/login/sms")
    read("sms")
    page.click("form:has(#mobile) [type=submit]")
    read("sms refused")
    for path in ("terms", "privacy", "logout/done"):
        page.goto(f"{foreign_site.issuer}/{path}")
        read(path)


def test_the_account_centre_is_translated_and_fits(page: Page, foreign_site: Site, read: Reader) -> None:
    """Every room of the account centre that its navigation leads to."""
    steps.register_and_return(page, foreign_site, newcomer())
    page.goto(f"{foreign_site.issuer}/account")
    links = page.locator("nav.rooms a").evaluate_all("all => all.map(a => a.href)")
    links += page.locator("main a").evaluate_all("all => all.map(a => a.href)")
    for link in dict.fromkeys(links):
        page.goto(link)
        read(link)


def test_a_first_staff_login_is_translated_and_fits(page: Page, foreign_site: Site, read: Reader) -> None:
    """Login, mobile, code, password, app and recovery codes, refused and taken, up to the client."""
    site, person = foreign_site, newcomer()
    clerk = made_clerk(site.house, mobile=f"+86{person.mobile}", login_name=f"clerk-{person.mobile}")
    party = staff_client(site.house, client_name=CLIENT_NAME, redirect_uris=[site.party.redirect_uri])
    page.goto(site.issuer + party.authorize_path())
    read("staff login")
    steps.log_in(page, clerk.login_name, "wrong-password-1")
    read("staff login refused")
    steps.log_in(page, clerk.login_name, clerk.password)
    read("mobile")
    page.click("#sms-submit")
    read("code")
    steps.enter_code(page, site, person)
    read("password")
    page.fill("#password", "fifteen-herons")
    page.click("#password-submit")
    read("password refused")
    page.fill("#password", STAFF_PASSWORD)
    page.click("#password-submit")
    read("app")
    app = pyotp.TOTP(page.locator(".secret").text_content().replace(" ", ""))
    page.fill("#code", "x")
    page.click("#totp-submit")
    read("app refused")
    page.fill("#code", app.now())
    page.click("#totp-submit")
    read("recovery codes")
    page.click("#codes-kept")
    steps.expect_client(page, site)
    page.goto(site.issuer + party.authorize_path(prompt="login"))
    steps.log_in(page, clerk.login_name, STAFF_PASSWORD)
    read("second factor of staff")


def test_errors_are_translated_and_fit(
    page: Page, context: BrowserContext, browser: Browser, foreign_site: Site, read: Reader, speech: tuple[str, str]
) -> None:
    """Unknown client, bad redirect, expired and foreign login, missing page, and a form without its token."""
    site = foreign_site
    bad = f"client_id={site.party.client_id}&redirect_uri=https://elsewhere.example/"
    for path in ("oauth/authorize?client_id=nobody", f"oauth/authorize?{bad}", "i/nothing/login", "nowhere"):
        page.goto(f"{site.issuer}/{path}")
        read(path)
    page.goto(site.authorize_url())
    stranger = browser.new_context(locale=speech[0])
    foreign = stranger.new_page()
    foreign.goto(page.url)
    assert untranslated(foreign) == []
    assert foreign.locator("#identifier").count() == 0
    stranger.close()
    page.evaluate("document.querySelector('form:has(#password) input[name=csrf_token]').value = 'x'")
    steps.log_in(page, "somebody", "something")
    assert page.locator("h1").count() == 1 and page.locator("#identifier").count() == 0
    read("form without token")


def test_a_missing_translation_is_noticed(page: Page, foreign_site: Site) -> None:
    """The check itself works: a word written straight into a page is found."""
    page.goto(foreign_site.issuer)
    page.evaluate("document.querySelector('h1').append(' Straight')")
    assert any("Straight" in text for text in untranslated(page))
