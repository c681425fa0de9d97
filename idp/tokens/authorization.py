"""What is parked under an authorization code until it is redeemed."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from idp.tokens.families import Authorization

_FIELDS = fields(Authorization)
_LATER = ("actor_person", "actor_sub")


@dataclass(frozen=True, slots=True)
class Redemption:
    """An authorization with what the redeemer must show for it."""

    authorization: Authorization
    redirect_uri: str
    redirect_uri_sent: bool
    code_challenge: str | None

    def as_document(self) -> dict[str, Any]:
        """Return the document that the short-lived store keeps."""
        authorization = {each.name: getattr(self.authorization, each.name) for each in _FIELDS}
        for name in _LATER:  # left out where it says nothing: the release before this one does not know it
            if authorization[name] is None:
                del authorization[name]
        authorization["auth_time"] = self.authorization.auth_time.isoformat()
        return {
            "authorization": authorization,
            "redirect_uri": self.redirect_uri,
            "redirect_uri_sent": self.redirect_uri_sent,
            "code_challenge": self.code_challenge,
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> "Redemption":
        """Return what `as_document` made."""
        parts = dict(document["authorization"])
        for name in ("scope", "resources", "amr"):
            parts[name] = tuple(parts[name])
        parts["auth_time"] = datetime.fromisoformat(parts["auth_time"])
        return cls(
            authorization=Authorization(**parts),
            redirect_uri=document["redirect_uri"],
            redirect_uri_sent=document["redirect_uri_sent"],
            code_challenge=document["code_challenge"],
        )
