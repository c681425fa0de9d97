"""At a service hall: the citizen shows a code, the clerk reads the card, the citizen agrees."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from idp.audit.models import AuditEvent
from idp.house.build import House
from idp.persons.models import Proofing
from idp.persons.vocabulary import IdentifierState
from realname.proofing.cases import open_cases
from realname.proofing.models import CounterRecord
from tests.support.cards import CITIZEN
from tests.support.counter import ELSEWHERE, HERE, Hall, agree, code_on, open_hall, show_code
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.made_up_numbers import card_of
from tests.support.proofed import prove
from tests.support.proofing import LEVEL, asked_for, claims_of, in_register, state_of
from tests.support.relying_party import FormBrowser, RelyingParty, make_client, parameters_of
from tests.support.sent import audited, sent
from tests.support.staff import revoke

Register = Callable[..., TestPerson]
NOTE = "证明已看"


@pytest.fixture
def party(house: House) -> RelyingParty:
    return make_client(house)


@pytest.fixture
def person(house: House, register_person: Register) -> TestPerson:
    made = register_person()
    in_register(house, made, household=HERE)
    return made


@pytest.fixture
def hall(house: House, app: Flask, clock: FrozenClock, register_person: Register, person: TestPerson) -> Hall:
    return open_hall(house, app, clock, register_person)


@pytest.fixture
def citizen(app: Flask, party: RelyingParty, person: TestPerson, hall: Hall) -> FormBrowser:
    """The person's browser, with the code for the clerk; a client asks for level 4."""
    browser = asked_for(app, party, person, 4)
    show_code(browser)
    return browser


def tokens(app: Flask, party: RelyingParty, browser: FormBrowser) -> dict[str, str]:
    answer: dict[str, str] = party.redeem(app.test_client(), parameters_of(browser.location)["code"]).get_json()
    return answer


def acr_of(app: Flask, party: RelyingParty, browser: FormBrowser) -> str:
    return str(claims_of(tokens(app, party, browser)["id_token"])["acr"])


def counted(house: House, person: TestPerson) -> list[tuple[int, str]]:
    """Return level and method of the proofings that count."""
    with house.ground.database.read() as session:
        rows = session.execute(
            sa.select(Proofing.level, Proofing.method).where(
                Proofing.person_id == person.id, Proofing.revoked_at.is_(None)
            )
        )
        return [tuple(row) for row in rows]


def refusals(house: House) -> list[str | None]:
    """Return why clerks were refused, or refused somebody, in order."""
    with house.ground.database.read() as session:
        rows = session.scalars(
            sa.select(AuditEvent).where(AuditEvent.event == "counter.refused").order_by(AuditEvent.at)
        )
        return [row.reason for row in rows]


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


def test_presence_ends_and_with_it_level_4(
    house: House, app: Flask, party: RelyingParty, clock: FrozenClock, hall: Hall, citizen: FormBrowser
) -> None:
    """A refresh a while after tells the level that a password alone carries; the proofing stays."""
    hall.serve(citizen, hall.browsers[0])
    agree(citizen)
    first = tokens(app, party, citizen)
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


def test_where_nobody_knows_the_household_a_second_clerk_looks(
    house: House, person: TestPerson, hall: Hall, citizen: FormBrowser
) -> None:
    """The first one's signature alone is none; words are asked for; the second one's is recorded beside it."""
    first, second = hall.add_clerk(household=None), hall.browsers[0]
    hall.admit(first, code_on(citizen))
    hall.read(first)
    visit = first.path
    hall.sign(first)
    assert first.response is not None and first.response.status_code == 422
    first.open(visit)
    hall.sign(first, note=NOTE)
    screen = citizen.path
    citizen.open(screen)
    agree(citizen)
    assert counted(house, person) == []
    first.submit({"is_same": "y"}, f"{visit}/second")  # nobody is a second pair of eyes to themself
    assert first.path == "/counter"
    hall.admit(second, found_code(first, visit))
    assert NOTE in second.text
    second.submit({"is_same": "y"}, f"{second.path}/second")
    citizen.open(screen)
    agree(citizen)
    assert counted(house, person) == [(4, "counter")]
    with house.ground.database.read() as session:
        record = session.scalars(sa.select(CounterRecord)).one()
    assert (record.doubts, record.second_person) == (["household_unknown"], hall.clerks[0].id)
    assert record.note is not None and NOTE.encode() not in record.note


def found_code(first: FormBrowser, visit: str) -> str:
    """Return the code that the first clerk's page tells to give to a colleague."""
    first.open(visit)
    found = re.search(r"[B-Z]{4}-[B-Z]{4}", first.text)
    assert found is not None
    return found[0]


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


def test_a_changed_number_takes_two_clerks_and_stays_as_former(
    house: House, person: TestPerson, hall: Hall, citizen: FormBrowser
) -> None:
    """The card of the account's holder has another number than the one that was proved before."""
    prove(house, person.id)
    corrected = CITIZEN.but(number="110105194912310046")
    first, second = hall.browsers[0], hall.add_clerk()
    in_register(house, TestPerson(person.id, person.name, corrected.number, person.mobile, ""), household=HERE)
    hall.admit(first, code_on(citizen))
    hall.read(first, corrected)
    visit = first.path
    hall.sign(first, note="更正证明")
    hall.admit(second, found_code(first, visit))
    second.submit({"is_same": "y"}, f"{second.path}/second")
    citizen.open(citizen.path)
    agree(citizen)
    with house.ground.database.read() as session:
        known = house.people.identifiers.of(session, person.id)
        current = house.people.directory.current_number(session, person.id)
    assert current is not None and current.canonical == corrected.number
    assert [each.state for each in known] == [IdentifierState.CURRENT]
    assert len(sent(house, "proofed", person.mobile)) == 1


def test_two_clerks_decide_where_somebody_else_was_seen_with_the_number(
    house: House, app: Flask, party: RelyingParty, register_person: Register, person: TestPerson, hall: Hall
) -> None:
    """The one who was seen before loses it and is told, and a case opens about what they obtained."""
    first, second = hall.browsers[0], hall.add_clerk()
    before = register_person()
    earlier = asked_for(app, party, before, 4)
    show_code(earlier)
    hall.serve(earlier, first)
    agree(earlier)
    assert counted(house, before) == [(4, "counter")]
    later = asked_for(app, party, person, 4)
    show_code(later)
    hall.admit(first, code_on(later))
    hall.read(first)
    visit = first.path
    hall.sign(first, note=NOTE)
    hall.admit(second, found_code(first, visit))
    second.submit({"is_same": "y"}, f"{second.path}/second")
    later.open(later.path)
    agree(later)
    assert (counted(house, before), counted(house, person)) == ([], [(4, "counter")])
    assert len(sent(house, "number_contested", before.mobile)) == 1
    with house.ground.database.read() as session:
        assert [case.kind for case in open_cases(session)] == ["displaces"]


def test_a_name_that_outgrows_the_card_is_written_out_before_two(
    house: House, person: TestPerson, hall: Hall, citizen: FormBrowser
) -> None:
    """What is written out begins as the card has it; anything else is refused."""
    cut = "阿卜杜热依木·买买提明·艾力江"
    cut = (cut + "·托合提")[:15]
    first, second = hall.browsers[0], hall.add_clerk()
    hall.admit(first, code_on(citizen))
    hall.read(first, CITIZEN.but(name=cut))
    visit = first.path
    hall.sign(first, name="王小明", note=NOTE)
    assert first.response is not None and first.response.status_code == 422
    first.open(visit)
    hall.sign(first, name=cut + "合提", note=NOTE)
    hall.admit(second, found_code(first, visit))
    assert cut + "合提" in second.text
    second.submit({"is_same": "y"}, f"{second.path}/second")
    citizen.open(citizen.path)
    agree(citizen)
    with house.ground.database.read() as session:
        assert house.people.directory.profile(session, person.id).full_name == cut + "合提"


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
