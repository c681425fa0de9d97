"""Without a gateway nobody arrives without a number."""

from flask import Flask

from tests.support.relying_party import FormBrowser


def test_the_way_is_neither_shown_nor_open(app: Flask) -> None:
    """The page of the other way leads back to the login."""
    browser = FormBrowser(app)
    browser.open("/register")
    assert "/register/network" not in browser.text
    page = browser.path
    browser.open(f"{page}/network")
    assert browser.path.endswith("/login")
    browser.open(page)
    browser.submit({"mobile": "13912340001", "password": "correct-horse-7-staple", "terms": "y"}, f"{page}/network")
    assert browser.path.endswith("/login")
