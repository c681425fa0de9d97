"""What a card leaves open takes a second clerk: each case, and what is kept of it."""

from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask
from structlog.testing import capture_logs

from idp.house.build import House
from idp.persons.models import Identifier
from idp.persons.vocabulary import IdentifierState
from realname.proofing.cases import open_cases
from realname.proofing.models import CounterRecord
from tests.support.cards import CITIZEN, FOREIGNER_2017, FOREIGNER_2023
from tests.support.counter import HERE, Hall, agree, code_on, show_code
from tests.support.counter_visits import counted, found_code, second_signs, tokens_of
from tests.support.houses import TestPerson
from tests.support.hunting import database_as_text, found_in
from tests.support.proofed import prove
from tests.support.proofing import asked_for, claims_of, in_register
from tests.support.relying_party import FormBrowser, RelyingParty
from tests.support.sent import sent

Register = Callable[..., TestPerson]
NOTE = "证明已看"


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


def test_a_foreigners_old_card_gives_way_to_the_new_one(
    house: House, person: TestPerson, hall: Hall, citizen: FormBrowser
) -> None:
    """The number of fifteen characters stays as a former one; that of the card of 2023 is theirs now."""
    prove(house, person.id, number=FOREIGNER_2017.number)
    card = FOREIGNER_2023.but(latin="ZHENGJIAN YANGBEN")
    first = hall.browsers[0]
    hall.admit(first, code_on(citizen))
    hall.read(first, card)
    visit = first.path
    hall.sign(first, note=NOTE)
    second_signs(hall, first, visit)
    citizen.open(citizen.path)
    agree(citizen)
    with house.ground.database.read() as session:
        current = house.people.directory.current_number(session, person.id)
        states = session.scalars(sa.select(Identifier.state).where(Identifier.person_id == person.id)).all()
    assert current is not None and current.canonical == card.number
    assert sorted(states) == [IdentifierState.CURRENT, IdentifierState.FORMER, IdentifierState.FORMER]


def test_a_character_that_only_the_card_knows_is_written_out_before_two(
    house: House, person: TestPerson, hall: Hall, citizen: FormBrowser
) -> None:
    """No standard says what a private-use character means: the clerk looks it up, a second one agrees."""
    first = hall.browsers[0]
    hall.admit(first, code_on(citizen))
    hall.read(first, CITIZEN.but(name="张\ue863明"))
    visit = first.path
    hall.sign(first, name="张䶮明", note=NOTE)
    second_signs(hall, first, visit)
    citizen.open(citizen.path)
    agree(citizen)
    with house.ground.database.read() as session:
        assert house.people.directory.profile(session, person.id).full_name == "张䶮明"


def test_nothing_of_the_person_stands_where_it_must_not(
    house: House, app: Flask, party: RelyingParty, person: TestPerson, hall: Hall
) -> None:
    """Number, name, mobile and the clerk's words are hunted in every table, the log, every address, and the tokens."""
    visited: list[str] = []
    first, second = hall.browsers[0], hall.add_clerk()
    with capture_logs() as lines:
        browser = asked_for(app, party, person, 4)
        show_code(browser)
        hall.admit(first, code_on(browser))
        hall.read(first, CITIZEN.but(valid_until="20200102"))
        hall.read(first, CITIZEN.but(name="阿卜杜热依木买买提明艾力江托合"))
        visited += [first.path, browser.path]
        visit = first.path
        hall.sign(first, name="阿卜杜热依木买买提明艾力江托合提", note=f"{person.name} {person.number} {NOTE}")
        hall.admit(second, found_code(first, visit))
        second.submit({"is_same": "y"}, f"{second.path}/second")
        browser.open(browser.path)
        agree(browser)
        visited += [second.path, browser.location]
        told = claims_of(tokens_of(app, party, browser)["id_token"])
        house.ground.reads.flush()
    places = [database_as_text(house), repr(lines), *visited, str(told)]
    assert "counter" in places[0] and "request" in places[1]
    for place in places:
        assert (
            found_in(place, person.number, person.number[:17], person.name, person.mobile, NOTE, "阿卜杜热依木") == []
        )
