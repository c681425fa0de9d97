"""What every message sender promises, each against the simulator of its provider."""

import dataclasses
import http.client
import json
from datetime import timedelta

import pytest

from connectors.messaging.development import DevelopmentSender
from connectors.messaging.message import Channel, Message, Outcome
from demo.simulators.messaging import Mood
from idp.core.clock import Clock
from tests.contract.messaging.conftest import CODE, NUMBER, Pair, make_message


class Shifted(Clock):
    """Another machine's clock, off by so much."""

    def __init__(self, base: Clock, offset: timedelta) -> None:
        self._base = base
        self._offset = offset

    def now(self):
        return self._base.now() + self._offset


def test_a_message_is_accepted_once(pair: Pair, message: Message) -> None:
    """The provider takes the message, for this number, with the template's parameters and our id."""
    result = pair.sender().send(message)
    assert result.outcome is Outcome.ACCEPTED
    (taken,) = pair.simulator.ledger
    assert result.provider_message_id == taken.provider_id
    assert taken.caller_id == message.id
    assert taken.to.removeprefix("+86") == "13900000000"
    values = taken.parameters
    if pair.kind == "tencent":
        assert values == [CODE, "5"]
    else:
        assert (values["code"], values["minutes"]) == (CODE, "5")


def test_vendors_name_their_request(pair: Pair, message: Message) -> None:
    """The clouds' request ids are kept, for asking them about a message."""
    result = pair.sender().send(message)
    assert bool(result.request_id) == (pair.kind != "webhook")


def test_a_wrong_secret_is_a_rejection(pair: Pair, message: Message) -> None:
    """A signature that does not fit means that nothing was sent."""
    result = pair.sender(secret="another secret").send(message)
    assert (result.outcome, pair.simulator.ledger) == (Outcome.REJECTED, [])


@pytest.mark.parametrize("minutes", [-20, 20])
def test_a_wrong_clock_is_a_rejection(pair: Pair, message: Message, minutes: int) -> None:
    """A signature from another time is refused by the provider."""
    clock = Shifted(pair.clock, timedelta(minutes=minutes))
    result = pair.sender(clock=clock).send(message)
    assert (result.outcome, pair.simulator.ledger) == (Outcome.REJECTED, [])


def test_a_small_clock_error_is_forgiven(pair: Pair, message: Message) -> None:
    """A clock that is two minutes off still sends."""
    clock = Shifted(pair.clock, timedelta(minutes=2))
    assert pair.sender(clock=clock).send(message).outcome is Outcome.ACCEPTED


def test_a_server_error_is_unknown(pair: Pair, message: Message) -> None:
    """A 500 says nothing about the message."""
    pair.simulator.mood = Mood.ERROR
    result = pair.sender().send(message)
    assert (result.outcome, pair.simulator.ledger) == (Outcome.UNKNOWN, [])


@pytest.mark.parametrize("mood", [Mood.ERROR_AFTER_TAKING, Mood.DROP_AFTER_TAKING, Mood.GARBAGE_AFTER_TAKING])
def test_a_lost_answer_is_unknown(pair: Pair, message: Message, mood: Mood) -> None:
    """A provider that took the message but did not say so is not taken for one that refused it."""
    pair.simulator.mood = mood
    result = pair.sender().send(message)
    # The gateway's contract is the status alone, its body may be anything.
    is_plain = mood is Mood.GARBAGE_AFTER_TAKING and pair.kind == "webhook"
    assert result.outcome is (Outcome.ACCEPTED if is_plain else Outcome.UNKNOWN)
    assert len(pair.simulator.ledger) == 1


def test_a_hanging_provider_is_unknown_and_has_exactly_one(pair: Pair, message: Message) -> None:
    """After a timeout the message was handed over once and is not sent again by the sender."""
    pair.simulator.mood = Mood.HANG_AFTER_TAKING
    result = pair.sender(timeout=0.3).send(message)
    assert result.outcome is Outcome.UNKNOWN
    assert result.provider_code == "local.timeout"
    assert pair.simulator.wait_for_messages(1)
    assert len(pair.simulator.ledger) == 1


def test_a_refused_connection_is_a_rejection(pair: Pair, message: Message, unused_port: int) -> None:
    """Where nobody listens, certainly nothing was sent."""
    result = pair.sender(url=f"http://127.0.0.1:{unused_port}").send(message)
    assert (result.outcome, result.provider_code) == (Outcome.REJECTED, "local.unreachable")


def test_a_limit_is_a_rejection(pair: Pair) -> None:
    """A provider's limit per number means that nothing was sent, and its code is kept."""
    sender = pair.sender()
    results = [sender.send(make_message(f"message-{number}")) for number in range(6)]
    refused = results[-1]
    assert refused.outcome is Outcome.REJECTED
    assert refused.provider_code in (
        "LimitExceeded.PhoneNumberThirtySecondLimit",
        "isv.BUSINESS_LIMIT_CONTROL",
        "http.429",
    )
    pair.clock.move(minutes=2)
    assert sender.send(make_message("message-later")).outcome is Outcome.ACCEPTED


def test_nothing_personal_shows(pair: Pair, message: Message) -> None:
    """Number, parameters, text and secret are in no repr of message, sender or result."""
    sender = pair.sender()
    shown = f"{message!r} {sender!r} {vars(type(sender))!r} {sender.send(message)!r} {sender.send(message)!r}"
    for secret in (NUMBER, "13900000000", CODE, message.text, "s3cret"):
        assert secret not in shown


def test_any_text_can_be_sent(pair: Pair) -> None:
    """Signs, Chinese, control characters and lone surrogates in a parameter break nothing."""
    odd = "政务 +&=%~*/\"'\\ \n\x00\ud800🀄"
    sender = pair.sender()
    result = sender.send(make_message("m1", parameters={"code": odd, "minutes": ""}, text=odd))
    assert result.outcome is Outcome.ACCEPTED
    values = pair.simulator.ledger[0].parameters
    assert (values[0] if pair.kind == "tencent" else values["code"]) == odd


@pytest.mark.parametrize("pair", ["tencent", "aliyun"], indirect=True)
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"channel": Channel.EMAIL, "to": "someone@mail.example"}, "local.channel"),
        ({"to": "13900000000"}, "local.number"),
        ({"to": "+861390000000０"}, "local.number"),
        ({"to": "+8613900000000\n"}, "local.number"),
        ({"template": "unheard_of"}, "local.template"),
        ({"parameters": {"code": CODE}}, "local.parameter"),
    ],
)
def test_unfit_messages_are_not_tried(pair: Pair, changes: dict[str, object], code: str) -> None:
    """An SMS sender rejects what it cannot send, without a call."""
    result = pair.sender().send(make_message("m1", **changes))
    assert (result.outcome, result.provider_code) == (Outcome.REJECTED, code)
    assert pair.simulator.ledger == []


def test_a_number_abroad_keeps_its_country(pair: Pair) -> None:
    """A number of Hong Kong arrives with its country code."""
    assert pair.sender().send(make_message("m1", to="+85200000000")).outcome is Outcome.ACCEPTED
    assert pair.simulator.ledger[0].to.removeprefix("+") == "85200000000"


@pytest.mark.parametrize("pair", ["webhook"], indirect=True)
def test_a_gateway_takes_mail_too(pair: Pair) -> None:
    """A gateway gets every channel and the finished wording."""
    mail = make_message("m1", channel=Channel.EMAIL, to="someone@mail.example", template="unheard_of")
    assert pair.sender().send(mail).outcome is Outcome.ACCEPTED
    assert pair.simulator.ledger[0].to == "someone@mail.example"


@pytest.mark.parametrize("pair", ["webhook"], indirect=True)
def test_a_gateway_that_has_the_id_already_counts_as_accepted(pair: Pair, message: Message) -> None:
    """A 409 of the webhook means that an earlier attempt arrived; there is still one message."""
    pair.simulator.mood = Mood.DROP_AFTER_TAKING
    assert pair.sender().send(message).outcome is Outcome.UNKNOWN
    pair.simulator.mood = Mood.NORMAL
    result = pair.sender().send(message)
    assert (result.outcome, result.provider_code) == (Outcome.ACCEPTED, "http.409")
    (taken,) = pair.simulator.ledger
    assert result.provider_message_id == taken.provider_id


def test_the_simulator_obeys_control_calls(pair: Pair, message: Message) -> None:
    """Moods, ledger and reset work over HTTP, for the demo's operator."""

    def call(method: str, path: str, body: object = None) -> dict[str, object]:
        connection = http.client.HTTPConnection("127.0.0.1", int(pair.simulator.url.rpartition(":")[2]))
        connection.request(method, path, body=json.dumps(body))
        with connection.getresponse() as response:
            answer = json.loads(response.read())
        connection.close()
        return answer

    call("POST", "/control/mood", {"mood": "error"})
    assert pair.sender().send(message).outcome is Outcome.UNKNOWN
    call("POST", "/control/reset")
    assert pair.sender().send(message).outcome is Outcome.ACCEPTED
    assert len(call("GET", "/control/messages")["messages"]) == 1
    assert "error" in call("POST", "/control/mood", {"mood": "cheerful"})


def test_the_development_sender_only_records(message: Message) -> None:
    """In development the message is handed to the house and accepted under our own id."""
    kept: list[Message] = []
    result = DevelopmentSender(record=kept.append).send(message)
    assert (result.outcome, result.provider_message_id, kept) == (Outcome.ACCEPTED, message.id, [message])


def test_messages_cannot_be_changed(message: Message) -> None:
    """A message that is on its way is frozen."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        message.to = "+8613900000001"
