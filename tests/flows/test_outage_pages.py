"""What people see while the database is away."""

from collections.abc import Callable

import pytest
from flask import Flask

from idp.core.errors import StoreUnavailable
from idp.house.build import House
from tests.support.houses import TestPerson
from tests.support.relying_party import FormBrowser


@pytest.mark.parametrize("path", ["/account", "/account/security", "/i/nothing/login", "/no/such/page"])
def test_a_logged_in_person_gets_a_page_and_not_a_bare_error(
    house: House, app: Flask, register_person: Callable[..., TestPerson], monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """The page that tells of the outage needs no look-up itself, whoever is logged in."""
    person, browser = register_person(), FormBrowser(app)
    browser.open("/login")
    browser.log_in(person)

    def gone(*_args: object, **_extra: object) -> None:
        raise StoreUnavailable("database: away")

    monkeypatch.setattr(type(house.ground.database), "read", gone)
    response = browser.open(path)
    assert response.status_code in (400, 404, 503)
    assert "<html" in browser.text and 'lang="' in browser.text
    assert ("Retry-After" in response.headers) == (response.status_code == 503)
