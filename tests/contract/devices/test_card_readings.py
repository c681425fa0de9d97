"""A card reading: asked of one device, signed by its key over the card and a nonce, given out once."""

import logging

import pytest
import sqlalchemy as sa

from connectors.devices.card_reading import CardReading
from connectors.devices.readings import QUESTION_SECONDS, RESULT_SECONDS, AnswerProblem
from idp.core.results import Refused
from idp.house.build import House
from idp.storage.short_lived.store import Kind
from migrations.metadata import metadata
from realname.documents.card import CardProblem
from tests.support.card_readers import OFFICE, TestReader, department_of, enrolled_reader
from tests.support.cards import CITIZEN, FOREIGNER_2017, FOREIGNER_2023, PERMIT, MadeUpCard
from tests.support.frozen_clock import FrozenClock


def _device(reader: TestReader) -> str:
    assert reader.device is not None
    return reader.device.id


def _nonce(house: House, reader: TestReader) -> str:
    assert reader.device is not None
    wanted = house.counter.readings.wanted(reader.device)
    assert wanted is not None
    return wanted.nonce


def _answer(house: House, reader: TestReader, reading: str) -> AnswerProblem | None:
    assert reader.device is not None
    answered = house.counter.readings.answer(reader.device, reading)
    return AnswerProblem(answered.reason) if isinstance(answered, Refused) else None


def _read(house: House, reader: TestReader, card: MadeUpCard = CITIZEN, /, **changed: str) -> str:
    """Have a card read and return the reading's id."""
    reading_id = house.counter.readings.ask(_device(reader))
    assert _answer(house, reader, reader.reading(_nonce(house, reader), card, **changed)) is None
    return reading_id


def _taken(house: House, reading_id: str) -> CardReading:
    found = house.counter.readings.take(reading_id)
    assert isinstance(found, CardReading)
    return found


@pytest.mark.parametrize("card", [CITIZEN, PERMIT, FOREIGNER_2017, FOREIGNER_2023])
def test_a_card_goes_from_the_reader_to_the_clerk_once(house: House, card: MadeUpCard) -> None:
    """The reader is asked, answers, and the reading is taken by one caller, whole as it was read."""
    readings, reader = house.counter.readings, enrolled_reader(house)
    reading_id = readings.ask(_device(reader))
    assert readings.result(reading_id) is None and readings.take(reading_id) is None
    assert _answer(house, reader, reader.reading(_nonce(house, reader), card)) is None
    found = readings.result(reading_id)
    assert isinstance(found, CardReading)
    assert (found.card.name, found.card.number.canonical) == (card.name or card.latin, card.number)
    assert f"{found.card.birth_date:%Y%m%d}" == card.birth
    assert (found.device_id, found.office) == (_device(reader), OFFICE)
    assert (found.department_id, found.read_at) == (department_of(house), house.ground.clock.now())
    assert readings.take(reading_id) == found
    assert readings.take(reading_id) is None and readings.result(reading_id) is None


def test_a_device_is_asked_only_while_nothing_came(house: House, clock: FrozenClock) -> None:
    """Nothing before the question, the seconds that are left during it, nothing after the answer or the end."""
    readings, reader = house.counter.readings, enrolled_reader(house)
    assert reader.device is not None
    assert readings.wanted(reader.device) is None
    readings.ask(reader.device.id)
    clock.advance(seconds=20)
    wanted = readings.wanted(reader.device)
    assert wanted is not None and wanted.seconds == QUESTION_SECONDS - 20
    assert _answer(house, reader, reader.reading(wanted.nonce)) is None
    assert readings.wanted(reader.device) is None
    readings.ask(reader.device.id)
    clock.advance(seconds=QUESTION_SECONDS)
    assert readings.wanted(reader.device) is None
    assert _answer(house, reader, reader.reading(wanted.nonce)) is AnswerProblem.NOT_WANTED


def test_a_second_answer_finds_nothing(house: House) -> None:
    """The same statement again, or another card to the same nonce: the first one stands."""
    reader = enrolled_reader(house)
    reading_id = house.counter.readings.ask(_device(reader))
    nonce = _nonce(house, reader)
    first = reader.reading(nonce)
    assert _answer(house, reader, first) is None
    for again in (first, reader.reading(nonce, PERMIT)):
        assert _answer(house, reader, again) is AnswerProblem.NOT_WANTED
    assert _taken(house, reading_id).card.name == CITIZEN.name


def test_a_newer_question_replaces_the_older(house: House) -> None:
    """An answer that was on its way to the older one is refused, and does not use up the newer."""
    readings, reader = house.counter.readings, enrolled_reader(house)
    older = readings.ask(_device(reader))
    late = reader.reading(_nonce(house, reader))
    newer = readings.ask(_device(reader))
    assert _answer(house, reader, late) is AnswerProblem.NONCE
    assert _answer(house, reader, reader.reading(_nonce(house, reader))) is None
    assert readings.result(older) is None
    assert _taken(house, newer).card.name == CITIZEN.name


def test_questions_of_two_devices_are_apart(house: House) -> None:
    """Each has its own nonce, and neither answers for the other."""
    one, other = enrolled_reader(house), enrolled_reader(house)
    house.counter.readings.ask(_device(one))
    house.counter.readings.ask(_device(other))
    nonce = _nonce(house, one)
    assert nonce != _nonce(house, other)
    assert _answer(house, other, other.reading(nonce)) is AnswerProblem.NONCE
    assert _answer(house, one, other.reading(nonce)) is AnswerProblem.SIGNATURE
    assert _answer(house, one, one.reading(nonce)) is None


def test_who_was_ended_meanwhile_answers_nothing(house: House) -> None:
    """The question was asked while the device counted; what it signs afterwards does not."""
    readings, reader = house.counter.readings, enrolled_reader(house)
    reading_id = readings.ask(_device(reader))
    nonce = _nonce(house, reader)
    with house.ground.database.transaction() as session:
        assert house.counter.devices.end(session, _device(reader))
    assert _answer(house, reader, reader.reading(nonce)) is AnswerProblem.ENDED
    assert readings.result(reading_id) is None


@pytest.mark.parametrize(
    ("card", "problem"),
    [
        (CITIZEN.but(valid_until="20260301"), CardProblem.EXPIRED),
        (CITIZEN.but(valid_from="20260303"), CardProblem.NOT_YET_VALID),
        (CITIZEN.but(sex="1"), CardProblem.SEX),
    ],
)
def test_a_card_that_is_not_taken_is_told_to_the_clerk(house: House, card: MadeUpCard, problem: CardProblem) -> None:
    """The device did its part; why the card does not count waits for the clerk, once."""
    readings, reader = house.counter.readings, enrolled_reader(house)
    reading_id = _read(house, reader, card)
    assert readings.result(reading_id) is problem
    assert readings.take(reading_id) is problem
    assert readings.take(reading_id) is None


def test_a_block_of_another_length_is_a_card_problem(house: House) -> None:
    """Signed as it is, so the clerk hears that the reader hands over something else."""
    reader = enrolled_reader(house)
    assert house.counter.readings.take(_read(house, reader, card="AAAA")) is CardProblem.LENGTH


# Redis counts by its own clock; tests/contract/short_lived holds it to its lives.
@pytest.mark.parametrize("house", ["embedded"], indirect=True)
def test_a_result_waits_its_time_and_no_longer(house: House, clock: FrozenClock) -> None:
    """Where nobody takes it, the store lets it go."""
    reader = enrolled_reader(house)
    reading_id = _read(house, reader)
    clock.advance(seconds=RESULT_SECONDS - 1)
    assert house.counter.readings.result(reading_id) is not None
    clock.advance(seconds=2)
    assert house.counter.readings.result(reading_id) is None


def test_the_digest_is_of_everything_that_was_signed(house: House) -> None:
    """It differs with each part and with each question, and says nothing without the key."""
    reader = enrolled_reader(house)
    digests = [
        _taken(house, _read(house, reader, card, **changed)).evidence_digest
        for card, changed in (
            (CITIZEN, dict[str, str]()),
            (CITIZEN, {}),
            (CITIZEN.but(address="别处"), {}),
            (CITIZEN, {"photo": "x" * 43}),
            (CITIZEN, {"chip": "aa"}),
            (CITIZEN, {"sam": "05"}),
        )
    ]
    assert len(set(digests)) == len(digests)
    assert {len(digest) for digest in digests} == {43}


def test_nothing_of_a_card_is_kept_in_clear(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """Neither tables nor logs nor what is parked hold what stands on it; address and nation are nowhere at all."""
    caplog.set_level(logging.DEBUG)
    reader = enrolled_reader(house)
    reading_id = _read(house, reader)
    with house.ground.database.read() as session:
        tables = "".join(
            repr(tuple(row)) for table in metadata.sorted_tables for row in session.execute(sa.select(table))
        )
    for secret in (CITIZEN.number, CITIZEN.name, CITIZEN.birth, CITIZEN.address, reading_id):
        assert secret not in tables
        assert secret not in caplog.text
    parked = repr(house.ground.store.get(Kind.CARD_READING, reading_id))
    assert CITIZEN.number in parked and CITIZEN.address not in parked and CITIZEN.office not in parked
    assert isinstance(house.counter.readings.result(reading_id), CardReading)
    for secret in (CITIZEN.number, CITIZEN.name, "1949", reading_id):
        assert secret not in repr(house.counter.readings.result(reading_id))


def test_asking_twice_gives_different_names(house: House) -> None:
    """Ids and nonces are drawn anew each time, of 128 bits and more."""
    reader = enrolled_reader(house)
    ids, nonces = set(), set()
    for _ in range(20):
        ids.add(house.counter.readings.ask(_device(reader)))
        nonces.add(_nonce(house, reader))
    assert len(ids) == len(nonces) == 20
    assert min(map(len, ids)) >= 22 and min(map(len, nonces)) >= 43
