"""Making what was proved the person's own, or settling it with those who proved it before."""

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.log import Origin
from idp.core.clock import civil_date
from idp.core.results import Ok
from idp.persons.holders import HeldNumber, Holders
from idp.persons.identifiers import IdentifierProblem, Identifiers, Provable
from idp.persons.identity_level import is_valid_proofing
from idp.persons.models import Proofing
from idp.persons.vocabulary import IdentifierState
from realname.documents.birth_date import needs_guardian
from realname.documents.document_number import DocumentNumber
from realname.proofing.cases import Settled, close_disputes, open_case
from realname.proofing.contest import Contest, settle
from realname.proofing.method import Method


@dataclass(frozen=True, slots=True)
class Proof:
    """The proofing that binds, as far as it matters here."""

    proofing_id: str
    person_id: str
    method: Method
    ial: int
    at: datetime
    origin: Origin = field(repr=False)
    #: Who saw the person, where somebody did.
    clerk: str | None = None
    #: Whether two clerks looked at whose it is.
    is_decided: bool = False


@dataclass(frozen=True, slots=True)
class Bound:
    """What came of it; `lost` are the other persons whose identity level ended by it.

    `outgrown` is who the same human was while only guardians spoke for them.
    """

    contest: Contest
    lost: tuple[str, ...] = ()
    outgrown: str | None = None

    @property
    def is_settled(self) -> bool:
        """Tell whether it is the person's own now."""
        return self.contest in (Contest.NONE, Contest.DISPLACES)


class Binding:
    """Binds numbers and application ids, by one rule."""

    def __init__(self, *, identifiers: Identifiers, holders: Holders) -> None:
        self._identifiers = identifiers
        self._holders = holders

    def hold(self, session: Session, *subjects: Provable | None) -> None:
        """Let nobody else settle these until the transaction ends."""
        for subject in subjects:
            if subject is not None:
                self._holders.hold(session, subject)

    def bind(self, session: Session, own_id: str, subject: Provable, proof: Proof) -> Bound:
        """Make the claimed row current, or settle it with those who proved the same before."""
        lost: set[str] = set()
        ended: set[str] = set()
        while True:
            others = self._holders.others(session, own_id, subject)
            bound = [each for each in others if each.is_bound]
            contest = settle(proof.ial, [each.ial for each in bound], is_decided=proof.is_decided)
            if contest is Contest.STANDS_BACK:
                return Bound(contest)
            if contest is not Contest.DISPUTED:
                self._end_dispute(session, subject, proof)
            for other in others:
                if other.person_id not in lost:
                    revoke_all(session, other.person_id, proof.at)
                    lost.add(other.person_id)
                # By the row: somebody may have typed the number again that they have.
                if other.is_bound and other.identifier_id not in ended:
                    self._identifiers.end(session, other.identifier_id, IdentifierState.DISPUTED, at=proof.at)
                    open_case(session, contest, own_id, other, at=proof.at, origin=proof.origin)
                    ended.add(other.identifier_id)
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

    def outgrow(self, session: Session, own_id: str, number: DocumentNumber, proof: Proof) -> str | None:
        """Take the number off the person whom guardians acted for, now that the minor proves it; return who it was."""
        others = self._holders.others(session, own_id, number)
        for other in others if sum(each.is_bound for each in others) == 1 else ():
            if _is_outgrown(other, number, proof):
                revoke_all(session, other.person_id, proof.at)
                self._identifiers.end(session, other.identifier_id, IdentifierState.FORMER, at=proof.at)
                return other.person_id
        return None

    def stand_beside(self, session: Session, own_id: str, subject: Provable, proof: Proof) -> Bound:
        """Let what binds nothing count where nobody proved more of this number; it stays claimed."""
        others = self._holders.others(session, own_id, subject)
        if any(each.is_bound and not _is_outgrown(each, subject, proof) for each in others):
            return Bound(Contest.STANDS_BACK)
        self._identifiers.note(session, own_id, proofing_id=proof.proofing_id)
        return Bound(Contest.NONE)

    def _end_dispute(self, session: Session, subject: Provable, proof: Proof) -> None:
        """Close what others disputed: somebody proved more than they."""
        rows = self._identifiers.end_dispute(session, subject)
        settled = Settled(proof.method, proof.clerk, proof.at)
        close_disputes(session, rows, settled, person_id=proof.person_id, origin=proof.origin)


def revoke_all(session: Session, person_id: str, at: datetime, *, but: str | None = None) -> bool:
    """Revoke every proofing of a person but one; False where none counted."""
    revoked = session.execute(
        sa.update(Proofing)
        .where(is_valid_proofing(person_id, at), Proofing.id != (but or ""))
        .values(revoked_at=at)
        .returning(Proofing.id)
    ).all()
    return bool(revoked)


def _is_outgrown(held: HeldNumber, subject: Provable, proof: Proof) -> bool:
    """Tell whether a number was made somebody's by their guardian alone, until they could speak for themself.

    Whoever proves it then by their own means is the same human, now 14 or older, and displaces nobody.
    """
    if not isinstance(subject, DocumentNumber) or subject.birth_date is None:
        return False
    by_guardian = held.method == Method.GUARDIAN and proof.method is not Method.GUARDIAN
    return by_guardian and held.is_bound and not needs_guardian(subject.birth_date, civil_date(proof.at))
