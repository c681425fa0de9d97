"""Level 3 by a service that wants to know the browser first: its script's word is bounded, and no other page has it."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr
from structlog.testing import capture_logs

from demo.simulators.aliyun_cloudauth import AliyunCloudauth
from demo.simulators.people import Person
from demo.simulators.verification import VerificationSimulator
from idp.config.settings import RealNameSettings
from idp.house.build import House
from idp.persons.identity_level import identity_level
from tests.support.faces import service_url, show_face
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.hunting import database_as_text, found_in
from tests.support.proofing import LEVEL, asked_for, claims_of, in_register, prove, show_mobile, type_in
from tests.support.relying_party import FormBrowser, RelyingParty, make_client, parameters_of
from tests.support.sent import audited

Register = Callable[..., TestPerson]
ME = Person("11010519491231002X", "张小明", "13800138001")
ORIGIN = "https://o.example.cn:8443"
SCRIPT = f"{ORIGIN}/yd-cloudauth/jsvm_all.js"
TOLD = json.dumps({"bioMetaInfo": "4.1.0:2916352,0", "deviceType": "web", "ua": "Mozilla/5.0 hunted-browser"})


@pytest.fixture
def faces(clock: FrozenClock) -> Iterator[VerificationSimulator]:
    """The service's stand-in, on the clock of the house."""
    service = AliyunCloudauth(access_key_id="LTAIface", access_key_secret="s3cret", scene_id="7", people=[ME])
    simulator = VerificationSimulator(service, now=lambda: clock.now().timestamp())
    simulator.start()
    yield simulator
    simulator.stop()


def settings_with(script: str, faces: VerificationSimulator, **more: Any) -> RealNameSettings:
    """Return settings by which Alibaba compares faces, with this script."""
    return RealNameSettings(
        face="aliyun",
        endpoint=faces.url,
        key_id="LTAIface",
        key_secret=SecretStr("s3cret"),
        face_rule="7",
        face_script=script,
        **more,
    )


@pytest.fixture
def overrides(request: pytest.FixtureRequest, faces: VerificationSimulator) -> dict[str, Any]:
    return {"realname": settings_with(getattr(request, "param", SCRIPT), faces, face_script_integrity="sha256-YQ==")}


@pytest.fixture
def party(house: House) -> RelyingParty:
    return make_client(house)


@pytest.fixture
def me(house: House, register_person: Register) -> TestPerson:
    person = register_person()
    in_register(house, person)
    return person


def at_start(house: House, app: Flask, party: RelyingParty, person: TestPerson) -> FormBrowser:
    """Return the browser at the page with the script, proved by number, name and mobile in this login."""
    browser = asked_for(app, party, person, 3)
    prove(house, browser, person)
    browser.submit({}, f"{browser.path}/face")
    assert browser.path.endswith("/verify/face/start"), browser.path
    return browser


def policy_of(browser: FormBrowser) -> str:
    assert browser.response is not None
    return browser.response.headers["Content-Security-Policy"]


def ial_of(house: House, person: TestPerson) -> int:
    with house.ground.database.read() as session:
        return identity_level(session, person.id, house.ground.clock.now())


def test_what_the_script_says_leads_to_level_3(
    house: House, app: Flask, party: RelyingParty, me: TestPerson, faces: VerificationSimulator
) -> None:
    """It reaches the service as it was told, and nothing of it is kept or logged here."""
    with capture_logs() as lines:
        browser = at_start(house, app, party, me)
        browser.submit({"device": TOLD})
        browser.open(show_face(service_url(browser)))
    answer = party.redeem(app.test_client(), parameters_of(browser.location)["code"]).get_json()
    assert claims_of(answer["id_token"])["acr"] == f"{LEVEL}3"
    assert [each.action for each in faces.ledger] == ["InitFaceVerify", "DescribeFaceVerify"]
    assert "hunted-browser" in faces.ledger[0].asked.query
    for place in (database_as_text(house), repr(lines)):
        assert found_in(place, "hunted-browser") == []


@pytest.mark.parametrize(
    "device",
    ["", "not JSON", "[]", '{"deviceType": "android"}', json.dumps({"deviceType": "h5", "ua": "x" * 4_096})],
    ids=["missing", "not JSON", "not an object", "no browser", "too long"],
)
def test_without_a_word_that_can_be_handed_on_nothing_begins(
    house: House, app: Flask, party: RelyingParty, me: TestPerson, faces: VerificationSimulator, device: str
) -> None:
    """The service is not asked, no try is counted, and the counter is offered; with a good word it goes on."""
    browser = at_start(house, app, party, me)
    for _time in range(house.settings.realname.tries_per_person + 1):
        browser.submit({"device": device}, browser.path)
        assert browser.response is not None and browser.response.status_code == 422
    assert "不计入次数" in browser.text and "face-counter" in browser.text
    assert faces.ledger == [] and ial_of(house, me) == 2
    browser.submit({"device": TOLD})
    assert browser.path.endswith("/verify/face") and len(faces.ledger) == 1


def test_a_field_that_was_not_sent_is_missing(
    house: House, app: Flask, party: RelyingParty, me: TestPerson, faces: VerificationSimulator
) -> None:
    """The first page's button alone begins nothing either: it leads to the script."""
    browser = at_start(house, app, party, me)
    browser.submit({}, browser.path)
    assert browser.response is not None and browser.response.status_code == 422 and faces.ledger == []


def test_only_this_page_loads_the_script(house: House, app: Flask, party: RelyingParty, me: TestPerson) -> None:
    """Its origin, and no other, joins the policy of the one page; the digest goes with it."""
    browser = asked_for(app, party, me, 3)
    seen = {browser.path: policy_of(browser)}
    type_in(browser, me)
    seen[browser.path] = policy_of(browser)
    show_mobile(house, browser, me)
    seen[browser.path] = policy_of(browser)
    assert all("script-src 'self';" in policy for policy in seen.values()) and len(seen) == 2
    browser.submit({}, f"{browser.path}/face")
    assert f"script-src 'self' {ORIGIN};" in policy_of(browser) and policy_of(browser).count(ORIGIN) == 1
    attributes = 'integrity="sha256-YQ==" crossorigin="anonymous" referrerpolicy="no-referrer"'
    assert f'src="{SCRIPT}" {attributes}' in browser.text
    browser.submit({"device": TOLD})
    assert "script-src 'self';" in policy_of(browser) and ORIGIN not in browser.text


def test_who_did_not_prove_the_number_in_this_login_does_not_meet_the_script(
    house: House, app: Flask, party: RelyingParty, me: TestPerson
) -> None:
    """The address of the page leads back to the first one, whatever it is sent."""
    browser = asked_for(app, party, me, 3)
    first = browser.path
    browser.open(f"{first}/face/start")
    assert browser.path == first and ORIGIN not in policy_of(browser)
    browser.submit({"device": TOLD}, f"{first}/face/start")
    assert browser.path == first and ial_of(house, me) == 1


@pytest.mark.parametrize("overrides", [""], indirect=True)
def test_without_a_script_faces_are_not_offered(
    house: House, app: Flask, party: RelyingParty, me: TestPerson, faces: VerificationSimulator
) -> None:
    """People are proved to level 2 and told of the counter; nobody is sent to a service that could not begin."""
    browser = asked_for(app, party, me, 3)
    assert "政务服务大厅" in browser.text and "verify/face" not in browser.text
    browser.submit({"device": TOLD}, f"{browser.path}/face/start")
    assert faces.ledger == [] and audited(house, "proofing.recorded", me.id) == []
    lower = asked_for(app, party, me, 2)
    prove(house, lower, me)
    assert "code=" in lower.location and ial_of(house, me) == 2
