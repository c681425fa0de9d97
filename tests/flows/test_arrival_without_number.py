"""Opening an account without a number: by a mobile, and by the network identity that says who came."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from demo.simulators.face_sessions import Choice
from demo.simulators.verification import VerificationSimulator
from idp.config.settings import RealNameSettings
from idp.house.build import House
from idp.persons.models import Identifier, Person
from realname.documents.application_id import NETWORK_IDENTITY
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import PASSWORD, TestPerson
from tests.support.network_identity import (
    ME,
    gateway_settings,
    ial_of,
    identity_states,
    service_url,
    serving_gateway,
    show,
)
from tests.support.proofing import LEVEL, claims_of, in_register, state_of
from tests.support.relying_party import FormBrowser, RelyingParty, make_client, parameters_of
from tests.support.sent import code_of, sent

MOBILE = "+8613912340001"
FORM = {"mobile": "13912340001", "password": PASSWORD, "terms": "y"}


@pytest.fixture
def gateway(clock: FrozenClock) -> Iterator[VerificationSimulator]:
    with serving_gateway(clock) as simulator:
        yield simulator


@pytest.fixture
def overrides(gateway: VerificationSimulator) -> dict[str, Any]:
    return {"realname": RealNameSettings(**gateway_settings(gateway))}


@pytest.fixture
def party(house: House) -> RelyingParty:
    return make_client(house)


def at_form(app: Flask, party: RelyingParty | None = None) -> FormBrowser:
    """Return a browser at the form that asks for neither number nor name."""
    browser = FormBrowser(app)
    if party is None:
        browser.open("/register")
    else:
        browser.open(party.authorize_path(acr_values=f"{LEVEL}3"))
        browser.open(browser.path.replace("/login", "/register"))
    assert browser.path.endswith("/register") and "/register/network" in browser.text
    browser.open(f"{browser.path}/network")
    assert 'name="number"' not in browser.text and 'name="name"' not in browser.text
    return browser


def arrive(house: House, app: Flask, party: RelyingParty | None = None) -> tuple[FormBrowser, TestPerson]:
    """Return the browser of who opened an account so, at the page of the network identity."""
    browser = at_form(app, party)
    browser.submit(FORM)
    browser.submit({"code": code_of(house, "registration_code", MOBILE)})
    assert browser.path.endswith("/verify"), browser.path
    with house.ground.database.read() as session:
        person_id = session.scalars(sa.select(Person.id)).one()
    return browser, TestPerson(person_id, ME.name, ME.number, MOBILE, "")


def numbers(house: House) -> list[str]:
    with house.ground.database.read() as session:
        return list(session.scalars(sa.select(Identifier.type).where(Identifier.type != NETWORK_IDENTITY)))


def test_a_person_arrives_without_a_number(house: House, app: Flask, party: RelyingParty) -> None:
    """Known by the application id alone, and no number anywhere; two factors come with the next login."""
    browser, person = arrive(house, app, party)
    browser.submit({}, f"{browser.path}/network")
    browser.open(show(service_url(browser)))
    answer = party.redeem(app.test_client(), parameters_of(browser.location)["code"]).get_json()
    claims = claims_of(answer["id_token"])
    assert claims["acr"] == f"{LEVEL}2" and ial_of(house, person) == 3
    assert identity_states(house, person) == ["current"] and numbers(house) == []


def test_the_account_centre_knows_them_without_name_and_number(house: House, app: Flask) -> None:
    """It says by what they were verified, and how a number is joined."""
    browser, _person = arrive(house, app)
    browser.submit({}, f"{browser.path}/network")
    browser.open(show(service_url(browser)))
    assert browser.path == "/account" and 'id="join-number"' in browser.text
    for path in ("/account/security", "/account/contact", "/account/sessions", "/account/activity"):
        assert browser.open(path).status_code == 200, path


def test_a_person_arrives_with_what_the_service_tells(house: House, app: Flask) -> None:
    """The mobile was shown a moment ago and is held in the asserted name: number and name are theirs at once."""
    in_register(house, TestPerson("", ME.name, ME.number, MOBILE, ""))
    browser, person = arrive(house, app)
    browser.submit({"with_number": "y"}, f"{browser.path}/network")
    browser.open(show(service_url(browser)))
    assert browser.path == "/account" and 'id="join-number"' not in browser.text
    assert state_of(house, person) == "current" and ial_of(house, person) == 3


def test_who_stops_has_an_account_of_level_1(house: House, app: Flask) -> None:
    """Nothing is lost by it, and nothing given: they can go on as they are, or begin again."""
    browser, person = arrive(house, app)
    page = browser.path
    browser.submit({}, f"{page}/network")
    browser.open(show(service_url(browser), choice=Choice.CANCEL))
    assert browser.path == page and ial_of(house, person) == 1
    browser.submit({}, f"{page}/later")
    assert browser.path == "/account" and numbers(house) == [] and ial_of(house, person) == 1


def test_the_pages_answer_alike_for_a_mobile_that_is_known(
    house: House, app: Flask, register_person: Callable[..., TestPerson]
) -> None:
    """As for every account: the truth goes to the mobile alone, and nobody is made."""
    register_person(mobile=MOBILE)
    browser = at_form(app)
    browser.submit(FORM)
    known = browser.text_without_token.replace(browser.path.split("/")[2], "")
    assert browser.path.endswith("/register/code") and len(sent(house, "registration_known_mobile", MOBILE)) == 1
    other = at_form(app)
    other.submit({**FORM, "mobile": "13912340002"})
    unknown = other.text_without_token.replace(other.path.split("/")[2], "")
    assert known.replace("139****0001", "") == unknown.replace("139****0002", "")
    browser.submit({"code": code_of(house, "registration_known_mobile", MOBILE)})
    with house.ground.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == 1


@pytest.mark.parametrize("missing", ["mobile", "password", "terms"])
def test_what_is_asked_for_must_be_there(house: House, app: Flask, missing: str) -> None:
    """Also here: a mobile that is one, a password after the policy, the agreement."""
    browser = at_form(app)
    browser.submit({name: value for name, value in FORM.items() if name != missing})
    assert browser.response is not None and browser.response.status_code == 422
    assert sent(house, "registration_code") == []
