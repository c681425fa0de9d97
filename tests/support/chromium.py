"""The machine's own Chromium, driven by Playwright: one browser per worker, a fresh context per test."""

import os
import re
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.support.tools import CHECKOUT, find_chromium, leave_out

FAILURES = CHECKOUT / "build" / "failures"
FAILED = pytest.StashKey[bool]()
ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",  # containers give 64 MB there, which large pages overflow
    # The network guard does not reach child processes: no name but this machine's is resolved.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1",
    "--no-proxy-server",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser of this worker."""
    program = find_chromium()
    if program is None:
        leave_out("Chromium", "not found (IDP_CHROMIUM, chromium, chromium-browser, google-chrome)")
    # Chromium's sandbox refuses root.
    arguments = [*ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else ARGUMENTS
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=arguments)
        yield started
        started.close()


@pytest.fixture
def context_options() -> dict[str, Any]:
    """What a test's browser context is made with; override it for a phone, a language or no scripts."""
    return {"locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


@pytest.fixture
def context(browser: Browser, context_options: dict[str, Any]) -> Iterator[BrowserContext]:
    """A browser context without cookies."""
    fresh = browser.new_context(**context_options)
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in a fresh context; where the test fails its picture is kept under build/failures."""
    opened = context.new_page()
    yield opened
    if request.node.stash.get(FAILED, False) and not opened.is_closed():
        FAILURES.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^A-Za-z0-9_.-]+", "-", request.node.nodeid)[-150:]
        opened.screenshot(path=FAILURES / f"{name}.png", full_page=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember on the test that it failed, for its fixtures."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report
