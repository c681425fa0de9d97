"""The sender of development machines: nothing leaves the house."""

from collections.abc import Callable

from connectors.messaging.message import Message, Outcome, SendResult


class DevelopmentSender:
    """Accepts every message and hands it to `record`, which keeps it for the page that shows it."""

    def __init__(self, *, record: Callable[[Message], None]) -> None:
        self._record = record

    def send(self, message: Message) -> SendResult:
        """Record `message`; what `record` raises passes through."""
        self._record(message)
        return SendResult(Outcome.ACCEPTED, provider_code="development", provider_message_id=message.id)
