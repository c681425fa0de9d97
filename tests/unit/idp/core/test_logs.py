"""Logs never hold secrets or numbers of people."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from idp.core.logs import configure_logs, redact, redact_text

NUMBER = "11010519491231002X"


@pytest.fixture(autouse=True)
def _restore_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def _written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


@pytest.mark.parametrize("key", ["password", "code", "refresh_token", "Authorization", "number", "name", "mobile"])
def test_values_of_secret_keys_are_removed(key: str) -> None:
    """Whatever stands under a secret key is not written, at any depth."""
    event = redact(None, "", {"event": "x", key: "s3cret", "details": [{key: "s3cret"}]})
    assert "s3cret" not in json.dumps(event)
    assert event[key] == "[removed]"


@pytest.mark.parametrize(
    "number",
    [
        NUMBER,
        NUMBER.lower(),
        "110105491231002",
        "13800138000",
        "+8613800138000",
        "86 138-0013-8000",
        "138 0013 8000",
        "H12345678",
        "ABC123456789012",
        "zhang.san@example.gov.cn",
    ],
)
def test_numbers_are_masked_in_any_text(number: str) -> None:
    """Document numbers, mobile numbers and addresses do not reach a log, whatever surrounds them."""
    for text in (number, f"no row for {number}!", f"号码{number}，已登记", f"{{'x': '{number}'}}"):
        assert number not in redact_text(text)


@pytest.mark.parametrize("text", ["2026-03-02T08:30:00Z", "took 1234567 ns", "nbp9dJRmVTzAp9MkF-sAAA", "port 54321"])
def test_other_texts_stay(text: str) -> None:
    """What is no number of a person is written as it is."""
    assert redact_text(text) == text


def test_numbers_are_masked_that_are_no_texts() -> None:
    """An integer, an exception or an object that holds a number is masked by its text."""
    event = redact(None, "", {"event": "x", "one": 13800138000, "two": ValueError(NUMBER), "three": {NUMBER}})
    assert "13800138000" not in str(event) and NUMBER not in str(event)
    assert redact(None, "", {"count": 12345, "ratio": 0.5, "flag": True}) == {
        "count": 12345,
        "ratio": 0.5,
        "flag": True,
    }


def test_exceptions_are_written_without_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    """A traceback is written, the number in its text is not."""
    configure_logs("INFO")
    try:
        raise ValueError(f"cannot parse {NUMBER}")
    except ValueError:
        structlog.get_logger("t").exception("failed", detail=f"+8613800138000 and {NUMBER}")
    (line,) = _written(capsys)
    assert "Traceback" in line["exception"] and "cannot parse [number]" in line["exception"]
    assert NUMBER not in json.dumps(line) and "13800138000" not in json.dumps(line)


def test_libraries_that_log_come_through_the_same_processors(capsys: pytest.CaptureFixture[str]) -> None:
    """A library's own message is one JSON line without numbers as well."""
    configure_logs("INFO")
    try:
        raise RuntimeError(NUMBER)
    except RuntimeError:
        logging.getLogger("some.library").error("lost %s", NUMBER, exc_info=True)
    (line,) = _written(capsys)
    assert line["event"] == "lost [number]" and line["level"] == "error"
    assert NUMBER not in json.dumps(line)


def test_levels_below_the_configured_one_are_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    """`log_level` holds."""
    configure_logs("WARNING")
    structlog.get_logger("t").info("quiet")
    structlog.get_logger("t").warning("heard")
    assert [line["event"] for line in _written(capsys)] == ["heard"]
