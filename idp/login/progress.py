"""What was done in an interaction so far: the evidence that `next_step` reads, re-read at every step."""

from dataclasses import asdict, dataclass, fields, replace
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
    #: When the password was found right, or chosen: one that was changed since proves nothing.
    password_at: datetime | None = None
    #: Whether the person chose to go on without a proofing that would raise the level.
    proofing_put_off: bool = False
    #: How the person was proved in this interaction, by the method that was recorded last.
    proofed_by: str | None = None
    #: For whom the person chose to act, and who chose; somebody else who goes on here is asked anew.
    party: str | None = None
    chooser: str | None = None

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
            proofing_put_off=self.proofing_put_off and self.person_id == person_id,
            proofed_by=self.proofed_by if self.person_id == person_id else None,
            party=self.party if self.person_id == person_id else None,
            chooser=self.chooser if self.person_id == person_id else None,
            password_at=at if method == "pwd" else self.password_at if same else None,
        )

    def with_password(self, at: datetime, *, is_weak: bool) -> "Progress":
        """Return the progress with what the password, found right or chosen at that instant, is worth to staff."""
        return replace(self, password_at=at, weak_password_at=at if is_weak else None)

    def also(self, method: str) -> "Progress":
        """Return the progress with one more method that who is logged in here showed; it proves no login by itself."""
        return replace(self, amr=tuple(sorted({*self.amr, method})))

    def stepped_up(self, at: datetime) -> "Progress":
        """Return the progress after which the session is established anew with every method that was shown."""
        return replace(self, proved_at=at, session_id=None)

    def proved_by(self, method: str) -> "Progress":
        """Return the progress once a proofing of the person was recorded."""
        return replace(self, proofed_by=method)

    def without_proofing(self) -> "Progress":
        """Return the progress once the person chose to go on as they are."""
        return replace(self, proofing_put_off=True)

    def established(self, session_id: str) -> "Progress":
        """Return the progress once the session exists that the proofs earned."""
        return replace(self, session_id=session_id)

    def answered(self, *, allowed: bool) -> "Progress":
        """Return the progress after the person decided about consent."""
        return replace(self, consented=allowed, denied=not allowed)

    def acting_for(self, party: str, *, chooser: str) -> "Progress":
        """Return the progress once the person said for whom they act; consent is about that one."""
        return replace(self, party=party, chooser=chooser, consented=False, denied=False)

    def about_mobile(self) -> "Progress":
        """Return the progress once the person said what is to become of their mobile number, or put it off."""
        return replace(self, mobile_answered=True)

    def as_document(self) -> dict[str, Any]:
        """Return the document that is parked."""
        # What says nothing is left out, so that the release before this one reads as much as it can.
        document = {name: value for name, value in asdict(self).items() if value != _DEFAULTS.get(name, ...)}
        for name in _INSTANTS & document.keys():
            if document[name] is not None:
                document[name] = document[name].isoformat()
        return document

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> "Progress":
        """Return what `as_document` made."""
        values = {name: value for name, value in document.items() if name in _NAMES}
        values["amr"] = tuple(values.get("amr", ()))
        for name in _INSTANTS & values.keys():
            if values[name] is not None:
                values[name] = datetime.fromisoformat(values[name])
        return cls(**values)


_NAMES = frozenset(field.name for field in fields(Progress))
_INSTANTS = frozenset({"proved_at", "weak_password_at", "password_at"})
# The release before this one counts on those that it knows.
_DEFAULTS: dict[str, Any] = {
    "weak_password_at": None,
    "mobile_answered": False,
    "password_at": None,
    "proofing_put_off": False,
    "proofed_by": None,
    "party": None,
    "chooser": None,
}
