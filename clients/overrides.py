"""What the platform decides about a client beside the metadata that the client brings."""

from dataclasses import dataclass

from clients.client import AuthMethod
from clients.models import ClientRow
from idp.core.oauth_errors import InvalidClientMetadata

#: `issuer`: the issuer as the sole audience of assertions (RFC 10070). `legacy`: also the token
#: endpoint or the endpoint called, as OpenID Connect Core §9 once let clients do.
ASSERTION_AUDIENCES = ("issuer", "legacy")


@dataclass(frozen=True, slots=True)
class Overrides:
    """Our rules for one client; None leaves what is there, or the default for a new client."""

    require_pkce: bool | None = None
    require_consent: bool | None = None
    assertion_audience: str | None = None
    allowed_resources: tuple[str, ...] | None = None
    department_id: str | None = None
    for_staff: bool | None = None
    acting_for: bool | None = None


NO_OVERRIDES = Overrides()


def check_overrides(overrides: Overrides, *, method: AuthMethod, require_pkce: bool) -> None:
    """Raise InvalidClientMetadata where the rules would not hold together."""
    if overrides.assertion_audience not in (None, *ASSERTION_AUDIENCES):
        raise InvalidClientMetadata("assertion_audience must be issuer or legacy.")
    # RFC 9700 §2.1.1: public clients must use PKCE.
    if method is AuthMethod.NONE and not require_pkce:
        raise InvalidClientMetadata("A public client must use PKCE.")


def check_for_staff(for_staff: bool, scope: str) -> None:
    """Raise InvalidClientMetadata where a client for staff would hold tokens beyond the login of staff."""
    # OpenID Connect Core §11: offline_access is what outlives the session, whose limits are the point here.
    if for_staff and "offline_access" in scope.split():
        raise InvalidClientMetadata("A client for staff cannot have offline_access.")


def check_acting_for(acting_for: bool, *, for_staff: bool) -> None:
    """Raise InvalidClientMetadata where staff could act for others: whom they serve is no one's child there."""
    if acting_for and for_staff:
        raise InvalidClientMetadata("Staff act for nobody. A client for staff cannot have acting_for.")


def check_unchanged(row: ClientRow, overrides: Overrides) -> None:
    """Raise InvalidClientMetadata where a client would change sides between citizens and staff.

    Sessions, tokens and consents of its people are all of one side; another side is another client.
    """
    if overrides.for_staff not in (None, row.for_staff):
        raise InvalidClientMetadata("for_staff is fixed when a client is made. Register another client.")


def apply_overrides(row: ClientRow, overrides: Overrides) -> None:
    """Write the rules that are set into the row."""
    if overrides.require_pkce is not None:
        row.require_pkce = overrides.require_pkce
    if overrides.require_consent is not None:
        row.require_consent = overrides.require_consent
    if overrides.assertion_audience is not None:
        row.assertion_audience = overrides.assertion_audience
    if overrides.allowed_resources is not None:
        row.allowed_resources = list(dict.fromkeys(overrides.allowed_resources))
    if overrides.department_id is not None:
        row.department_id = overrides.department_id
    if overrides.for_staff is not None:
        row.for_staff = overrides.for_staff
    if overrides.acting_for is not None:
        row.acting_for = overrides.acting_for
