"""What every verification service is to the rest of the house."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

from realname.documents.application_id import ApplicationId
from realname.documents.document_number import DocumentType
from realname.providers.answer import Answer
from realname.providers.question import Check, Question


class Verifier(Protocol):
    """A source that says whether number, name and mobile belong to one person."""

    @property
    def name(self) -> str:
        """What evidence and configuration call the service: `register`, `tencent`, `aliyun`."""

    @property
    def checks(self) -> frozenset[Check]:
        """What it can be asked."""

    @property
    def documents(self) -> frozenset[DocumentType]:
        """The kinds of documents that it knows; it is not asked about others."""

    def verify(self, question: Question) -> Answer:
        """Ask once and return what came of it; never raises, whatever the service does."""


class CardVerifier(Protocol):
    """A source that says whether a card is the one by which the authority knows its holder now."""

    @property
    def name(self) -> str:
        """What evidence and configuration call the service."""

    @property
    def documents(self) -> frozenset[DocumentType]:
        """The kinds of documents that it knows; it is not asked about others."""

    def verify_card(self, question: Question, *, valid_from: date, valid_until: date | None) -> Answer:
        """Ask once whether number, name and the dates on the card belong together; no end means 长期. Never raises.

        A card that was replaced by another one is a mismatch.
        """


@dataclass(frozen=True, slots=True)
class Start:
    """What was begun on a service's own pages: where the browser goes, and how the result is asked for.

    `token` is the service's own handle, a secret; it is good for `life_seconds`.
    """

    token: str = field(repr=False)
    url: str = field(repr=False)
    life_seconds: int = 1800


@dataclass(frozen=True, slots=True)
class FaceResult:
    """What the service says of a comparison, fetched by us: the answer, and for whom it was made.

    `number` and `name` are as the service gives them, None where it names nobody: whoever counts the answer
    compares them with what was asked.
    """

    answer: Answer
    number: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)


class FaceVerifier(Protocol):
    """A service that compares a living face with the police photograph, on pages of its own."""

    @property
    def name(self) -> str:
        """What evidence and configuration call the service."""

    @property
    def documents(self) -> frozenset[DocumentType]:
        """The kinds of documents that it knows."""

    def begin(self, question: Question, *, order: str, return_url: str, device: str = "") -> Start | Answer:
        """Begin a comparison for number and name; `order` is ours, unique and random, at most 32 characters.

        `device` is what the service's own script says of the person's browser, where it has such a script.
        Returns an answer where the service refuses; never raises.
        """

    def takes_device(self, device: str) -> bool:
        """Tell whether a comparison can begin with what was said of the person's browser."""

    def fetch(self, token: str) -> FaceResult:
        """Ask for the result; an unfinished one is `unavailable` with the code `local.unfinished`. Never raises."""


class Mode(StrEnum):
    """What the national service asks of the person; the credential (网证) is shown in each.

    Only these count: the bare credential proves that somebody has the telephone in their hand, which is less than
    the face that it stands beside at level 3.
    """

    PASSWORD = "password"  # noqa: S105 - 网证+口令
    FACE = "face"  # 网证+人脸
    PASSWORD_AND_FACE = "password_and_face"  # noqa: S105 - 网证+口令+人脸


@dataclass(frozen=True, slots=True)
class NetworkIdentityResult:
    """What the national service says of whom came to it, fetched by us.

    `application_id` names the person to us alone. `number` and `name` are there only where both were asked for and
    the person let the service tell them; they come as they were given, for whoever counts them to parse.
    """

    answer: Answer
    application_id: ApplicationId | None = field(default=None, repr=False)
    number: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)


class NetworkIdentityVerifier(Protocol):
    """A way to the national network identity service, whose pages ask who the person is."""

    @property
    def name(self) -> str:
        """What evidence and configuration call the way."""

    def begin(self, *, order: str, return_url: str, with_number: bool) -> Start | Answer:
        """Begin; `order` is ours, unique and random. Returns an answer where the service refuses; never raises."""

    def fetch(self, token: str, *, order: str, with_number: bool) -> NetworkIdentityResult:
        """Ask for the result; an unfinished one is `unavailable` with the code `local.unfinished`.

        One for another order than `order` is `risk`. Never raises.
        """
