"""Proofs of control between the login that brought them and the claim on the account, minutes later.

They wait for the person who logged in within that very interaction, and in that browser alone: whoever logs in there
next does not find them, and neither does the same person elsewhere.
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


@dataclass(frozen=True, slots=True)
class Keeper:
    """For whom proofs wait: a person, in the browser whose secret has this hash."""

    person_id: str
    browser_hash: str

    @property
    def handle(self) -> str:
        """Return what the proofs lie under."""
        return f"{self.person_id} {self.browser_hash}"


class KeptProofs:
    """Keeps the proofs that a login brought, for as long as they count."""

    def __init__(self, *, store: ShortLivedStore) -> None:
        self._store = store

    def keep(self, keeper: Keeper, kept: KeptProof, *, now: datetime) -> None:
        """Keep a proof; a newer one of the same account replaces it."""
        others = (each for each in self.of(keeper, now=now) if each.account_id != kept.account_id)
        self._put(keeper, [*others, kept][-_MOST:])

    def of(self, keeper: Keeper, *, now: datetime) -> tuple[KeptProof, ...]:
        """Return the proofs that still count, the oldest first."""
        document = self._store.get(Kind.CONTROL_PROOF, keeper.handle)
        found = (KeptProof.from_document(each) for each in (document or {}).get("proofs", ()))
        return tuple(each for each in found if each.is_fresh(now))

    def find(self, keeper: Keeper, handle: str, *, now: datetime) -> KeptProof | None:
        """Return the proof of that handle, None where it counts no more."""
        return next((each for each in self.of(keeper, now=now) if each.proof.handle == handle), None)

    def forget(self, keeper: Keeper, handle: str, *, now: datetime) -> None:
        """Forget a proof once the account was claimed by it."""
        self._put(keeper, [each for each in self.of(keeper, now=now) if each.proof.handle != handle])

    def _put(self, keeper: Keeper, kept: list[KeptProof]) -> None:
        documents = [each.as_document() for each in kept]
        self._store.put(Kind.CONTROL_PROOF, keeper.handle, {"proofs": documents}, seconds=_SECONDS)
