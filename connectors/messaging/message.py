"""A message to a person, and what became of handing it over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Channel(StrEnum):
    """The way a message takes."""

    SMS = "sms"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Message:
    """One message, fully worded; `to` is an E.164 number or a mail address.

    `id` is ours, stays the same over every attempt and lets a provider or a receipt be matched.
    `template` is our key ("registration_code"), `parameters` its values for providers who keep the
    wording themselves, `text` the wording for all others.
    """

    id: str
    channel: Channel
    to: str = field(repr=False)
    template: str
    parameters: Mapping[str, str] = field(repr=False)
    text: str = field(repr=False)
    locale: str


class Outcome(StrEnum):
    """Whether the provider has the message.

    UNKNOWN: it may have it (an answer lost, a server error). A one-time code is then never sent
    again, or the person would hold two. REJECTED: it certainly has not.
    """

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SendResult:
    """The outcome with the provider's code and ids, safe to log; a code of our own starts with "local."."""

    outcome: Outcome
    provider_code: str = ""
    provider_message_id: str = ""
    request_id: str = ""


class MessageSender(Protocol):
    """Somebody who takes messages."""

    def send(self, message: Message) -> SendResult:
        """Try once to hand `message` over; every failure is a result, none an exception."""
        ...
