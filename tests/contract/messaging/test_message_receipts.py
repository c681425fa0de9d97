"""Delivery receipts, as the simulators post them and as nobody should."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import Message as HeaderFields
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from connectors.messaging import aliyun_sms, tencent_sms, webhook
from connectors.messaging.receipt import Receipt, ReceiptRefused
from connectors.messaging.webhook import WebhookReceipts
from connectors.messaging.webhook_signature import sign_webhook
from tests.contract.messaging.conftest import SECRET, MovableClock, Pair, make_message

PARSERS: dict[str, Callable[[bytes], list[Receipt]]] = {
    "aliyun": aliyun_sms.parse_receipts,
    "tencent": tencent_sms.parse_receipts,
    "webhook": webhook.parse_receipts,
}


@pytest.fixture
def inbox() -> Iterator[tuple[str, list[tuple[HeaderFields, bytes]]]]:
    """Where the simulator posts its receipts: an address, and what came."""
    came: list[tuple[HeaderFields, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append((self.headers, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/receipts", came
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("delivered", [True, False])
def test_receipts_name_the_message_and_its_fate(pair: Pair, inbox, delivered: bool) -> None:
    """A posted receipt carries the id that sending returned, the fate, a code and the instant in UTC."""
    url, came = inbox
    result = pair.sender().send(make_message("m1"))
    assert pair.simulator.send_receipts(url, delivered=delivered) == 200
    ((headers, body),) = came
    if pair.kind == "webhook":
        receipts = WebhookReceipts(secret=SECRET, clock=pair.clock).parse(body, headers=dict(headers))
    else:
        receipts = PARSERS[pair.kind](body)
    (receipt,) = receipts
    assert receipt.provider_message_id == result.provider_message_id
    assert receipt.delivered is delivered
    assert receipt.code
    assert receipt.at == pair.clock.now()
    assert "13900000000" not in repr(receipts)


@pytest.mark.parametrize("kind", sorted(PARSERS))
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"null",
        b"[1]",
        b"[{}]",
        b"\xff\xfe",
        b"[" * 100_000,
        b'[{"sid": 1, "biz_id": 1, "id": 1}]',
    ],
)
def test_what_is_no_list_of_receipts_is_refused(kind: str, body: bytes) -> None:
    """Anything else is one kind of error that quotes nothing."""
    with pytest.raises(ReceiptRefused):
        PARSERS[kind](body)


@pytest.mark.parametrize("kind", sorted(PARSERS))
def test_doubtful_receipts_are_no_deliveries(kind: str) -> None:
    """Only the documented word for success counts, and an unreadable time is no time."""
    entry = {
        "sid": "x1",
        "biz_id": "x1",
        "id": "x1",
        "success": "true",
        "delivered": 1,
        "report_status": "success",
        "report_time": "yesterday",
        "user_receive_time": None,
        "at": "2026-02-30T00:00:00Z",
        "code": "139 is a number",
    }
    assert PARSERS[kind](json.dumps([entry]).encode()) == [Receipt("x1", False, "", None)]


def test_several_receipts_keep_their_order() -> None:
    """One call may report on several messages."""
    entries = [{"id": f"x{number}", "delivered": True, "at": "2026-03-01T04:30:05+08:00"} for number in range(3)]
    receipts = webhook.parse_receipts(json.dumps(entries).encode())
    assert [receipt.provider_message_id for receipt in receipts] == ["x0", "x1", "x2"]
    assert receipts[0].at == datetime(2026, 2, 28, 20, 30, 5, tzinfo=UTC)


def signed_headers(clock: MovableClock, body: bytes, **changes: str) -> dict[str, str]:
    timestamp = changes.pop("timestamp", str(clock.epoch()))
    signature = sign_webhook(secret=SECRET, timestamp=timestamp, message_id="d1", body=body)
    headers = {
        "Yihao-Timestamp": timestamp,
        "Yihao-Message-Id": "d1",
        "Yihao-Signature": signature,
    }
    return headers | changes


def test_the_signature_is_the_documented_one(clock: MovableClock) -> None:
    """HMAC-SHA256 over timestamp, id and body, joined by dots; the value was computed with openssl."""
    signature = sign_webhook(secret="secret", timestamp="1772310605", message_id="m1", body=b"{}")
    assert signature == "v1=e72ec645e561a28a54c769460c5f71b9d3a017f674f29cd7b92f4259f772d233"


def test_signed_receipts_are_taken_within_five_minutes(clock: MovableClock) -> None:
    """A signature is good for five minutes to either side."""
    body = b"[]"
    reader = WebhookReceipts(secret=SECRET, clock=clock)
    headers = signed_headers(clock, body)
    for minutes in (5, -10):
        clock.move(minutes=minutes)
        assert reader.parse(body, headers=headers) == []
    clock.move(seconds=-1)
    with pytest.raises(ReceiptRefused):
        reader.parse(body, headers=headers)


@pytest.mark.parametrize(
    "changes",
    [
        {"Yihao-Timestamp": "1"},
        {"Yihao-Message-Id": "d2"},
        {"Yihao-Signature": "v1=" + "0" * 64},
        {"Yihao-Signature": "v1=\ud800政"},
        {"Yihao-Signature": ""},
        {"timestamp": "１７７２３１０６０５"},
        {"timestamp": "-1"},
        {"timestamp": "9" * 5000},
    ],
)
def test_receipts_with_a_wrong_signature_are_refused(clock: MovableClock, changes: dict[str, str]) -> None:
    """Another time, id or signature, or one in odd characters, is refused."""
    body = b"[]"
    reader = WebhookReceipts(secret=SECRET, clock=clock)
    with pytest.raises(ReceiptRefused):
        reader.parse(body, headers=signed_headers(clock, body, **changes))


def test_another_body_or_secret_is_refused(clock: MovableClock) -> None:
    """A signature fits one body and one secret; without any headers there is none."""
    headers = signed_headers(clock, b"[]")
    with pytest.raises(ReceiptRefused):
        WebhookReceipts(secret=SECRET, clock=clock).parse(b"[] ", headers=headers)
    with pytest.raises(ReceiptRefused):
        WebhookReceipts(secret="other", clock=clock).parse(b"[]", headers=headers)
    with pytest.raises(ReceiptRefused):
        WebhookReceipts(secret=SECRET, clock=clock).parse(b"[]", headers={})
