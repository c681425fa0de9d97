"""The main job in a real browser: register, log in once, two portals, one logout."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

CHECKOUT = Path(__file__).resolve().parents[2]
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
PASSWORD = "quiet-river-stone-42"


@dataclass(frozen=True, slots=True)
class Demo:
    """Where the provider and the two portals listen."""

    provider: str
    portal: str
    appointments: str
    reader: str


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """`make run`'s own command, on free ports with data of its own."""
    folder = tmp_path_factory.mktemp("demo")
    ports = _free_ports(6)
    names = ("--port", "--portal-port", "--appointments-port", "--faces-port", "--reader-port", "--network-port")
    flags = zip(names, map(str, ports), strict=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("IDP_")}
    with (folder / "output").open("w") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "demo.run",
                "--data",
                str(folder / "data"),
                *(x for pair in flags for x in pair),
            ],
            cwd=CHECKOUT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    urls = [f"http://127.0.0.1:{port}" for port in ports]
    try:
        _wait(process, [f"{urls[0]}/readyz", f"{urls[1]}/healthz", f"{urls[2]}/healthz", urls[4]], folder / "output")
        yield Demo(*urls[:3], urls[4])
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def test_one_login_opens_both_portals_and_one_logout_closes_them(demo: Demo, page: Page) -> None:
    """Register, log in at A, enter B silently, log out at A: B is logged out by the back channel."""
    page.goto(demo.portal)
    page.click("#portal-login")
    page.click("a[href*='/register']")
    _register(page, demo)
    expect(page.locator("#consent-allow")).to_be_visible()
    for box in page.locator("input[name=granted]").all():
        box.check()
    page.click("#consent-allow")
    expect(page.locator("#portal-person")).to_be_visible()
    assert page.url.startswith(demo.portal)
    page.goto(f"{demo.portal}/me")
    expect(page.locator("#claim-name")).to_have_attribute("data-raw", "王小红")
    # Portal B: no page of the provider, no password.
    page.goto(f"{demo.appointments}/enter")
    expect(page.locator("#portal-person")).to_be_visible()
    assert page.url.startswith(demo.appointments)
    # One logout ends both.
    page.goto(demo.portal)
    page.click("#portal-logout")
    expect(page.locator("#portal-logged-out")).to_be_visible()
    assert page.url.startswith(demo.portal)
    _wait_until_logged_out(page, demo.appointments)


def test_a_known_person_logs_in_with_the_mobile_number(demo: Demo, page: Page) -> None:
    """A demo person logs in by mobile and password; a wrong password is refused first."""
    page.goto(demo.appointments)
    page.click("#portal-login")
    page.fill("#identifier", "13800138001")
    page.fill("#password", "not-the-password")
    page.click("#login-submit")
    expect(page.locator(".error-summary, [role=alert]").first).to_be_visible()
    page.fill("#password", "demo-haidian-lake-58")
    page.click("#login-submit")
    expect(page.locator("#portal-person")).to_be_visible()
    assert page.url.startswith(demo.appointments)


def test_a_service_that_asks_for_level_3_leads_a_person_up_to_it(demo: Demo, page: Page) -> None:
    """From level 1: name, number, mobile, a face at the simulator, a consent to the verified claims, and back."""
    page.goto(f"{demo.portal}/services/residence")
    page.fill("#identifier", "13800138002")
    page.fill("#password", "demo-pearl-river-27")
    page.click("#login-submit")
    expect(page.locator("li.wanted")).to_contain_text("3")
    page.fill("#name", "李四")
    page.fill("#number", "440308199901101512")
    page.click("#proofing-submit")
    page.fill("#code", _code_from_outbox(page, demo))
    page.click("#code-submit")
    page.click(".actions button")
    page.click("#face-go")
    page.click("button[value=pass]")
    expect(page.locator("#consent-allow")).to_be_visible()
    for box in page.locator("input[name=granted]").all():
        box.check()
    page.click("#consent-allow")
    expect(page.locator("#service-person")).to_be_visible()
    assert page.url == f"{demo.portal}/services/residence"
    page.goto(f"{demo.portal}/me")
    expect(page.locator("#claim-acr")).to_have_attribute("data-raw", "urn:yihao:level:3")
    told = page.locator("#claim-verified_claims").get_attribute("data-raw") or ""
    verified = json.loads(told)
    assert verified["verification"]["assurance_level"] == "ial3"
    assert verified["claims"] == {"real_name": "李四", "id_number_masked": "4****************2"}


def test_a_service_that_asks_for_level_4_is_reached_at_a_counter(demo: Demo, page: Page, browser: Browser) -> None:
    """A code on the citizen's screen, a card on the reader, a clerk in a browser of their own, and the last word."""
    page.goto(f"{demo.portal}/services/property")
    page.fill("#identifier", "13800138001")
    page.fill("#password", "demo-haidian-lake-58")
    page.click("#login-submit")
    page.click("#counter-go")
    code = page.locator("#visit-code").inner_text()
    hall = browser.new_context(locale="zh-CN")
    reader, desk = hall.new_page(), hall.new_page()
    reader.goto(demo.reader)
    reader.click("button[name=card][value='0']")
    desk.goto(f"{demo.provider}/counter")
    desk.fill("#identifier", "liuyang")
    desk.fill("#password", "demo-orchid-harbour-47")
    desk.click("#login-submit")
    # The step after this one: the present one was used when the app was set up.
    desk.fill("#code", pyotp.TOTP("DEMOSECONDCLERKONLYFORTRYINGOUT2").at(time.time() + 30))
    desk.click("#totp-submit")
    desk.fill("#code", code)
    desk.click("#visit-submit")
    expect(page.locator(".way-up .wanted")).to_be_visible()  # the citizen's screen follows by itself
    desk.click(".actions button")
    expect(desk.locator("#card-name")).to_have_text("张三")
    desk.check("input[name=comparison][value=seen]")
    desk.check("input[name=is_same]")
    desk.click("#visit-sign")
    expect(page.locator(".facts")).to_contain_text("张三")
    page.click(".actions button")
    for box in page.locator("input[name=granted]").all():
        box.check()
    page.click("#consent-allow")
    expect(page.locator("#service-person")).to_be_visible()
    assert page.url == f"{demo.portal}/services/property"
    page.goto(f"{demo.portal}/me")
    expect(page.locator("#claim-acr")).to_have_attribute("data-raw", "urn:yihao:level:4")
    told = page.locator("#claim-verified_claims").get_attribute("data-raw") or ""
    assert json.loads(told)["verification"]["assurance_level"] == "ial4"
    hall.close()


def _register(page: Page, demo: Demo) -> None:
    page.fill("#number", "440308199901101512")
    page.fill("#name", "王小红")
    page.fill("#mobile", "13900139077")
    page.fill("#password", PASSWORD)
    page.check("#terms")
    page.click("#register-submit")
    expect(page.locator("#code")).to_be_visible()
    page.fill("#code", _code_from_outbox(page, demo))
    page.click("#code-submit")


def _code_from_outbox(page: Page, demo: Demo) -> str:
    """Read the newest code from the development outbox, in a tab of its own."""
    tab = page.context.new_page()
    tab.goto(f"{demo.provider}/dev/outbox")
    found = re.search(r"(?<![0-9])([0-9]{6})(?![0-9])", tab.locator("main").inner_text())
    tab.close()
    assert found is not None
    return found.group(1)


def _wait_until_logged_out(page: Page, url: str) -> None:
    """The back channel is a delivery of the worker: give it a few looks."""
    for _ in range(40):
        page.goto(url)
        if page.locator("#portal-login").is_visible():
            return
        page.wait_for_timeout(250)
    pytest.fail("the second portal is still logged in")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _wait(process: "subprocess.Popen[bytes]", urls: list[str], output: Path) -> None:
    ends = time.monotonic() + 90
    for url in urls:
        while True:
            assert process.poll() is None, output.read_text()
            assert time.monotonic() < ends, output.read_text()
            try:
                if _OPENER.open(url, timeout=2).status == 200:
                    break
            except OSError:
                time.sleep(0.2)
