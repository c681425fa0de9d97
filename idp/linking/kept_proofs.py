"""Proofs of control between the login that brought them and the claim on the account, minutes later.

They wait with the session that came of that very login, so that nobody else's login finds them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from idp.linking.control import LIFE, ControlProof
from idp.linking.vocabulary import ControlKind
from idp.storage.short_lived.store import Kind, ShortLivedStore

#: More accounts than anybody claims in ten minutes.
_MOST = 20
_SECONDS = int(LIFE.total_seconds())


@dataclass(frozen=True, slots=True)
class KeptProof:
    """What somebody showed of one account of a system."""

    system_number: int
    proof: ControlProof

    @property
    def account_id(self) -> int:
        """The account that it is about."""
        return self.proof.account_id

    def is_fresh(self, now: datetime) -> bool:
        """Tell whether it still counts."""
        return timedelta(0) <= now - self.proof.at < LIFE

    def as_document(self) -> dict[str, Any]:
        """Return the document that is parked."""
        proof = self.proof
        return {
            "system": self.system_number,
            "account": proof.account_id,
            "kind": proof.kind.value,
            "at": proof.at.isoformat(),
            "handle": proof.handle,
            "default": proof.is_default,
            "shared": proof.shared_by,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "KeptProof":
        """Return what `as_document` made."""
        proof = ControlProof(
            account_id=document["account"],
            kind=ControlKind(document["kind"]),
            at=datetime.fromisoformat(document["at"]),
            handle=document["handle"],
            is_default=document["default"],
            shared_by=document["shared"],
        )
        return cls(document["system"], proof)


class KeptProofs:
    """Keeps the proofs that a session's own login brought, for as long as they count."""

    def __init__(self, *, store: ShortLivedStore) -> None:
        self._store = store

    def keep(self, session_id: str, kept: KeptProof, *, now: datetime) -> None:
        """Keep a proof for the session; a newer one of the same account replaces it."""
        others = (each for each in self.of(session_id, now=now) if each.account_id != kept.account_id)
        self._put(session_id, [*others, kept][-_MOST:])

    def of(self, session_id: str, *, now: datetime) -> tuple[KeptProof, ...]:
        """Return the proofs that still count, the oldest first."""
        document = self._store.get(Kind.CONTROL_PROOF, session_id)
        found = (KeptProof.from_document(each) for each in (document or {}).get("proofs", ()))
        return tuple(each for each in found if each.is_fresh(now))

    def find(self, session_id: str, account_id: int, *, now: datetime) -> KeptProof | None:
        """Return the session's proof for an account, None where none counts."""
        return next((each for each in self.of(session_id, now=now) if each.account_id == account_id), None)

    def forget(self, session_id: str, account_id: int, *, now: datetime) -> None:
        """Forget a proof once the account was claimed by it, or disowned."""
        self._put(session_id, [each for each in self.of(session_id, now=now) if each.account_id != account_id])

    def _put(self, session_id: str, kept: list[KeptProof]) -> None:
        documents = [each.as_document() for each in kept]
        self._store.put(Kind.CONTROL_PROOF, session_id, {"proofs": documents}, seconds=_SECONDS)
