"""POST /api/v1/verifications: one word about number and name, counted, recorded, and shown to the person."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from idp.audit.events import Event
from idp.audit.models import AuditEvent
from idp.config.settings import ApiSettings, RealNameSettings
from idp.house.build import House
from realname.providers.answer import Answer, Outcome
from realname.providers.guarded import GuardedVerifier
from tests.protocol.provider import Provider
from tests.support.api_v1 import NAME, NUMBER, PURPOSE, System, approved, events_of
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.proofing import asked_for, in_register, prove
from tests.support.relying_party import FormBrowser, make_client

Register = Callable[..., TestPerson]
_UNKNOWN = "110105195001010012"


@pytest.fixture
def overrides() -> dict[str, Any]:
    return {"api": ApiSettings(verifications_per_day=12), "realname": RealNameSettings(per_number_per_day=4)}


@pytest.fixture
def person(house: House, register_person: Register) -> TestPerson:
    """Somebody in the register, whose number here is only claimed."""
    person = register_person(NAME, NUMBER)
    in_register(house, person)
    return person


@pytest.mark.parametrize(
    ("changed", "result"),
    [
        ({}, "match"),
        ({"mobile": "MINE"}, "match"),
        ({"name": "李小红"}, "no_match"),
        ({"mobile": "13900139000"}, "no_match"),
        ({"number": _UNKNOWN}, "no_record"),
        ({"number": "110105194912310021"}, "bad_input"),
        ({"name": "12345"}, "bad_input"),
        ({"mobile": "12345"}, "bad_input"),
    ],
)
def test_the_answers(system: System, person: TestPerson, changed: dict[str, str], result: str) -> None:
    """A word and an id, nothing else; a number that no document has is told apart from one that nobody has."""
    answer = system.verify(**{name: person.mobile if value == "MINE" else value for name, value in changed.items()})
    assert answer.status_code == 200, answer.text
    assert set(answer.get_json()) == {"result", "request_id"}
    assert answer.get_json()["result"] == result
    assert answer.get_json()["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    ("outcome", "result"),
    [(Outcome.RISK, "unavailable"), (Outcome.UNAVAILABLE, "unavailable"), (Outcome.LIMITED, "limited")],
)
def test_what_is_no_word_about_the_person(
    house: House, system: System, monkeypatch: pytest.MonkeyPatch, outcome: Outcome, result: str
) -> None:
    """A service that suspects something, or says nothing, is not told as a mismatch."""
    monkeypatch.setattr(GuardedVerifier, "verify", lambda _self, _question: Answer(outcome, "test", "x"))
    assert system.verify().get_json()["result"] == result


def test_every_question_is_recorded(house: House, system: System, person: TestPerson) -> None:
    """Who asked, for what, with which answer; number and name are not kept, and a claimed number names nobody."""
    for name in (NAME, "李小红"):
        system.verify(name=name)
    system.verify(number="x")
    rows = events_of(house, Event.IDENTITY_VERIFIED)
    assert [(row.client_id, row.person_id, row.channel) for row in rows] == [(system.client_id, None, "api")] * 3
    told = [{name: row.details[name] for name in ("purpose", "result")} for row in rows if row.details]
    assert sorted(each["result"] for each in told) == ["bad_input", "match", "no_match"]
    assert {each["purpose"] for each in told} == {PURPOSE}
    written = repr([row.details for row in rows])
    assert NUMBER not in written and NAME not in written


def test_the_person_sees_who_asked_and_what_for(
    house: House, app: Flask, clock: FrozenClock, system: System, person: TestPerson
) -> None:
    """Where the number is theirs here, it stands in their activity, whatever the answer was; for nobody else."""
    browser = asked_for(app, make_client(house), person)
    prove(house, browser, person)
    clock.advance(seconds=1)
    system.verify(name="李小红", purpose="公积金提取核验")
    system.verify(number=_UNKNOWN, purpose="别人的事项")
    found = [row.person_id for row in events_of(house, Event.IDENTITY_VERIFIED)]
    assert sorted(found, key=str) == sorted([person.id, None], key=str)
    centre = FormBrowser(app)
    centre.open("/account")
    centre.log_in(person)
    centre.open("/account/activity")
    assert "公积金提取核验" in centre.text and "社保系统" in centre.text
    assert "别人的事项" not in centre.text


def test_the_quota_of_a_number_holds_over_all_systems(house: House, provider: Provider, person: TestPerson) -> None:
    """Many systems together cannot try more names than one."""
    words = [approved(house, provider.http).verify(name="李小红").get_json()["result"] for _ in range(6)]
    assert words == ["no_match"] * 4 + ["limited"] * 2


def test_the_quota_of_a_system(house: House, provider: Provider, clock: FrozenClock, system: System) -> None:
    """Beyond it 429 until the next day; another system's is its own, and bad numbers count as well."""
    for _ in range(12):
        assert system.verify(number="x").status_code == 200
    refused = system.verify()
    assert (refused.status_code, refused.get_json()["type"]) == (429, "urn:yihao:problem:quota-exceeded")
    assert approved(house, provider.http).verify().status_code == 200
    seconds = int(refused.headers["Retry-After"])
    assert 0 < seconds <= 86_400
    clock.advance(seconds=seconds)
    assert system.verify().status_code == 200


class TestWithoutASource:
    """Where people are proved at the counter alone."""

    @pytest.fixture
    def overrides(self) -> dict[str, Any]:
        return {"realname": RealNameSettings(provider="none")}

    def test_there_is_no_answer(self, system: System) -> None:
        """Nobody was asked, which is no word about the person."""
        for changed in ({}, {"mobile": "13800138000"}):
            assert system.verify(**changed).get_json()["result"] == "unavailable"


def test_nothing_of_the_person_is_left_about(
    house: House, system: System, person: TestPerson, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither in the log nor in the audit."""
    system.verify(mobile=person.mobile)
    with house.ground.database.read() as session:
        written = repr([row.details for row in session.scalars(sa.select(AuditEvent))])
    output = capsys.readouterr()
    for value in (NUMBER, NAME, person.mobile, person.mobile[3:]):
        assert value not in written and value not in output.out + output.err
