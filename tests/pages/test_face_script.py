"""A service's script in a real browser: it runs on one page alone, and where it does not the page says so."""

import base64
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pydantic import SecretStr

from demo.simulators import browser_script
from demo.simulators.aliyun_cloudauth import AliyunCloudauth
from demo.simulators.people import Person
from demo.simulators.verification import VerificationSimulator
from idp.config.settings import LocaleSettings, RealNameSettings
from realname.providers.register.entry import Entry
from tests.pages import steps
from tests.pages.people import Newcomer, newcomer
from tests.support.proofing import LEVEL, number_of
from tests.support.site import Site, prepare, serving

PEOPLE = [newcomer() for _each in range(6)]


@pytest.fixture(scope="module")
def faces() -> Iterator[VerificationSimulator]:
    """Alibaba's stand-in, which serves the script as well."""
    known = [Person(each.number, each.name, each.mobile) for each in PEOPLE]
    service = AliyunCloudauth(access_key_id="LTAIface", access_key_secret="s3cret", scene_id="7", people=known)
    simulator = VerificationSimulator(service)
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture(scope="module")
def face_site(tmp_path_factory: pytest.TempPathFactory, faces: VerificationSimulator) -> Iterator[Site]:
    """The real application, with that service and that script, held to its digest."""
    folder: Path = tmp_path_factory.mktemp("faces") / "data"
    prepare(folder)
    digest = base64.b64encode(hashlib.sha384(browser_script.SCRIPT.encode()).digest()).decode()
    settings = RealNameSettings(
        face="aliyun",
        endpoint=faces.url,
        key_id="LTAIface",
        key_secret=SecretStr("s3cret"),
        face_rule="7",
        face_script=faces.url + browser_script.PATH,
        face_script_integrity=f"sha384-{digest}",
    )
    with serving(folder, LocaleSettings(), realname=settings) as running:
        entries = [
            Entry(number_of(running.house, each.number), each.name, mobiles=(f"+86{each.mobile}",)) for each in PEOPLE
        ]
        with running.house.ground.database.transaction() as session:
            running.house.register.entries.put(session, entries)
        yield running


@pytest.fixture
def person() -> Newcomer:
    """Somebody whom register and service know, and who has no account yet."""
    return PEOPLE.pop()


def walk_to_start(page: Page, site: Site, person: Newcomer) -> None:
    """Open an account, then be asked for level 3 and show name, number and mobile."""
    steps.register_and_return(page, site, person)
    page.goto(site.authorize_url(acr_values=f"{LEVEL}3", prompt="login"))
    steps.log_in(page, person.mobile, person.password)
    page.fill("#name", person.name)
    page.fill("#number", person.number)
    page.click("#proofing-submit")
    expect(page.locator("#code")).to_be_visible()
    steps.enter_code(page, site, person)
    page.click(".actions button")
    expect(page).to_have_url(re.compile("/verify/face/start$"))


def test_the_script_leads_through_the_service_to_level_3(
    page: Page, face_site: Site, faces: VerificationSimulator, person: Newcomer
) -> None:
    """The browser loads it from the service's origin, held to its digest, and its word begins the comparison."""
    walk_to_start(page, face_site, person)
    expect(page.locator("#face-blocked")).to_be_hidden()
    page.click("#face-begin")
    page.click("#face-go")
    page.click("button[value=pass]")
    steps.expect_client(page, face_site)
    assert "code=" in page.url
    begun = [each for each in faces.ledger if each.action == "InitFaceVerify"]
    assert len(begun) == 1 and "deviceType" in begun[0].asked.query


def test_where_the_script_is_blocked_the_page_says_so(
    page: Page, face_site: Site, faces: VerificationSimulator, person: Newcomer
) -> None:
    """No button leads to a service that could not begin; the way to the counter is there."""
    before = len(faces.ledger)
    page.route(f"**{browser_script.PATH}", lambda route: route.abort())
    walk_to_start(page, face_site, person)
    expect(page.locator("#face-blocked")).to_be_visible()
    expect(page.locator("#face-begin")).to_be_hidden()
    page.click("#face-counter")
    expect(page.locator("#visit-code")).to_be_visible()
    assert len(faces.ledger) == before


def test_another_script_than_the_one_chosen_is_not_run(
    page: Page, face_site: Site, faces: VerificationSimulator, person: Newcomer
) -> None:
    """Whoever replaces the file on its server gets nothing: the digest does not agree."""
    other = "window.replaced = true; function getMetaInfo() { return {deviceType: 'h5'}; }"
    allowed = {"Access-Control-Allow-Origin": "*", "Content-Type": "text/javascript"}
    page.route(f"**{browser_script.PATH}", lambda route: route.fulfill(body=other, headers=allowed))
    walk_to_start(page, face_site, person)
    expect(page.locator("#face-blocked")).to_be_visible()
    assert page.evaluate("window.replaced") is None


def test_a_script_of_another_origin_is_not_run(page: Page, face_site: Site, person: Newcomer) -> None:
    """The policy of the page names one origin beside our own."""
    walk_to_start(page, face_site, person)
    reported = page.evaluate(
        """() => new Promise((done) => {
            document.addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective));
            const more = document.createElement("script");
            more.src = "http://127.0.0.1:9/more.js";
            document.body.append(more);
        })"""
    )
    assert reported.startswith("script-src")


def test_without_scripts_the_page_offers_the_other_ways(browser: Browser, face_site: Site, person: Newcomer) -> None:
    """Nobody stands before a button that does nothing."""
    context = browser.new_context(locale="zh-CN", java_script_enabled=False)
    page = context.new_page()
    walk_to_start(page, face_site, person)
    expect(page.locator("noscript")).to_be_visible()
    expect(page.locator("#face-begin")).to_be_hidden()
    page.click("#face-counter")
    expect(page.locator("#visit-code")).to_be_visible()
    context.close()
