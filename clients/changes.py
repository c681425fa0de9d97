"""What a change of a client gives back, and why one is refused."""

from dataclasses import dataclass, field
from enum import StrEnum

from clients.client import Client
from idp.core.errors import IdpError


class ClientSource(StrEnum):
    """Which way a client came in; kept in its row."""

    CONSOLE = "console"
    DYNAMIC = "dynamic"
    SEED = "seed"


class ChangeRefusal(StrEnum):
    """Why a client could not be changed."""

    UNKNOWN_CLIENT = "unknown_client"
    UNKNOWN_SECRET = "unknown_secret"  # noqa: S105
    VERSION_CONFLICT = "version_conflict"
    METHOD_WITHOUT_SECRET = "method_without_secret"  # noqa: S105


class ClientChangeRefused(IdpError):
    """A change asked for something that is not there, or that somebody else changed meanwhile."""

    def __init__(self, reason: ChangeRefusal) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class CreatedClient:
    """A client, and the secret that is shown this one time where one was drawn or brought along."""

    client: Client
    client_secret: str | None = field(repr=False, default=None)
