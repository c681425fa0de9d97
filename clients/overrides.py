"""What the platform decides about a client beside the metadata that the client brings."""

from dataclasses import dataclass

from clients.client import AuthMethod
from clients.models import ClientRow
from idp.core.oauth_errors import InvalidClientMetadata

#: `issuer`: the issuer as the sole audience of assertions (RFC 10070 §3). `legacy`: also the token
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


NO_OVERRIDES = Overrides()


def check_overrides(overrides: Overrides, *, method: AuthMethod, require_pkce: bool) -> None:
    """Raise InvalidClientMetadata where the rules would not hold together."""
    if overrides.assertion_audience not in (None, *ASSERTION_AUDIENCES):
        raise InvalidClientMetadata("assertion_audience must be issuer or legacy.")
    # RFC 9700 §2.1.1: public clients must use PKCE.
    if method is AuthMethod.NONE and not require_pkce:
        raise InvalidClientMetadata("A public client must use PKCE.")


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
