"""Forms sent by many at once, on two processes: one registration, one login, one consent, one code."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import Flask

from clients.models import Consent, ConsentItem
from idp.audit.events import Event
from idp.audit.models import AuditEvent
from idp.house.build import House
from idp.outbox.queue import DeliveryKind
from idp.persons.models import Contact, Credential, Person
from idp.sessions.models import SsoSession
from tests.races.conftest import Race, page_call
from tests.races.house_process import RACERS
from tests.races.pages import csrf_token
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import PASSWORD, TestPerson
from tests.support.relying_party import FormBrowser, RelyingParty, make_client

MOBILE = "13900139000"


def newest_code(house: House) -> str:
    """Return the code of the newest message."""
    _, payload = house.protocol.queue.recent(DeliveryKind.MESSAGE, most=1)[0]
    return str(payload["parameters"]["code"])


def count(house: House, model: Any, *conditions: Any) -> int:
    with house.ground.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model).where(*conditions)) or 0


def begin_registration(app: Flask, house: House, number: str) -> tuple[FormBrowser, str]:
    """Fill in the form up to the code; return the browser and the code that was sent."""
    browser = FormBrowser(app)
    browser.open("/register")
    form = {"name": "李小红", "number": number, "mobile": MOBILE, "password": PASSWORD, "terms": "y"}
    response = browser.submit(form)
    assert response.status_code == 200 and browser.path.endswith("/register/code"), browser.text
    return browser, newest_code(house)


def test_one_mobile_registered_by_many_makes_one_person(
    house: House, app: Flask, race: Race, clock: FrozenClock
) -> None:
    """Each shows a right code of their own; one gets the mobile, the others learn that it is in use now."""
    begun = []
    for _ in range(RACERS):
        clock.advance(seconds=1)  # the newest message is this browser's own
        begun.append(begin_registration(app, house, "11010519491231002X"))
    answers = race([page_call(browser, {"code": code}) for browser, code in begun])
    onward = [answer.location.rpartition("/")[2] for answer in answers]
    assert sorted(onward) == ["continue"] + ["in-use"] * (RACERS - 1), answers
    assert count(house, Person) == count(house, Contact) == count(house, Credential) == 1
    assert count(house, AuditEvent, AuditEvent.event == Event.PERSON_REGISTERED) == 1
    assert count(house, AuditEvent, AuditEvent.event == Event.REGISTRATION_REFUSED) == RACERS - 1


def test_one_registration_sent_many_times_makes_one_person(house: House, app: Flask, race: Race) -> None:
    """A form that is sent again and again in the same instant counts once."""
    browser, code = begin_registration(app, house, "11010519491231002X")
    answers = race(page_call(browser, {"code": code}))
    onward = [answer for answer in answers if answer.status == 303 and answer.location.endswith("/continue")]
    assert len(onward) == 1, answers
    assert count(house, Person) == count(house, Contact) == count(house, Credential) == 1


def test_one_time_code_by_many_is_used_once(
    house: House, app: Flask, race: Race, party: RelyingParty, register_person: Callable[..., TestPerson]
) -> None:
    """Of many that send the same right code, one proves the mobile."""
    person, browser = register_person(), FormBrowser(app)
    browser.open(party.authorize_path())
    browser.open(browser.path.replace("/login", "/login/sms"))
    browser.submit({"mobile": person.mobile})
    answers = race(page_call(browser, {"code": newest_code(house)}))
    onward = [answer for answer in answers if answer.status == 303 and answer.location.endswith("/continue")]
    assert len(onward) == 1, answers


def test_one_proof_establishes_one_session(
    house: House, app: Flask, race: Race, party: RelyingParty, register_person: Callable[..., TestPerson]
) -> None:
    """A login that goes on in many tabs at once starts one session and is audited once."""
    for number in range(1, 4):
        person, browser = register_person(), FormBrowser(app)
        browser.open(party.authorize_path())
        form = {"identifier": person.login_name, "password": person.password, "csrf_token": csrf_token(browser)}
        proceed = browser.client.post(browser.path, data=form).headers["Location"]
        assert proceed.endswith("/continue")
        answers = race(page_call(browser, path=proceed))
        assert sum(answer.location.startswith(party.redirect_uri) for answer in answers) == 1, answers
        assert count(house, SsoSession) == number
        assert count(house, AuditEvent, AuditEvent.event == Event.LOGIN_SUCCEEDED) == number


def test_one_consent_sent_many_times_is_kept_once(house: House, app: Flask, race: Race, person: TestPerson) -> None:
    """One consent with each of its items once, told once in the audit, answered with one code."""
    party, browser = make_client(house, policy={"require_consent": True}), FormBrowser(app)
    browser.open(party.authorize_path(scope="openid profile email"))
    browser.log_in(person)
    assert browser.path.endswith("/consent"), browser.text
    answers = race(page_call(browser, {"decision": "allow"}))
    onward = [answer for answer in answers if answer.status == 303]
    assert onward, answers
    assert count(house, Consent) == 1 and count(house, ConsentItem) == 2
    assert count(house, AuditEvent, AuditEvent.event == Event.CONSENT_GRANTED) == 1
