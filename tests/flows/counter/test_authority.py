"""At a counter, where a service is asked about the card: what comes of its answers, and that it is asked once."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr

from demo.simulators.people import Person
from demo.simulators.tencent_faceid import TencentFaceid
from demo.simulators.verification import VerificationSimulator
from demo.simulators.verification_service import Fault
from idp.config.settings import RealNameSettings
from idp.house.build import House
from tests.support.cards import CITIZEN
from tests.support.counter import Hall, agree, code_on
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.proofing import LEVEL, claims_of
from tests.support.relying_party import FormBrowser, RelyingParty, parameters_of
from tests.support.sent import audited

Register = Callable[..., TestPerson]
ME = Person(CITIZEN.number, CITIZEN.name, valid_from=CITIZEN.valid_from)
DENIED = ["card_replaced"]


@pytest.fixture
def service(clock: FrozenClock) -> Iterator[VerificationSimulator]:
    """The stand-in of the service, on the clock of the house."""
    made = TencentFaceid(secret_id="AKIDcard", secret_key="s3cret", rule_id="7", people=[ME])
    simulator = VerificationSimulator(made, now=lambda: clock.now().timestamp())
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def overrides(service: VerificationSimulator) -> dict[str, Any]:
    settings = RealNameSettings(
        provider="tencent", endpoint=service.url, key_id="AKIDcard", key_secret=SecretStr("s3cret")
    )
    return {"realname": settings}


@pytest.fixture
def person(register_person: Register) -> TestPerson:
    return register_person()


def compared(house: House, person: TestPerson) -> tuple[str, str, list[str]]:
    """Return what was said of the card by the audit of the one signature, and its doubts."""
    (row,) = audited(house, "counter.compared", person.id)
    details = row.details or {}
    assert details["authority"]["provider"] == "tencent"
    return details["authority"]["outcome"], details["authority"]["code"], details["doubts"]


@pytest.mark.parametrize(
    ("code", "outcome"),
    [("0", "match"), ("-7", "no_record"), ("-4", "bad_input"), ("-8", "limited"), ("-6", "unavailable")],
)
def test_what_denies_no_card_changes_nothing(
    house: House,
    app: Flask,
    party: RelyingParty,
    person: TestPerson,
    hall: Hall,
    citizen: FormBrowser,
    service: VerificationSimulator,
    code: str,
    outcome: str,
) -> None:
    """One clerk leads to level 4, whether the service knows the card, does not, or cannot say; the audit has it."""
    service.force(code)
    hall.serve(citizen, hall.browsers[0])
    agree(citizen)
    answer = party.redeem(app.test_client(), parameters_of(citizen.location)["code"]).get_json()
    assert claims_of(answer["id_token"])["acr"] == f"{LEVEL}4"
    assert compared(house, person) == (outcome, code, [])
    assert [request.action for request in service.ledger] == ["CheckIdNameDate"]


def test_a_service_that_is_silent_keeps_nobody_from_signing(
    house: House, person: TestPerson, hall: Hall, citizen: FormBrowser, service: VerificationSimulator
) -> None:
    """A lost answer is none; the card itself was read and is good."""
    service.fault = Fault.DROP
    hall.serve(citizen, hall.browsers[0])
    agree(citizen)
    outcome, code, doubts = compared(house, person)
    assert (outcome, code.partition(".")[0], doubts) == ("unavailable", "local", [])


def test_a_denied_card_takes_two_and_is_asked_about_once(
    house: House, person: TestPerson, hall: Hall, citizen: FormBrowser, service: VerificationSimulator
) -> None:
    """However often the clerk signs, pays and hears the service once; the refused signature is in no audit."""
    service.force("-1")
    clerk, code = hall.browsers[0], code_on(citizen)
    hall.admit(clerk, code)
    hall.read(clerk)
    visit = clerk.path
    for note in ("", " ", "新证已看"):
        clerk.open(visit)
        hall.sign(clerk, note=note)
    assert len(service.ledger) == 1
    assert compared(house, person) == ("mismatch", "-1", DENIED)
    second = hall.add_clerk()
    hall.admit(second, code)
    second.submit({"is_same": "y"}, f"{second.path}/second")
    assert len(service.ledger) == 1
    citizen.open(citizen.path)
    agree(citizen)
    assert len(audited(house, "counter.seconded", person.id)) == 1


def test_a_name_that_the_card_cuts_is_asked_about_whole(
    hall: Hall, citizen: FormBrowser, service: VerificationSimulator
) -> None:
    """As the clerk wrote it out: half of a name would be another one. Before that nobody is asked."""
    cut = "阿卜杜热依木·买买提明·艾力江·托"[:15]
    clerk = hall.browsers[0]
    hall.admit(clerk, code_on(citizen))
    hall.read(clerk, CITIZEN.but(name=cut))
    visit = clerk.path
    for name in ("王小明", f"{cut}托合提"):
        clerk.open(visit)
        hall.sign(clerk, name=name, note="户口簿已看")
    assert [json.loads(request.asked.body)["Name"] for request in service.ledger] == [f"{cut}托合提"]
