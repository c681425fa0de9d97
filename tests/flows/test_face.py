"""Level 3: a face compared on the pages of a service, and everything by which somebody else could profit from it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr
from structlog.testing import capture_logs

from demo.simulators.face_sessions import Choice
from demo.simulators.people import Person
from demo.simulators.tencent_faceid import TencentFaceid
from demo.simulators.verification import VerificationSimulator
from demo.simulators.verification_service import Fault
from idp.config.settings import RealNameSettings
from idp.house.build import House
from idp.persons.identity_level import identity_level
from tests.support.faces import service_url, show_face
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.hunting import database_as_text, found_in
from tests.support.proofing import LEVEL, asked_for, claims_of, in_register, prove, show_mobile, type_in
from tests.support.relying_party import FormBrowser, RelyingParty, make_client, parameters_of
from tests.support.sent import audited, code_of

Register = Callable[..., TestPerson]
ME = Person("11010519491231002X", "张小明", "13800138001")
SOMEBODY_ELSE = Person("440308199901101512", "李小红", "13800138009")


@pytest.fixture
def faces(clock: FrozenClock) -> Iterator[VerificationSimulator]:
    """The service's stand-in, on the clock of the house."""
    service = TencentFaceid(secret_id="AKIDface", secret_key="s3cret", rule_id="7", people=[ME, SOMEBODY_ELSE])
    simulator = VerificationSimulator(service, now=lambda: clock.now().timestamp())
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def overrides(faces: VerificationSimulator) -> dict[str, Any]:
    settings = RealNameSettings(
        face="tencent", endpoint=faces.url, key_id="AKIDface", key_secret=SecretStr("s3cret"), face_rule="7"
    )
    return {"realname": settings}


@pytest.fixture
def party(house: House) -> RelyingParty:
    return make_client(house)


@pytest.fixture
def me(house: House, register_person: Register) -> TestPerson:
    person = register_person()
    in_register(house, person)
    return person


def at_face(house: House, app: Flask, party: RelyingParty, person: TestPerson) -> FormBrowser:
    """Return the browser at the link to the service, proved by number, name and mobile in this login."""
    browser = asked_for(app, party, person, 3)
    prove(house, browser, person)
    assert browser.path.endswith("/verify"), browser.path
    browser.submit({}, f"{browser.path}/face")
    return browser


def ial_of(house: House, person: TestPerson) -> int:
    with house.ground.database.read() as session:
        return identity_level(session, person.id, house.ground.clock.now())


def test_a_face_that_agrees_leads_to_level_3(house: House, app: Flask, party: RelyingParty, me: TestPerson) -> None:
    """From level 1, through the service and back, inside one login; two factors were shown on the way."""
    browser = at_face(house, app, party, me)
    browser.open(show_face(service_url(browser)))
    answer = party.redeem(app.test_client(), parameters_of(browser.location)["code"]).get_json()
    claims = claims_of(answer["id_token"])
    assert claims["acr"] == f"{LEVEL}3" and set(claims["amr"]) >= {"pwd", "sms"}
    recorded = audited(house, "proofing.recorded", me.id)
    assert {row.details["method"] for row in recorded if row.details} == {"mobile", "face"}


def test_the_mobile_counts_as_a_factor_also_after_a_first_try_went_wrong(
    house: House, app: Flask, party: RelyingParty, me: TestPerson
) -> None:
    """It was shown once in this login: nobody is asked for another code."""
    browser = asked_for(app, party, me, 3)
    type_in(browser, me, name="李小红")
    show_mobile(house, browser, me)
    type_in(browser, me)
    assert browser.path.endswith("/verify"), browser.path
    browser.submit({}, f"{browser.path}/face")
    browser.open(show_face(service_url(browser)))
    answer = party.redeem(app.test_client(), parameters_of(browser.location)["code"]).get_json()
    assert claims_of(answer["id_token"])["acr"] == f"{LEVEL}3"


@pytest.mark.parametrize(
    ("choice", "words"),
    [(Choice.NOT_ALIKE, "照片不一致"), (Choice.ATTACK, "未被接受"), (Choice.CANCEL, "尚未返回")],
)
def test_any_other_end_raises_nothing(
    house: House, app: Flask, party: RelyingParty, me: TestPerson, choice: Choice, words: str
) -> None:
    """The person is told what to do next, and has the level that they had."""
    browser = at_face(house, app, party, me)
    browser.open(show_face(service_url(browser), choice))
    assert words in browser.text and ial_of(house, me) == 2


def test_a_face_shown_in_another_browser_counts_for_nobody(
    house: House, app: Flask, party: RelyingParty, me: TestPerson
) -> None:
    """Relayed: begun here, the address sent to somebody, finished there. Neither browser gets anything by it."""
    browser = at_face(house, app, party, me)
    back = show_face(service_url(browser))
    victim = FormBrowser(app)
    victim.open(back)
    assert victim.response is not None and victim.response.status_code >= 400
    browser.open(back.partition("?")[0])
    assert browser.response is not None and browser.response.status_code >= 400
    browser.open(back.partition("?")[0] + "?came=guessed")
    assert browser.response.status_code >= 400
    browser.open(back.partition("/return")[0])
    browser.submit({}, back.partition("/return")[0] + "/result")
    assert ial_of(house, me) == 2


def test_a_return_counts_once(house: House, app: Flask, party: RelyingParty, me: TestPerson) -> None:
    """The address of the way back, opened again, finds nothing."""
    browser = at_face(house, app, party, me)
    back = show_face(service_url(browser))
    browser.open(back)
    assert "code=" in browser.location
    browser.open(back)
    assert browser.response is not None and browser.response.status_code >= 400
    assert len(audited(house, "proofing.recorded", me.id)) == 2


def test_a_comparison_ends_with_its_time(
    house: House, app: Flask, party: RelyingParty, me: TestPerson, clock: FrozenClock
) -> None:
    browser = at_face(house, app, party, me)
    back = show_face(service_url(browser))
    clock.advance(seconds=7_201)
    browser.open(back)
    assert browser.response is not None and not browser.response.headers.get("Location") and ial_of(house, me) == 2


def test_a_result_about_another_person_raises_nobody(
    house: House, app: Flask, party: RelyingParty, me: TestPerson, faces: VerificationSimulator
) -> None:
    """The number and name that come back are compared with what was asked."""
    browser = at_face(house, app, party, me)
    back = show_face(service_url(browser))
    faces.fault = Fault.ANOTHER_PERSON
    browser.open(back)
    assert ial_of(house, me) == 2
    assert audited(house, "proofing.refused", me.id)[-1].details == {
        "method": "face",
        "provider": "tencent",
        "provider_request_id": audited(house, "proofing.refused", me.id)[-1].details["provider_request_id"],
        "code": "local.another_person",
    }


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.GARBAGE, Fault.TRUNCATED, Fault.DROP])
def test_a_result_that_cannot_be_read_is_asked_for_again(
    house: House, app: Flask, party: RelyingParty, me: TestPerson, faces: VerificationSimulator, fault: Fault
) -> None:
    """Late, broken off or nonsense: nothing is half-written, the try is given back, and asking again helps."""
    browser = at_face(house, app, party, me)
    back = show_face(service_url(browser))
    faces.fault = fault
    browser.open(back)
    assert browser.path.endswith("/verify/face") and ial_of(house, me) == 2
    faces.fault = Fault.NONE
    browser.submit({}, f"{browser.path}/result")
    assert "code=" in browser.location and ial_of(house, me) == 3


def test_without_a_mobile_in_the_persons_name_the_counter_is_the_way(
    house: House, app: Flask, party: RelyingParty, register_person: Register
) -> None:
    """A face joins the number only together with such a mobile, or at the counter."""
    person = register_person()
    in_register(house, person, mobiles=("+8613900000000",))
    browser = asked_for(app, party, person, 3)
    prove(house, browser, person)
    assert "政务服务大厅" in browser.text and "开始人脸核验" not in browser.text
    browser.submit({}, f"{browser.path}/face")
    assert browser.response is not None and browser.response.status_code >= 400


def test_a_later_login_asks_for_the_second_factor_alone(
    house: House, app: Flask, party: RelyingParty, me: TestPerson, clock: FrozenClock
) -> None:
    """The proofing still counts; a password alone is one factor, and level 3 asks for two."""
    browser = at_face(house, app, party, me)
    browser.open(show_face(service_url(browser)))
    clock.advance(seconds=61)
    later = asked_for(app, party, me, 3)
    assert later.path.endswith("/login/factor")
    later.submit({})
    later.submit({"code": "000000"})
    assert later.response is not None and later.response.status_code == 422
    later.submit({"code": code_of(house, "login_code", me.mobile)})
    answer = party.redeem(app.test_client(), parameters_of(later.location)["code"]).get_json()
    assert claims_of(answer["id_token"])["acr"] == f"{LEVEL}3"


def test_an_essential_level_4_shows_the_way_to_the_counter(app: Flask, party: RelyingParty, me: TestPerson) -> None:
    """What this channel cannot give is said before the client learns that it was not reached."""
    browser = FormBrowser(app)
    browser.open(party.authorize_path(claims='{"id_token":{"acr":{"essential":true,"value":"urn:yihao:level:4"}}}'))
    browser.log_in(me)
    assert browser.path.endswith("/verify") and "政务服务大厅" in browser.text
    browser.submit({}, f"{browser.path}/later")
    assert parameters_of(browser.location)["error"] == "unmet_authentication_requirements"


def test_nothing_of_the_person_stands_where_it_must_not(
    house: House,
    app: Flask,
    party: RelyingParty,
    me: TestPerson,
    faces: VerificationSimulator,
) -> None:
    """Number, name and mobile are hunted in every table, the log, every address on the way, and the tokens."""
    visited: list[str] = []
    with capture_logs() as lines:
        browser = at_face(house, app, party, me)
        away = service_url(browser)
        faces.fault = Fault.GARBAGE
        browser.open(show_face(away))  # refused once, so that this is looked at as well
        visited += [browser.path, away]
        faces.fault = Fault.NONE
        browser.submit({}, f"{browser.path}/result")
        visited.append(browser.location)
        tokens = party.redeem(app.test_client(), parameters_of(browser.location)["code"]).get_json()
        refused = asked_for(app, party, me, 3)
        refused.open(party.authorize_path(acr_values=f"{LEVEL}3", login_hint=me.number))
        house.ground.reads.flush()
    logged = repr(lines)
    places = [database_as_text(house), logged, *visited, str(claims_of(tokens["id_token"]))]
    assert "proofing" in places[0] and "request" in logged
    for place in places:
        assert found_in(place, me.number, me.number[:17], me.name, me.mobile) == []
