"""What a reported death does to an account: suspended at once, closed after a time by two persons, or opened again.

The holder may be alive, so the report is told to every contact of theirs, with what to do; nothing that they have is
taken from them before the account is closed, and not then either: credentials, contacts, number and consents stay, and
mandates rest with the account. What ends are sessions and tokens, which whoever comes back gets again by logging in.
"""

from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import NOWHERE, Origin, record
from idp.core.clock import Clock
from idp.core.results import Ok, Refused
from idp.login.messages import Messages, civil_time
from idp.login.two_persons import Decision, PairProblem, TwoPersons
from idp.persons import mandates, recoveries
from idp.persons.ciphers import PersonErased
from idp.persons.credentials import lock_person
from idp.persons.directory import Directory, PersonRecord
from idp.persons.models import Person
from idp.persons.vocabulary import PersonStatus
from idp.sessions.ending import SessionEnding
from idp.storage.engine import Database
from idp.tokens import families
from realname.proofing import deaths
from realname.proofing.deaths import CloseProblem, Source, StandingReport, Told

_REASON = "death_reported"
_ALIVE = (PersonStatus.ACTIVE, PersonStatus.SUSPENDED)


class DeathProblem(StrEnum):
    """Why a report changes nothing, beside what `PairProblem` and `CloseProblem` say."""

    UNKNOWN = "unknown"  # nobody has that id, or nobody could log in anyway
    NO_REPORT = "no_report"
    ERASED = "erased"  # nothing is left that could be opened again


class DeathReports:
    """Carries reports of deaths out. Each method but `report` is one transaction; a refusal is audited."""

    def __init__(
        self,
        *,
        database: Database,
        directory: Directory,
        two_persons: TwoPersons,
        ending: SessionEnding,
        messages: Messages,
        clock: Clock,
        close_days: int,
        default_locale: str,
    ) -> None:
        self._database = database
        self._directory = directory
        self._two_persons = two_persons
        self._ending = ending
        self._messages = messages
        self._clock = clock
        self._wait = timedelta(days=close_days)
        self._default_locale = default_locale

    def report(
        self, session: Session, person_id: str, told: Told, *, origin: Origin = NOWHERE
    ) -> Ok[StandingReport] | Refused:
        """Suspend the person in the caller's transaction; where a report stands already, nothing is changed."""
        now = self._clock.now()
        # Whoever is just logging in comes before this and loses the session again, or finds no way in.
        lock_person(session, person_id)
        standing = deaths.standing_of(session, person_id)
        if standing is not None:
            return Ok(standing)
        person = self._directory.load(session, person_id)
        if person is None or person.status not in _ALIVE:
            return Refused(DeathProblem.UNKNOWN)
        report_id = deaths.write(session, person_id, told, person.status, at=now)
        guardians = {each.guardian_id for each in mandates.of_minor(session, person_id, at=now)}
        _set_status(session, person_id, PersonStatus.SUSPENDED)
        recoveries.cancel(session, person_id, reason=_REASON, at=now, origin=origin)
        ended = self._ending.end_all(session, person_id, reason=_REASON)
        revoked = families.revoke_of_person(session, person_id, reason=_REASON, at=now)
        details = {"report": report_id, "source": told.source, "sessions": ended, "token_families": revoked}
        if told.proposed_by is not None:
            details["proposed_by"] = told.proposed_by
        record(session, Event.DEATH_REPORTED, at=now, person_id=person_id, origin=origin, details=details)
        self._tell(session, person, "death_reported")
        for guardian_id in sorted(guardians):
            guardian = self._directory.load(session, guardian_id)
            if guardian is not None:
                self._tell(session, guardian, "death_reported_of_child")
        written = deaths.standing_of(session, person_id)
        assert written is not None  # noqa: S101 - the person is held, and it was written just now
        return Ok(written)

    def report_certificate(
        self, person_id: str, decision: Decision, *, origin: Origin = NOWHERE
    ) -> Ok[StandingReport] | Refused:
        """Report a death by a certificate that two persons at a counter saw; repeated, it changes nothing."""
        problem = self._two_persons.problem(decision, about=[person_id])
        told = Told(
            Source.CERTIFICATE, decision.evidence_digest, decision.proposed_by, decision.decided_by, decision.office
        )
        with self._database.transaction() as session:
            reported = (
                Refused(problem)
                if problem is not None
                else self.report(session, person_id, told, origin=decision.origin(origin))
            )
            return self._settled(session, "report", person_id, decision, reported, origin)

    def close(self, person_id: str, decision: Decision, *, origin: Origin = NOWHERE) -> Ok[StandingReport] | Refused:
        """Close the account once the time is over, by two persons who had no part in the report."""
        pair_problem = self._pair_problem(person_id, decision, may_have_reported=False)
        with self._database.transaction() as session:
            closed = self._close(session, person_id, decision, pair_problem, origin)
            return self._settled(session, "close", person_id, decision, closed, origin)

    def reverse(self, person_id: str, decision: Decision, *, origin: Origin = NOWHERE) -> Ok[StandingReport] | Refused:
        """Open the account again as it was, by two persons at a counter before whom its holder stood.

        Whoever reported may be one of them: an error is theirs to mend. Also a closed account is opened, as long as
        the person's data is there.
        """
        pair_problem = self._pair_problem(person_id, decision, may_have_reported=True)
        with self._database.transaction() as session:
            opened = self._reverse(session, person_id, decision, pair_problem, origin)
            return self._settled(session, "reverse", person_id, decision, opened, origin)

    def _pair_problem(self, person_id: str, decision: Decision, *, may_have_reported: bool) -> PairProblem | None:
        with self._database.read() as session:
            standing = deaths.standing_of(session, person_id)
        reporters = standing.reporters if standing is not None and not may_have_reported else ()
        return self._two_persons.problem(decision, about=[person_id], took_part=reporters)

    def _close(
        self, session: Session, person_id: str, decision: Decision, problem: PairProblem | None, origin: Origin
    ) -> Ok[StandingReport] | Refused:
        now = self._clock.now()
        lock_person(session, person_id)
        standing, person = deaths.standing_of(session, person_id), self._directory.load(session, person_id)
        if standing is None or person is None:
            return Refused(DeathProblem.NO_REPORT)
        if problem is None and set(decision.pair) & set(standing.reporters):
            problem = PairProblem.TOOK_PART  # reported, taken back and reported anew while this was asked
        too_early = standing.problem_of_closing(at=now, wait=self._wait)
        if problem is not None or too_early is not None:
            return Refused(problem or too_early or CloseProblem.CLOSED)
        proposed_by, decided_by = decision.pair
        if not deaths.close(session, standing.id, proposed_by=proposed_by, decided_by=decided_by, at=now):
            return Refused(CloseProblem.CLOSED)
        _set_status(session, person_id, PersonStatus.CLOSED, closed_at=now)
        self._record(session, Event.DEATH_CLOSED, standing, decision, origin)
        self._tell(session, person, "death_closed")
        return Ok(standing)

    def _reverse(
        self, session: Session, person_id: str, decision: Decision, problem: PairProblem | None, origin: Origin
    ) -> Ok[StandingReport] | Refused:
        lock_person(session, person_id)
        standing, person = deaths.standing_of(session, person_id), self._directory.load(session, person_id)
        if standing is None or person is None:
            return Refused(DeathProblem.NO_REPORT)
        if problem is not None:
            return Refused(problem)
        try:
            self._directory.contacts(session, person_id)
        except PersonErased:
            return Refused(DeathProblem.ERASED)
        proposed_by, decided_by = decision.pair
        now = self._clock.now()
        if not deaths.take_back(session, standing.id, proposed_by=proposed_by, decided_by=decided_by, at=now):
            return Refused(DeathProblem.NO_REPORT)
        _set_status(session, person_id, standing.status_before)
        self._record(session, Event.DEATH_REVERSED, standing, decision, origin)
        self._tell(session, person, "death_reversed")
        return Ok(standing)

    def _settled(
        self,
        session: Session,
        act: str,
        person_id: str,
        decision: Decision,
        result: Ok[StandingReport] | Refused,
        origin: Origin,
    ) -> Ok[StandingReport] | Refused:
        """Leave a trace of a refusal: somebody tried to decide about somebody's life."""
        if isinstance(result, Refused):
            record(
                session,
                Event.DEATH_REFUSED,
                at=self._clock.now(),
                outcome=Outcome.REFUSED,
                reason=str(result.reason),
                person_id=person_id if result.reason is not DeathProblem.UNKNOWN else None,
                origin=decision.origin(origin),
                details={"act": act, "proposed_by": decision.proposed_by},
            )
        return result

    def _record(
        self, session: Session, event: Event, standing: StandingReport, decision: Decision, origin: Origin
    ) -> None:
        record(
            session,
            event,
            at=self._clock.now(),
            person_id=standing.person_id,
            origin=decision.origin(origin),
            details={
                "report": standing.id,
                "source": standing.source,
                "proposed_by": decision.proposed_by,
                "evidence": decision.evidence_digest,
            },
        )

    def _tell(self, session: Session, person: PersonRecord, template: str) -> None:
        """Tell every contact: whoever holds the phone now, an heir or the person alive, learns where to go."""
        when = {"time": civil_time(self._clock.now())}
        self._messages.notify(session, person.id, template, when, locale=person.locale or self._default_locale)


def _set_status(session: Session, person_id: str, status: PersonStatus, *, closed_at: datetime | None = None) -> None:
    session.execute(sa.update(Person).where(Person.id == person_id).values(status=status, closed_at=closed_at))
