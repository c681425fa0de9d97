"""What a browser would send along: its cookies and the token of its page."""

import re
from dataclasses import astuple
from html import unescape

from idp.web.context import CookieNames
from tests.support.relying_party import FormBrowser


def cookie_header(browser: FormBrowser) -> str:
    """Return the browser's cookies as a header."""
    names = CookieNames.for_scheme(https=False)
    found = [browser.client.get_cookie(name) for name in astuple(names)]
    return "; ".join(f"{cookie.key}={cookie.value}" for cookie in found if cookie is not None)


def csrf_token(browser: FormBrowser) -> str:
    """Return the token of the form on the browser's page."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.text)
    return unescape(found.group(1)) if found else ""
