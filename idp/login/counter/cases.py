"""What a clerk does about an identity case: look at it, and close a displacement that was reviewed."""

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.core.errors import LoginRefused
from idp.core.results import Refused
from idp.login.case_reviews import CaseReviews, ReviewProblem
from idp.login.counter.case_scope import is_case_of
from idp.login.counter.clerks import Clerks, at_counter
from idp.login.counter.obtained import Obtained, obtained
from idp.login.refusal import Refusal
from idp.login.two_persons import PairProblem
from idp.persons.ciphers import PersonErased, PersonUnknown
from idp.persons.directory import Directory
from idp.persons.identifiers import Identifiers
from idp.storage.engine import Database
from realname.documents.masking import mask_name, mask_number
from realname.proofing.case_files import CaseFile, case_file
from realname.proofing.cases import Finding
from realname.proofing.contest import Contest

_REFUSALS = {PairProblem.TOOK_PART: Refusal.CASE_TOOK_PART, ReviewProblem.NOT_OPEN: Refusal.CASE_OVER}


@dataclass(frozen=True, slots=True)
class SeenCase:
    """A case as a clerk sees it: nobody's number or name whole. `may_close` is about this clerk, now."""

    file: CaseFile
    obtained: Obtained
    may_close: bool
    took_part: bool
    number: str | None = field(repr=False)
    name: str | None = field(repr=False)
    other_name: str | None = field(repr=False)


class Cases:
    """Asks anew each time who looks at which case; every method raises LoginRefused, which changed nothing."""

    def __init__(
        self,
        *,
        database: Database,
        clerks: Clerks,
        reviews: CaseReviews,
        directory: Directory,
        identifiers: Identifiers,
        clock: Clock,
    ) -> None:
        self._database = database
        self._clerks = clerks
        self._reviews = reviews
        self._directory = directory
        self._identifiers = identifiers
        self._clock = clock

    def look(self, clerk: str, case_id: str, *, origin: Origin) -> SeenCase:
        """Return the case; that the clerk looked is on record, for it shows what somebody did."""
        file = self._of(clerk, case_id, origin)
        now = self._clock.now()
        took_part = clerk in file.clerks
        with self._database.transaction() as session:
            by, details = at_counter(clerk, None, origin), {"case": file.id}
            record(session, Event.CASE_READ, at=now, origin=by, details=details)
            number = self._identifiers.read(session, file.identifier_id)
            return SeenCase(
                file=file,
                obtained=obtained(session, file, at=now),
                may_close=file.kind is Contest.DISPLACES and file.is_open and not took_part,
                took_part=took_part,
                number=mask_number(number.canonical) if number is not None else None,
                name=self._masked(session, file.person_id),
                other_name=self._masked(session, file.other_id),
            )

    def close(self, clerk: str, case_id: str, finding: Finding, *, origin: Origin) -> None:
        """Close a displacement with what the review found; of two who do so at once one does."""
        self._of(clerk, case_id, origin)
        closed = self._reviews.close(case_id, finding, reviewer=clerk, origin=at_counter(clerk, None, origin))
        if isinstance(closed, Refused):
            raise LoginRefused(_REFUSALS.get(closed.reason, Refusal.CASE_OWN))

    def _of(self, clerk: str, case_id: str, origin: Origin) -> CaseFile:
        """Return a case to who may look at it: a clerk of the department whom it does not concern."""
        departments = self._clerks.departments(clerk)
        with self._database.read() as session:
            is_theirs = bool(departments) and is_case_of(session, case_id, departments)
            file = case_file(session, case_id) if is_theirs else None
        if file is None:
            raise LoginRefused(Refusal.CASE_UNKNOWN)
        problem = self._reviews.problem(file, clerk, may_have_taken_part=True)
        if problem is not None:
            self._reviews.refuse(file, problem, origin=at_counter(clerk, None, origin))
            raise LoginRefused(Refusal.CASE_OWN)
        return file

    def _masked(self, session: Session, person_id: str) -> str | None:
        try:
            name = self._directory.profile(session, person_id).full_name
        except (PersonErased, PersonUnknown):
            return None
        return mask_name(name) if name else None
