"""A mobile that two people may call theirs, fought for by many at once, on two processes."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask

from idp.audit.events import Event
from idp.audit.models import AuditEvent
from idp.house.build import House
from idp.persons.mobile_releases import MobileRelease
from idp.persons.models import Contact
from idp.persons.vocabulary import ContactKind, ContactState
from tests.races.conftest import Race, page_call
from tests.races.house_process import RACERS
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.recycled import EMAIL, WEEK, asked, held_by, registering
from tests.support.relying_party import FormBrowser
from tests.support.sent import code_of, sent


@pytest.fixture
def holder(register_person: Callable[..., TestPerson]) -> TestPerson:
    return register_person(email=EMAIL, email_verified=True)


def events(house: House, *kinds: Event) -> int:
    with house.ground.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).where(AuditEvent.event.in_(kinds))) or 0


def current_mobiles(house: House) -> int:
    with house.ground.database.read() as session:
        which = (Contact.kind == ContactKind.MOBILE, Contact.state == ContactState.CURRENT)
        return session.scalar(sa.select(sa.func.count()).select_from(Contact).where(*which)) or 0


def at_the_code(house: House, app: Flask, clock: FrozenClock, mobile: str) -> tuple[FormBrowser, str]:
    """A newcomer who has the code and has not sent it yet."""
    clock.advance(seconds=1)  # so that the newest message is this one
    browser = FormBrowser(app)
    browser.open("/register")
    form = {"name": "李小红", "number": "11010519491231002X", "mobile": mobile, "password": "correct-horse-7-staple"}
    browser.submit(form | {"terms": "y"})
    return browser, code_of(house, "registration_known_mobile", mobile)


def test_many_who_ask_at_once_start_one_release(
    house: House, app: Flask, race: Race, clock: FrozenClock, holder: TestPerson
) -> None:
    """One time begins, told once; everybody is shown its date."""
    browsers = []
    for _ in range(RACERS):
        clock.advance(seconds=1)
        browsers.append(registering(house, app, holder.mobile))
    answers = race([page_call(browser, {}) for browser in browsers])
    assert {answer.status for answer in answers} == {303}, answers
    with house.ground.database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(MobileRelease)) == 1
    assert events(house, Event.MOBILE_RELEASE_STARTED) == len(sent(house, "mobile_release_started")) == 1
    for browser in browsers:
        browser.open(browser.path)
        assert "<time" in browser.text


def test_many_who_register_a_due_mobile_at_once_make_one_person(
    house: House, app: Flask, race: Race, clock: FrozenClock, holder: TestPerson
) -> None:
    """The release and the new holder are decided together: one is let in, the others are told that it is in use."""
    asked(house, app, holder)
    clock.advance(seconds=WEEK)
    begun = [at_the_code(house, app, clock, holder.mobile) for _ in range(RACERS)]
    answers = race([page_call(browser, {"code": code}) for browser, code in begun])
    onward = [answer.location.rpartition("/")[2] for answer in answers]
    assert sorted(onward) == ["continue"] + ["in-use"] * (RACERS - 1), answers
    assert held_by(house, holder.mobile) not in (None, holder.id)
    assert events(house, Event.MOBILE_RELEASE_FINISHED) == events(house, Event.CONTACT_CHANGED) == 1
    assert current_mobiles(house) == 1


@pytest.mark.parametrize("rounds", [3])
def test_an_objection_and_a_newcomer_at_the_same_moment_have_one_winner(
    house: House, app: Flask, race: Race, clock: FrozenClock, holder: TestPerson, rounds: int
) -> None:
    """Either the holder keeps the mobile and no newcomer has it, or one newcomer has it and no objection counted."""
    for number in range(1, rounds + 1):
        clock.advance(days=31)
        asked(house, app, holder)
        link = urlsplit(sent(house, "mobile_release_started")[0]["parameters"]["link"])
        clock.advance(seconds=WEEK)
        calls = []
        for _ in range(RACERS // 2):
            browser, code = at_the_code(house, app, clock, holder.mobile)
            reader = FormBrowser(app)
            reader.open(f"{link.path}?{link.query}")
            form = {"token": link.query.removeprefix("token=")}
            calls += [page_call(browser, {"code": code}), page_call(reader, form, link.path)]
        # Whoever is started first must not always be of the same side.
        answers = race(calls if number % 2 else calls[1:] + calls[:1])
        assert {answer.status for answer in answers} <= {200, 303}, answers
        kept, finished = events(house, Event.MOBILE_RELEASE_KEPT), events(house, Event.MOBILE_RELEASE_FINISHED)
        assert kept + finished == number
        registered = sum(answer.location.endswith("/continue") for answer in answers)
        assert registered == finished
        assert current_mobiles(house) == 1
        if finished:
            assert held_by(house, holder.mobile) not in (None, holder.id)
            return
        assert held_by(house, holder.mobile) == holder.id
