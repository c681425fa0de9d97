"""The account centre over HTTP: what it shows, and what ends by its buttons."""

from collections.abc import Callable

import pytest
from flask import Flask

from idp.house.build import House
from tests.support.account_centre import holder_of, logged_in
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.relying_party import FormBrowser, make_client, parameters_of
from tests.support.sent import audited, sent

Register = Callable[..., TestPerson]
NEW_PASSWORD = "eleven-quiet-herons-3"
NEW_MOBILE = "+8613900139001"


@pytest.fixture
def person(register_person: Register) -> TestPerson:
    return register_person()


def test_the_centre_asks_for_a_login_and_shows_everything_masked(app: Flask, person: TestPerson) -> None:
    """Nobody sees it without a session; number, name and mobile are masked."""
    assert app.test_client().get("/account/security").status_code == 303
    browser = logged_in(app, person)
    assert "张" in browser.text and "138" in browser.text
    assert person.number not in browser.text and person.mobile[3:] not in browser.text
    assert person.name not in browser.text


@pytest.mark.parametrize(
    "path", ["/account/sessions/stop-others", "/account/sessions/abc/stop", "/account/applications/abc/withdraw"]
)
def test_nothing_is_changed_without_a_csrf_token(app: Flask, person: TestPerson, path: str) -> None:
    """A forged POST is refused, with a session and without (ASVS 3.5.1)."""
    browser = logged_in(app, person)
    assert browser.client.post(path).status_code >= 400
    assert app.test_client().post(path).status_code >= 400


def test_activity_is_paged_and_is_ones_own(
    house: House, app: Flask, clock: FrozenClock, register_person: Register
) -> None:
    """The pages hold what happened to this person, the newest first; a made-up cursor is the first page."""
    person, other = register_person(), register_person()
    browser = logged_in(app, person)
    steps = house.login.account.activity
    with house.ground.database.transaction() as session:
        for _ in range(5):
            clock.advance(seconds=1)
            house.people.recovery_codes.generate(session, person.id, at=clock.now())
    first = steps.page(person.id, most=4)
    second = steps.page(person.id, most=4, cursor=first.older)
    both = [*first.happenings, *second.happenings]
    assert [each.at for each in both] == sorted((each.at for each in both), reverse=True)
    assert second.older is None and len(both) == 7
    assert steps.page(person.id, most=4, cursor="bm90IGEgZGF0ZQ") == first
    assert {each.kind for each in steps.page(other.id, most=9).happenings} == {"person.registered"}
    browser.open("/account/activity?before=" + "A" * 500)
    assert browser.response is not None and browser.response.status_code == 200


def test_own_sessions_are_listed_and_stopped_with_their_clients(house: House, app: Flask, person: TestPerson) -> None:
    """Stopping another login ends it, and the client that took part is told (OIDC Back-Channel Logout §2.5)."""
    party = make_client(house, backchannel_logout_uri="https://portal.example.gov.cn/logout")
    other = FormBrowser(app)
    other.open(party.authorize_path())
    other.log_in(person)
    browser = logged_in(app, person)
    browser.open("/account/sessions")
    assert "Test Portal" in browser.text
    mine = holder_of(house, person)
    ids = [each.id for each in house.login.account.sessions.all(mine) if each.uses]
    browser.submit({}, f"/account/sessions/{ids[0]}/stop")
    assert other.client.get("/account").status_code == 303
    assert browser.client.get("/account").status_code == 200
    assert house.protocol.queue.has_due()
    browser.open("/account/sessions")
    browser.submit({}, f"/account/sessions/{ids[0]}/stop")
    assert browser.response is not None and browser.response.status_code == 404
    assert len(audited(house, "session.ended", person.id)) == 1


def test_anothers_session_cannot_be_stopped(house: House, app: Flask, register_person: Register) -> None:
    """Somebody else's session id is as unknown as none at all, and the session lives on."""
    person, other = register_person(), register_person()
    theirs, browser = logged_in(app, other), logged_in(app, person)
    browser.open("/account/sessions")
    for session_id in (holder_of(house, other).session_id, "AAAAAAAAAAAAAAAAAAAAAA"):
        browser.submit({}, f"/account/sessions/{session_id}/stop")
        assert browser.response is not None and browser.response.status_code == 404
        browser.open("/account/sessions")
    assert theirs.client.get("/account").status_code == 200


def test_all_others_are_stopped_and_this_one_stays(house: House, app: Flask, person: TestPerson) -> None:
    """After "end all other logins" one is left, and the contacts are told."""
    others = [logged_in(app, person) for _ in range(2)]
    browser = logged_in(app, person)
    browser.open("/account/sessions")
    browser.submit({}, "/account/sessions/stop-others")
    assert browser.response is not None and browser.response.status_code == 200
    assert [other.client.get("/account").status_code for other in others] == [303, 303]
    assert len(sent(house, "sessions_ended", person.mobile)) == 1


def test_a_withdrawn_consent_ends_the_tokens_and_only_ones_own_can_be_withdrawn(
    house: House, app: Flask, register_person: Register
) -> None:
    """Access ends at once with the consent (PIPL art. 15); another person's handle is not found."""
    person, other = register_person(), register_person()
    party = make_client(house, policy={"require_consent": True})
    browser = FormBrowser(app)
    browser.open(party.authorize_path(scope="openid profile offline_access"))
    browser.log_in(person)
    browser.submit({"decision": "allow"})
    tokens = party.redeem(app.test_client(), parameters_of(browser.location)["code"]).get_json()
    consent = house.login.account.applications.all(holder_of(house, person))[0]
    stranger = logged_in(app, other)
    stranger.open("/account/applications")
    stranger.submit({}, f"/account/applications/{consent.consent_id}/withdraw")
    assert stranger.response is not None and stranger.response.status_code == 404
    browser.open("/account/applications")
    assert "Test Portal" in browser.text
    browser.submit({}, f"/account/applications/{consent.consent_id}/withdraw")
    assert "Test Portal" not in browser.text
    refreshed = party.token(app.test_client(), grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    assert refreshed.get_json()["error"] == "invalid_grant"
    assert len(audited(house, "consent.withdrawn", person.id)) == 1
