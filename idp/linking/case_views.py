"""A case as a reviewer sees it: the account and who may be meant side by side, masked, with the weight of each field.

Clear values are shown on request alone, with a reason that the audit keeps. What others decided is shown to nobody who
has yet to decide.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.core.results import Ok, Refused
from idp.crypto.keyring import Keyring, Purpose
from idp.linking.accounts import Accounts, AccountView
from idp.linking.case_queue import CaseProblem, CaseRow, Reviewer, find_case, held_case, is_anothers, row_of
from idp.linking.cases import Cases, ReasonCode, note_place
from idp.linking.link_models import CaseCandidate, Link, MergeCase, MergeDecision
from idp.linking.vocabulary import CaseState, HolderKind, LinkState, NumberState, SourceState, Stage, Verdict
from idp.persons.ciphers import PersonErased, PersonUnknown
from idp.persons.directory import Directory
from idp.storage.engine import Database
from realname.documents.masking import mask_mobile, mask_name, mask_number


class UnmaskReason(StrEnum):
    """Why somebody has to see clear values; the audit keeps it."""

    COMPARE_NUMBER = "compare_number"
    COMPARE_NAME = "compare_name"
    ASK_SOURCE = "ask_source"  # the older system's owner is asked about the row
    CALL_PERSON = "call_person"


@dataclass(frozen=True, slots=True)
class AccountShown:
    """What the row says, masked or in clear; the state words are its own."""

    reference: str = field(repr=False)
    name: str = field(repr=False)
    former_name: str = field(repr=False)
    number: str = field(repr=False)
    mobile: str = field(repr=False)
    birth_date: str = field(repr=False)
    organisation: str = field(repr=False)
    registered_at: str
    last_login_at: str
    number_state: NumberState
    holder: HolderKind
    source: SourceState
    is_contradictory: bool


@dataclass(frozen=True, slots=True)
class CandidateShown:
    """Who may be meant; `weights` is per field in per cent, `link` how the account stands to them now."""

    person_id: str
    score: float
    weights: Mapping[str, Any]
    name: str = field(repr=False)
    number: str = field(repr=False)
    mobile: str = field(repr=False)
    link: LinkState | None
    is_erased: bool = False


@dataclass(frozen=True, slots=True)
class DecisionShown:
    """An opinion, for who gave theirs."""

    stage: Stage
    decided_by: str
    verdict: Verdict
    person_id: str | None
    reason_code: ReasonCode
    note: str = field(repr=False)
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class CaseDetail:
    """A case; `stages` says which opinions there are, `decisions` what they were, where that may be told."""

    row: CaseRow
    account: AccountShown | None
    candidates: tuple[CandidateShown, ...]
    stages: tuple[Stage, ...]
    decisions: tuple[DecisionShown, ...]


class CaseViews:
    """Reads cases for reviewers."""

    def __init__(
        self,
        *,
        database: Database,
        accounts: Accounts,
        cases: Cases,
        directory: Directory,
        keyring: Keyring,
        clock: Clock,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._cases = cases
        self._directory = directory
        self._keyring = keyring
        self._clock = clock

    def detail(self, reviewer: Reviewer, case_id: str) -> CaseDetail | None:
        """Return a case, masked; None where there is none for this reviewer."""
        with self._database.read() as session:
            found = find_case(session, reviewer, case_id)
            return None if found is None else self._detail(session, found, reviewer, _MASKED)

    def unmask(
        self, reviewer: Reviewer, case_id: str, reason: UnmaskReason, *, origin: Origin
    ) -> Ok[CaseDetail] | Refused:
        """Return a case in clear to who has taken it and may decide it; each time a row of the audit."""
        now, by = self._clock.now(), replace(origin, actor_person=reviewer.person_id)
        too_near = self._cases.problem(reviewer, case_id)
        with self._database.transaction() as session:
            found = held_case(session, reviewer, case_id)
            if found is None:
                return Refused(CaseProblem.NOT_THERE)
            problem = too_near or _not_taken(found[0], reviewer, now)
            details = {"case": case_id, "kind": found[0].kind, "why": str(reason)}
            record(
                session,
                Event.MERGE_CASE_UNMASKED,
                at=now,
                outcome=Outcome.SUCCESS if problem is None else Outcome.REFUSED,
                reason=None if problem is None else str(problem),
                origin=by,
                details=details,
            )
            if problem is not None:
                return Refused(problem)
            shown = self._detail(session, found, reviewer, _CLEAR)
            self._note_seen(session, shown, by, details, now)
            return Ok(shown)

    def _note_seen(
        self, session: Session, shown: CaseDetail, by: Origin, details: Mapping[str, Any], now: datetime
    ) -> None:
        """Leave a row with each person whose data was seen, who may ask for it."""
        for each in shown.candidates:
            record(
                session,
                Event.MERGE_CASE_UNMASKED,
                at=now,
                person_id=each.person_id,
                origin=by,
                details=dict(details),
            )

    def _detail(self, session: Session, found: Any, reviewer: Reviewer, mask: "_Mask") -> CaseDetail:
        case: MergeCase = found[0]
        row = row_of(*found, reviewer=reviewer, now=self._clock.now())
        account = None
        if case.system_number is not None and case.account_id is not None:
            account = self._accounts.find(session, case.system_number, case.account_id)
        rows = session.scalars(
            sa.select(CaseCandidate)
            .where(CaseCandidate.case_id == case.id)
            .order_by(CaseCandidate.score.desc(), CaseCandidate.person_id)
        ).all()
        decided = session.scalars(
            sa.select(MergeDecision)
            .where(MergeDecision.case_id == case.id)
            .order_by(MergeDecision.decided_at, MergeDecision.id)
        ).all()
        may_know = row.has_decided or (case.state == CaseState.CLOSED and not case.is_audit_due)
        return CaseDetail(
            row=row,
            account=_account(account, mask) if account is not None else None,
            candidates=tuple(self._candidate(session, each, case.account_id, mask) for each in rows),
            stages=tuple(Stage(each.stage) for each in decided),
            decisions=tuple(self._decision(each) for each in decided) if may_know else (),
        )

    def _candidate(self, session: Session, row: CaseCandidate, account_id: int | None, mask: "_Mask") -> CandidateShown:
        state = session.scalar(
            sa.select(Link.state)
            .where(Link.account_id == account_id, Link.person_id == row.person_id)
            .order_by(Link.id.desc())
            .limit(1)
        )
        link = None if state is None else LinkState(state)
        try:
            profile = self._directory.profile(session, row.person_id)
            number = self._directory.proved_number(session, row.person_id)
        except (PersonErased, PersonUnknown):
            return CandidateShown(row.person_id, row.score, row.evidence, "", "", "", link, is_erased=True)
        return CandidateShown(
            person_id=row.person_id,
            score=row.score,
            weights=row.evidence,
            name=mask.name(profile.full_name or ""),
            number=mask.number(number.canonical if number is not None else ""),
            mobile=mask.mobile(profile.mobile or ""),
            link=link,
        )

    def _decision(self, row: MergeDecision) -> DecisionShown:
        note = "" if row.note is None else self._keyring.decrypt(Purpose.DATA, row.note, note_place(row.id)).decode()
        return DecisionShown(
            stage=Stage(row.stage),
            decided_by=row.decided_by,
            verdict=Verdict(row.verdict),
            person_id=row.person_id,
            reason_code=ReasonCode(row.reason_code),
            note=note,
            decided_at=row.decided_at,
        )


@dataclass(frozen=True, slots=True)
class _Mask:
    name: Callable[[str], str]
    number: Callable[[str], str]
    mobile: Callable[[str], str]
    date: Callable[[str], str]


def mask_reference(reference: str) -> str:
    """Return an account's own reference with its middle starred; many are made of a number or a mobile."""
    return mask_number(reference, strict=True)


def _whole(text: str) -> str:
    return text


_CLEAR = _Mask(_whole, _whole, _whole, _whole)
_MASKED = _Mask(
    name=lambda text: mask_name(text) if text else "",
    number=lambda text: mask_number(text, strict=True) if text else "",
    mobile=lambda text: mask_mobile(text) if text else "",
    date=lambda text: text[:4],  # the year tells generations apart
)


def _account(account: AccountView, mask: _Mask) -> AccountShown:
    row = account.row
    return AccountShown(
        reference=mask.number(row.reference),
        name=mask.name(row.name),
        former_name=mask.name(row.former_name),
        number=mask.number(row.number),
        mobile=mask.mobile(row.mobile),
        birth_date=mask.date(row.birth_date),
        organisation=row.organisation,
        registered_at=row.registered_at[:10],
        last_login_at=row.last_login_at[:10],
        number_state=account.number_state,
        holder=account.holder_kind,
        source=account.source_state,
        is_contradictory=account.is_contradictory,
    )


def _not_taken(case: MergeCase, reviewer: Reviewer, now: datetime) -> CaseProblem | None:
    if is_anothers(case, reviewer, now):
        return CaseProblem.TAKEN
    is_theirs = case.assigned_to == reviewer.person_id and case.assigned_until is not None and case.assigned_until > now
    return None if is_theirs else CaseProblem.NOT_TAKEN
