"""Cutting answers out of a stream, however it is split."""

import pytest

from bench.wire import Answer, AnswerReader, WireError

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\ncontent-LENGTH: 5\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"
EMPTY = b"HTTP/1.1 303 See Other\r\nLocation: /next?a=B\r\nContent-Length: 0\r\n\r\n"


def read(parts: list[bytes]) -> list[Answer]:
    reader = AnswerReader()
    return [answer for part in parts if (answer := reader.feed(part)) is not None]


@pytest.mark.parametrize("raw", [PLAIN, CHUNKED])
def test_whole_and_byte_by_byte(raw: bytes) -> None:
    """The body is the same in one piece and in single bytes (RFC 9112 §6, §7.1)."""
    for parts in ([raw], [raw[place : place + 1] for place in range(len(raw))]):
        assert [(answer.status, answer.body) for answer in read(parts)] == [(200, b"hello")]


def test_answers_one_after_another() -> None:
    """What follows an answer stays for the next, and headers are found whatever their case."""
    answers = read([EMPTY, PLAIN])
    assert [answer.status for answer in answers] == [303, 200]
    assert answers[0].header("location") == "/next?a=B"
    assert answers[0].header("Content-Type") == ""


@pytest.mark.parametrize(
    "raw",
    [
        b"SSH-2.0-x\r\n\r\n",
        b"HTTP/1.1 two OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_nonsense(raw: bytes) -> None:
    """What is no answer is said to be none."""
    with pytest.raises(WireError):
        read([raw])
