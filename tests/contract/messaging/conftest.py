"""Every real sender with the simulator of its provider, on one frozen clock."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.messaging.aliyun_sms import AliyunSmsSender
from connectors.messaging.message import Channel, Message, MessageSender
from connectors.messaging.tencent_sms import TencentSmsSender
from connectors.messaging.vendor_template import VendorTemplate
from connectors.messaging.webhook import WebhookSender
from demo.simulators.aliyun_sms import AliyunSms
from demo.simulators.exchange import Provider
from demo.simulators.message_webhook import MessageWebhook
from demo.simulators.messaging import MessagingSimulator
from demo.simulators.tencent_sms import TencentSms
from idp.core.clock import Clock
from idp.outbound.fetcher import Fetcher, OutboundPolicy

SECRET = "s3cret-of-the-contract-tests"
SIGN_NAME = "一号通 政务"
NUMBER = "+8613900000000"
CODE = "246810"


class MovableClock(Clock):
    """Stands still until it is moved."""

    def __init__(self) -> None:
        # In China it is already the next day: signatures must count in UTC.
        self.instant = datetime(2026, 2, 28, 20, 30, 5, tzinfo=UTC)

    def now(self) -> datetime:
        return self.instant

    def move(self, **duration: float) -> None:
        self.instant += timedelta(**duration)


def make_fetcher(*, total_timeout_seconds: float = 5) -> Fetcher:
    policy = OutboundPolicy(allow_loopback=True, allow_http=True, total_timeout_seconds=total_timeout_seconds)
    return Fetcher(policy=policy)


def tencent_provider() -> Provider:
    return TencentSms(
        secret_id="AKIDcontract",
        secret_key=SECRET,
        sdk_app_id="1400000000",
        sign_name=SIGN_NAME,
        templates={"1110": 2},
    )


def tencent_sender(url: str, *, secret: str, clock: Clock, fetcher: Fetcher) -> MessageSender:
    return TencentSmsSender(
        secret_id="AKIDcontract",
        secret_key=secret,
        sdk_app_id="1400000000",
        sign_name=SIGN_NAME,
        templates={"registration_code": VendorTemplate("1110", ("code", "minutes"))},
        fetcher=fetcher,
        clock=clock,
        endpoint=url,
    )


def aliyun_provider() -> Provider:
    return AliyunSms(
        access_key_id="LTAIcontract",
        access_key_secret=SECRET,
        sign_name=SIGN_NAME,
        templates={"SMS_1110": frozenset({"code", "minutes"})},
    )


def aliyun_sender(url: str, *, secret: str, clock: Clock, fetcher: Fetcher) -> MessageSender:
    return AliyunSmsSender(
        access_key_id="LTAIcontract",
        access_key_secret=secret,
        sign_name=SIGN_NAME,
        templates={"registration_code": VendorTemplate("SMS_1110", ("code", "minutes"))},
        fetcher=fetcher,
        clock=clock,
        endpoint=url,
    )


def webhook_provider() -> Provider:
    return MessageWebhook(secret=SECRET)


def webhook_sender(url: str, *, secret: str, clock: Clock, fetcher: Fetcher) -> MessageSender:
    return WebhookSender(url=f"{url}/messages", secret=secret, fetcher=fetcher, clock=clock)


KINDS: dict[str, tuple[Callable[[], Provider], Callable[..., MessageSender]]] = {
    "tencent": (tencent_provider, tencent_sender),
    "aliyun": (aliyun_provider, aliyun_sender),
    "webhook": (webhook_provider, webhook_sender),
}


@dataclass
class Pair:
    """A simulator and what makes senders for it."""

    kind: str
    simulator: MessagingSimulator
    clock: MovableClock

    def sender(
        self, *, secret: str = SECRET, clock: Clock | None = None, timeout: float = 5, url: str = ""
    ) -> MessageSender:
        return KINDS[self.kind][1](
            url or self.simulator.url,
            secret=secret,
            clock=clock or self.clock,
            fetcher=make_fetcher(total_timeout_seconds=timeout),
        )


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture(params=sorted(KINDS))
def pair(request: pytest.FixtureRequest, clock: MovableClock) -> Iterator[Pair]:
    provider = KINDS[request.param][0]()
    simulator = MessagingSimulator(provider, now=lambda: clock.now().timestamp())
    simulator.start()
    yield Pair(request.param, simulator, clock)
    simulator.stop()


@pytest.fixture
def message() -> Message:
    return make_message("message-0000000000001")


def make_message(message_id: str, **changes: object) -> Message:
    message = Message(
        id=message_id,
        channel=Channel.SMS,
        to=NUMBER,
        template="registration_code",
        parameters={"minutes": "5", "code": CODE, "unused": "x"},
        text=f"验证码 {CODE}，5 分钟内有效。",
        locale="zh-CN",
    )
    return replace(message, **changes)


@pytest.fixture
def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
