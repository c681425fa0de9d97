"""What a request may look like: what is odd ends as a clean problem (RFC 9457) that repeats nothing of it."""

import json
from typing import Any

import pytest

from tests.protocol.provider import EMBEDDED
from tests.support.api_v1 import NAME, NUMBER, PATHS, PERSON, System

pytestmark = EMBEDDED
_PERSONS = "/api/v1/persons"


def _body(**changed: Any) -> str:
    return json.dumps({**PERSON, **changed})


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("{", 400),
        ("[]", 400),
        ("null", 400),
        ('{"number": NaN}', 400),
        ('{"number": "1", "number": "2"}', 400),
        ('{"sub": "a", "sub": "b"}', 400),
        ('{"number": "a\\u0000b"}', 400),
        ('{"sub": "a\\u0000b"}', 400),
        ('{"sub": "\\ud800"}', 400),
        ("[" * 30_000, 400),
        ('{"sub":' * 8_000, 400),
        ("\ufeff{}", 400),
        ("{}", 422),
        ('{"sub": 1, "number": 1, "name": 1}', 422),
        ('{"sub": {"a": {"b": 1}}, "number": [[1]]}', 422),
    ],
)
def test_bodies_that_are_refused(system: System, path: str, body: str, status: int) -> None:
    """Not one object of RFC 8259, a repeated member, NUL, depth, other types: a problem, never an error of ours."""
    answer = system.post(path, data=body.encode("utf-8", "surrogatepass"))
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_json()["status"] == status


@pytest.mark.parametrize("path", PATHS)
def test_envelopes_that_are_refused(system: System, path: str) -> None:
    """Another content type, parameters in the query, bytes that are no UTF-8, too many of them, another method."""
    good = json.dumps(PATHS[path])
    assert system.post(path, data=good, content_type="application/json; charset=utf-8").status_code in (
        200,
        202,
        404,
        422,
    )
    for content_type in ("application/x-www-form-urlencoded", "text/plain", ""):
        assert system.post(path, data=good, content_type=content_type).status_code == 415
    assert system.post(path + "?x=1", data=good).status_code == 400
    assert system.post(path, data=b'{"sub": "\xff"}').status_code == 400
    assert system.post(path, data=b" " * 70_000 + good.encode()).status_code == 413
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        answer = system.http.open(path, method=method)
        assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
        assert "POST" in answer.headers["Allow"]


def test_unknown_addresses_are_a_problem_too(system: System) -> None:
    """Nothing below /api/v1 shows a page."""
    answer = system.http.get("/api/v1/nothing")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.get_json()["type"] == "urn:yihao:problem:not-found"


@pytest.mark.parametrize(
    ("changed", "errors"),
    [
        ({"number": "110105194912310021"}, {"number": "invalid"}),
        ({"number": "1" * 101}, {"number": "invalid"}),
        ({"number": ""}, {"number": "invalid"}),
        ({"name": "12345"}, {"name": "invalid"}),
        ({"mobile": "12345"}, {"mobile": "invalid"}),
        ({"mobile": None}, {"mobile": "invalid"}),
        ({"number": "x", "name": "7", "mobile": "y"}, {"number": "invalid", "name": "invalid", "mobile": "invalid"}),
        ({"purpose": "x"}, {"purpose": "invalid"}),
        ({"purpose": " " * 20}, {"purpose": "invalid"}),
        ({"purpose": "为" + NUMBER + "登记"}, {"purpose": "invalid"}),
        ({"purpose": "为１３８００１３８０００登记"}, {"purpose": "invalid"}),
        ({"purpose": "1 3 8 0 0 1"}, {"purpose": "invalid"}),
        ({"purpose": "看\u202e不见"}, {"purpose": "invalid"}),
        ({"purpose": "长" * 101}, {"purpose": "invalid"}),
        ({"extra": "x"}, {"": "unknown"}),
        ({NUMBER: NAME}, {"": "unknown"}),
        ({"number": "110105201512310015"}, {"number": "too_young"}),
    ],
)
def test_members_that_are_refused(system: System, changed: dict[str, Any], errors: dict[str, str]) -> None:
    """Each by its name and a word; what was sent is not repeated, not even as the name of a member."""
    answer = system.post(_PERSONS, data=_body(**changed))
    assert answer.status_code == 422, answer.text
    assert {each["member"]: each["reason"] for each in answer.get_json()["errors"]} == errors
    for value in (NUMBER, NAME):
        assert value not in answer.text


def test_members_that_are_taken(system: System) -> None:
    """Eleven digits or E.164, a number with spaces, a purpose with a year in it."""
    for changed in ({"mobile": "13800138000"}, {"number": "110105 19491231 002x"}, {"purpose": "2026年度参保登记"}):
        assert system.prepare(**changed).status_code == 202


@pytest.mark.parametrize("key", ["", " ", "k" * 129, "a b", "schlüssel"])
def test_keys_that_are_refused(system: System, key: str) -> None:
    """An Idempotency-Key is needed, of 1 to 128 visible ASCII characters."""
    headers = {"Authorization": f"Bearer {system.token()}"}
    if key:
        headers["Idempotency-Key"] = key
    answer = system.http.post(_PERSONS, json=PERSON, headers=headers)
    assert (answer.status_code, answer.get_json()["type"]) == (400, "urn:yihao:problem:bad-request")
