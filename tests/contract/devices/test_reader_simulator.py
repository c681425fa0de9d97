"""The demo's card reader against a real provider over HTTP: two sides written apart that must agree."""

import json
import re
import stat
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from connectors.devices.card_reading import CardReading
from demo.reader import demo_cards
from demo.seeding import TEMPLATE
from demo.simulators.card_reader import CardReader, CardReaderSimulator
from demo.simulators.cards import Card, photo_block, text_block
from demo.simulators.reader_device import ProviderRefused, ReaderDevice
from demo.simulators.reader_page import State
from idp.core.results import Ok
from idp.house.build import House
from realname.documents.card import CardProblem, read_card
from tests.support.card_readers import department_of, invitation
from tests.support.cards import CITIZEN, FOREIGNER_2017, FOREIGNER_2023, PERMIT, MadeUpCard
from tests.support.frozen_clock import START, FrozenClock
from tests.support.process import free_port

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
ZHANG, EXPIRED = Card("11010519491231002X", "张三"), Card("11010519491231002X", "张三", valid_until="20231231")


def _device(house: House, folder: Path, clock: FrozenClock) -> ReaderDevice:
    return ReaderDevice(issuer=house.settings.issuer, folder=folder, now=lambda: clock.now().timestamp())


@pytest.fixture
def reader(served: House, tmp_path: Path, clock: FrozenClock) -> CardReader:
    made = CardReader(_device(served, tmp_path / "reader", clock), [ZHANG, EXPIRED])
    made.enrol(invitation(served))
    assert made.device.is_enrolled, made.shown().problem
    return made


def test_a_card_reaches_the_counter(served: House, reader: CardReader) -> None:
    """The counter asks, a card is laid on, the next look of the reader hands it over; nothing is asked again."""
    readings = served.counter.readings
    reader.ask_once()
    assert reader.shown().state is State.IDLE
    reading_id = readings.ask(reader.device.device_id)
    reader.ask_once()
    assert reader.shown().state is State.NO_CARD and readings.result(reading_id) is None
    reader.lay(ZHANG)
    reader.ask_once()
    assert reader.shown().state is State.READ
    found = readings.take(reading_id)
    assert isinstance(found, CardReading)
    assert (found.card.name, found.card.number.canonical) == (ZHANG.name, ZHANG.number)
    reader.ask_once()
    assert reader.shown().state is State.READ and readings.result(reading_id) is None


def test_an_expired_card_reaches_the_counter_as_such(served: House, reader: CardReader) -> None:
    """The reader did its part; the clerk is told."""
    reader.lay(EXPIRED)
    reading_id = served.counter.readings.ask(reader.device.device_id)
    reader.ask_once()
    assert reader.shown().state is State.READ
    assert served.counter.readings.take(reading_id) is CardProblem.EXPIRED


def test_it_is_enrolled_once(served: House, reader: CardReader, tmp_path: Path, clock: FrozenClock) -> None:
    """A start after the first finds key and id again, in a file for its owner alone."""
    file = tmp_path / "reader" / "device.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "d" in json.loads(file.read_text())["jwk"]
    again = _device(served, tmp_path / "reader", clock)
    assert again.is_enrolled and again.device_id == reader.device.device_id
    assert again.wanted() is None
    with served.ground.database.read() as session:
        assert len(served.counter.devices.of_department(session, department_of(served))) == 1


def test_what_goes_wrong_is_shown(served: House, reader: CardReader, tmp_path: Path, clock: FrozenClock) -> None:
    """A wrong code, an end of the enrolment, a provider that is away: each is named on the page."""
    other = CardReader(_device(served, tmp_path / "other", clock), [])
    other.enrol("7QHM-2KXR-9DWT-F4AP-3VYJ-C8NE")
    assert (other.shown().state, other.shown().problem) == (State.NOT_ENROLLED, "unknown-invitation")
    assert not (tmp_path / "other" / "device.json").exists()
    other.ask_once()
    assert other.shown().state is State.NOT_ENROLLED
    with served.ground.database.transaction() as session:
        served.counter.devices.end(session, reader.device.device_id)
    reader.ask_once()
    assert (reader.shown().state, reader.shown().problem) == (State.NOT_ENROLLED, "invalid-token")
    away = ReaderDevice(issuer=f"http://127.0.0.1:{free_port()}", folder=tmp_path / "reader")
    with pytest.raises(ProviderRefused, match="ConnectionError"):
        away.wanted()
    gone = CardReader(away, [])
    gone.ask_once()
    assert gone.shown().state is State.UNREACHABLE


@pytest.mark.parametrize("made", [CITIZEN, PERMIT, FOREIGNER_2017, FOREIGNER_2023])
def test_both_encoders_agree(made: MadeUpCard) -> None:
    """What the simulator writes and what the tests write is read alike, but for what the provider never reads."""
    today = START.date()
    card = Card(made.number, made.name, made.latin, made.valid_from, made.valid_until)
    of_simulator, of_tests = read_card(text_block(card), today=today), read_card(made.block(), today=today)
    assert isinstance(of_simulator, Ok) and isinstance(of_tests, Ok)
    for name in ("number", "name", "latin_name", "name_may_be_cut", "birth_date", "valid_from", "valid_until"):
        assert getattr(of_simulator.value, name) == getattr(of_tests.value, name), name


def test_the_demos_cards_are_those_of_its_register() -> None:
    """Everybody in the seed file's register has a card that is good, and one card has expired."""
    cards = demo_cards(TEMPLATE)
    found = [read_card(text_block(card), today=date(2026, 11, 1)) for card in cards]
    assert [each.value.number.canonical for each in found[:-1] if isinstance(each, Ok)] == [
        card.number for card in cards[:-1]
    ]
    assert {each.value.number.type for each in found[:-1] if isinstance(each, Ok)} >= {
        "resident_id",
        "hmt_residence_permit",
        "foreigner_permanent_residence",
    }
    assert not isinstance(found[-1], Ok) and found[-1].reason is CardProblem.EXPIRED
    assert {"11010519491231002X", "440308199901101512"} <= {card.number for card in cards}
    assert len({photo_block(card) for card in cards[:-1]}) == len(cards) - 1


@pytest.mark.parametrize("number", ["", "1", "9", "ABC", "81", "9" * 60, "x" * 60, "\ud800", "１２３"])
def test_whatever_is_typed_becomes_a_block(number: str) -> None:
    """That a card is impossible is the provider's to find."""
    card = Card(number, "张" * 60, "X" * 60, "x" * 60, "")
    assert len(text_block(card)) == 256
    assert not isinstance(read_card(text_block(card), today=START.date()), Ok)


class TestPage:
    """The page on which one lays a card on the reader."""

    @pytest.fixture
    def reader(self, tmp_path: Path) -> CardReader:
        device = ReaderDevice(issuer="http://127.0.0.1:1", folder=tmp_path)
        return CardReader(device, [ZHANG, EXPIRED])

    @pytest.fixture
    def site(self, reader: CardReader) -> Iterator[CardReaderSimulator]:
        simulator = CardReaderSimulator(reader)
        simulator.start()
        yield simulator
        simulator.stop()

    def _send(self, site: CardReaderSimulator, path: str, **form: str) -> int:
        body = urllib.parse.urlencode({"token": site.reader.form_token, **form}).encode()
        try:
            with _OPENER.open(site.url + path, body) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def test_it_shows_the_cards_in_both_languages(self, site: CardReaderSimulator) -> None:
        """Each with its number; it says that everything is made up, and runs no scripts."""
        with _OPENER.open(site.url) as answer:
            page, headers = answer.read().decode(), answer.headers
        assert ZHANG.number in page and "虚构" in page and "made up" in page
        assert headers["Content-Security-Policy"].startswith("default-src 'none'") and "<script" not in page
        assert headers["Cache-Control"] == "no-store"
        labels = set(re.findall(r'<label for="([a-z_]+)"', page))
        assert labels == set(re.findall(r'<input id="([a-z_]+)"', page)) and len(labels) == 5

    def test_a_card_is_laid_on_and_taken_away(self, site: CardReaderSimulator) -> None:
        """By its place in the list; a typed one as it was typed."""
        assert self._send(site, "/card", card="1") == 200
        assert site.reader.shown().lying == EXPIRED
        assert self._send(site, "/card", card="none") == 200
        assert site.reader.shown().lying is None
        typed = {"number": " 12 ", "name": "<b>", "latin_name": "", "valid_from": "20200101", "valid_until": "长期"}
        assert self._send(site, "/typed", **typed) == 200
        assert site.reader.shown().lying == Card("12", "<b>")
        assert self._send(site, "/card", card="typed-again") == 200
        with _OPENER.open(site.url) as answer:
            page = answer.read().decode()
        assert "&lt;b&gt;" in page and "<b>" not in page

    def test_only_its_own_forms_are_taken(self, site: CardReaderSimulator) -> None:
        """Without the page's token, for a card that there is not, elsewhere: refused, and nothing is laid on."""
        assert self._send(site, "/card", card="1", token="another") == 403
        for card in ("2", "-1", "x", "", "١"):
            assert self._send(site, "/card", card=card) == 400
        assert self._send(site, "/else") == 404
        assert self._send(site, "/typed", name="x" * 9_000) == 413
        assert site.reader.shown().lying is None
