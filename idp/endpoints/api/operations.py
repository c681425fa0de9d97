"""What the API can be asked, in one list: the routes and the OpenAPI document are both made from it."""

from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel

from clients.own_api import LEVEL, MAPPING, PATH, REGISTER, SIGN_UP, VERIFY
from idp.endpoints.api.device_documents import (
    CardAnswer,
    DeviceEnrolment,
    EnrolledDevice,
    WantedCard,
)
from idp.endpoints.api.documents import (
    Level,
    LevelRequest,
    PersonAccepted,
    PersonRequest,
    Verification,
    VerificationRequest,
)
from idp.endpoints.api.mapping_documents import (
    AccountsAnswer,
    AccountsRequest,
    ChangesAnswer,
    ChangesRequest,
    SignUpAnswer,
    SignUpRequest,
    SubjectsAnswer,
    SubjectsRequest,
)


class Access(StrEnum):
    """What a caller shows."""

    SYSTEM = "clientCredentials"  # an access token of an approved system, with a scope
    DEVICE = "deviceToken"  # a token that an enrolled device made itself
    INVITATION = ""  # nothing beside the body, which proves enough


@dataclass(frozen=True, slots=True)
class Operation:
    """One question that can be put, by POST."""

    name: str
    path: str
    summary: str
    description: str
    takes: type[BaseModel] | None = None
    gives: type[BaseModel] | None = None
    access: Access = Access.SYSTEM
    scope: str = ""
    status: int = 200
    nothing: str = ""  # what an answer without a body says
    is_idempotent: bool = False
    refusals: tuple[tuple[int, str], ...] = ()


PREPARE = Operation(
    name="preparePerson",
    path=f"{PATH}/persons",
    scope=REGISTER,
    summary="Ask for an account for somebody",
    description=(
        "Prepares an account at identity level 1 without any credential. The person is told by a message to the "
        "mobile, and activates it by opening an account with this mobile and this number. Where the mobile has an "
        "account nothing is changed. The answer is the same in all cases, and never says whether there was one."
    ),
    takes=PersonRequest,
    gives=PersonAccepted,
    status=202,
    is_idempotent=True,
    refusals=((422, "Members are missing, unknown or unfit, or the Idempotency-Key was used with another request."),),
)
VERIFICATION = Operation(
    name="verifyPerson",
    path=f"{PATH}/verifications",
    scope=VERIFY,
    summary="Ask whether number, name and mobile belong to one person",
    description=(
        "Asks the authoritative source. Purpose, time and this system are kept, and shown to the person where the "
        "number is verified here; number and name are not kept."
    ),
    takes=VerificationRequest,
    gives=Verification,
)
READ_LEVEL = Operation(
    name="readLevel",
    path=f"{PATH}/levels",
    scope=LEVEL,
    summary="Ask for the present level of a person",
    description="Answers about people who have a consent to this client that stands, or a login at it that lives.",
    takes=LevelRequest,
    gives=Level,
    refusals=((404, "Nobody whom this client may be told of is known to it by this sub."),),
)
ENROL = Operation(
    name="enrolDevice",
    path=f"{PATH}/devices",
    access=Access.INVITATION,
    summary="Enrol a device",
    description=(
        "Takes the one-time code that administration gave, the device's public key, and a proof that the device holds "
        "the private one. The code is used up by it. Where the answer was lost, ask for another code and make another "
        "key: a key is enrolled once."
    ),
    takes=DeviceEnrolment,
    gives=EnrolledDevice,
    status=201,
    refusals=(
        (409, "Another device has, or had, this key."),
        (422, "Members are unfit, the proof does not hold, or no invitation has this code."),
    ),
)
WANTED = Operation(
    name="wantedReading",
    path=f"{PATH}/devices/wanted",
    access=Access.DEVICE,
    summary="Ask whether a card is to be read",
    description="Asked by a card reader about each second, without a body.",
    gives=WantedCard,
    nothing="Nothing is asked of this device now.",
)
READING = Operation(
    name="answerReading",
    path=f"{PATH}/devices/readings",
    access=Access.DEVICE,
    summary="Hand over the card that was read",
    description=(
        "Takes what the device signed over the card's data and the nonce. What the card says, or why it is not taken, "
        "is shown to the clerk and not to the device: also a card that has expired is an answer."
    ),
    takes=CardAnswer,
    nothing="Taken.",
    refusals=(
        (409, "Nothing is asked of this device now, or it was another question."),
        (422, "Members are unfit, or the reading is not what this device signs for us now."),
    ),
)
MAPPED_SUBJECTS = Operation(
    name="mapSubjects",
    path=f"{PATH}/mapping/subjects",
    scope=MAPPING,
    summary="Ask which accounts of an older system people have",
    description=(
        "For up to a thousand people at once, by the sub that this client knows. A sub that was replaced when two "
        "persons turned out to be one is answered for ever, with the one to use."
    ),
    takes=SubjectsRequest,
    gives=SubjectsAnswer,
)
MAPPED_ACCOUNTS = Operation(
    name="mapAccounts",
    path=f"{PATH}/mapping/accounts",
    scope=MAPPING,
    summary="Ask whose accounts of an older system are",
    description="For up to a thousand accounts at once, by their own references. What is nobody's is left out.",
    takes=AccountsRequest,
    gives=AccountsAnswer,
)
MAPPING_CHANGES = Operation(
    name="mappingChanges",
    path=f"{PATH}/mapping/changes",
    scope=MAPPING,
    summary="Ask what changed about the accounts of an older system",
    description=(
        "Gives every change once and in an order that never changes. A change is told once the journal is sealed over "
        "it, which takes about a minute."
    ),
    takes=ChangesRequest,
    gives=ChangesAnswer,
)
SIGNED_UP = Operation(
    name="linkSignUp",
    path=f"{PATH}/mapping/sign-ups",
    scope=SIGN_UP,
    summary="Link an account that an older system has just opened",
    description=(
        "Tell of the account while the person is logged in by this provider. Logged in at level 3 within ten minutes, "
        "it is theirs at once. The same request again has the same answer."
    ),
    takes=SignUpRequest,
    gives=SignUpAnswer,
    refusals=(
        (409, "The system had this account before; its holder has to claim it."),
        (422, "Members are missing, unknown or unfit, or the ID token is not one of this client's logins."),
    ),
)
OPERATIONS = (
    PREPARE,
    VERIFICATION,
    READ_LEVEL,
    MAPPED_SUBJECTS,
    MAPPED_ACCOUNTS,
    MAPPING_CHANGES,
    SIGNED_UP,
    ENROL,
    WANTED,
    READING,
)
