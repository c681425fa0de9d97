"""What one portal needs to know about itself, its provider and its neighbour."""

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit


class PortalKind(StrEnum):
    """Which of the two looks a portal wears."""

    SERVICE = "service"
    APPOINTMENTS = "appointments"


@dataclass(frozen=True, slots=True)
class PortalSettings:
    """The registration of one portal; URLs are origins without a trailing slash."""

    kind: PortalKind
    client_id: str
    client_secret: str = field(repr=False)
    issuer: str
    base_url: str
    other_url: str
    scope: str = "openid profile phone"
    signing_algorithm: str = "ES256"
    idle_seconds: int = 30 * 60
    lifetime_seconds: int = 8 * 3600

    @property
    def cookie_name(self) -> str:
        """Return a name of this portal's own: cookies ignore ports (RFC 6265 §8.5)."""
        return f"{self.client_id}-session"

    @property
    def host(self) -> str:
        """Return host and port under which browsers must come, so that the cookie comes along."""
        return urlsplit(self.base_url).netloc

    @property
    def issuer_origin(self) -> str:
        """Return the provider's origin, as a content security policy names it."""
        parts = urlsplit(self.issuer)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def is_https(self) -> bool:
        """Return whether cookies may be marked Secure."""
        return self.base_url.startswith("https://")
