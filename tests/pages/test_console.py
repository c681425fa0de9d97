"""The console in a real browser: two people from an upload to its report, on a screen and on a phone."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from idp.persons.credentials import change_password
from idp.persons.roles import Role
from tests.pages.people import newcomer
from tests.support.console_steps import work
from tests.support.site import Site
from tests.support.staff import STAFF_PASSWORD, enrol, grant, made_clerk

_DEPARTMENT = "console-hall"
Enter = Callable[..., Page]


@pytest.fixture
def enter(browser: Browser, site: Site) -> Iterator[Enter]:
    """Opens the console for somebody with a role, in a browser of their own."""
    contexts = []

    def open_console(role: Role, *, width: int = 1280, scripts: bool = True) -> Page:
        mobile, house = newcomer().mobile, site.house
        person = made_clerk(house, mobile=f"+86{mobile}", login_name=f"staff-{mobile}")
        grant(house, person, role, _DEPARTMENT)
        with house.ground.database.transaction() as session:
            new_hash = house.people.passwords.hash(STAFF_PASSWORD)
            change_password(session, person.id, new_hash, at=house.ground.clock.now())
        totp: pyotp.TOTP = enrol(house, person)
        contexts.append(
            browser.new_context(locale="zh-CN", viewport={"width": width, "height": 844}, java_script_enabled=scripts)
        )
        page = contexts[-1].new_page()
        page.goto(f"{site.issuer}/console")
        page.fill("#identifier", person.login_name)
        page.fill("#password", STAFF_PASSWORD)
        page.click("#login-submit")
        # The step after this one: the present one was used when the app was set up.
        page.fill("#code", totp.at(time.time() + 30))
        page.click("#totp-submit")
        expect(page.locator("h1")).to_have_text("存量账户")
        return page

    yield open_console
    for context in contexts:
        context.close()


def new_system(page: Page, code: str) -> None:
    """Add a system by its form."""
    page.click("a[href$='/systems/new']")
    page.fill("#code", code)
    page.fill("#name", "住房公积金")
    page.click("#system-submit")
    expect(page.locator("h1")).to_have_text("住房公积金")


def bring(page: Page, folder: Path, reference: str) -> None:
    """Upload a file from the page of a system, and agree to the columns that are guessed."""
    rows = [f"{reference}{at},李四,,139001300{at}" for at in range(10, 16)]
    file = folder / "export.csv"
    file.write_text("\n".join(["zgzh,xm,sfzh,sjhm", *rows, ""]), "gb18030")
    page.click("a[href$='/imports/new']")
    page.check("input[name=kind][value=full]")
    page.set_input_files("#file", file)
    page.click("#upload-submit")
    expect(page.locator("#columns-submit")).to_be_visible()
    assert "李四" not in (page.locator("main").text_content() or "")
    page.click("#columns-submit")


def test_two_people_from_upload_to_report(enter: Enter, site: Site, tmp_path: Path) -> None:
    """The one brings a file and watches it; the other, on a phone, signs; the numbers show up."""
    admin, reviewer = enter(Role.MERGE_ADMIN), enter(Role.MERGE_REVIEWER, width=390)
    new_system(admin, "browser-1")
    bring(admin, tmp_path, "A")
    expect(admin.locator("[data-poll-seconds]")).to_be_visible()
    work(site.house)
    # The page follows the worker by itself.
    expect(admin.locator("#own-batch")).to_be_visible(timeout=15_000)
    expect(admin.locator("button", has_text="签核同意")).to_have_count(0)
    reviewer.goto(admin.url)
    reviewer.click("#samples-go")
    reviewer.click("details summary >> nth=0")
    assert "李四" not in (reviewer.locator("main").text_content() or "")
    assert reviewer.evaluate("document.documentElement.scrollWidth") <= 390
    reviewer.click("button:has-text('签核同意')")
    work(site.house)
    admin.goto(admin.url)
    expect(admin.locator("#report-title")).to_have_text("执行结果")
    admin.goto(f"{site.issuer}/console/reports")
    site.house.console.statistics.count()
    admin.reload()
    expect(admin.locator("details summary").first).to_be_visible()


def test_an_import_without_scripts(enter: Enter, site: Site, tmp_path: Path) -> None:
    """Upload, columns, progress by reloading, and cancelling work without JavaScript on a phone."""
    admin = enter(Role.MERGE_ADMIN, width=390, scripts=False)
    new_system(admin, "browser-2")
    bring(admin, tmp_path, "B")
    assert admin.locator("meta[http-equiv=refresh]").count() == 1
    work(site.house)
    admin.goto(admin.url)
    expect(admin.locator("#own-batch")).to_be_visible()
    admin.click("button:has-text('取消此次导入')")
    expect(admin.locator("#state-title")).to_contain_text("已取消")


def test_the_numbers_are_drawn_as_curves(page: Page, samples_url: str) -> None:
    """Where scripts run each table has its curve, drawn within the policy of the page; without an error."""
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{samples_url}/console-reports")
    expect(page.locator(".chart canvas")).to_have_count(3)
    assert errors == []
