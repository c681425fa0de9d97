"""Forms with several fields tell everything that is wrong at once: at each field and in the summary."""

import re
from collections.abc import Callable

import pyotp
import pytest
from flask import Flask

from idp.house.build import House
from tests.support.houses import PASSWORD, TestPerson
from tests.support.relying_party import FormBrowser
from tests.support.sent import audited

Register = Callable[..., TestPerson]


def told(browser: FormBrowser) -> tuple[set[str], set[str]]:
    """The fields that the summary links to, and those that bear an error which they are described by."""
    summary = browser.text.split('id="error-summary"')[1].split("</ul>")[0]
    linked = set(re.findall(r'href="#([a-z_]+)"', summary))
    marked = set()
    for tag in re.findall(r"<input[^>]+>", browser.text):
        name = re.search(r' id="([a-z_]+)"', tag)
        if 'aria-invalid="true"' in tag and name:
            described = re.search(r'aria-describedby="([^"]+)"', tag)
            assert described and f"{name[1]}-error" in described[1].split()
            assert f'id="{name[1]}-error"' in browser.text
            marked.add(name[1])
    return linked, marked


def logged_in(app: Flask, person: TestPerson, path: str) -> FormBrowser:
    browser = FormBrowser(app)
    browser.open(path)
    browser.log_in(person)
    assert browser.path == path
    return browser


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"number": "110105194912310021"}, {"name", "number", "mobile", "password", "terms"}),
        ({"name": "李小红", "number": "1", "terms": "y"}, {"number", "mobile", "password"}),
        (
            {"name": "李小红", "number": "1", "mobile": "123", "password": "short"},
            {"number", "mobile", "password", "terms"},
        ),
        (
            {"name": "x" * 101, "number": "1" * 33, "mobile": "13900139000", "password": PASSWORD},
            {"name", "number", "terms"},
        ),
    ],
)
def test_registration_tells_all_problems_at_once(app: Flask, typed: dict[str, str], wrong: set[str]) -> None:
    """What is missing, what is malformed and what is not agreed to stand together."""
    browser = FormBrowser(app)
    browser.open("/register")
    assert browser.submit(typed).status_code == 422
    assert told(browser) == (wrong, wrong)


def test_each_field_has_one_error(app: Flask) -> None:
    """An empty field is missing and nothing else; what the person typed well is kept."""
    browser = FormBrowser(app)
    browser.open("/register")
    browser.submit({"name": "李小红", "number": "1"})
    summary = browser.text.split('id="error-summary"')[1].split("</ul>")[0]
    assert summary.count("<li>") == 4
    assert "李小红" in browser.text


def test_a_good_form_goes_on(app: Flask) -> None:
    """Nothing is refused that is right."""
    browser = FormBrowser(app)
    browser.open("/register")
    form = {
        "name": "李小红",
        "number": "11010519491231002X",
        "mobile": "13900139000",
        "password": PASSWORD,
        "terms": "y",
    }
    browser.submit(form)
    assert browser.path.endswith("/register/code")


def test_a_change_of_password_tells_both_fields(house: House, app: Flask, register_person: Register) -> None:
    """The new one is looked at although the current one is missing; a form that cannot pass costs no try."""
    person = register_person()
    browser = logged_in(app, person, "/account/password")
    assert browser.submit({"password": "short"}).status_code == 422
    assert told(browser) == ({"current_password", "password"}, {"current_password", "password"})
    assert browser.submit({"current_password": "wrong", "password": "short"}).status_code == 422
    assert told(browser)[1] == {"password"}
    assert audited(house, "reauthentication.failed", person.id) == []


def test_a_change_of_mobile_tells_both_fields(house: House, app: Flask, register_person: Register) -> None:
    """The number is looked at although the password is missing."""
    person = register_person()
    browser = logged_in(app, person, "/account/contact")
    assert browser.submit({"mobile": "123"}).status_code == 422
    assert told(browser) == ({"current_password", "mobile"}, {"current_password", "mobile"})
    assert browser.submit({"current_password": PASSWORD, "mobile": "123"}).status_code == 422
    assert told(browser)[1] == {"mobile"}


@pytest.mark.parametrize("path", ["/account/totp/remove", "/login"])
def test_forms_with_a_password_and_more_tell_both(
    house: House, app: Flask, register_person: Register, path: str
) -> None:
    """Two empty fields are two errors."""
    person = register_person()
    if path == "/login":
        browser = FormBrowser(app)
        browser.open(path)
        wrong = {"identifier", "password"}
    else:
        browser = logged_in(app, person, "/account/security")
        with house.ground.database.transaction() as session:
            at = house.ground.clock.now()
            made = house.people.totp.enrol(session, person.id, account_label="x", at=at)
            assert house.people.totp.confirm(session, person.id, pyotp.TOTP(made.secret).at(at), at=at)
        browser.open(path)
        wrong = {"current_password", "code"}
    assert browser.submit({}).status_code == 422
    assert told(browser) == (wrong, wrong)


def test_the_login_page_asks_for_what_logs_in(app: Flask, register_person: Register) -> None:
    """Its label names mobile, e-mail and login name; a number that is only claimed logs nobody in."""
    person = register_person(email="someone@example.com", email_verified=True)
    for typed, status in (
        (person.mobile, 200),
        ("someone@example.com", 200),
        (person.login_name, 200),
        (person.number, 422),
    ):
        browser = FormBrowser(app)
        browser.client.set_cookie("yihao_locale", "en")
        browser.open("/login")
        assert browser.submit({"identifier": typed, "password": PASSWORD}).status_code == status, typed
    label = browser.text.split('<label for="identifier">')[1].split("</label>")[0]
    assert "ID number" not in label and "证件" not in label
