"""Steps on the console's pages that several tests take."""

import re

from tests.support.relying_party import FormBrowser


def agree(browser: FormBrowser, **changed: str) -> None:
    """Agree to the columns that are guessed on the page at hand."""
    chosen = {}
    for name, options in re.findall(r'<select[^>]*name="(column_[0-9]+)"[^>]*>(.*?)</select>', browser.text, re.S):
        found = re.search(r'<option selected value="([^"]*)"', options)
        chosen[name] = found[1] if found else ""
    browser.submit(chosen | changed, f"{browser.path}/columns")
