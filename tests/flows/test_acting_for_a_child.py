"""A guardian uses a service for a child: asked for whom, agreeing for the child, seen by both, over when it is over."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from clients.consents import granted
from clients.models import Consent
from idp.audit.events import Event
from idp.house.build import House
from idp.persons.models import Credential
from idp.persons.vocabulary import PersonStatus
from idp.tokens.models import TokenGrant
from tests.protocol.provider import bearer
from tests.support.account_centre import logged_in
from tests.support.acting import (
    acting_client,
    choose,
    end_mandates,
    entrust,
    is_choosing,
    make_ward,
    offered,
    set_status,
)
from tests.support.deaths import act, say
from tests.support.guardians import child_id_of, child_of, end_path, guardian, say_child
from tests.support.houses import TestPerson
from tests.support.relying_party import FormBrowser, RelyingParty, make_client, parameters_of
from tests.support.sent import audited, counted_statements
from tests.unit.realname.documents.numbers import make_resident_number

Register = Callable[..., TestPerson]
SCOPE = "openid profile phone offline_access"
ASKING = {"require_consent": True}


@pytest.fixture
def parent(house: House, register_person: Register) -> TestPerson:
    return guardian(house, register_person, 1)


@pytest.fixture
def party(house: House) -> RelyingParty:
    return acting_client(house, client_name="Schools", policy=ASKING)


def in_english(app: Flask, person: TestPerson) -> FormBrowser:
    browser = logged_in(app, person)
    browser.submit({"locale": "en", "next": "/account"}, "/language")
    return browser


def redeemed(app: Flask, party: RelyingParty, browser: FormBrowser) -> dict[str, Any]:
    answer = party.redeem(app.test_client(), parameters_of(browser.location)["code"])
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.get_json()
    return document


def works(app: Flask, tokens: dict[str, Any]) -> bool:
    """Tell whether an access token still opens userinfo."""
    return app.test_client().get("/oauth/userinfo", headers=bearer(tokens["access_token"])).status_code == 200


def at_consent(browser: FormBrowser, party: RelyingParty, place: int = 1) -> None:
    """Go as far as the page on which the guardian agrees."""
    browser.open(party.authorize_path(scope=SCOPE))
    choose(browser, place)
    assert browser.path.endswith("/consent"), browser.path


def agree(browser: FormBrowser) -> None:
    shown = browser.text.partition('name="shown"')[2].partition('value="')[2].partition('"')[0]
    ticks = re.findall(r'name="granted" value="([^"]+)"', browser.text)
    assert shown and ticks
    browser.submit({"decision": "allow", "granted": ticks, "shown": shown})


def test_the_whole_way(house: House, app: Flask, parent: TestPerson, party: RelyingParty) -> None:
    """From the register's word over login, choice and consent to tokens about the child."""
    child = child_of(house, 1)
    say_child(house, child, [parent])
    account = in_english(app, parent)
    account.open("/account/family")
    account.submit({"name": child.name, "number": child.number})
    child_id = child_id_of(house, child)
    assert child_id is not None
    browser = FormBrowser(app)
    browser.open(party.authorize_path(scope=SCOPE, ui_locales="en"))
    browser.log_in(parent)
    assert is_choosing(browser)
    assert "For 王*小" in browser.text and child.name not in browser.text and child.number not in browser.text
    assert child_id not in browser.text
    choose(browser)
    assert "You act for 王*小" in browser.text
    agree(browser)
    tokens = redeemed(app, party, browser)
    userinfo = app.test_client().get("/oauth/userinfo", headers=bearer(tokens["access_token"])).get_json()
    assert userinfo["name"] == child.name and "phone_number" not in userinfo
    assert userinfo["act"]["sub"] != userinfo["sub"]
    with house.ground.database.read() as session:
        row = session.execute(sa.select(Consent)).scalar_one()
        assert (row.person_id, row.actor_person, row.on_behalf_of) == (child_id, parent.id, child_id)
        assert granted(session, parent.id, party.client_id) == frozenset()
    (told,) = audited(house, Event.CONSENT_GRANTED, child_id)
    assert (told.actor_person, told.on_behalf_of) == (parent.id, child_id)


def test_each_login_asks_again(house: House, app: Flask, parent: TestPerson, party: RelyingParty) -> None:
    """Also in an open session: the choice is for one login, and consent is remembered for each of the two."""
    make_ward(house, parent)
    browser = in_english(app, parent)
    at_consent(browser, party)
    agree(browser)
    assert "code" in parameters_of(browser.location)
    at_consent(browser, party, 0)
    agree(browser)
    for place in (0, 1):
        browser.open(party.authorize_path(scope=SCOPE))
        choose(browser, place)
        assert "code" in parameters_of(browser.location)


def test_who_refuses_for_the_child_refuses_for_the_child(
    house: House, app: Flask, parent: TestPerson, party: RelyingParty
) -> None:
    """access_denied, and the trace is the child's, by the guardian."""
    child = make_ward(house, parent)
    browser = in_english(app, parent)
    at_consent(browser, party)
    browser.submit({"decision": "deny"})
    assert parameters_of(browser.location)["error"] == "access_denied"
    (row,) = audited(house, Event.CONSENT_DENIED, child.id)
    assert (row.actor_person, row.on_behalf_of) == (parent.id, child.id)


@pytest.mark.parametrize("what", ["revoked", "suspended"])
def test_nothing_is_agreed_to_once_it_ended(
    house: House, app: Flask, parent: TestPerson, party: RelyingParty, what: str
) -> None:
    """While the page was open: neither for the child, nor for the guardian, who read something else."""
    child = make_ward(house, parent)
    browser = in_english(app, parent)
    at_consent(browser, party)
    if what == "revoked":
        end_mandates(house, parent, child)
    else:
        set_status(house, child, PersonStatus.SUSPENDED)
    agree(browser)
    assert browser.response is not None and browser.response.status_code == 422
    assert "You act for" not in browser.text
    with house.ground.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Consent)) == 0


def test_whoever_logs_in_meanwhile_is_asked_anew(
    house: House, app: Flask, register_person: Register, parent: TestPerson, party: RelyingParty
) -> None:
    """One parent chose, the other logs in in the same browser: the choice was not theirs, nor are the handles."""
    child = make_ward(house, parent)
    other = guardian(house, register_person, 2)
    entrust(house, other, child)
    browser = in_english(app, parent)
    browser.open(party.authorize_path(scope=SCOPE))
    choosing, (_, handle) = browser.path, offered(browser)
    choose(browser)
    consenting = browser.path
    browser.open("/logout")
    browser.submit({"decision": "yes"})
    browser.open("/account")
    browser.log_in(other)
    browser.open(consenting)
    assert is_choosing(browser)
    assert browser.submit({"party": handle}, choosing).status_code == 422
    choose(browser)
    assert browser.path.endswith("/consent")


def test_the_account_shows_it(house: House, app: Flask, parent: TestPerson, party: RelyingParty) -> None:
    """Logins, services and activity of the guardian name the child, masked; and the guardian takes it back there."""
    make_ward(house, parent)
    browser = in_english(app, parent)
    at_consent(browser, party)
    agree(browser)
    tokens = redeemed(app, party, browser)
    browser.open("/account/sessions")
    assert "Schools (for 王*小)" in browser.text
    browser.open("/account/activity")
    assert "You acted for a child" in browser.text
    browser.open("/account/applications")
    assert "for 王*小" in browser.text
    assert works(app, tokens)
    path = browser.text.partition('action="/account/applications/')[2].partition('"')[0]
    browser.submit({}, f"/account/applications/{path}")
    assert not works(app, tokens)
    assert "You have not allowed any service" in browser.text


def test_the_childs_own_account_shows_it(
    house: House, app: Flask, register_person: Register, parent: TestPerson, party: RelyingParty
) -> None:
    """Whoever has an account sees that a guardian acted, and what they agreed to, and may take it back."""
    number = make_resident_number(birth="20130101", sequence="009")
    child = register_person(name="王小小", number=number)
    entrust(house, parent, child)
    browser = in_english(app, parent)
    at_consent(browser, party)
    agree(browser)
    tokens = redeemed(app, party, browser)
    own = in_english(app, child)
    own.open("/account/activity")
    assert "A guardian acted for you" in own.text and "by a guardian" in own.text
    own.open("/account/applications")
    assert "by a guardian" in own.text
    path = own.text.partition('action="/account/applications/')[2].partition('"')[0]
    own.submit({}, f"/account/applications/{path}")
    assert not works(app, tokens)


def test_nobody_takes_back_what_is_anothers(
    house: House, app: Flask, register_person: Register, parent: TestPerson, party: RelyingParty
) -> None:
    """A child's consent is found by its guardians alone, and by them only as long as they are."""
    child = make_ward(house, parent)
    browser = in_english(app, parent)
    at_consent(browser, party)
    agree(browser)
    browser.open("/account/applications")
    path = "/account/applications/" + browser.text.partition('action="/account/applications/')[2].partition('"')[0]
    stranger = in_english(app, guardian(house, register_person, 2))
    assert stranger.submit({}, path).status_code == 404
    end_mandates(house, parent, child)
    assert browser.submit({}, path).status_code == 404


def test_giving_up_ends_the_tokens_for_good(
    house: House, app: Flask, register_person: Register, parent: TestPerson, party: RelyingParty
) -> None:
    """With the guardianship, not at the next look; another guardian's stay, and a new mandate revives nothing."""
    child = make_ward(house, parent)
    other = guardian(house, register_person, 2)
    entrust(house, other, child)
    held = []
    for each in (parent, other):
        browser = in_english(app, each)
        browser.open(party.authorize_path(scope=SCOPE))
        choose(browser)
        if browser.path.endswith("/consent"):  # the second guardian finds what the first agreed to
            agree(browser)
        held.append((browser, redeemed(app, party, browser)))
    (first, mine), (_, theirs) = held
    first.open("/account/family")
    first.submit({}, end_path(first))
    assert (works(app, mine), works(app, theirs)) == (False, True)
    entrust(house, parent, child)
    assert (works(app, mine), works(app, theirs)) == (False, True)


def test_an_account_wide_end_reaches_what_they_did_for_a_child(
    house: House, app: Flask, parent: TestPerson, party: RelyingParty
) -> None:
    """A death that is reported of the guardian revokes every token, whomever it is about."""
    make_ward(house, parent)
    browser = in_english(app, parent)
    at_consent(browser, party)
    agree(browser)
    assert works(app, redeemed(app, party, browser))
    say(house, parent)
    assert act(house) == 1
    with house.ground.database.read() as session:
        (family,) = session.scalars(sa.select(TokenGrant))
        assert (family.actor_person, family.revoke_reason) == (parent.id, "death_reported")


def test_a_login_that_speaks_for_nobody_acts_for_nobody(
    house: House, app: Flask, parent: TestPerson, party: RelyingParty
) -> None:
    """A password that was not presented with the proofing opens level 1: not enough to be a guardian by."""
    make_ward(house, parent)
    browser = in_english(app, parent)
    browser.open(party.authorize_path(scope=SCOPE))
    assert is_choosing(browser)
    with house.ground.database.transaction() as session:
        session.execute(sa.update(Credential).values(vouched_at=None))
    stranger = in_english(app, parent)
    stranger.open(party.authorize_path(scope=SCOPE))
    assert stranger.path.endswith("/consent") and "You act for" not in stranger.text


def test_nobody_else_pays_for_it(house: House, app: Flask, register_person: Register, parent: TestPerson) -> None:
    """No statement about mandates in a login to a client that does not understand them, nor for who was not proved."""
    make_ward(house, parent)
    plain, acting = make_client(house), acting_client(house)
    counted = []
    for person, party in ((parent, plain), (register_person(), acting), (parent, acting)):
        browser = in_english(app, person)
        with counted_statements(house) as statements:
            browser.open(party.authorize_path())
        counted.append(any("mandates" in each for each in statements))
    assert counted == [False, False, True]
