"""The documents of the API, in and out: what OpenAPI says of them is made from these classes."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Number = Annotated[
    str,
    Field(
        min_length=1,
        max_length=100,
        description="The number of the person's identity document, as it stands there.",
        examples=["11010519491231002X"],
    ),
]
Name = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        description="The person's full name, as it stands on the document.",
        examples=["张三"],
    ),
]
Mobile = Annotated[
    str,
    Field(
        min_length=1,
        max_length=32,
        description="A mainland mobile number: E.164, or its eleven digits.",
        examples=["+8613800138001"],
    ),
]
Purpose = Annotated[
    str,
    Field(
        min_length=2,
        max_length=100,
        description=(
            "What it is asked for, in words that the person reads in their account. It names a matter, not a person: "
            "no more than four digits in a row, whatever stands between them."
        ),
        examples=["社会保险登记"],
    ),
]


class RequestDocument(BaseModel):
    """What a system sends: exactly these members, exactly these types."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    def __repr__(self) -> str:
        """Say which document it is, and nothing that stands in it."""
        return f"{type(self).__name__}(…)"

    __str__ = __repr__


class AnswerDocument(BaseModel):
    """What is answered."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PersonRequest(RequestDocument):
    """Somebody whom an account is to be prepared for."""

    number: Number
    name: Name
    mobile: Mobile
    purpose: Purpose


class PersonAccepted(AnswerDocument):
    """The request was taken; whether the person had an account is told to their phone alone."""

    request_id: str = Field(description="Names this request towards operators; says nothing about the person.")


class VerificationRequest(RequestDocument):
    """A question whether these belong to one person."""

    number: Number
    name: Name
    mobile: Mobile | None = None
    purpose: Purpose


class VerificationResult(StrEnum):
    """What the authoritative source says."""

    MATCH = "match"
    NO_MATCH = "no_match"
    NO_RECORD = "no_record"
    LIMITED = "limited"
    UNAVAILABLE = "unavailable"
    BAD_INPUT = "bad_input"


class Verification(AnswerDocument):
    """The answer to a verification, and no more about the person than this word."""

    result: VerificationResult = Field(
        description=(
            "match and no_match: the source knows the number. no_record: it does not. limited: this number, or the "
            "source, was asked too often today. unavailable: there was no answer, ask again later. bad_input: no "
            "document has such a number, or nobody such a name or mobile."
        )
    )
    request_id: str = Field(description="Names this request towards operators.")


class LevelRequest(RequestDocument):
    """A question for the present level of a person whom this system knows."""

    sub: str = Field(min_length=1, max_length=255, description="The `sub` by which this client knows the person.")


class Level(AnswerDocument):
    """The level of a person at this instant."""

    sub: str
    ial: int = Field(ge=1, le=4, description="The identity level, from what proves it at this instant.")
    acr: str | None = Field(
        description="The level of the newest login of the person at this client that still stands, null without one.",
        examples=["urn:yihao:level:2"],
    )


class UnfitMember(AnswerDocument):
    """One member that was not taken."""

    member: str = Field(description="Its name; empty for one that the API does not know.")
    reason: str = Field(examples=["missing", "unknown", "invalid", "too_young"])


class Problem(BaseModel):
    """Why a request was not carried out (RFC 9457)."""

    type: str = Field(description="A URN that names the problem; go by this one.")
    title: str
    status: int = Field(ge=400, le=599)
    detail: str | None = None
    errors: list[UnfitMember] | None = None
