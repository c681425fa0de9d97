"""At a service hall: the citizen shows a code, the clerk reads the card, the citizen agrees."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from idp.house.build import House
from idp.persons.models import Proofing
from idp.persons.vocabulary import IdentifierState
from realname.proofing.models import CounterRecord
from tests.support.cards import CITIZEN
from tests.support.counter import ELSEWHERE, HERE, Hall, agree, code_on, show_code
from tests.support.counter_visits import acr_of, counted, refusals, tokens_of
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.made_up_numbers import card_of
from tests.support.proofing import LEVEL, asked_for, claims_of, state_of
from tests.support.relying_party import FormBrowser, RelyingParty
from tests.support.sent import audited
from tests.support.staff import revoke

Register = Callable[..., TestPerson]
NOTE = "证明已看"


def test_the_card_and_the_citizens_own_word_lead_to_level_4(
    house: House, app: Flask, party: RelyingParty, person: TestPerson, hall: Hall, citizen: FormBrowser
) -> None:
    """The number becomes theirs, and the evidence names clerk, office and device, and holds no word in clear."""
    hall.serve(citizen, hall.browsers[0])
    assert "张小明" in citizen.text and state_of(house, person) is IdentifierState.CLAIMED
    agree(citizen)
    assert acr_of(app, party, citizen) == f"{LEVEL}4"
    assert state_of(house, person) is IdentifierState.CURRENT
    with house.ground.database.read() as session:
        proofing = session.scalars(sa.select(Proofing).where(Proofing.person_id == person.id)).one()
        record = session.scalars(sa.select(CounterRecord)).one()
    assert hall.reader.device is not None
    assert (proofing.level, proofing.method, proofing.provider) == (4, "counter", "counter")
    assert (proofing.actor_person, proofing.office) == (hall.clerks[0].id, hall.reader.device.office)
    assert (record.proofing_id, record.device_id, record.comparison) == (proofing.id, hall.reader.device.id, "seen")
    assert (record.doubts, record.note, record.second_person) == ([], None, None)
    assert [row.actor_person for row in audited(house, "counter.compared", person.id)] == [hall.clerks[0].id]


def test_who_needs_the_counter_anyway_types_nothing_first(
    app: Flask, party: RelyingParty, person: TestPerson, hall: Hall
) -> None:
    """For level 4 the page leads there at once; for level 2 it asks for name and number, and names the counter too."""
    highest = asked_for(app, party, person, 4)
    assert 'id="counter-go"' in highest.text and 'id="number"' not in highest.text
    lower = asked_for(app, party, person, 2)
    assert 'id="number"' in lower.text and 'id="verify-counter"' in lower.text


def test_presence_ends_and_with_it_level_4(
    house: House, app: Flask, party: RelyingParty, clock: FrozenClock, hall: Hall, citizen: FormBrowser
) -> None:
    """A refresh a while after tells the level that a password alone carries; the proofing stays."""
    hall.serve(citizen, hall.browsers[0])
    agree(citizen)
    first = tokens_of(app, party, citizen)
    http = app.test_client()
    again = party.token(http, grant_type="refresh_token", refresh_token=first["refresh_token"]).get_json()
    assert claims_of(again["access_token"])["acr"] == f"{LEVEL}4"
    clock.advance(seconds=house.settings.realname.presence_seconds)
    later = party.token(http, grant_type="refresh_token", refresh_token=again["refresh_token"]).get_json()
    assert claims_of(later["access_token"])["acr"] == f"{LEVEL}2"


def test_who_was_proved_in_person_shows_presence_again_at_a_counter(
    app: Flask, party: RelyingParty, clock: FrozenClock, person: TestPerson, hall: Hall, citizen: FormBrowser
) -> None:
    """Level 4 needs the card anew, or a strong authenticator: a second factor by the mobile does not do."""
    hall.serve(citizen, hall.browsers[0])
    agree(citizen)
    clock.advance(seconds=600)
    hall.browsers[0].open("/counter")  # or the clerk's own session would end
    clock.advance(seconds=301)
    browser = asked_for(app, party, person, 4)
    assert browser.path.endswith("/verify")
    show_code(browser)
    hall.serve(browser, hall.browsers[0])
    agree(browser)
    assert acr_of(app, party, browser) == f"{LEVEL}4"


def test_the_clerk_sees_no_account_and_learns_nothing_before_the_card(
    person: TestPerson, hall: Hall, citizen: FormBrowser
) -> None:
    """A code tells that a visit waits: no name, number, mobile or level is on the clerk's page."""
    clerk = hall.browsers[0]
    hall.admit(clerk, code_on(citizen))
    assert clerk.path.startswith("/counter/visits/")
    for secret in (person.name, person.number, person.mobile, person.login_name):
        assert secret not in clerk.text
    hall.read(clerk)
    assert person.name in clerk.text and person.number not in clerk.text  # the card lies before them


@pytest.mark.parametrize("code", ["BCDF-GHJK", "", "1234", "𝔸"])
def test_no_other_code_leads_anywhere(house: House, hall: Hall, citizen: FormBrowser, code: str) -> None:
    """A guess is refused, and a trace of it stays."""
    clerk = hall.browsers[0]
    hall.admit(clerk, code)
    assert clerk.path == "/counter" and clerk.response is not None and clerk.response.status_code == 422
    assert refusals(house) == (["wrong_code"] if code else [])


def test_a_code_is_understood_however_it_is_typed(hall: Hall, citizen: FormBrowser) -> None:
    """Small letters, spaces and full-width ones say the same."""
    wide = "".join(chr(ord(each) + 0xFEE0) for each in code_on(citizen).replace("-", ""))
    for typed in (wide, code_on(citizen).lower().replace("-", " ")):
        hall.admit(hall.browsers[0], typed)
        assert hall.browsers[0].path.startswith("/counter/visits/"), typed


def test_the_citizen_has_the_last_word(
    house: House, app: Flask, party: RelyingParty, person: TestPerson, hall: Hall, citizen: FormBrowser
) -> None:
    """Whoever says that it is another person's card is as they were, and the clerk's signature is gone."""
    hall.serve(citizen, hall.browsers[0])
    citizen.submit({}, f"{citizen.path}/decline")
    assert counted(house, person) == [] and state_of(house, person) is IdentifierState.CLAIMED
    assert [row.reason for row in audited(house, "proofing.refused", person.id)] == ["declined"]
    agree(citizen)
    assert counted(house, person) == []


def test_what_was_signed_counts_once(house: House, person: TestPerson, hall: Hall, citizen: FormBrowser) -> None:
    """A second yes finds nothing."""
    hall.serve(citizen, hall.browsers[0])
    page = citizen.path
    agree(citizen)
    citizen.submit({}, f"{page}/accept")
    assert counted(house, person) == [(4, "counter")]


def test_nobody_agrees_before_the_clerk_signed(
    house: House, person: TestPerson, hall: Hall, citizen: FormBrowser
) -> None:
    """Neither while the code waits, nor once the card was only read."""
    agree_at = citizen.path
    citizen.submit({}, f"{agree_at}/accept")
    citizen.open(agree_at)
    hall.admit(hall.browsers[0], code_on(citizen))
    hall.read(hall.browsers[0])
    citizen.submit({}, f"{agree_at}/accept")
    assert counted(house, person) == []


def test_a_visit_is_of_one_browser(
    house: House, app: Flask, party: RelyingParty, person: TestPerson, hall: Hall, citizen: FormBrowser
) -> None:
    """Begun in one browser, it is not agreed to in another, even by the same person."""
    hall.serve(citizen, hall.browsers[0])
    other = asked_for(app, party, person, 4)
    other.submit({}, f"{citizen.path}/accept")
    assert other.response is not None and other.response.status_code == 400
    assert counted(house, person) == []


def test_a_clerk_who_is_the_person_is_refused(
    house: House, app: Flask, party: RelyingParty, hall: Hall, citizen: FormBrowser
) -> None:
    """Neither by their own visit, nor by their own card in the account of somebody else."""
    clerk, browser = hall.clerks[0], hall.browsers[0]
    own = asked_for(app, party, clerk, 4)
    hall.show_app(own)
    show_code(own)
    hall.admit(browser, code_on(own))
    assert browser.path == "/counter" and "不能为自己" in browser.text
    hall.admit(browser, code_on(citizen))
    hall.read(browser, card_of(clerk.number, clerk.name))
    hall.sign(browser, note=NOTE)
    assert browser.path == "/counter"
    assert refusals(house) == ["own", "own"]


@pytest.mark.parametrize(("household", "is_refused"), [(HERE, True), (ELSEWHERE, False)])
def test_a_clerk_of_the_same_household_is_refused(
    house: House,
    app: Flask,
    party: RelyingParty,
    person: TestPerson,
    hall: Hall,
    citizen: FormBrowser,
    household: str,
    is_refused: bool,
) -> None:
    """By the register; another clerk is not."""
    clerk = hall.add_clerk(household=household)
    hall.serve(citizen, clerk)
    agree(citizen)
    assert counted(house, person) == ([] if is_refused else [(4, "counter")])
    reasons = [row.reason for row in audited(house, "counter.refused", person.id)]
    assert reasons == (["household"] if is_refused else [])


def test_the_card_must_be_good(house: House, person: TestPerson, hall: Hall, citizen: FormBrowser) -> None:
    """An expired one is told to the clerk, who can read another, and nothing can be signed by it."""
    clerk = hall.browsers[0]
    hall.admit(clerk, code_on(citizen))
    hall.read(clerk, CITIZEN.but(valid_until="20200102"))
    assert "过期" in clerk.text
    visit = clerk.path
    hall.sign(clerk)
    clerk.open(visit)
    hall.read(clerk)
    hall.sign(clerk)
    citizen.open(citizen.path)
    agree(citizen)
    assert counted(house, person) == [(4, "counter")]


def test_a_clerk_may_refuse_and_the_citizen_begin_anew(
    house: House, person: TestPerson, hall: Hall, citizen: FormBrowser
) -> None:
    """Not the holder, or not sure: nothing is recorded but that, and another code can be shown."""
    clerk = hall.browsers[0]
    hall.admit(clerk, code_on(citizen))
    hall.read(clerk)
    clerk.submit({}, f"{clerk.path}/refuse")
    citizen.open(citizen.path)
    assert "再出示" in citizen.text
    citizen.submit({}, f"{citizen.path}/new")
    assert citizen.path.endswith("/counter") and code_on(citizen)
    assert [row.reason for row in audited(house, "counter.refused", person.id)] == ["not_the_holder"]
    assert counted(house, person) == []


def test_a_clerk_who_lost_the_role_has_signed_nothing(
    house: House, person: TestPerson, hall: Hall, citizen: FormBrowser
) -> None:
    """Also where that happens between their signature and the citizen's word."""
    hall.serve(citizen, hall.browsers[0])
    revoke(house, hall.clerks[0])
    agree(citizen)
    assert counted(house, person) == []


def test_the_counter_is_for_clerks(
    app: Flask, house: House, clock: FrozenClock, person: TestPerson, hall: Hall
) -> None:
    """A citizen's session opens no page of it, and neither does a staff session after the role ended."""
    browser = FormBrowser(app)
    browser.open("/account")
    browser.log_in(person)
    browser.open("/counter")
    assert browser.path != "/counter"
    revoke(house, hall.clerks[0])
    hall.browsers[0].open("/counter")
    assert hall.browsers[0].path != "/counter"
