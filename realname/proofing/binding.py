"""Making what was proved the person's own, or settling it with those who proved it before."""

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import Origin, record
from idp.core.ids import new_id
from idp.core.results import Ok
from idp.persons.identifiers import HeldNumber, IdentifierProblem, Identifiers, Provable
from idp.persons.identity_level import is_valid_proofing
from idp.persons.models import Proofing
from idp.persons.vocabulary import IdentifierState
from realname.proofing.contest import Contest, settle
from realname.proofing.models import IdentityCase


@dataclass(frozen=True, slots=True)
class Proof:
    """The proofing that binds, as far as it matters here."""

    proofing_id: str
    ial: int
    at: datetime
    origin: Origin = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bound:
    """What came of it; `lost` are the other persons whose identity level ended by it."""

    contest: Contest
    lost: tuple[str, ...] = ()

    @property
    def is_settled(self) -> bool:
        """Tell whether it is the person's own now."""
        return self.contest in (Contest.NONE, Contest.DISPLACES)


class Binding:
    """Binds numbers and application ids, by one rule."""

    def __init__(self, *, identifiers: Identifiers) -> None:
        self._identifiers = identifiers

    def bind(self, session: Session, own_id: str, subject: Provable, proof: Proof) -> Bound:
        """Make the claimed row current, or settle it with those who proved the same before."""
        lost: set[str] = set()
        while True:
            others = self._identifiers.held_by_others(session, own_id, subject)
            bound = [each for each in others if each.is_bound]
            contest = settle(proof.ial, [each.ial for each in bound])
            if contest is Contest.STANDS_BACK:
                return Bound(contest)
            for other in others:
                if other.person_id not in lost:
                    revoke_all(session, other.person_id, proof.at)
                    lost.add(other.person_id)
                    if other.is_bound:
                        self._identifiers.end(session, other.identifier_id, IdentifierState.DISPUTED, at=proof.at)
                        _open_case(session, own_id, other, contest, proof)
            if contest is Contest.DISPUTED:
                self._identifiers.end(
                    session, own_id, IdentifierState.DISPUTED, at=proof.at, proofing_id=proof.proofing_id
                )
                return Bound(contest, tuple(sorted(lost)))
            taken = self._identifiers.set_current(session, own_id, proofing_id=proof.proofing_id, at=proof.at)
            if isinstance(taken, Ok):
                return Bound(Contest.DISPLACES if lost else Contest.NONE, tuple(sorted(lost)))
            assert taken.reason is IdentifierProblem.TAKEN  # noqa: S101 - the row is the person's, who is held
            # Somebody proved it in this very moment: now they are seen, and the rule is asked again.

    def stand_beside(self, session: Session, own_id: str, subject: Provable, proof: Proof) -> Bound:
        """Let what binds nothing count where nobody proved more of this number; it stays claimed."""
        if any(each.is_bound for each in self._identifiers.held_by_others(session, own_id, subject)):
            return Bound(Contest.STANDS_BACK)
        self._identifiers.note(session, own_id, proofing_id=proof.proofing_id)
        return Bound(Contest.NONE)


def revoke_all(session: Session, person_id: str, at: datetime, *, but: str | None = None) -> bool:
    """Revoke every proofing of a person but one; False where none counted."""
    revoked = session.execute(
        sa.update(Proofing)
        .where(is_valid_proofing(person_id, at), Proofing.id != (but or ""))
        .values(revoked_at=at)
        .returning(Proofing.id)
    ).all()
    return bool(revoked)


def _open_case(session: Session, own_id: str, other: HeldNumber, contest: Contest, proof: Proof) -> None:
    case_id = new_id()
    session.execute(
        sa.insert(IdentityCase).values(
            id=case_id,
            kind=contest,
            identifier_id=own_id,
            other_identifier_id=other.identifier_id,
            opened_at=proof.at,
        )
    )
    record(
        session,
        Event.IDENTIFIER_CONTESTED,
        at=proof.at,
        reason=str(contest),
        person_id=other.person_id,
        origin=proof.origin,
        details={"case": case_id},
    )
