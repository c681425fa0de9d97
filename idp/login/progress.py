"""What was done in an interaction so far: the evidence that `next_step` reads, re-read at every step."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Progress:
    """Facts of this interaction alone; nothing that a page sent is in it unproved."""

    person_id: str | None = None
    amr: tuple[str, ...] = ()
    proved_at: datetime | None = None
    known_device: bool = False
    session_id: str | None = None
    consented: bool = False
    denied: bool = False
    cancelled: bool = False
    #: When a password below the policy for staff was found right; None once another one was chosen.
    weak_password_at: datetime | None = None
    mobile_answered: bool = False

    def proved(self, person_id: str, method: str, at: datetime, *, known_device: bool) -> "Progress":
        """Return the progress after one more proof; a proof by somebody else starts afresh."""
        same = self.person_id == person_id and self.session_id is None
        amr = tuple(sorted({*(self.amr if same else ()), method}))
        return replace(
            self,
            person_id=person_id,
            amr=amr,
            proved_at=at,
            known_device=known_device,
            session_id=None,
            denied=False,
            consented=False,
            weak_password_at=self.weak_password_at if same else None,
            mobile_answered=self.mobile_answered and same,
        )

    def with_password(self, *, weak_at: datetime | None) -> "Progress":
        """Return the progress with what the password, just found right or just chosen, is worth to staff."""
        return replace(self, weak_password_at=weak_at)

    def established(self, session_id: str) -> "Progress":
        """Return the progress once the session exists that the proofs earned."""
        return replace(self, session_id=session_id)

    def answered(self, *, allowed: bool) -> "Progress":
        """Return the progress after the person decided about consent."""
        return replace(self, consented=allowed, denied=not allowed)

    def about_mobile(self) -> "Progress":
        """Return the progress once the person said what is to become of their mobile number, or put it off."""
        return replace(self, mobile_answered=True)

    def as_document(self) -> dict[str, Any]:
        """Return the document that is parked."""
        document = asdict(self)
        document["proved_at"] = self.proved_at.isoformat() if self.proved_at else None
        # Left out where it says nothing, so that the release before this one reads a citizen's login on.
        del document["weak_password_at"]
        if self.weak_password_at is not None:
            document["weak_password_at"] = self.weak_password_at.isoformat()
        return document

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> "Progress":
        """Return what `as_document` made."""
        values = dict(document)
        values["amr"] = tuple(values["amr"])
        for name in ("proved_at", "weak_password_at"):
            if values.get(name) is not None:
                values[name] = datetime.fromisoformat(values[name])
        return cls(**values)
