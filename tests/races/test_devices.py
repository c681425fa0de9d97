"""One invitation and one question, met by many at once on two processes."""

import json

from connectors.devices.card_reading import CardReading
from idp.house.build import House
from tests.races.conftest import Race
from tests.races.house_process import RACERS, Call
from tests.support.api_v1 import events_of
from tests.support.card_readers import department_of, enrolled_reader, invitation, unknown_reader

ROUNDS = 5


def test_one_invitation_enrols_one_device(house: House, race: Race) -> None:
    """Eight devices, each with its own key, show one code in the same instant: one is enrolled."""
    for number in range(1, ROUNDS + 1):
        code = invitation(house)
        readers = [unknown_reader(house) for _ in range(RACERS)]
        bodies = [{"code": code, "public_jwk": each.jwk, "proof": each.proof(code)} for each in readers]
        answers = race([Call("/api/v1/devices", json=json.dumps(body)) for body in bodies])
        assert sorted(answer.status for answer in answers) == [201] + [422] * (RACERS - 1), answers
        with house.ground.database.read() as session:
            assert len(house.counter.devices.of_department(session, department_of(house))) == number


def test_one_question_is_answered_once(house: House, race: Race) -> None:
    """The same answer eight times in one instant: one is taken and leaves a row, the others find nothing."""
    reader = enrolled_reader(house)
    assert reader.device is not None
    for number in range(1, ROUNDS + 1):
        reading_id = house.counter.readings.ask(reader.device.id)
        wanted = house.counter.readings.wanted(reader.device)
        assert wanted is not None
        body = json.dumps({"reading": reader.reading(wanted.nonce)})
        calls = [
            Call("/api/v1/devices/readings", headers={"Authorization": f"Bearer {reader.token()}"}, json=body)
            for _ in range(RACERS)
        ]
        statuses = sorted(answer.status for answer in race(calls))
        assert statuses == [204] + [409] * (RACERS - 1)
        assert isinstance(house.counter.readings.take(reading_id), CardReading)
        assert len(events_of(house, "card.read")) == number


def test_one_token_opens_once(house: House, race: Race) -> None:
    """A token that was listened to and sent again is refused, also in the very same instant."""
    reader = enrolled_reader(house)
    for _ in range(ROUNDS):
        call = Call("/api/v1/devices/wanted", {}, {"Authorization": f"Bearer {reader.token()}"})
        assert sorted(answer.status for answer in race(call)) == [204] + [401] * (RACERS - 1)
