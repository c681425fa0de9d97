"""Deciding cases: two different people, neither of whom has a part in it, and a third where they differ.

The second looks at the evidence without knowing what the first decided. What nobody is given by it may be decided by
one; a share of those is looked at again by another. Nothing that is decided here gives access (`case_outcomes`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock, civil_date
from idp.core.ids import new_id
from idp.core.results import Ok, Refused
from idp.crypto.blind_index import keyed_digest
from idp.crypto.ciphertext import Place
from idp.crypto.encoding import encode_fields
from idp.crypto.keyring import Keyring, Purpose
from idp.linking import case_outcomes
from idp.linking.accounts import Accounts, AccountView
from idp.linking.case_queue import CaseProblem, Reviewer, held_case, is_anothers
from idp.linking.journal import Change, EventKind
from idp.linking.journal import record as journal
from idp.linking.link_models import CaseCandidate, MergeCase, MergeDecision
from idp.linking.notices import Notices
from idp.linking.vocabulary import CaseKind, CaseState, Stage, Verdict
from idp.storage.engine import Database
from realname.documents.document_number import DocumentNumber
from realname.documents.parse import parse_number


class ReasonCode(StrEnum):
    """Why somebody decided so; what more there is to say stands in the note."""

    SAME_PERSON = "same_person"
    NAME_VARIANT = "name_variant"  # traditional and simplified, a dot, a rare character
    FORMER_NAME = "former_name"
    FORMER_NUMBER = "former_number"
    NUMBER_MISTYPED = "number_mistyped"
    RELATIVE = "relative"  # somebody else's number was given
    OTHER_PERSON = "other_person"
    ORGANISATION = "organisation"
    DECEASED = "deceased"
    NOT_ENOUGH = "not_enough"  # to tell


_OF_PERSONS = frozenset({Verdict.MERGE, Verdict.KEEP_APART})
#: Where "of nobody" gives and takes nothing, so that one person may say it.
_BY_ONE = frozenset({CaseKind.ENTERPRISE, CaseKind.DECEASED})
_STAGES = {CaseState.OPEN: Stage.FIRST, CaseState.SECOND_OPINION: Stage.SECOND, CaseState.SPLIT: Stage.THIRD}
_NOTE_LENGTH = 1000


class Impartiality(Protocol):
    """Who says whether people are too near to what they decide; asks the register, so never within a transaction."""

    def of_deciders(
        self, deciders: Sequence[str], *, about: Sequence[str], numbers: Sequence[DocumentNumber] = ()
    ) -> StrEnum | None:
        """Return why these may not decide about those, None where they may."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody says of a case; `version` is of the case as they saw it."""

    version: int
    verdict: Verdict
    reason_code: ReasonCode
    person_id: str | None = None
    note: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a case by an opinion."""

    state: CaseState
    outcome: str | None = None


class Cases:
    """Takes opinions. Every method opens its transactions itself, and audits what it refuses.

    `audit_share` is the part of what one person decided that is looked at again, from 0 to 1.
    """

    def __init__(
        self,
        *,
        database: Database,
        accounts: Accounts,
        impartiality: Impartiality,
        notices: Notices,
        keyring: Keyring,
        clock: Clock,
        audit_share: float,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._impartiality = impartiality
        self._notices = notices
        self._keyring = keyring
        self._clock = clock
        self._audit_share = audit_share

    def decide(self, reviewer: Reviewer, case_id: str, opinion: Opinion, *, origin: Origin) -> Ok[Decided] | Refused:
        """Take an opinion; refused with a `CaseProblem`, or with why the reviewer is too near to the case."""
        return self._take(reviewer, case_id, opinion, origin, is_audit=False)

    def audit(self, reviewer: Reviewer, case_id: str, opinion: Opinion, *, origin: Origin) -> Ok[Decided] | Refused:
        """Look again at what one person decided; who differs opens the case again, for a third."""
        return self._take(reviewer, case_id, opinion, origin, is_audit=True)

    def problem(self, reviewer: Reviewer, case_id: str) -> StrEnum | None:
        """Return why the reviewer is too near to a case to decide it, or to see it unmasked; None where they are not.

        Opens a read of its own and asks the register.
        """
        with self._database.read() as session:
            found = session.get(MergeCase, case_id)
            if found is None:
                return CaseProblem.NOT_THERE
            about = list(case_outcomes.candidates_of(session, case_id))
            numbers = self._numbers(session, found)
            before = [each.decided_by for each in _decisions(session, case_id)]
        if reviewer.person_id in before:
            return CaseProblem.DECIDED_BEFORE
        return self._impartiality.of_deciders([*before, reviewer.person_id], about=about, numbers=numbers)

    def _take(
        self, reviewer: Reviewer, case_id: str, opinion: Opinion, origin: Origin, *, is_audit: bool
    ) -> Ok[Decided] | Refused:
        origin = replace(origin, actor_person=reviewer.person_id)
        too_near = self.problem(reviewer, case_id)
        with self._database.transaction() as session:
            found = held_case(session, reviewer, case_id)
            if found is None:
                return Refused(CaseProblem.NOT_THERE)
            case: MergeCase = found[0]
            problem = too_near or self._problem(session, case, reviewer, opinion, is_audit=is_audit)
            taken = Refused(problem) if problem is not None else self._write(session, case, reviewer, opinion, is_audit)
            event = Event.MERGE_CASE_AUDITED if is_audit else Event.MERGE_CASE_DECIDED
            if isinstance(taken, Refused):
                event = Event.MERGE_CASE_REFUSED
            self._note(session, event, case, opinion, taken, origin)
            return taken

    def _problem(
        self, session: Session, case: MergeCase, reviewer: Reviewer, opinion: Opinion, *, is_audit: bool
    ) -> CaseProblem | None:
        # What changed is told before that it is over: the page that was looked at is an old one either way.
        if case.version != opinion.version:
            return CaseProblem.CHANGED
        if is_audit and not case.is_audit_due:
            return CaseProblem.NOT_DUE
        if not is_audit and case.state == CaseState.CLOSED:
            return CaseProblem.OVER
        if is_anothers(case, reviewer, self._clock.now()):
            return CaseProblem.TAKEN
        if any(each.decided_by == reviewer.person_id for each in _decisions(session, case.id)):
            return CaseProblem.DECIDED_BEFORE
        if (opinion.verdict in _OF_PERSONS) is not (case.kind == CaseKind.TWO_PERSONS):
            return CaseProblem.VERDICT
        if (opinion.person_id is not None) is not (opinion.verdict is Verdict.LINK):
            return CaseProblem.CANDIDATE
        if opinion.person_id is not None and opinion.person_id not in case_outcomes.candidates_of(session, case.id):
            return CaseProblem.CANDIDATE
        return CaseProblem.NOTE if len(opinion.note) > _NOTE_LENGTH else None

    def _write(
        self, session: Session, case: MergeCase, reviewer: Reviewer, opinion: Opinion, is_audit: bool
    ) -> Ok[Decided] | Refused:
        stage = Stage.AUDIT if is_audit else _STAGES[CaseState(case.state)]
        change = Change(self._clock.now(), actor_person=reviewer.person_id, reason=str(opinion.reason_code))
        before = _decisions(session, case.id)
        decision_id = new_id()
        session.add(
            MergeDecision(
                id=decision_id,
                case_id=case.id,
                stage=stage,
                decided_by=reviewer.person_id,
                verdict=opinion.verdict,
                person_id=opinion.person_id,
                reason_code=opinion.reason_code,
                note=self._sealed(decision_id, opinion.note),
                evidence_digest=self._evidence(session, case),
                decided_at=change.at,
            )
        )
        session.flush()
        details = {"stage": str(stage), "verdict": str(opinion.verdict)}
        journal(session, EventKind.CASE_DECIDED, change, case_id=case.id, account_id=case.account_id, details=details)
        if is_audit:
            return self._audited(session, case, opinion, before, change)
        return Ok(self._advance(session, case, opinion, before, change))

    def _advance(
        self,
        session: Session,
        case: MergeCase,
        opinion: Opinion,
        before: Sequence[MergeDecision],
        change: Change,
    ) -> Decided:
        said = (str(opinion.verdict), opinion.person_id)
        case.assigned_to = case.assigned_until = None
        if not before:
            if CaseKind(case.kind) in _BY_ONE and opinion.verdict is Verdict.NO_LINK:
                case.is_audit_due = self._is_chosen(case.id)
                return self._close(session, case, *said, change)
            case.state = CaseState.SECOND_OPINION
        elif any((each.verdict, each.person_id) == said for each in before):
            return self._close(session, case, *said, change)
        elif len(before) > 1:
            return self._close(session, case, case_outcomes.UNDECIDED, None, change)
        else:
            case.state = CaseState.SPLIT
        case.version += 1
        session.flush()
        return Decided(CaseState(case.state))

    def _audited(
        self, session: Session, case: MergeCase, opinion: Opinion, before: Sequence[MergeDecision], change: Change
    ) -> Ok[Decided] | Refused:
        case.is_audit_due = False
        case.assigned_to = case.assigned_until = None
        case.version += 1
        if any((each.verdict, each.person_id) == (opinion.verdict, opinion.person_id) for each in before):
            session.flush()
            return Ok(Decided(CaseState(case.state), case.outcome))
        try:
            with session.begin_nested():
                case.state, case.outcome, case.closed_at = CaseState.SPLIT, None, None
                session.flush()
        except IntegrityError:
            return Refused(CaseProblem.REOPENED)
        journal(
            session,
            EventKind.CASE_REOPENED,
            change,
            case_id=case.id,
            account_id=case.account_id,
            before=CaseState.CLOSED,
            after=CaseState.SPLIT,
        )
        return Ok(Decided(CaseState.SPLIT))

    def _close(self, session: Session, case: MergeCase, outcome: str, person_id: str | None, change: Change) -> Decided:
        proposed = case_outcomes.close(session, case, outcome, person_id, change=change)
        if proposed is not None:
            account = self._accounts.find(session, proposed.system_number, proposed.account_id)
            if account is not None:
                self._notices.decided(session, proposed.person_id, account)
        return Decided(CaseState.CLOSED, outcome)

    def _is_chosen(self, case_id: str) -> bool:
        """Choose by a keyed digest, so that nobody knows beforehand which decision is looked at again."""
        digest = keyed_digest(self._keyring, "merge case audit", case_id)
        return int.from_bytes(digest[:6].encode(), "big") % 10_000 < self._audit_share * 10_000

    def _evidence(self, session: Session, case: MergeCase) -> str:
        """Return the keyed digest of what was there to be seen."""
        rows = session.execute(
            sa.select(CaseCandidate.person_id, CaseCandidate.score)
            .where(CaseCandidate.case_id == case.id)
            .order_by(CaseCandidate.person_id)
        )
        seen = [part for row in rows for part in (row.person_id, f"{row.score:.4f}")]
        account = self._account(session, case)
        if account is not None:
            seen += [str(account.batch_number), str(account.row_number), str(account.version)]
        return keyed_digest(self._keyring, "merge case", encode_fields(case.id, str(case.version), *seen))

    def _numbers(self, session: Session, case: MergeCase) -> Sequence[DocumentNumber]:
        """Return the number that the row names: whose household that is counts too."""
        account = self._account(session, case)
        if account is None:
            return ()
        parsed = parse_number(account.row.number, today=civil_date(self._clock.now()))
        return (parsed.value,) if isinstance(parsed, Ok) else ()

    def _account(self, session: Session, case: MergeCase) -> AccountView | None:
        if case.account_id is None or case.system_number is None:
            return None
        return self._accounts.find(session, case.system_number, case.account_id)

    def _sealed(self, decision_id: str, note: str) -> bytes | None:
        if not note.strip():
            return None
        return self._keyring.encrypt(Purpose.DATA, note.strip().encode(), note_place(decision_id))

    def _note(
        self,
        session: Session,
        event: Event,
        case: MergeCase,
        opinion: Opinion,
        taken: Ok[Decided] | Refused,
        origin: Origin,
    ) -> None:
        refused = isinstance(taken, Refused)
        details: Mapping[str, object] = {"case": case.id, "kind": case.kind, "verdict": str(opinion.verdict)}
        record(
            session,
            event,
            at=self._clock.now(),
            outcome=Outcome.REFUSED if refused else Outcome.SUCCESS,
            reason=str(taken.reason) if isinstance(taken, Refused) else str(opinion.reason_code),
            person_id=None if refused else opinion.person_id,
            origin=origin,
            details={**details, "state": case.state},
        )


def note_place(decision_id: str) -> Place:
    """Return where the note of a decision belongs."""
    return Place("merge_decisions", "note", decision_id)


def _decisions(session: Session, case_id: str) -> Sequence[MergeDecision]:
    rows = sa.select(MergeDecision).where(MergeDecision.case_id == case_id)
    return session.scalars(rows.order_by(MergeDecision.decided_at, MergeDecision.id)).all()
