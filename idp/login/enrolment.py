"""What a person's app needs until its first code is right, wherever it is set up."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The secret in base32 and as an `otpauth` address, for the page."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)
