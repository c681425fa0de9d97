"""Who may open which page of the console: every route by every role, and nothing of another department."""

import re
from collections.abc import Iterator

import pytest
from werkzeug.routing import Rule

from admin.room import ACCESS, BOTH
from idp.linking.systems import SystemView
from idp.persons.roles import STAFF_ROLES, Role
from tests.support.console import HEALTH, Office
from tests.support.relying_party import FormBrowser
from tests.support.staff import grant

_FORBIDDEN, _NOT_THERE = 403, 404
#: A page that anybody with a role here opens without naming anything.
_WITHOUT_OBJECT = ("", "/systems", "/imports", "/cases", "/links", "/reports")


def routes(office: Office) -> Iterator[tuple[Rule, str]]:
    """Yield every route of the console with each method that it takes."""
    for rule in office.app.url_map.iter_rules():
        if rule.endpoint.startswith("console.") and rule.endpoint != "console.static":
            yield from ((rule, method) for method in sorted((rule.methods or set()) & {"GET", "POST"}))


def path_of(rule: Rule, code: str = "none", number: str = "999999") -> str:
    """Return an address of a route, about a system or about something numbered."""
    path = re.sub(r"<int:[^>]+>", number, rule.rule)
    return re.sub(r"<[^>]+>", code, path)


def ask(browser: FormBrowser, path: str, method: str) -> int:
    """Return the status of a request, with the CSRF token that the browser knows."""
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.text)
    assert token is not None
    if method == "GET":
        return browser.client.get(path).status_code
    return browser.client.post(path, data={"csrf_token": token[1]}).status_code


def test_every_page_says_whom_it_is_for(office: Office) -> None:
    """A page that joined the console without roles would open for nobody; there is none, and none for strangers."""
    endpoints = {rule.endpoint for rule, _ in routes(office)}
    assert endpoints == set(ACCESS)
    assert all(roles and roles <= BOTH for roles in ACCESS.values())


@pytest.mark.parametrize("role", sorted(STAFF_ROLES), ids=str)
def test_each_page_opens_for_its_roles_alone(office: Office, system: SystemView, role: Role) -> None:
    """Every route by every role: let in where the page is for it, 403 where it is not, whatever is named."""
    browser = office.enter("吴职员", role)
    if role not in BOTH:
        assert browser.response is not None and browser.response.status_code == _FORBIDDEN
        browser.open("/")
    for rule, method in routes(office):
        if rule.endpoint == "console.leave":
            continue
        status = ask(browser, path_of(rule), method)
        is_for = role in ACCESS[rule.endpoint]
        assert (status == _FORBIDDEN) is not is_for, (rule.rule, method, status)
        assert status < 500, (rule.rule, method)


def test_a_stranger_is_led_to_the_login_of_staff(office: Office, system: SystemView) -> None:
    """Without a session nothing is shown; a citizen's own session opens nothing either."""
    stranger, citizen = FormBrowser(office.app), FormBrowser(office.app)
    person = office.register("钱市民")
    citizen.open("/account")
    citizen.log_in(person)
    assert citizen.path == "/account"
    for browser in (stranger, citizen):
        for path in _WITHOUT_OBJECT:
            browser.open(f"/console{path}")
            assert browser.path.endswith("/login"), browser.path


def test_an_administrator_sees_their_own_department_only(
    office: Office, system: SystemView, other_system: SystemView
) -> None:
    """Own pages list the own system; whatever names another department's is as if it were not there."""
    browser = office.enter("周管理", *BOTH)
    for path in ("", "/systems", "/reports"):
        browser.open(f"/console{path}")
        assert system.name in browser.text and other_system.name not in browser.text, path
    for rule, method in routes(office):
        if "<code>" not in rule.rule:
            continue
        assert ask(browser, path_of(rule, other_system.code), method) == _NOT_THERE, rule.rule
    assert browser.client.get(f"/console/systems/{system.code}").status_code == 200


def test_a_role_counts_where_it_is_held(office: Office, system: SystemView, other_system: SystemView) -> None:
    """Who administers one department and reviews in another administers nothing in the second."""
    browser = office.enter("冯职员", Role.MERGE_ADMIN, department=HEALTH)
    grant(office.house, office.staff["冯职员"], Role.MERGE_REVIEWER, "housing")
    assert browser.client.get(f"/console/systems/{system.code}").status_code == 200
    assert browser.client.get(f"/console/systems/{system.code}/edit").status_code == _NOT_THERE
    assert browser.client.get(f"/console/systems/{other_system.code}/edit").status_code == 200


def test_a_role_that_ended_opens_nothing_more(office: Office, system: SystemView) -> None:
    """The next request after a role was taken away is refused, in a session that lives on."""
    browser = office.enter("周管理", Role.MERGE_ADMIN, Role.CLERK)
    assert browser.client.get("/console").status_code == 200
    revoked = office.house.protocol.roles.revoke(office.staff["周管理"].id, Role.MERGE_ADMIN, "housing")
    assert revoked
    assert browser.client.get("/console").status_code in (303, _FORBIDDEN)
