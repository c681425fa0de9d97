"""What shows that a legacy account is in a person's hands, and where it waits until they claim the account.

It opens nothing by itself: activation wants it together with who the person is (`activation`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from idp.linking.vocabulary import ControlKind
from idp.storage.short_lived.store import Kind, ShortLivedStore

#: A proof older than this counts for nothing.
LIFE = timedelta(minutes=10)

#: More accounts than anybody claims in ten minutes.
_MOST = 20


@dataclass(frozen=True, slots=True)
class ControlProof:
    """Somebody showed at that instant that they control an account; how good that was is told beside it.

    `is_default`: the password is one that others who know the person would guess. `shared_by`: so many accounts of
    the system have the same stored password, this one among them.
    """

    system_number: int
    account_id: int
    kind: ControlKind
    at: datetime
    is_default: bool = False
    shared_by: int = 1

    def is_fresh(self, now: datetime) -> bool:
        """Tell whether it still counts."""
        return timedelta(0) <= now - self.at < LIFE

    def as_document(self) -> dict[str, Any]:
        """Return the document that is parked."""
        return {
            "system": self.system_number,
            "account": self.account_id,
            "kind": self.kind.value,
            "at": self.at.isoformat(),
            "default": self.is_default,
            "shared": self.shared_by,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "ControlProof":
        """Return what `as_document` made."""
        return cls(
            system_number=document["system"],
            account_id=document["account"],
            kind=ControlKind(document["kind"]),
            at=datetime.fromisoformat(document["at"]),
            is_default=document["default"],
            shared_by=document["shared"],
        )


class ControlProofs:
    """Keeps the proofs that a session's own login brought, for as long as they count."""

    def __init__(self, *, store: ShortLivedStore) -> None:
        self._store = store

    def keep(self, session_id: str, proof: ControlProof, *, now: datetime) -> None:
        """Keep a proof for the session; a newer one of the same account replaces it."""
        others = [each for each in self.of(session_id, now=now) if each.account_id != proof.account_id]
        documents = [each.as_document() for each in (*others, proof)][-_MOST:]
        seconds = int(LIFE.total_seconds())
        self._store.put(Kind.CONTROL_PROOF, session_id, {"proofs": documents}, seconds=seconds)

    def of(self, session_id: str, *, now: datetime) -> tuple[ControlProof, ...]:
        """Return the proofs that still count, the oldest first."""
        document = self._store.get(Kind.CONTROL_PROOF, session_id)
        found = (ControlProof.from_document(each) for each in (document or {}).get("proofs", ()))
        return tuple(proof for proof in found if proof.is_fresh(now))

    def find(self, session_id: str, account_id: int, *, now: datetime) -> ControlProof | None:
        """Return the session's proof for an account, None where none counts."""
        return next((proof for proof in self.of(session_id, now=now) if proof.account_id == account_id), None)

    def forget(self, session_id: str, account_id: int, *, now: datetime) -> None:
        """Forget a proof once the account was claimed by it, or disowned."""
        rest = [each.as_document() for each in self.of(session_id, now=now) if each.account_id != account_id]
        if rest:
            self._store.put(Kind.CONTROL_PROOF, session_id, {"proofs": rest}, seconds=int(LIFE.total_seconds()))
        else:
            self._store.take(Kind.CONTROL_PROOF, session_id)
