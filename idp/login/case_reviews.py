"""Closing a displacement that was reviewed, by one rule for page and command: who may, and who is told."""

from enum import StrEnum

from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import NOWHERE, Origin, record
from idp.core.clock import Clock
from idp.core.results import Ok, Refused
from idp.login.messages import Messages, civil_time
from idp.login.two_persons import PairProblem, TwoPersons
from idp.persons.ciphers import PersonErased
from idp.persons.directory import Directory
from idp.persons.identifiers import Identifiers
from idp.storage.engine import Database
from realname.proofing.case_files import CaseFile, case_file
from realname.proofing.cases import Finding, close_case

#: What the two are told: who lost the number, and who has it.
_TOLD_DISPLACED, _TOLD_HOLDER = "case_reviewed", "case_reviewed_for_holder"


class ReviewProblem(StrEnum):
    """Why nothing was closed, beside what `PairProblem` says."""

    NOT_OPEN = "not_open"  # unknown, closed before, or a dispute, which ends by a proof alone


class CaseReviews:
    """Closes cases. One person is enough: what could be undone by it ended when the case was opened."""

    def __init__(
        self,
        *,
        database: Database,
        directory: Directory,
        identifiers: Identifiers,
        two_persons: TwoPersons,
        messages: Messages,
        clock: Clock,
        default_locale: str,
    ) -> None:
        self._database = database
        self._directory = directory
        self._identifiers = identifiers
        self._two_persons = two_persons
        self._messages = messages
        self._clock = clock
        self._default_locale = default_locale

    def problem(self, file: CaseFile, reviewer: str, *, may_have_taken_part: bool = False) -> PairProblem | None:
        """Return why somebody may not review a case, None where they may; raises StoreUnavailable.

        They are neither of the two, nor of their household or a guardian of theirs, and saw neither of them prove the
        number.
        """
        with self._database.read() as session:
            number = self._identifiers.read(session, file.identifier_id)
        return self._two_persons.of_deciders(
            (reviewer,),
            about=file.persons,
            # Who lost the number has none that was proved, so the household is asked for by the number itself.
            numbers=(number,) if number is not None else (),
            took_part=() if may_have_taken_part else sorted(file.clerks),
        )

    def close(
        self, case_id: str, finding: Finding, *, reviewer: str | None, origin: Origin = NOWHERE
    ) -> Ok[str] | Refused:
        """Close a displacement and tell both; a refusal is audited and changes nothing.

        `reviewer` is None for the command, whose operator is no person of the house.
        """
        with self._database.read() as session:
            file = case_file(session, case_id)
        problem = self.problem(file, reviewer) if file is not None and reviewer is not None else None
        now = self._clock.now()
        with self._database.transaction() as session:
            refused: StrEnum | None = problem
            if refused is None and (
                file is None or not close_case(session, case_id, finding, decided_by=reviewer, at=now, origin=origin)
            ):
                refused = ReviewProblem.NOT_OPEN
            if refused is not None or file is None:
                return self._refuse(session, file, refused or ReviewProblem.NOT_OPEN, origin)
            self._tell(session, file.other_id, _TOLD_DISPLACED)
            self._tell(session, file.person_id, _TOLD_HOLDER)
        return Ok(case_id)

    def refuse(self, file: CaseFile, problem: StrEnum, *, origin: Origin) -> None:
        """Record that somebody was refused who only wanted to look."""
        with self._database.transaction() as session:
            self._refuse(session, file, problem, origin)

    def _refuse(self, session: Session, file: CaseFile | None, problem: StrEnum, origin: Origin) -> Refused:
        record(
            session,
            Event.CASE_REFUSED,
            at=self._clock.now(),
            outcome=Outcome.REFUSED,
            reason=str(problem),
            origin=origin,
            details={"case": file.id} if file is not None else None,
        )
        return Refused(problem)

    def _tell(self, session: Session, person_id: str, template: str) -> None:
        person = self._directory.load(session, person_id)
        if person is None:
            return
        when = {"time": civil_time(self._clock.now())}
        try:
            self._messages.notify(session, person_id, template, when, locale=person.locale or self._default_locale)
        except PersonErased:
            return  # nothing is left by which they could be told
