"""Handing an outbox message to the sender, once per attempt."""

from collections.abc import Callable, Mapping

from connectors.messaging.message import Channel, Message, MessageSender, Outcome
from idp.outbox.queue import Claimed
from idp.outbox.worker import Attempt, Ending

#: Words a template in a locale.
Renderer = Callable[[str, Mapping[str, str], str], str]

_CHANNELS = {"sms": Channel.SMS, "mail": Channel.EMAIL}
_ENDINGS = {
    Outcome.ACCEPTED: Ending.DELIVERED,
    Outcome.REJECTED: Ending.FAILED,
    Outcome.UNKNOWN: Ending.UNKNOWN,
}


class MessageDelivery:
    """Handles deliveries of kind `message`."""

    def __init__(self, *, sender: MessageSender, render: Renderer) -> None:
        self._sender = sender
        self._render = render

    def __call__(self, delivery: Claimed) -> Attempt:
        """Word the message and try once; the queue decides whether there is another time."""
        payload = delivery.payload
        message = Message(
            id=delivery.id,
            channel=_CHANNELS[payload["medium"]],
            to=payload["to"],
            template=payload["template"],
            parameters=payload["parameters"],
            text=self._render(payload["template"], payload["parameters"], payload["locale"]),
            locale=payload["locale"],
        )
        result = self._sender.send(message)
        return Attempt(_ENDINGS[result.outcome], result.provider_code)
