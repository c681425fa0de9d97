"""Two persons here that are one: shown beforehand, done before the person themself, told, and taken back if wrong.

Two people decide it first, in a case. It happens when the person logged in to both, or stands at a counter; who
decided can do nothing with it. The id of who goes stays for ever and leads to who stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import Origin
from idp.audit.log import record as audit
from idp.core.clock import Clock
from idp.core.results import Ok, Refused
from idp.linking import merge_moves
from idp.linking.activation import TwoClerks
from idp.linking.activation_rule import LEAST_LEVEL, OLDEST_LOGIN
from idp.linking.case_outcomes import candidates_of
from idp.linking.journal import Change, EventKind, record
from idp.linking.link_models import MergeCase, MergeEvent
from idp.linking.merge_moves import Pair
from idp.linking.merge_preview import MergeProblem, Preview, preview_of
from idp.linking.notices import Notices
from idp.linking.vocabulary import CaseKind, CaseState, Verdict
from idp.persons.credentials import lock_person
from idp.persons.directory import Directory
from idp.persons.identity_level import identity_level
from idp.persons.models import Person
from idp.persons.roles import is_staff
from idp.persons.vocabulary import PersonStatus
from idp.sessions.ending import SessionEnding
from idp.sessions.service import LiveSession, Sessions
from idp.storage.engine import Database
from idp.tokens import families
from realname.levels.level import LevelTable

_REASON = "persons_merged"
_TWO_FACTORS = 2


@dataclass(frozen=True, slots=True)
class BothLogins:
    """A fresh login to each of the two."""

    merged: LiveSession
    survivor: LiveSession


@dataclass(frozen=True, slots=True)
class Separated:
    """What a separation left where it is, because it changed since, by kind."""

    kept: Mapping[str, Sequence[Any]] = field(default_factory=dict)


class PersonMerges:
    """Previews, merges and separates; each method opens its own transaction."""

    def __init__(
        self,
        *,
        database: Database,
        directory: Directory,
        sessions: Sessions,
        ending: SessionEnding,
        levels: LevelTable,
        notices: Notices,
        clock: Clock,
    ) -> None:
        self._database = database
        self._directory = directory
        self._sessions = sessions
        self._ending = ending
        self._levels = levels
        self._notices = notices
        self._clock = clock

    def preview(self, case_id: str, survivor: str) -> Preview | None:
        """Return what would happen; None where this is no case about this person and another."""
        with self._database.read() as session:
            pair = _pair(session, case_id, survivor)
            if pair is None:
                return None
            return preview_of(session, self._sessions, pair, self._problem(session, case_id, pair))

    def merge(self, case_id: str, survivor: str, by: BothLogins | TwoClerks, *, origin: Origin) -> Ok[int] | Refused:
        """Make the two one and return the event by which it is taken back; refused with a `MergeProblem`."""
        with self._database.transaction() as session:
            pair = _pair(session, case_id, survivor)
            if pair is None:
                return Refused(MergeProblem.NOT_THERE)
            for person_id in sorted((pair.merged, pair.survivor)):
                lock_person(session, person_id)
            problem = self._problem(session, case_id, pair)
            if problem is None and isinstance(by, BothLogins) and not self._is_shown(session, pair, by):
                problem = MergeProblem.NOT_SHOWN
            if problem is not None:
                self._audit(session, Event.PERSONS_MERGE_REFUSED, pair, case_id, origin, problem=problem)
                return Refused(problem)
            actor = by.second if isinstance(by, TwoClerks) else pair.survivor
            change = Change(self._clock.now(), actor_person=actor, reason=_REASON)
            sequence = self._carry_out(session, pair, case_id, by, change)
            self._audit(session, Event.PERSONS_MERGED, pair, case_id, origin)
            self._notices.merged(session, pair.survivor)
            return Ok(sequence)

    def separate(self, sequence: int, *, by: TwoClerks, origin: Origin) -> Ok[Separated] | Refused:
        """Take a merge back and return what had to stay; whether these two may is the caller's to decide."""
        with self._database.transaction() as session:
            event = session.get(MergeEvent, sequence)
            if event is None or event.kind != EventKind.PERSONS_MERGED or event.details is None:
                return Refused(MergeProblem.NOT_THERE)
            pair = Pair(event.details["merged"], event.details["survivor"])
            for person_id in sorted((pair.merged, pair.survivor)):
                lock_person(session, person_id)
            again = sa.exists().where(MergeEvent.undoes == sequence)
            is_merged = session.scalar(sa.select(Person.merged_into).where(Person.id == pair.merged)) == pair.survivor
            if session.scalar(sa.select(again)) or not is_merged:
                return Refused(MergeProblem.DONE_BEFORE)
            change = Change(self._clock.now(), actor_person=by.second, reason="separated", undoes=sequence)
            kept = self._take_back(session, pair, event, change)
            self._audit(session, Event.PERSONS_SEPARATED, pair, event.case_id or "", origin)
            return Ok(Separated(kept))

    def _carry_out(self, session: Session, pair: Pair, case_id: str, by: BothLogins | TwoClerks, change: Change) -> int:
        """Move everything, in an order in which nothing is found twice, and leave the event that takes it back."""
        status = session.scalars(sa.select(Person.status).where(Person.id == pair.merged)).one()
        self._ending.end_all(session, pair.merged, reason=_REASON)
        families.revoke_of_person(session, pair.merged, reason=_REASON, at=change.at)
        moved_consents, ended_consents = merge_moves.move_consents(session, pair, change)
        subjects, both = merge_moves.move_subjects(session, pair)
        acts, acted_for = merge_moves.move_mandates(session, pair)
        details = {
            "merged": pair.merged,
            "survivor": pair.survivor,
            "status": status,
            "approved_by": by.first if isinstance(by, TwoClerks) else None,
            "links": merge_moves.move_links(session, pair, change),
            "marks": merge_moves.copy_marks(session, pair),
            "claims": merge_moves.end_claims(session, pair, change),
            "consents": moved_consents,
            "consents_ended": ended_consents,
            "subjects": subjects,
            "numbers": merge_moves.end_numbers(session, pair, change),
            "contacts": merge_moves.end_contacts(session, pair, change),
            "acts": acts,
            "acted_for": acted_for,
        }
        gone = {"status": PersonStatus.MERGED, "merged_into": pair.survivor, "closed_at": change.at}
        session.execute(sa.update(Person).where(Person.id == pair.merged).values(gone))
        for sector in both:
            self._notices.subjects_replaced(session, sector)
        return record(
            session, EventKind.PERSONS_MERGED, change, person_id=pair.survivor, case_id=case_id, details=details
        )

    def _take_back(self, session: Session, pair: Pair, event: MergeEvent, change: Change) -> dict[str, Sequence[Any]]:
        done: Mapping[str, Any] = event.details or {}
        session.execute(
            sa.update(Person)
            .where(Person.id == pair.merged)
            .values(status=done["status"], merged_into=None, closed_at=None)
        )
        # Who stayed may have met clients by what goes back: they log in anew, as themself.
        self._ending.end_all(session, pair.survivor, reason="separated")
        families.revoke_of_person(session, pair.survivor, reason="separated", at=change.at)
        merge_moves.drop_marks(session, pair, done["marks"])
        merge_moves.reopen_claims(session, done["claims"])
        merge_moves.move_subjects_back(session, pair, done["subjects"])
        merge_moves.move_mandates_back(session, pair, done["acts"], done["acted_for"])
        kept: dict[str, Sequence[Any]] = {
            "links": merge_moves.move_links_back(session, pair, done["links"], change, since=event.at),
            "consents": merge_moves.move_consents_back(session, pair, done["consents"]),
            "consents_ended": done["consents_ended"],  # who agreed twice agrees anew
            "numbers": merge_moves.restore_numbers(session, done["numbers"]),
            "contacts": merge_moves.restore_contacts(session, done["contacts"]),
        }
        kept = {kind: what for kind, what in kept.items() if what}
        record(
            session,
            EventKind.PERSONS_SEPARATED,
            change,
            person_id=pair.survivor,
            case_id=event.case_id,
            details={"merged": pair.merged, "survivor": pair.survivor, "kept": {k: list(v) for k, v in kept.items()}},
        )
        return kept

    def _problem(self, session: Session, case_id: str, pair: Pair) -> MergeProblem | None:
        case = session.get(MergeCase, case_id, populate_existing=True)
        if case is None or case.state != CaseState.CLOSED or case.outcome != Verdict.MERGE:
            return MergeProblem.NOT_DECIDED
        people = [self._directory.load(session, each) for each in (pair.merged, pair.survivor)]
        if people[0] is not None and people[0].merged_into is not None:
            return MergeProblem.DONE_BEFORE
        if any(each is None or each.status is not PersonStatus.ACTIVE for each in people):
            return MergeProblem.NOT_ACTIVE
        if self._directory.proved_number(session, pair.survivor) is None:
            return MergeProblem.NOT_PROVED
        return MergeProblem.STAFF if is_staff(session, pair.merged) else None

    def _is_shown(self, session: Session, pair: Pair, by: BothLogins) -> bool:
        """Tell whether both logins live, are fresh, and are of these two; the one who stays at level 3."""
        now = self._clock.now()
        for live, person_id in ((by.merged, pair.merged), (by.survivor, pair.survivor)):
            current = self._sessions.find_by_id(session, live.id)
            if current is None or current.person_id != person_id or now - current.auth_time > OLDEST_LOGIN:
                return False
            ial = identity_level(session, person_id, now, is_vouched=current.is_vouched)
            level = self._levels.level_of(current.standing(ial, now))
            # The one who goes may never have been proved: two factors of it must do.
            if (person_id == pair.survivor and level < LEAST_LEVEL) or current.aal < _TWO_FACTORS:
                return False
        return by.merged.id != by.survivor.id

    def _audit(
        self,
        session: Session,
        event: Event,
        pair: Pair,
        case_id: str,
        origin: Origin,
        *,
        problem: MergeProblem | None = None,
    ) -> None:
        """Leave a row with each of the two."""
        for person_id, other_id in ((pair.survivor, pair.merged), (pair.merged, pair.survivor)):
            audit(
                session,
                event,
                at=self._clock.now(),
                outcome=Outcome.SUCCESS if problem is None else Outcome.REFUSED,
                reason=None if problem is None else str(problem),
                person_id=person_id,
                origin=origin,
                details={"case": case_id, "other": other_id},
            )


def _pair(session: Session, case_id: str, survivor: str) -> Pair | None:
    case = session.get(MergeCase, case_id)
    if case is None or case.kind != CaseKind.TWO_PERSONS:
        return None
    others = [each for each in candidates_of(session, case_id) if each != survivor]
    is_theirs = len(others) == 1 and survivor in candidates_of(session, case_id)
    return Pair(others[0], survivor) if is_theirs else None
