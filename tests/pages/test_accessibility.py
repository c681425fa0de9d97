"""axe-core finds nothing on any page, in any state, language, colour scheme or width (WCAG 2.2 AA)."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.support.page_samples import SAMPLES
from tests.support.tools import CHECKOUT, leave_out

_AXE = CHECKOUT / "node_modules" / "axe-core" / "axe.min.js"
_WIDTHS = (1280, 390)
# What a colour scheme can change; everything else was looked at in the light one.
_COLOURS = ["color-contrast", "link-in-text-block"]
# Media is looked at before; the style sheets would be fetched once more, for a rule that is not on by default.
_RUN = """async rules => {
  const options = {resultTypes: ["violations"], preload: {assets: ["media"]}};
  if (rules) options.runOnly = {type: "rule", values: rules};
  const found = await axe.run(document, options);
  return found.violations.map(v => v.id + ": " + v.nodes.map(n => n.target.join(" ")).join(", "));
}"""


@pytest.fixture(scope="module")
def pages(browser: Browser) -> Iterator[dict[str, Page]]:
    """A page for each language."""
    if not _AXE.exists():
        leave_out("Node", "axe-core is not installed (make node)")
    opened = {}
    for language in ("zh-CN", "en"):
        context = browser.new_context(locale=language, reduced_motion="reduce")
        context.add_init_script(path=_AXE)
        opened[language] = context.new_page()
        # The form that sends itself would leave the page.
        opened[language].route("**/form_post.js", lambda route: route.fulfill(body=""))
    yield opened
    for page in opened.values():
        page.context.close()


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("name", [sample.name for sample in SAMPLES])
def test_axe_finds_no_violation(pages: dict[str, Page], samples_url: str, name: str, language: str) -> None:
    """No rule of axe-core is broken at either width, nor one about colours in the dark."""
    page = pages[language]
    page.emulate_media(color_scheme="light")
    page.goto(f"{samples_url}/{name}")
    found = {}
    for width in _WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        for scheme, rules in (("light", None), ("dark", _COLOURS)):
            page.emulate_media(color_scheme=scheme)
            if violations := page.evaluate(_RUN, rules):
                found[width, scheme] = violations
    assert found == {}


def test_axe_finds_what_is_wrong(pages: dict[str, Page], samples_url: str) -> None:
    """The check itself works: an unlabelled field and faint text are found."""
    page = pages["en"]
    page.goto(f"{samples_url}/login-sms")
    page.evaluate("document.querySelector('label').remove()")
    assert any(each.startswith("label:") for each in page.evaluate(_RUN, None))
