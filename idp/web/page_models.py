"""What the pages show: frozen rows that the views hand to the templates, already masked."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PersonShown:
    """The person who is logged in, as the header names them (masked)."""

    name: str


@dataclass(frozen=True, slots=True)
class ConsentItem:
    """One thing that a client asks for; sensitive ones are agreed to one by one (PIPL art. 29).

    `purposes` are those that the client was approved for, in the administration's words.
    """

    key: str
    scope: str
    sensitive: bool
    new: bool = True
    purposes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Overview:
    """The first page of the account centre."""

    masked_number: str
    number_verified: bool
    masked_name: str
    masked_mobile: str
    level: int
    level_until: datetime | None
    can_prove: bool = False
    can_visit: bool = False
    #: Whether the person is known by a network identity, and no number is theirs yet.
    by_network_identity: bool = False
    roles: "tuple[RoleRow, ...]" = ()


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role that the person holds, to be looked at."""

    role: str
    department: str
    since: datetime


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """One thing that happened in the account."""

    kind: str
    at: datetime
    channel: str
    client_name: str | None
    place: str | None
    succeeded: bool
    purpose: str | None = None
    by_guardian: bool = False


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One place where the person is logged in."""

    handle: str
    is_current: bool
    channel: str
    device: str
    place: str | None
    started_at: datetime
    last_seen_at: datetime
    applications: tuple[str, ...]
    is_staff: bool = False


@dataclass(frozen=True, slots=True)
class IdentityItem:
    """Identity data that a client may have: since when, and what for."""

    scope: str
    since: datetime
    purposes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """One client that the person consented to; identity data stands apart from the other scopes.

    `identity_given_at` is when identity data was last given.
    """

    handle: str
    name: str
    owner: str | None
    site: str | None
    scopes: tuple[str, ...]
    granted_at: datetime
    last_used_at: datetime | None
    identity: tuple[IdentityItem, ...] = ()
    identity_given_at: datetime | None = None
    #: The child (masked) whose data it is, where the person agreed as a guardian.
    child: str | None = None
    by_guardian: bool = False


@dataclass(frozen=True, slots=True)
class ChildRow:
    """A child for whom the person acts; `account_until` only where they have no account of their own yet."""

    handle: str
    name: str
    number: str
    account_until: datetime | None
    guardian_until: datetime
    since: datetime


@dataclass(frozen=True, slots=True)
class SecurityState:
    """What protects the account."""

    password_changed_at: datetime | None
    totp_enabled: bool
    recovery_codes_left: int
    holds_staff_role: bool = False


@dataclass(frozen=True, slots=True)
class ToldClient:
    """A client that was told of a logout, or could not be reached yet."""

    name: str
    told: bool


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A message that would have been sent (development only)."""

    at: datetime
    medium: str
    destination: str
    template: str
    text: str


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """A refusal in words: what happened, whom it concerns, what to do next."""

    status: int
    title: str
    happened: str
    concerns: str
    next_step: str
    retry_at: datetime | None = None
    home_link: bool = True
