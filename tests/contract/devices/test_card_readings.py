"""A card reading: asked of one device, signed by its key over the card and a nonce, given out once."""

from connectors.devices.card_reading import CardReading
from idp.core.results import Ok
from idp.house.build import House
from tests.support.card_readers import OFFICE, TestReader, enrolled_reader
from tests.support.cards import CITIZEN


def _nonce(house: House, reader: TestReader) -> str:
    assert reader.device is not None
    wanted = house.counter.readings.wanted(reader.device)
    assert wanted is not None
    return wanted.nonce


def test_a_card_goes_from_the_reader_to_the_clerk_once(house: House) -> None:
    """The reader is asked, answers, and the reading is taken by one caller."""
    readings, reader = house.counter.readings, enrolled_reader(house)
    assert reader.device is not None
    assert readings.wanted(reader.device) is None
    reading_id = readings.ask(reader.device.id)
    assert readings.result(reading_id) is None
    answered = readings.answer(reader.device, reader.reading(_nonce(house, reader)))
    assert answered == Ok(None)
    found = readings.result(reading_id)
    assert isinstance(found, CardReading)
    assert (found.card.name, found.card.number.canonical) == (CITIZEN.name, CITIZEN.number)
    assert (found.device_id, found.office) == (reader.device.id, OFFICE)
    assert readings.take(reading_id) == found
    assert readings.take(reading_id) is None
    assert readings.result(reading_id) is None
