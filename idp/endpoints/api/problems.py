"""What the API refuses with (RFC 9457): a type, a status, a title of ours; never what was sent."""

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any

from idp.core.errors import IdpError
from idp.core.oauth_errors import OAuthError

_PREFIX = "urn:yihao:problem:"


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    status: int
    title: str


class ProblemKind(Enum):
    """The problems that are the API's own; those of tokens have the names of OAuth."""

    BAD_REQUEST = _Kind("bad-request", 400, "The request is malformed.")
    NOT_FOUND = _Kind("not-found", 404, "There is nothing at this address, or nobody by this sub.")
    ACCOUNT_KNOWN = _Kind("account-known", 409, "The system had this account before; its holder has to claim it.")
    KEY_TAKEN = _Kind("key-taken", 409, "Another device has, or had, this key.")
    NOT_WANTED = _Kind("not-wanted", 409, "Nothing is asked of this device now, or it was answered already.")
    OTHER_QUESTION = _Kind("other-question", 409, "The nonce is not the one of the present question.")
    METHOD = _Kind("method-not-allowed", 405, "The method is not allowed here.")
    TOO_LARGE = _Kind("too-large", 413, "The request body is too long.")
    MEDIA_TYPE = _Kind("unsupported-media-type", 415, "The content type must be application/json.")
    MEMBERS = _Kind("unfit-members", 422, "Members of the request are missing, unknown or unfit.")
    DEVICE_PROOF = _Kind("bad-proof", 422, "The proof is not one by this key, for this code, here and now.")
    INVITATION = _Kind("unknown-invitation", 422, "No invitation has this code; it was used, or is over a day old.")
    READING_SIGNATURE = _Kind("bad-signature", 422, "The reading is not a JWS of its type by this device's key.")
    READING_CLAIMS = _Kind(
        "unfit-reading", 422, "The reading is for somebody else, too old, or lacks what it must have."
    )
    KEY_REUSED = _Kind("idempotency-key-reused", 422, "The Idempotency-Key was used with another request.")
    QUOTA = _Kind("quota-exceeded", 429, "The quota is used up. Try again after the time in Retry-After.")


class Unfit(StrEnum):
    """Why a member is not taken."""

    MISSING = "missing"
    UNKNOWN = "unknown"
    INVALID = "invalid"
    TOO_YOUNG = "too_young"


@dataclass(frozen=True, slots=True)
class MemberProblem:
    """One member that is not taken; `member` is a name of ours, or empty for one that we do not know."""

    member: str
    reason: Unfit


class ApiProblem(IdpError):
    """A request that the API does not carry out; whatever was written before is undone."""

    def __init__(
        self, kind: ProblemKind, *members: MemberProblem, detail: str = "", retry_after_seconds: int | None = None
    ) -> None:
        super().__init__(kind.value.name)
        self.kind = kind
        self.members = members
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds

    @property
    def status(self) -> int:
        """The status of the answer."""
        return self.kind.value.status

    @property
    def name(self) -> str:
        """The last part of the type, for counters and logs."""
        return self.kind.value.name

    def as_json(self) -> dict[str, Any]:
        """Return the problem document."""
        kind = self.kind.value
        document: dict[str, Any] = {"type": _PREFIX + kind.name, "title": kind.title, "status": kind.status}
        if self.detail:
            document["detail"] = self.detail
        if self.members:
            document["errors"] = [{"member": each.member, "reason": each.reason.value} for each in self.members]
        return document


def oauth_problem(error: OAuthError) -> dict[str, Any]:
    """Return the problem document of an error that OAuth has a name for."""
    name = error.error.replace("_", "-")
    return {"type": _PREFIX + name, "title": error.description or error.default_description, "status": error.status}
