"""The guarded fetcher against local servers."""

import itertools
import socket
import traceback

import pytest

from idp.outbound.fetcher import OutboundReason
from tests.unit.idp.outbound.calls import OK, make_fetcher, refusal


def test_an_answer_is_returned_whole(serve) -> None:
    """Status, header fields and body of a plain answer arrive; the fragment was not sent."""
    server = serve(OK)
    response = make_fetcher().get(server.url("/keys?a=b#part"), headers={"Accept": "application/json"})
    assert (response.status, response.body) == (200, b"hi")
    assert response.headers["x-a"] == "1, 2"
    request = server.received[0].decode()
    assert request.startswith("GET /keys?a=b HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{server.port}\r\n" in request
    assert "Accept-Encoding: identity\r\n" in request
    assert "Accept: application/json\r\n" in request
    assert "cookie" not in request.lower()


def test_a_body_is_posted(serve) -> None:
    """POST sends the exact bytes with their type and length."""
    server = serve(OK)
    make_fetcher().post(server.url(), body=b"logout_token=x", content_type="application/x-www-form-urlencoded")
    request = server.received[0]
    assert request.endswith(b"\r\n\r\nlogout_token=x")
    assert b"Content-Type: application/x-www-form-urlencoded\r\n" in request
    assert b"Content-Length: 14\r\n" in request


def test_errors_of_the_peer_are_answers(serve) -> None:
    """A 500 is an answer, for the caller to judge."""
    server = serve(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")
    assert make_fetcher().get(server.url()).status == 500


def test_chunked_and_endless_bodies_are_read(serve) -> None:
    """Both other framings of RFC 9112 §6.3 are understood."""
    chunked = serve(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n")
    until_close = serve(b"HTTP/1.1 200 OK\r\n\r\nabc")
    assert make_fetcher().get(chunked.url()).body == b"ab"
    assert make_fetcher().get(until_close.url()).body == b"abc"


def test_plain_http_needs_its_flag(serve) -> None:
    """Without allow_http nothing is sent over plain http."""
    server = serve(OK)
    refused = refusal(lambda: make_fetcher(allow_http=False).get(server.url()))
    assert (refused.reason, refused.request_sent) == (OutboundReason.SCHEME, False)
    assert server.received == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"])
def test_loopback_needs_its_flag(serve, host: str) -> None:
    """This machine is out of reach by any of its names, also by one that resolves to it."""
    server = serve(OK)
    fetcher = make_fetcher(allow_loopback=False)
    refused = refusal(lambda: fetcher.get(f"http://{host}:{server.port}/"))
    assert refused.reason is OutboundReason.ADDRESS
    assert server.received == []


def test_mapped_addresses_are_refused_even_where_loopback_is_allowed(serve) -> None:
    """An IPv4-mapped address is refused as such."""
    server = serve(OK)
    refused = refusal(lambda: make_fetcher().get(f"http://[::ffff:127.0.0.1]:{server.port}/"))
    assert refused.reason is OutboundReason.ADDRESS


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1"])
def test_numbers_in_disguise_are_refused(serve, host: str) -> None:
    """Decimal, hexadecimal, octal and short forms reach nobody, even where loopback is allowed."""
    server = serve(OK)
    refused = refusal(lambda: make_fetcher().get(f"http://{host}:{server.port}/"))
    assert refused.reason is OutboundReason.ADDRESS
    assert server.received == []


def test_userinfo_is_refused(serve) -> None:
    """A name before an at sign is no host (RFC 9110 §4.2.4)."""
    server = serve(OK)
    refused = refusal(lambda: make_fetcher().get(f"http://good.example@127.0.0.1:{server.port}/"))
    assert refused.reason is OutboundReason.USERINFO


def test_one_forbidden_address_spoils_a_name(serve) -> None:
    """Every resolved address is checked, not only the one that would be tried first."""
    server = serve(OK)
    fetcher = make_fetcher(lambda _host, _port: ["127.0.0.1", "169.254.169.254"])
    refused = refusal(lambda: fetcher.get(f"http://mixed.example:{server.port}/"))
    assert refused.reason is OutboundReason.ADDRESS
    assert server.received == []


def test_the_checked_address_is_the_one_connected_to(serve) -> None:
    """A name is resolved once, so a second, different answer cannot matter (DNS rebinding)."""
    server = serve(OK)
    answers = itertools.chain([["127.0.0.1"]], itertools.repeat(["10.0.0.1"]))
    asked: list[str] = []

    def resolver(host: str, _port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    response = make_fetcher(resolver).get(f"http://rebinding.example:{server.port}/")
    assert (response.status, asked) == (200, ["rebinding.example"])
    assert f"Host: rebinding.example:{server.port}\r\n".encode() in server.received[0]


def test_the_next_address_is_tried(serve) -> None:
    """An address where nobody listens does not hide one where somebody does."""
    server = serve(OK)
    fetcher = make_fetcher(lambda _host, _port: ["127.0.0.2", "127.0.0.1"])
    assert fetcher.get(f"http://two.example:{server.port}/").status == 200


@pytest.mark.parametrize("answer", [OSError("no such name"), [], ["not an address"], UnicodeError("label")])
def test_a_name_without_addresses_is_a_refusal(answer: object) -> None:
    """Whatever the resolver does, the caller sees one kind of error."""

    def resolver(_host: str, _port: int) -> list[str]:
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert refusal(lambda: make_fetcher(resolver).get("http://gone.example/")).request_sent is False


def test_a_refused_connection_sent_nothing() -> None:
    """Where nobody listens, the refusal says that nothing was sent."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    refused = refusal(lambda: make_fetcher().get(f"http://127.0.0.1:{port}/"))
    assert (refused.reason, refused.request_sent) == (OutboundReason.UNREACHABLE, False)


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
def test_redirects_are_refused(serve, status: int) -> None:
    """A redirect is neither followed nor handed on."""
    elsewhere = serve(OK)
    server = serve(f"HTTP/1.1 {status} Go\r\nLocation: {elsewhere.url()}\r\nContent-Length: 0\r\n\r\n".encode())
    refused = refusal(lambda: make_fetcher().get(server.url()))
    assert (refused.reason, refused.request_sent) == (OutboundReason.REDIRECT, True)
    assert elsewhere.received == []


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + b"x" * 1001,
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1001,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 1001 + b"0\r\n\r\n",
    ],
)
def test_large_bodies_are_refused(serve, answer: bytes) -> None:
    """The limit holds for every framing, and an announced size is not waited for."""
    refused = refusal(lambda: make_fetcher().get(serve(answer).url()))
    assert refused.reason is OutboundReason.TOO_LARGE


def test_a_body_at_the_limit_is_taken(serve) -> None:
    """Exactly max_bytes are still taken."""
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000)
    assert len(make_fetcher().get(server.url()).body) == 1000


def test_framing_cannot_grow_without_end(serve) -> None:
    """Interim answers and header fields count against a limit too."""
    server = serve(b"HTTP/1.1 100 Continue\r\nX: " + b"y" * 900 + b"\r\n\r\n" + b"HTTP/1.1 100 C\r\n\r\n" * 9000)
    assert refusal(lambda: make_fetcher().get(server.url())).reason is OutboundReason.TOO_LARGE


def test_a_drip_ends_at_the_deadline(serve) -> None:
    """A peer that sends a byte now and then is cut off by the total deadline."""

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
        while not server.stopped.wait(0.02):
            connection.sendall(b"x")

    server = serve(drip)
    refused = refusal(lambda: make_fetcher(total_timeout_seconds=0.2).get(server.url()))
    assert (refused.reason, refused.request_sent) == (OutboundReason.TIMEOUT, True)


def test_silence_ends_at_the_deadline(serve) -> None:
    """A peer that never answers is given up, and the request counts as sent."""
    server = serve(lambda _connection: server.stopped.wait(5))
    refused = refusal(lambda: make_fetcher(total_timeout_seconds=0.1).get(server.url()))
    assert (refused.reason, refused.request_sent) == (OutboundReason.TIMEOUT, True)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"", OutboundReason.UNREACHABLE),
        (b"SSH-2.0-server\r\n", OutboundReason.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", OutboundReason.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", OutboundReason.PROTOCOL),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n", OutboundReason.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nxx", OutboundReason.ENCODING),
    ],
)
def test_broken_answers_are_refused(serve, answer: bytes, reason: OutboundReason) -> None:
    """Cut, compressed and foreign answers are not taken."""
    refused = refusal(lambda: make_fetcher().get(serve(answer).url()))
    assert (refused.reason, refused.request_sent) == (reason, True)


def test_the_path_and_query_stay_out_of_errors(serve) -> None:
    """A number in the query, or quoted in the answer, appears in no text of the refusal."""
    number = "1390000" + "0000"
    server = serve(f"nonsense {number}\r\n".encode())
    url = server.url(f"/p?PhoneNumbers={number}")
    refused = refusal(lambda: make_fetcher().get(url))
    shown = "".join(traceback.format_exception(refused))
    assert number not in f"{refused!r} {refused.detail} {shown}"


def test_proxies_of_the_environment_are_ignored(serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """http_proxy and its like change nothing."""
    proxy, server = serve(OK), serve(OK)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url())
    make_fetcher().get(server.url())
    assert (len(server.received), proxy.received) == (1, [])


@pytest.mark.parametrize("name", ["Host", "content-length", "Transfer-Encoding", "Accept-Encoding"])
def test_framing_headers_are_the_fetchers_own(name: str) -> None:
    """A caller cannot set a header that decides framing or routing."""
    with pytest.raises(ValueError, match="itself"):
        make_fetcher().get("http://127.0.0.1/", headers={name: "x"})


def test_a_header_cannot_be_split(serve) -> None:
    """A line break in a header value is refused before anything is sent."""
    server = serve(OK)
    refused = refusal(lambda: make_fetcher().get(server.url(), headers={"X-A": "1\r\nX-B: 2"}))
    assert refused.request_sent is False
    assert server.received == []
