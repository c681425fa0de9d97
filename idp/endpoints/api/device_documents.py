"""What enrolled devices send and are answered."""

from typing import Any

from pydantic import Field

from connectors.devices.statement import MAX_STATEMENT_LENGTH
from idp.endpoints.api.documents import AnswerDocument, RequestDocument


class DeviceEnrolment(RequestDocument):
    """A device that was invited, and its key."""

    code: str = Field(
        min_length=1,
        max_length=64,
        description="The one-time code, with or without its dashes.",
        examples=["7QHM-2KXR-9DWT-F4AP-3VYJ-C8NE"],
    )
    public_jwk: dict[str, Any] = Field(description="The public key, EC P-256, without any private member (RFC 7517).")
    proof: str = Field(
        min_length=1,
        max_length=MAX_STATEMENT_LENGTH,
        description=(
            "A compact JWS by that key (ES256, typ device-enrolment+jwt) over aud, the issuer; iat, now; and the code."
        ),
    )


class EnrolledDevice(AnswerDocument):
    """The device as it is known from now on."""

    device_id: str = Field(description="The iss of its tokens.")
    thumbprint: str = Field(description="The name of its key (RFC 7638), to compare on both screens.")
    office: str
    label: str


class WantedCard(AnswerDocument):
    """A card is to be read."""

    reading: str = Field(description="Names the question; the same while it is the same.")
    nonce: str = Field(description="Goes into what the device signs.")
    seconds: int = Field(description="For how long the question stands.")


class CardAnswer(RequestDocument):
    """What a device read."""

    reading: str = Field(
        min_length=1,
        max_length=MAX_STATEMENT_LENGTH,
        description=(
            "A compact JWS by the device's key (ES256, typ card-reading+jwt) over aud, the issuer; iat, now; nonce; "
            "card, base64url of the 256 bytes of text; photo, base64url of the SHA-256 of the photo block; chip, the "
            "serial of the chip in hex; sam, the id of the reader's security module."
        ),
    )
