"""A guardianship that two members of staff saw documents of: a household register, a court's or a committee's paper."""

from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import NOWHERE, Origin, record
from idp.core.clock import Clock
from idp.core.ids import new_id
from idp.core.results import Ok, Refused
from idp.login.guardianships import Child, GuardianshipProblem, Guardianships, Shown
from idp.login.two_persons import Decision, TwoPersons
from idp.persons.holders import Holders
from idp.storage.engine import Database
from realname.proofing.guardianship import ProvenBy


class CounterGuardianships:
    """Grants and ends guardianships at a counter; each method is one transaction, and a refusal is audited."""

    def __init__(
        self,
        *,
        database: Database,
        holders: Holders,
        guardianships: Guardianships,
        two_persons: TwoPersons,
        clock: Clock,
    ) -> None:
        self._database = database
        self._holders = holders
        self._guardianships = guardianships
        self._two_persons = two_persons
        self._clock = clock

    def grant(
        self, guardian_id: str, child: Child, decision: Decision, *, origin: Origin = NOWHERE
    ) -> Ok[str] | Refused:
        """Make one the other's guardian by what both clerks saw, and return the child's id.

        Refused with a `PairProblem`, a `GuardianProblem` or a `GuardianshipProblem`. Neither clerk is the guardian or
        the child, nor lives with one of them.
        """
        with self._database.read() as session:
            (child_id,) = self._holders.current(session, [child.number])
        about = [guardian_id] if child_id is None else [guardian_id, child_id]
        problem = self._two_persons.problem(decision, about=about, numbers=[child.number])
        shown = Shown(
            by=ProvenBy.COUNTER,
            provider="counter",
            code="counter.documents",
            request_id=new_id(),
            actor_person=decision.decided_by,
            office=decision.office,
            evidence_digest=decision.evidence_digest,
        )
        with self._database.transaction() as session:
            granted = (
                Refused(problem)
                if problem is not None
                else self._guardianships.grant(session, guardian_id, child, shown, origin=origin)
            )
            if isinstance(granted, Refused):
                self._note_refusal(session, "grant", guardian_id, decision, granted, origin)
            return granted

    def end(
        self, guardian_id: str, minor_id: str, decision: Decision, *, reason: str, origin: Origin = NOWHERE
    ) -> Ok[str] | Refused:
        """End a guardianship that a court or an authority ended, and return the child's id.

        Refused with a `PairProblem`, or where there is none that counts. `reason` names nobody.
        """
        problem = self._two_persons.problem(decision, about=[guardian_id, minor_id])
        with self._database.transaction() as session:
            at = decision.origin(origin)
            if problem is not None:
                refused = Refused(problem)
            elif self._guardianships.end(session, guardian_id, minor_id, reason=reason, origin=at):
                return Ok(minor_id)
            else:
                refused = Refused(GuardianshipProblem.NONE)
            self._note_refusal(session, "end", guardian_id, decision, refused, origin)
            return refused

    def _note_refusal(
        self, session: Session, act: str, guardian_id: str, decision: Decision, refused: Refused, origin: Origin
    ) -> None:
        record(
            session,
            Event.GUARDIANSHIP_REFUSED,
            at=self._clock.now(),
            outcome=Outcome.REFUSED,
            reason=str(refused.reason),
            person_id=guardian_id,
            origin=decision.origin(origin),
            details={"act": act, "by": ProvenBy.COUNTER, "proposed_by": decision.proposed_by},
        )
