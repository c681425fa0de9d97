"""A login request as the interaction loop sees it: from a client, or from our own account centre."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A validated authorization request (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1)."""

    client_id: str
    redirect_uri: str
    redirect_uri_sent: bool
    scope: tuple[str, ...]
    response_mode: str = "query"
    state: str | None = None
    nonce: str | None = None
    code_challenge: str | None = None
    prompt: tuple[str, ...] = ()
    max_age: int | None = None
    login_hint: str | None = None
    hint_sub: str | None = None
    ui_locales: tuple[str, ...] = ()
    acr_values: tuple[str, ...] = ()
    essential_acr: tuple[str, ...] | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    resources: tuple[str, ...] = ()

    def as_document(self) -> dict[str, Any]:
        """Return the document that is parked."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> "AuthorizationRequest":
        """Return what `as_document` made, also after a round through JSON."""
        listed = {"scope", "prompt", "ui_locales", "acr_values", "essential_acr", "resources"}
        values: dict[str, Any] = {
            name: tuple(value) if name in listed and value is not None else value for name, value in document.items()
        }
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Demands:
    """What a request asks of the login, whoever makes it; the input of `next_step`."""

    prompt: frozenset[str] = frozenset()
    max_age: int | None = None
    hint_person: str | None = None
    minimum_level: int | None = None
    minimum_is_essential: bool = False
    consent_needed: frozenset[str] = frozenset()
    #: The same of a child for whom somebody acts: everything, whatever the client is excused from (PIPL art. 28, 31).
    ward_consent_needed: frozenset[str] = frozenset()
    for_staff: bool = False
    #: Whether the person came to be proved by a face or a network identity, whatever level is asked for.
    wants_proof: bool = False

    def consent_of(self, *, is_ward: bool) -> frozenset[str]:
        """Return what must be agreed to before the answer, by whether it is about a child."""
        return self.ward_consent_needed if is_ward else self.consent_needed
