"""Staff and citizen sessions side by side in one browser: what each opens, how long it lives, what ends it."""

from collections.abc import Callable

import pytest
from flask import Flask

from idp.house.build import House
from idp.outbox.queue import DeliveryKind
from idp.persons.models import Person
from idp.persons.roles import Role, revoke_role, roles_of
from idp.sessions.models import SsoSession
from idp.web.context import CookieNames
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.relying_party import FormBrowser, RelyingParty, make_client, parameters_of
from tests.support.sent import audited
from tests.support.staff import STAFF_COOKIE, grant, log_in_staff, ready_staff, revoke, staff_client

Register = Callable[..., TestPerson]
BACK_CHANNEL = "https://portal.example.gov.cn/logout"


class Desk:
    """One clerk with one browser, in which both sessions are open; a client on each side."""

    def __init__(self, house: House, app: Flask, clock: FrozenClock, person: TestPerson) -> None:
        self.house, self.app, self.clock = house, app, clock
        self.clerk, self.totp = ready_staff(house, clock, person)
        self.office = staff_client(house, backchannel_logout_uri=BACK_CHANNEL, client_name="Case files")
        self.portal = make_client(house, backchannel_logout_uri=BACK_CHANNEL)
        self.browser = FormBrowser(app)

    def log_in_citizen(self, **parameters: str) -> str:
        """Log in at the citizens' client and return the code."""
        return self._code(self.portal, **parameters)

    def log_in_staff(self, **parameters: str) -> str:
        """Log in at the client for staff and return the code."""
        return self._code(self.office, **parameters)

    def _code(self, party: RelyingParty, **parameters: str) -> str:
        log_in_staff(self.app, self.clock, party, self.clerk, self.totp, browser=self.browser, **parameters)
        return parameters_of(self.browser.location)["code"]

    def tokens(self, party: RelyingParty, code: str) -> dict[str, str]:
        answer = party.redeem(self.app.test_client(), code)
        assert answer.status_code == 200, answer.text
        body: dict[str, str] = answer.get_json()
        return body

    def silently(self, party: RelyingParty, browser: FormBrowser | None = None) -> dict[str, str]:
        """Ask without a page and return what came back."""
        response = (browser or self.browser).client.get(party.authorize_path(prompt="none"))
        return parameters_of(response.headers["Location"])

    def refreshed(self, party: RelyingParty, token: str) -> str:
        """Use a refresh token and return the next one, or the error."""
        answer = party.token(self.app.test_client(), grant_type="refresh_token", refresh_token=token).get_json()
        return str(answer.get("refresh_token") or answer["error"])

    def told(self) -> list[str]:
        """Return the clients that a logout is under way to."""
        found = self.house.protocol.queue.recent(DeliveryKind.BACKCHANNEL_LOGOUT, most=9)
        return [each["client_id"] for _, each in found]


@pytest.fixture
def desk(house: House, app: Flask, clock: FrozenClock, register_person: Register) -> Desk:
    return Desk(house, app, clock, register_person())


def test_both_live_side_by_side_and_neither_opens_the_others_clients(desk: Desk) -> None:
    """Each side answers its own clients in silence; the other side's are asked to log in (§3.1.2.1)."""
    desk.log_in_citizen()
    assert desk.silently(desk.office)["error"] == "login_required"
    desk.browser.open(desk.office.authorize_path())
    assert desk.browser.path.endswith("/login")
    desk.log_in_staff()
    assert "code" in desk.silently(desk.office) and "code" in desk.silently(desk.portal)
    desk.browser.client.delete_cookie("yihao_session")
    assert "code" in desk.silently(desk.office)
    assert desk.silently(desk.portal)["error"] == "login_required"
    assert desk.browser.client.get("/account").status_code == 303


@pytest.mark.parametrize("first_meeting", [True, False])
def test_a_handle_in_the_other_cookie_opens_nothing(desk: Desk, first_meeting: bool) -> None:
    """Whoever swaps the cookies has no session, at the door, behind it, and in the account centre."""
    desk.log_in_citizen()
    desk.log_in_staff()
    office = staff_client(desk.house) if first_meeting else desk.office
    portal = make_client(desk.house) if first_meeting else desk.portal
    kept = {name: desk.browser.client.get_cookie(name) for name in ("yihao_session", STAFF_COOKIE)}
    swapped = FormBrowser(desk.app)
    swapped.client.set_cookie("yihao_session", kept[STAFF_COOKIE].value)  # type: ignore[union-attr]
    swapped.client.set_cookie(STAFF_COOKIE, kept["yihao_session"].value)  # type: ignore[union-attr]
    for party in (office, portal):
        assert desk.silently(party, swapped)["error"] == "login_required"
        assert "code" in desk.silently(party)
    assert swapped.client.get("/account").status_code == 303


def test_the_staff_cookie_is_bound_to_the_host_like_the_citizens() -> None:
    """Both are `__Host-` cookies under https, under names of their own (RFC 6265bis §4.1.3.2)."""
    names = CookieNames.for_scheme(https=True)
    assert (names.session, names.staff) == ("__Host-yihao_session", "__Host-yihao_staff")


@pytest.mark.parametrize(("seconds", "lives"), [(899, True), (900, False)])
def test_a_staff_session_idles_for_fifteen_minutes(desk: Desk, seconds: int, lives: bool) -> None:
    """Its own idle limit ends it, for new requests and for refresh, while the citizen's lives on."""
    desk.log_in_citizen()
    token = desk.tokens(desk.office, desk.log_in_staff())["refresh_token"]
    desk.clock.advance(seconds=seconds)
    assert (desk.refreshed(desk.office, token) != "invalid_grant") is lives
    assert ("code" in desk.silently(desk.office)) is lives
    assert "code" in desk.silently(desk.portal)


def test_a_staff_session_ends_after_eight_hours_in_use(desk: Desk) -> None:
    """Use does not lengthen it beyond its absolute limit; the citizen's has four hours more."""
    desk.log_in_citizen()
    desk.log_in_staff()
    for _ in range(48):
        assert "code" in desk.silently(desk.office) and "code" in desk.silently(desk.portal)
        desk.clock.advance(seconds=600)
    assert desk.silently(desk.office)["error"] == "login_required"
    assert "code" in desk.silently(desk.portal)


def test_my_logins_lists_both_as_what_they_are(desk: Desk) -> None:
    """The account centre names the staff login, and can end it without ending its own."""
    desk.log_in_staff()
    desk.log_in_citizen()
    desk.browser.open("/account/sessions")
    assert "Case files" in desk.browser.text and "Test Portal" in desk.browser.text
    assert desk.browser.text.count("工作人员登录") + desk.browser.text.count("staff login") == 1
    with desk.house.ground.database.read() as session:
        rows = desk.house.protocol.sessions.list_live(session, desk.clerk.id)
    (staff_session,) = [row.id for row in rows if row.is_staff]
    desk.browser.submit({}, f"/account/sessions/{staff_session}/stop")
    assert desk.silently(desk.office)["error"] == "login_required"
    assert desk.browser.client.get("/account").status_code == 200


@pytest.mark.parametrize("side", ["staff", "citizen"])
@pytest.mark.parametrize("how", ["hint", "client_id"])
def test_a_logout_ends_its_own_side_alone(desk: Desk, side: str, how: str) -> None:
    """Back channel, cookie and session of the client's side end; the other side notices nothing."""
    codes = {"citizen": desk.log_in_citizen(), "staff": desk.log_in_staff()}
    mine, other = (desk.office, desk.portal) if side == "staff" else (desk.portal, desk.office)
    if how == "hint":
        hint = desk.tokens(mine, codes[side])["id_token"] if side == "staff" else _hint(desk)
        desk.browser.open(f"/oauth/logout?id_token_hint={hint}")
    else:
        desk.browser.open(f"/oauth/logout?client_id={mine.client_id}")
        desk.browser.submit({"decision": "yes"})
    assert desk.silently(mine)["error"] == "login_required"
    assert "code" in desk.silently(other)
    assert desk.told() == [mine.client_id]
    gone, kept = (STAFF_COOKIE, "yihao_session") if side == "staff" else ("yihao_session", STAFF_COOKIE)
    assert desk.browser.client.get_cookie(gone) is None and desk.browser.client.get_cookie(kept) is not None


def _hint(desk: Desk) -> str:
    return desk.tokens(desk.portal, desk.silently(desk.portal)["code"])["id_token"]


def test_our_own_logout_page_ends_the_citizens_session_first(desk: Desk) -> None:
    """Without a client the citizen's is meant; where there is none, that of staff."""
    desk.log_in_citizen()
    desk.log_in_staff()
    for party, left in ((desk.portal, desk.office), (desk.office, None)):
        desk.browser.open("/logout")
        desk.browser.submit({"decision": "yes"})
        assert desk.silently(party)["error"] == "login_required"
        assert left is None or "code" in desk.silently(left)


def test_the_last_staff_role_takes_the_staff_sessions_with_it(desk: Desk) -> None:
    """Session, refresh and access tokens end with the revocation, clients are told; the citizen's side stays."""
    mine = desk.tokens(desk.portal, desk.log_in_citizen())
    theirs = desk.tokens(desk.office, desk.log_in_staff())
    grant(desk.house, desk.clerk, Role.AGENT)
    assert revoke(desk.house, desk.clerk, Role.AGENT) == 0
    assert "code" in desk.silently(desk.office)
    assert revoke(desk.house, desk.clerk) == 1
    assert desk.silently(desk.office)["error"] == "login_required"
    assert desk.refreshed(desk.office, theirs["refresh_token"]) == "invalid_grant"
    http = desk.app.test_client()
    bearer = {name: {"Authorization": f"Bearer {each['access_token']}"} for name, each in (("a", mine), ("b", theirs))}
    assert http.get("/oauth/userinfo", headers=bearer["b"]).status_code == 401
    assert http.get("/oauth/userinfo", headers=bearer["a"]).status_code == 200
    assert desk.refreshed(desk.portal, mine["refresh_token"]) != "invalid_grant"
    assert "code" in desk.silently(desk.portal)
    assert desk.told() == [desk.office.client_id]
    assert [row.reason for row in audited(desk.house, "session.ended", desk.clerk.id)] == ["role_revoked"]


@pytest.mark.parametrize("scope", [None, "openid"])
def test_without_the_role_a_session_that_is_left_is_worth_nothing(desk: Desk, scope: str | None) -> None:
    """However the role ended, each use asks for it: request, code and refresh, in one statement and in several."""
    token = desk.tokens(desk.office, desk.log_in_staff())["refresh_token"]
    code = desk.silently(desk.office)["code"]
    with desk.house.ground.database.transaction() as session:
        for held in roles_of(session, desk.clerk.id):
            revoke_role(session, held.id, at=desk.clock.now())
    assert desk.silently(desk.office)["error"] == "login_required"
    http = desk.app.test_client()
    refreshed = desk.office.token(http, grant_type="refresh_token", refresh_token=token, scope=scope)
    assert refreshed.get_json()["error"] == "invalid_grant"
    assert desk.office.redeem(http, code).get_json()["error"] == "invalid_grant"
    introspected = http.post("/oauth/introspect", data={"token": token}, headers=desk.office.basic()).get_json()
    assert introspected == {"active": False}


def test_a_suspended_clerk_has_no_session_either(desk: Desk) -> None:
    """Status counts on both sides."""
    desk.log_in_staff()
    with desk.house.ground.database.transaction() as session:
        session.get_one(Person, desk.clerk.id).status = "suspended"
    assert desk.silently(desk.office)["error"] == "login_required"


def test_a_new_staff_login_rotates_its_own_session(desk: Desk) -> None:
    """prompt=login asks again and keeps one staff session, under a new handle (ASVS 7.2.4)."""
    desk.log_in_citizen()
    desk.log_in_staff()
    before = desk.browser.client.get_cookie(STAFF_COOKIE)
    desk.log_in_staff(prompt="login")
    after = desk.browser.client.get_cookie(STAFF_COOKIE)
    assert before is not None and after is not None and before.value != after.value
    with desk.house.ground.database.read() as session:
        rows = session.query(SsoSession).filter_by(person_id=desk.clerk.id).all()
    assert sorted(row.is_staff for row in rows) == [False, True]
