"""Whoever set an account up before its owner was proved has nothing of it afterwards."""

from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from flask import Flask

from idp.audit.log import NOWHERE
from idp.house.build import House
from idp.persons.credentials import change_password
from idp.persons.vocabulary import IdentifierState
from realname.proofing.method import Method
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import PASSWORD, TestPerson
from tests.support.proofing import (
    LEVEL,
    asked_for,
    claims_of,
    evidence_of,
    in_register,
    prove,
    show_mobile,
    state_of,
    type_in,
)
from tests.support.relying_party import FormBrowser, RelyingParty, make_client, parameters_of
from tests.support.sent import code_of

Register = Callable[..., TestPerson]
OTHER_PASSWORD = "another-willow-9-bridge"  # made up, on no list


@pytest.fixture
def party(house: House) -> RelyingParty:
    return make_client(house)


def level_of(app: Flask, party: RelyingParty, browser: FormBrowser) -> str:
    answer = party.redeem(app.test_client(), parameters_of(browser.location)["code"]).get_json()
    return str(claims_of(answer["id_token"])["acr"]).removeprefix(LEVEL)


def enrol_app(house: House, person: TestPerson) -> str:
    """Set up an authenticator app as somebody who knew the password would, and return its secret."""
    now = house.ground.clock.now()
    with house.ground.database.transaction() as session:
        secret, _uri = house.people.totp.draw("x")
        assert house.people.totp.adopt(session, person.id, secret, pyotp.TOTP(secret).at(now), at=now)
    return secret


def test_a_strangers_account_with_my_number_is_worth_nothing(
    house: House, app: Flask, party: RelyingParty, register_person: Register
) -> None:
    """They typed my number with their phone and an app first; I prove it in an account of my own."""
    stranger = register_person(mobile="+8613700000001")
    secret = enrol_app(house, stranger)
    me = register_person()
    in_register(house, me)
    prove(house, asked_for(app, party, me), me)
    assert state_of(house, me) is IdentifierState.CURRENT and state_of(house, stranger) is IdentifierState.CLAIMED
    browser = asked_for(app, party, stranger)
    browser.submit({"code": pyotp.TOTP(secret).at(house.ground.clock.now() + timedelta(seconds=30))})
    prove(house, browser, stranger)
    browser.submit({}, f"{browser.path}/later")
    assert level_of(app, party, browser) == "1"
    # My number names my account now: with their password it opens nothing.
    theirs = FormBrowser(app)
    theirs.open("/login")
    theirs.submit({"identifier": me.number, "password": OTHER_PASSWORD})
    assert theirs.path.endswith("/login")


def test_what_was_not_presented_with_the_proofing_opens_level_1(
    house: House, app: Flask, party: RelyingParty, register_person: Register, clock: FrozenClock
) -> None:
    """Somebody else knows the password; the owner logs in by a code, and is proved. The password counts for ial 1."""
    me = register_person()
    in_register(house, me)
    known = asked_for(app, party, me, 1)  # the owner's browser is known from now on
    assert "code" in parameters_of(known.location)
    known.open("/logout")
    known.submit({"decision": "yes"})
    known.open(party.authorize_path(acr_values=f"{LEVEL}2"))
    known.open(known.path.replace("/login", "/login/sms"))
    known.submit({"mobile": me.mobile.removeprefix("+86")})
    known.submit({"code": _code(house, "login_code", me)})
    assert known.path.endswith("/verify"), known.path
    type_in(known, me)  # the mobile was shown at this login: no second code
    assert level_of(app, party, known) == "2" and state_of(house, me) is IdentifierState.CURRENT
    elsewhere = asked_for(app, party, me, 1)
    assert level_of(app, party, elsewhere) == "1"
    elsewhere.open(party.authorize_path(acr_values=f"{LEVEL}2"))
    elsewhere.log_in(me)
    assert elsewhere.path.endswith("/verify")


def test_presented_together_with_what_counts_it_counts_again(
    house: House, app: Flask, party: RelyingParty, register_person: Register, clock: FrozenClock
) -> None:
    """A password that nobody vouches for, and the mobile that was proved: from then on both speak for the person."""
    me = register_person()
    _prove_by_mobile_alone(house, me)
    browser = asked_for(app, party, me, 1)
    assert level_of(app, party, browser) == "1"
    stranger = FormBrowser(app)  # no known device: a code alone opens nothing, so password and code come together
    stranger.open(party.authorize_path(acr_values=f"{LEVEL}2"))
    stranger.open(stranger.path.replace("/login", "/login/sms"))
    clock.advance(seconds=61)
    stranger.submit({"mobile": me.mobile.removeprefix("+86")})
    stranger.submit({"code": _code(house, "login_code", me)})
    stranger.log_in(me)
    assert level_of(app, party, stranger) == "2"
    assert level_of(app, party, asked_for(app, party, me)) == "2"


def test_a_password_that_was_reset_counts_for_level_1(
    house: House, app: Flask, party: RelyingParty, register_person: Register, clock: FrozenClock
) -> None:
    """A new password in the place of the old one speaks for nobody until its owner is proved with it."""
    me = register_person()
    in_register(house, me)
    prove(house, asked_for(app, party, me), me)
    with house.ground.database.transaction() as session:
        new_hash = house.people.passwords.hash(OTHER_PASSWORD)
        change_password(session, me.id, new_hash, at=house.ground.clock.now())
    clock.advance(seconds=61)
    changed = TestPerson(me.id, me.name, me.number, me.mobile, me.login_name, OTHER_PASSWORD)
    browser = asked_for(app, party, changed)
    assert browser.path.endswith("/verify")
    type_in(browser, changed)
    show_mobile(house, browser, changed)
    assert level_of(app, party, browser) == "2"


def test_a_password_that_the_proved_person_changes_goes_on_counting(
    house: House, app: Flask, party: RelyingParty, register_person: Register
) -> None:
    me = register_person()
    in_register(house, me)
    browser = asked_for(app, party, me)
    prove(house, browser, me)
    browser.open("/account/password")
    browser.submit({"current_password": PASSWORD, "password": OTHER_PASSWORD})
    changed = TestPerson(me.id, me.name, me.number, me.mobile, me.login_name, OTHER_PASSWORD)
    assert level_of(app, party, asked_for(app, party, changed)) == "2"


def test_an_unvouched_session_gives_no_level_by_its_refresh_token(
    house: House, app: Flask, party: RelyingParty, register_person: Register
) -> None:
    """What the login does not carry, its tokens do not either, however long they are refreshed."""
    me = register_person()
    _prove_by_mobile_alone(house, me)
    browser = asked_for(app, party, me, 1, scope="openid offline_access")
    tokens = party.redeem(app.test_client(), parameters_of(browser.location)["code"]).get_json()
    fresh = party.token(app.test_client(), grant_type="refresh_token", refresh_token=tokens["refresh_token"]).get_json()
    assert claims_of(fresh["id_token"])["acr"] == f"{LEVEL}1"
    told = app.test_client().post("/oauth/introspect", data={"token": fresh["access_token"]}, headers=party.basic())
    assert told.get_json()["acr"] == f"{LEVEL}1"


def _prove_by_mobile_alone(house: House, person: TestPerson) -> None:
    with house.ground.database.transaction() as session:
        evidence = evidence_of(house, person, Method.MOBILE)
        house.login.proofing.proved.carry_out(
            session, person.id, evidence, presented=("sms",), keep=None, locale="zh_CN", origin=NOWHERE
        )


def _code(house: House, template: str, person: TestPerson) -> str:
    return code_of(house, template, person.mobile)
