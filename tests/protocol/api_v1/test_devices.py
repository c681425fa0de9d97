"""The API of enrolled devices: how they are let in, what they may ask, and which problem each fault is."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from joserfc.jwk import ECKey
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from connectors.devices.card_reading import CardReading
from connectors.devices.models import Device
from idp.config.settings import ApiSettings
from idp.endpoints.api.openapi import DOCUMENT_PATH
from idp.house.build import House
from tests.protocol.provider import EMBEDDED, Provider
from tests.support.api_v1 import System, events_of
from tests.support.card_readers import LABEL, OFFICE, TestReader, enrolled_reader, invitation, signed, unknown_reader
from tests.support.cards import CITIZEN
from tests.support.json_schema import faults

_DEVICES, _WANTED, _READINGS = "/api/v1/devices", "/api/v1/devices/wanted", "/api/v1/devices/readings"

_GUESSED = "7QHM-2KXR-9DWT-F4AP-3VYJ-C8NE"


@pytest.fixture
def http(provider: Provider) -> FlaskClient:
    return provider.http


def _ask(http: FlaskClient, token: str | None, path: str = _WANTED, body: Any = None) -> TestResponse:
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    return http.post(path, headers=headers, **({"json": body} if body is not None else {}))


def _problem(answer: TestResponse) -> tuple[int, str]:
    assert answer.mimetype == "application/problem+json", answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, answer.get_json()["type"].removeprefix("urn:yihao:problem:")


def _devices(house: House) -> int:
    with house.ground.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Device)) or 0


def test_a_device_is_enrolled_asked_and_answers(house: House, http: FlaskClient) -> None:
    """The whole way over HTTP, each answer as the OpenAPI document describes it."""
    document = http.get(DOCUMENT_PATH).get_json()
    reader, code = unknown_reader(house), invitation(house)
    enrolled = http.post(_DEVICES, json={"code": code, "public_jwk": reader.jwk, "proof": reader.proof(code)})
    assert enrolled.status_code == 201, enrolled.text
    given = enrolled.get_json()
    _assert_described(document, _DEVICES, enrolled)
    assert (given["office"], given["label"], given["thumbprint"]) == (OFFICE, LABEL, reader.key.thumbprint())
    with house.ground.database.read() as session:
        device = house.counter.devices.find(session, given["device_id"])
    reader = TestReader(reader.issuer, reader.clock, device, reader.key)

    nothing = _ask(http, reader.token())
    assert (nothing.status_code, nothing.data) == (204, b"")
    assert "Content-Length" not in nothing.headers  # RFC 9110 §8.6
    reading_id = house.counter.readings.ask(given["device_id"])
    wanted = _ask(http, reader.token())
    assert wanted.status_code == 200
    _assert_described(document, _WANTED, wanted)
    answered = _ask(http, reader.token(), _READINGS, {"reading": reader.reading(wanted.get_json()["nonce"])})
    assert (answered.status_code, answered.data) == (204, b"")
    assert _ask(http, reader.token()).status_code == 204
    found = house.counter.readings.take(reading_id)
    assert isinstance(found, CardReading) and found.card.name == CITIZEN.name


def test_nothing_of_a_card_is_logged(house: House, http: FlaskClient) -> None:
    """Neither where it is taken nor where it is refused: no log line, no answer holds what stands on it."""
    reader = enrolled_reader(house)
    assert reader.device is not None
    house.counter.readings.ask(reader.device.id)
    nonce = _ask(http, reader.token()).get_json()["nonce"]
    good = reader.reading(nonce)
    readings = (reader.reading("x" * 43), reader.reading(nonce, chip=CITIZEN.number), good[:-8] + "AAAAAAAA", good)
    with capture_logs() as lines:  # as they are before anything is taken out of them
        answers = [_ask(http, reader.token(), _READINGS, {"reading": each}) for each in readings]
    assert [answer.status_code for answer in answers] == [409, 422, 422, 204]
    assert [line["problem"] for line in lines if line["event"] == "api.refused"] == [
        "other-question",
        "unfit-reading",
        "bad-signature",
    ]
    told = repr(lines) + "".join(answer.text for answer in answers)
    for secret in (CITIZEN.number, CITIZEN.name, CITIZEN.birth, CITIZEN.address, nonce, good.split(".")[1][200:300]):
        assert secret not in told


def _assert_described(document: dict[str, Any], path: str, answer: TestResponse) -> None:
    [(media_type, content)] = document["paths"][path]["post"]["responses"][str(answer.status_code)]["content"].items()
    assert answer.mimetype == media_type
    assert faults(answer.get_json(), content["schema"], document) == []


def test_enrolments_that_are_refused(house: House, http: FlaskClient) -> None:
    """Each fault has its name and changes nothing; the good one beside them is taken."""
    reader, other, code = unknown_reader(house), unknown_reader(house), invitation(house)
    good = {"code": code, "public_jwk": reader.jwk, "proof": reader.proof(code)}
    private = dict(reader.key.as_dict(private=True))
    refused: list[tuple[Mapping[str, Any], str]] = [
        ({"public_jwk": private}, "unfit-members"),
        ({"public_jwk": {"kty": "oct", "k": "AAAA"}}, "unfit-members"),
        ({"public_jwk": dict(ECKey.generate_key("P-384").as_dict(private=False))}, "unfit-members"),
        ({"public_jwk": {**reader.jwk, "x": reader.jwk["x"] + "="}}, "unfit-members"),
        ({"public_jwk": {**reader.jwk, "x": reader.jwk["y"], "y": reader.jwk["y"]}}, "unfit-members"),
        ({"public_jwk": {**reader.jwk, "use": "enc"}}, "unfit-members"),
        ({"public_jwk": {"kty": "EC", "crv": "P-256", "x": [1], "y": {"a": "\0"}}}, "unfit-members"),
        ({"proof": other.proof(code)}, "bad-proof"),
        ({"proof": reader.proof("7QHM-2KXR")}, "bad-proof"),
        ({"proof": reader.proof(code, aud="https://elsewhere.example")}, "bad-proof"),
        ({"proof": reader.proof(code, aud=[reader.issuer])}, "bad-proof"),
        ({"proof": reader.proof(code, iat=reader.clock.epoch() - 61)}, "bad-proof"),
        ({"proof": reader.proof(code, iat=reader.clock.epoch() + 61)}, "bad-proof"),
        ({"proof": reader.proof(code, iat="now")}, "bad-proof"),
        ({"proof": signed(reader.key, "device+jwt", {})}, "bad-proof"),
        ({"proof": "a.b.c"}, "bad-proof"),
        ({"proof": "x" * 5_000}, "unfit-members"),
        ({"code": _GUESSED, "proof": reader.proof(_GUESSED)}, "unknown-invitation"),
        ({"code": "x" * 65}, "unfit-members"),
        ({"code": "a\0b"}, "bad-request"),
    ]  # fmt: skip
    for changed, name in refused:
        answer = http.post(_DEVICES, json={**good, **changed})
        assert _problem(answer)[1] == name, (changed, answer.text)
    assert _devices(house) == 0
    # The code that was guessed at and misused is still good for who shows it with a key.
    assert http.post(_DEVICES, json={**good, "code": code.lower().replace("-", " ")}).status_code == 201
    assert _problem(http.post(_DEVICES, json=good)) == (422, "unknown-invitation")
    again = invitation(house)
    same_key = http.post(_DEVICES, json={"code": again, "public_jwk": reader.jwk, "proof": reader.proof(again)})
    assert _problem(same_key) == (409, "key-taken")
    assert _devices(house) == 1


@pytest.mark.parametrize("path", [_WANTED, _READINGS])
def test_tokens_that_are_refused(house: House, http: FlaskClient, path: str) -> None:
    """No token, another type, key, audience or time, one that was used: 401, and nothing is told of the device."""
    reader, other = enrolled_reader(house), enrolled_reader(house)
    assert reader.device is not None and other.device is not None
    now, key = reader.clock.epoch(), reader.key
    body = {"reading": "x"} if path == _READINGS else None
    unsigned = signed(key, "device+jwt", {"iss": reader.device.id}).rsplit(".", 1)[0] + "."
    bad = [
        None,
        "nonsense",
        "x" * 5_000,
        unsigned,
        reader.token(iss=other.device.id),
        reader.token(iss="nobody"),
        reader.token(iss="a\0b"),
        reader.token(iss=7),
        reader.token(aud="https://elsewhere.example"),
        reader.token(aud=[reader.issuer]),
        reader.token(iat=now - 61, exp=now - 1),
        reader.token(iat=now + 61, exp=now + 90),
        reader.token(exp=now + 61),
        reader.token(exp=now),
        reader.token(exp=True),
        reader.token(exp=float("nan")),
        reader.token(jti=""),
        reader.token(jti="x" * 256),
        reader.token(jti="a\nb"),
        reader.token(jti=None),
        signed(key, "card-reading+jwt", {"iss": reader.device.id, "aud": reader.issuer, "iat": now, "exp": now + 60}),
        signed(key, "JWT", {"iss": reader.device.id, "aud": reader.issuer, "iat": now, "exp": now + 60, "jti": "1"}),
        signed(key, "device+jwt", {"iss": reader.device.id}, crit=["b64"], b64=True),
    ]
    for token in bad:
        answer = _ask(http, token, path, body)
        assert _problem(answer)[0] == 401, (token, answer.text)
        assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="api"')
        for secret in (reader.device.id, OFFICE, LABEL):
            assert secret not in answer.text
    good = reader.token()
    assert _ask(http, good, path, body).status_code in (204, 422)
    assert _problem(_ask(http, good, path, body)) == (401, "invalid-token")


def test_who_was_ended_is_let_in_no_more(house: House, http: FlaskClient) -> None:
    """From the next request on, whatever it still holds."""
    reader = enrolled_reader(house)
    assert reader.device is not None
    assert _ask(http, reader.token()).status_code == 204
    with house.ground.database.transaction() as session:
        assert house.counter.devices.end(session, reader.device.id)
        assert not house.counter.devices.end(session, reader.device.id)
    assert _problem(_ask(http, reader.token())) == (401, "invalid-token")


def test_readings_that_are_refused(house: House, http: FlaskClient) -> None:
    """Each fault has its name; the question stands until the good answer, which counts once."""
    reader, other = enrolled_reader(house), enrolled_reader(house)
    assert reader.device is not None and other.device is not None
    assert _hand_over(http, reader, reader.reading("x" * 43)) == (409, "not-wanted")
    reading_id = house.counter.readings.ask(reader.device.id)
    house.counter.readings.ask(other.device.id)
    nonce = _ask(http, reader.token()).get_json()["nonce"]
    of_other = _ask(http, other.token()).get_json()["nonce"]
    for reading, name in (
        (other.reading(nonce), "bad-signature"),
        ("x.y.z", "bad-signature"),
        (reader.proof(nonce), "bad-signature"),
        (reader.reading(nonce, aud="https://elsewhere.example"), "unfit-reading"),
        (reader.reading(nonce, iat=reader.clock.epoch() - 61), "unfit-reading"),
        (reader.reading(nonce, card="not base64url!"), "unfit-reading"),
        (reader.reading(nonce, card=["x"]), "unfit-reading"),
        (reader.reading(nonce, photo="short"), "unfit-reading"),
        (reader.reading(nonce, chip="not hex"), "unfit-reading"),
        (reader.reading(nonce, sam=None), "unfit-reading"),
        (reader.reading("x" * 43), "other-question"),
        (reader.reading(of_other), "other-question"),
    ):
        assert _hand_over(http, reader, reading)[1] == name, reading
    assert house.counter.readings.result(reading_id) is None
    assert events_of(house, "card.read") == []
    assert _ask(http, reader.token(), _READINGS, {"reading": reader.reading(nonce)}).status_code == 204
    assert _hand_over(http, reader, reader.reading(nonce)) == (409, "not-wanted")
    assert [each.outcome for each in events_of(house, "card.read")] == ["success"]


def _hand_over(http: FlaskClient, reader: TestReader, reading: str) -> tuple[int, str]:
    return _problem(_ask(http, reader.token(), _READINGS, {"reading": reading}))


@EMBEDDED
@pytest.mark.parametrize("path", [_DEVICES, _READINGS])
@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("{}", "text/plain", 415),
        ("{}", "application/json", 422),
        ("", "application/json", 400),
        ("[]", "application/json", 400),
        ("[" * 30_000, "application/json", 400),
        ('{"public_jwk":' * 4_000, "application/json", 400),
        ('{"reading": "a", "reading": "b"}', "application/json", 400),
        ('{"reading": "a\\u0000"}', "application/json", 400),
        ('{"reading": "\\ud800"}', "application/json", 400),
        ('{"reading": 1, "code": 1}', "application/json", 422),
        (json.dumps({"reading": "x" * 70_000}), "application/json", 413),
    ],
)
def test_bodies_of_devices_that_are_refused(
    house: House, http: FlaskClient, path: str, body: str, content_type: str, status: int
) -> None:
    """What is odd ends as a clean problem, never as an error of ours."""
    headers = {"Authorization": f"Bearer {enrolled_reader(house).token()}"}
    answer = http.post(path, data=body.encode(), content_type=content_type, headers=headers)
    assert _problem(answer)[0] == status


def test_asking_takes_neither_body_nor_query(house: House, http: FlaskClient) -> None:
    """What nobody reads is refused, so that nobody believes it was read."""
    reader = enrolled_reader(house)
    assert _problem(_ask(http, reader.token(), body={}))[1] == "bad-request"
    assert _problem(_ask(http, reader.token(), _WANTED + "?x=1"))[1] == "bad-request"
    assert _ask(http, reader.token()).status_code == 204
    assert http.get(_WANTED).status_code == 405


def test_systems_and_devices_are_not_mixed_up(house: House, http: FlaskClient, system: System) -> None:
    """A client's token opens nothing of devices, and a device's nothing of systems."""
    reader = enrolled_reader(house)
    assert _problem(_ask(http, system.token()))[1] == "invalid-token"
    assert _problem(_ask(http, reader.token(), "/api/v1/levels", {"sub": "x"}))[1] == "invalid-token"


class TestLimits:
    """Whoever asks too often is told how long to wait, and others go on."""

    @pytest.fixture
    def overrides(self) -> dict[str, Any]:
        return {"api": ApiSettings(device_requests_per_minute=2, device_enrolments_per_hour=2)}

    def test_of_a_device(self, house: House, http: FlaskClient) -> None:
        reader, other = enrolled_reader(house), enrolled_reader(house)
        assert [_ask(http, reader.token()).status_code for _ in range(3)] == [204, 204, 429]
        assert _ask(http, other.token()).status_code == 204

    def test_of_an_address(self, house: House, http: FlaskClient) -> None:
        reader = unknown_reader(house)
        body = {"code": "x", "public_jwk": reader.jwk, "proof": reader.proof("x")}
        answers = [http.post(_DEVICES, json=body) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [422, 422, 429]
        assert int(answers[-1].headers["Retry-After"]) > 0
        elsewhere = http.post(_DEVICES, json=body, environ_base={"REMOTE_ADDR": "192.0.2.7"})
        assert elsewhere.status_code == 422
