"""POST /api/v1/persons: an account is prepared, or not; the system never learns which, the phone always does."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from idp.audit.events import Event
from idp.audit.models import AuditEvent
from idp.config.settings import ApiSettings
from idp.house.build import House
from idp.house.erasure import build_erasure
from idp.house.upkeep import build_upkeep
from idp.login.erasure import ErasureRefused, NotErasable
from idp.outbox.models import Delivery
from idp.outbox.queue import Claimed, DeliveryKind
from idp.persons.ciphers import PersonErased
from idp.persons.identity_level import identity_level
from idp.persons.models import ContactIndex, Credential, IdentifierIndex, Person
from idp.persons.prepared import MOST_PER_NUMBER
from tests.protocol.provider import Provider
from tests.support.api_v1 import MOBILE, NAME, NUMBER, PERSON, PURPOSE, System, approved, events_of
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import PASSWORD, TestPerson
from tests.support.relying_party import FormBrowser
from tests.support.sent import at_once, code_of, counted_statements, sent, work

Register = Callable[..., TestPerson]
_LIMITS = ApiSettings(registrations_per_hour=6, registrations_per_number_per_day=3, messages_per_mobile_per_day=2)
_OTHER_NUMBER = "110105195001010012"


@pytest.fixture
def overrides() -> dict[str, Any]:
    return {"api": _LIMITS}


def persons(house: House) -> dict[str, str]:
    with house.ground.database.read() as session:
        return {row.id: row.status for row in session.execute(sa.select(Person.id, Person.status))}


def registering(house: House, app: Flask, *, mobile: str = MOBILE, number: str = NUMBER) -> FormBrowser:
    """Open an account as everybody does, up to the code."""
    browser = FormBrowser(app)
    browser.open("/register")
    form = {"name": "张晓明", "number": number, "mobile": mobile, "password": PASSWORD, "terms": "y"}
    browser.submit(form)
    browser.submit({"code": code_of(house, "registration_code", mobile)})
    return browser


def test_an_account_is_prepared_and_nothing_in_it_opens_anything(house: House, system: System) -> None:
    """ial 1, no credential, number and mobile claimed only, and the phone is told by whom and how to go on."""
    answer = system.prepare()
    assert (answer.status_code, list(answer.get_json())) == (202, ["request_id"])
    [told] = sent(house, "preparation_made", MOBILE)
    assert told["parameters"] == {"system": "社保系统"}
    [(person_id, status)] = persons(house).items()
    assert status == "prepared"
    with house.ground.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Credential)) == 0
        for index in (ContactIndex, IdentifierIndex):
            assert session.scalars(sa.select(index.is_current)).all() == [False]
        assert identity_level(session, person_id, house.ground.clock.now()) == 1


def test_nobody_gets_in_before_it_is_activated(house: House, app: Flask, system: System) -> None:
    """Neither by a code, nor by recovery, nor by any name: the phone is told that there is no account."""
    system.prepare()
    work(house)
    for page, form, template in (
        ("/login/sms", {"mobile": MOBILE}, "login_unknown_mobile"),
        ("/recovery", {"identifier": MOBILE}, "recovery_unknown"),
    ):
        browser = FormBrowser(app)
        browser.open(page)
        browser.submit(form)
        assert len(sent(house, template, MOBILE)) == 1
    for name in (MOBILE, NUMBER):
        browser = FormBrowser(app)
        browser.open("/login")
        browser.submit({"identifier": name, "password": PASSWORD})
        assert browser.response is not None and browser.response.status_code == 422
    assert set(persons(house).values()) == {"prepared"}


def test_the_citizen_activates_it_with_a_code_to_their_phone(
    house: House, app: Flask, clock: FrozenClock, system: System
) -> None:
    """Registering with that mobile and number gives them the account; they see who asked for it and what for."""
    request_id = system.prepare().get_json()["request_id"]
    clock.advance(seconds=1)
    work(house)
    clock.advance(seconds=1)
    [person_id] = persons(house)
    browser = registering(house, app)
    assert browser.path == "/account", browser.path
    assert persons(house) == {person_id: "active"}
    browser.open("/account/activity")
    assert PURPOSE in browser.text and "社保系统" in browser.text
    with house.ground.database.read() as session:
        profile = house.people.directory.profile(session, person_id)
    assert (profile.full_name, profile.name_source, profile.mobile_verified) == ("张晓明", "self", True)
    again = FormBrowser(app)
    again.open("/login")
    again.submit({"identifier": MOBILE, "password": PASSWORD})
    assert again.path == "/account"
    rows = events_of(house, Event.PREPARATION_REQUESTED, Event.PERSON_PREPARED, Event.PERSON_REGISTERED)
    assert [(row.event, row.person_id, row.client_id) for row in rows] == [
        (Event.PREPARATION_REQUESTED, None, system.client_id),
        (Event.PERSON_PREPARED, person_id, system.client_id),
        (Event.PERSON_REGISTERED, person_id, None),
    ]
    assert [row.request_id for row in rows[:2]] == [request_id] * 2


@pytest.mark.parametrize(("mobile", "number"), [(MOBILE, _OTHER_NUMBER), ("+8613900139000", NUMBER)])
def test_whoever_is_somebody_else_gets_an_account_of_their_own(
    house: House, app: Flask, system: System, mobile: str, number: str
) -> None:
    """The mobile with another number, or the number with another mobile, activates nothing and waits for nothing."""
    system.prepare()
    work(house)
    [prepared] = persons(house)
    assert registering(house, app, mobile=mobile, number=number).path == "/account"
    after = persons(house)
    assert after[prepared] == "prepared" and sorted(after.values()) == ["active", "prepared"]


def test_a_mobile_that_somebody_took_meanwhile_is_asked_for_like_any_other(
    house: House, app: Flask, system: System
) -> None:
    """Preparing reserved nothing: who verified the mobile first has it, and the prepared account stays as it is."""
    system.prepare()
    work(house)
    [prepared] = persons(house)
    assert registering(house, app, number=_OTHER_NUMBER).path == "/account"
    browser = FormBrowser(app)
    browser.open("/register")
    browser.submit({"name": NAME, "number": NUMBER, "mobile": MOBILE, "password": PASSWORD, "terms": "y"})
    browser.submit({"code": code_of(house, "registration_known_mobile", MOBILE)})
    assert browser.path.endswith("/mobile/in-use")
    assert persons(house)[prepared] == "prepared"
    with house.ground.database.read() as session:
        assert house.people.directory.profile(session, prepared).full_name == NAME


def test_a_mobile_that_has_an_account_keeps_it(house: House, system: System, register_person: Register) -> None:
    """Nothing is made or changed; the phone is told the truth, and the account shows who asked."""
    holder = register_person(mobile=MOBILE, number=_OTHER_NUMBER)
    system.prepare()
    assert len(sent(house, "preparation_known", MOBILE)) == 1 and not sent(house, "preparation_made")
    assert persons(house) == {holder.id: "active"}
    [row] = events_of(house, Event.PERSON_PREPARED)
    assert (row.outcome, row.reason, row.person_id) == ("refused", "mobile_taken", holder.id)
    assert row.details == {"purpose": PURPOSE}


def test_known_and_unknown_are_one_to_the_system(house: House, system: System, register_person: Register) -> None:
    """The same status, body, headers, statements and one delivery; only the worker looks anybody up."""
    register_person(mobile=MOBILE, number=_OTHER_NUMBER)
    system.prepare(mobile="+8613900139009")  # has made what is made once in a process
    work(house)
    costs = []
    for mobile, number in ((MOBILE, NUMBER), ("+8613900139001", NUMBER), ("+8613900139002", _OTHER_NUMBER)):
        token = system.token()
        with counted_statements(house) as statements:
            answer = system.post("/api/v1/persons", {**PERSON, "mobile": mobile, "number": number}, token=token)
        shape = {name for name, _ in answer.headers}, re.sub("[A-Za-z0-9_-]{22}", "-", answer.text)
        costs.append((answer.status_code, shape, tuple(statements)))
    assert costs[0] == costs[1] == costs[2]
    with house.ground.database.read() as session:
        waiting = sa.select(sa.func.count()).where(Delivery.kind == DeliveryKind.PREPARATION, Delivery.attempts == 0)
        assert session.scalar(waiting) == 3


def test_the_same_request_again_is_carried_out_once(house: House, system: System) -> None:
    """The same key and body get the same answer and no second message, for a day; whatever the order of members."""
    first = system.prepare(key="k-1")
    again = system.post("/api/v1/persons", dict(reversed(PERSON.items())), key="k-1")
    assert (again.status_code, again.get_json()) == (202, first.get_json())
    assert len(sent(house, "preparation_made")) == len(events_of(house, Event.PREPARATION_REQUESTED)) == 1
    other_body = system.prepare(key="k-1", purpose="医疗保险登记")
    assert other_body.status_code == 422
    assert other_body.get_json()["type"] == "urn:yihao:problem:idempotency-key-reused"
    assert system.prepare(key="k-2").get_json() != first.get_json()


def test_keys_of_two_systems_are_two(house: House, provider: Provider, system: System) -> None:
    """Another system's key is no one's business."""
    other = approved(house, provider.http)
    assert system.prepare(key="k-1").get_json() != other.prepare(key="k-1").get_json()
    assert len(events_of(house, Event.PREPARATION_REQUESTED)) == 2


@pytest.mark.parametrize("bodies", ["same", "different"])
def test_two_at_the_same_moment_are_one(house: House, app: Flask, system: System, bodies: str) -> None:
    """Two threads with one key: one is carried out; the other is told the same, or that the key was used."""
    token, purposes = system.token(), iter(["甲类登记", "甲类登记" if bodies == "same" else "乙类登记"])

    def post() -> tuple[int, str]:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "race"}
        document = {**PERSON, "purpose": next(purposes)}
        answer = app.test_client().post("/api/v1/persons", json=document, headers=headers)
        return answer.status_code, answer.get_json().get("request_id", "")

    answers = at_once(2, post)
    expected = [202, 202] if bodies == "same" else [202, 422]
    assert sorted(answer[0] for answer in answers if isinstance(answer, tuple)) == expected, answers
    if bodies == "same":
        assert answers[0] == answers[1]
    assert len(sent(house, "preparation_made")) == len(events_of(house, Event.PREPARATION_REQUESTED)) == 1


def test_the_quotas(house: House, provider: Provider, clock: FrozenClock, system: System) -> None:
    """Per system and hour, and per number and day of one system; a repeated request costs none of it."""
    for place in range(_LIMITS.registrations_per_number_per_day):
        assert system.prepare(key=f"n-{place}").status_code == 202
    refused = system.prepare()
    assert (refused.status_code, refused.get_json()["type"]) == (429, "urn:yihao:problem:quota-exceeded")
    assert 0 < int(refused.headers["Retry-After"]) <= 86_400
    assert system.prepare(key="n-0").status_code == 202
    other = approved(house, provider.http)
    assert other.prepare().status_code == 202  # what others asked about the number does not show
    # Four were counted, the refused one among them.
    for _ in range(_LIMITS.registrations_per_hour - 4):
        assert system.prepare(number=_OTHER_NUMBER).status_code == 202
    refused = system.prepare(number=_OTHER_NUMBER)
    assert refused.status_code == 429 and int(refused.headers["Retry-After"]) <= 3_600
    clock.advance(seconds=int(refused.headers["Retry-After"]))
    assert system.prepare(number="110105197001010011").status_code == 202


def test_a_phone_is_not_flooded(house: House, provider: Provider, system: System) -> None:
    """Whoever asks, a mobile gets so many messages a day; the others are left out and nobody is told."""
    for each in (system, approved(house, provider.http), approved(house, provider.http)):
        assert each.prepare().status_code == 202
    assert len(sent(house, "preparation_made", MOBILE)) == _LIMITS.messages_per_mobile_per_day
    assert list(persons(house).values()) == ["prepared"]  # one account, however often it was asked for


def test_one_number_is_not_prepared_without_end(house: House, provider: Provider) -> None:
    """Beyond a few mobiles nobody is made under a number, whichever systems ask."""
    for place in range(MOST_PER_NUMBER + 2):
        approved(house, provider.http).prepare(mobile=f"+861390013{place:04d}")
    work(house)
    assert list(persons(house).values()) == ["prepared"] * MOST_PER_NUMBER
    refused = [row for row in events_of(house, Event.PERSON_PREPARED) if row.outcome == "refused"]
    assert [row.reason for row in refused] == ["too_many_of_number"] * 2


def test_a_second_attempt_of_the_worker_does_nothing_more(house: House, system: System) -> None:
    """A delivery whose end was lost is tried again, and found done."""
    system.prepare()
    [(_at, payload)] = house.protocol.queue.recent(DeliveryKind.PREPARATION, most=5)
    claimed = Claimed("d" * 22, DeliveryKind.PREPARATION, 1, payload)
    endings = {house.api.preparations(claimed).ending for _ in range(2)}
    assert len(endings) == 1 and len(persons(house)) == 1
    assert len(events_of(house, Event.PERSON_PREPARED)) == 1


def test_what_nobody_activated_is_erased(house: House, app: Flask, clock: FrozenClock, system: System) -> None:
    """After its days a prepared account goes with everything in it; one that was activated stays."""
    system.prepare()
    work(house)
    registering(house, app)
    system.prepare(mobile="+8613900139001")
    work(house)
    clock.advance(seconds=house.settings.retention.prepared_days * 86_400 - 60)
    name = "preparations nobody activated"
    assert name in build_upkeep(house).run_due()
    assert sorted(persons(house).values()) == ["active", "prepared"]
    clock.advance(seconds=120)
    assert name in build_upkeep(house).run_due()
    assert sorted(persons(house).values()) == ["active", "closed"]
    [gone] = [person_id for person_id, status in persons(house).items() if status == "closed"]
    with house.ground.database.read() as session, pytest.raises(PersonErased):
        house.people.directory.profile(session, gone)


def test_an_activation_at_the_last_moment_wins(house: House, app: Flask, system: System) -> None:
    """Who came between the look and the erasure keeps the account."""
    system.prepare()
    work(house)
    [person_id] = persons(house)
    registering(house, app)
    with pytest.raises(ErasureRefused) as refused:
        build_erasure(house).erase(person_id, only_prepared=True)
    assert refused.value.reason is NotErasable.ACTIVATED
    assert persons(house) == {person_id: "active"}


def test_nothing_of_the_person_is_left_about(house: House, system: System, capsys: pytest.CaptureFixture[str]) -> None:
    """Number, name and mobile stand in no log, no audit row and no delivery that anybody could read."""
    system.prepare()
    system.prepare(number="x")
    work(house)
    with house.ground.database.read() as session:
        rows = session.scalars(sa.select(AuditEvent)).all()
        written = repr([[getattr(row, column.key) for column in AuditEvent.__table__.columns] for row in rows])
        payloads = b"".join(session.scalars(sa.select(Delivery.payload)))
    output = capsys.readouterr()
    for value in (NUMBER, NAME, MOBILE, MOBILE[3:]):
        assert value not in written and value not in output.out + output.err
        assert value.encode() not in payloads
