"""What follows from a decided case: proposals, marks that keep later runs away, links taken back; never an access.

The one exception gives nothing new: who had an account while somebody else claimed it, and was found to be its owner,
has it again.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.results import Ok
from idp.linking import links
from idp.linking.journal import Change, EventKind, record
from idp.linking.link_models import CaseCandidate, MergeCase, NoLink
from idp.linking.links import LinkView
from idp.linking.vocabulary import CaseKind, CaseState, LinkState, Situation, Verdict

#: Why a mark stands that a decision left; a later decision of the kind may take it away.
BY_CASE = "case"
#: What comes of a case in which three people said three things.
UNDECIDED = "undecided"


def close(session: Session, case: MergeCase, outcome: str, person_id: str | None, *, change: Change) -> LinkView | None:
    """Close a case that the caller holds and carry its outcome out; return the link that was proposed by it."""
    _close(session, case, outcome, change)
    if case.account_id is None or case.system_number is None:
        return None
    candidates = candidates_of(session, case.id)
    if outcome == Verdict.NO_LINK:
        for each in candidates:
            _keep_away(session, case, each, change)
        return None
    if outcome != Verdict.LINK or person_id is None:
        return None
    for each in candidates:
        if each != person_id:
            _keep_away(session, case, each, change)
    return _give(session, case, person_id, change)


def close_for_account(session: Session, account_id: int, *, outcome: str, change: Change) -> int:
    """Close what is open about an account that was decided elsewhere, before its owner; return how many."""
    which = (MergeCase.account_id == account_id, MergeCase.state != CaseState.CLOSED)
    cases = session.scalars(sa.select(MergeCase).where(*which).with_for_update()).all()
    for case in cases:
        _close(session, case, outcome, change)
    return len(cases)


def candidates_of(session: Session, case_id: str) -> Sequence[str]:
    """Return who may be meant."""
    rows = sa.select(CaseCandidate.person_id).where(CaseCandidate.case_id == case_id)
    return session.scalars(rows.order_by(CaseCandidate.score.desc(), CaseCandidate.person_id)).all()


def _close(session: Session, case: MergeCase, outcome: str, change: Change) -> None:
    before = case.state
    case.state, case.outcome, case.closed_at = CaseState.CLOSED, outcome, change.at
    case.assigned_to = case.assigned_until = None
    case.version += 1
    session.flush()
    record(
        session,
        EventKind.CASE_CLOSED,
        change,
        system_number=case.system_number,
        account_id=case.account_id,
        case_id=case.id,
        before=before,
        after=CaseState.CLOSED,
        details={"kind": case.kind, "outcome": outcome},
    )


def _keep_away(session: Session, case: MergeCase, person_id: str, change: Change) -> None:
    assert case.account_id is not None and case.system_number is not None  # noqa: S101 - the caller looked
    link = _live(session, case.account_id, person_id)
    if link is None:
        links.forbid(session, case.system_number, case.account_id, person_id, reason=BY_CASE, change=change)
    elif link.state is LinkState.PROPOSED:
        links.reject(session, link.id, change=change)
    else:
        links.revoke(session, link.id, change=change)


def _give(session: Session, case: MergeCase, person_id: str, change: Change) -> LinkView | None:
    assert case.account_id is not None and case.system_number is not None  # noqa: S101 - the caller looked
    link = _live(session, case.account_id, person_id)
    if link is not None:
        if link.state is LinkState.SUSPENDED and case.kind == CaseKind.CONTESTED:
            links.resume(session, link.id, change=change)
        return None
    # What an earlier decision said gives way to this one; what the person said does not.
    by_case = sa.and_(NoLink.account_id == case.account_id, NoLink.person_id == person_id, NoLink.reason == BY_CASE)
    session.execute(sa.delete(NoLink).where(by_case))
    proposed = links.propose(
        session,
        system_number=case.system_number,
        account_id=case.account_id,
        person_id=person_id,
        situation=_SITUATIONS.get(CaseKind(case.kind), Situation.DISPUTED),
        change=change,
    )
    return links.find(session, proposed.value) if isinstance(proposed, Ok) else None


_SITUATIONS = {
    CaseKind.FORMER_NUMBER: Situation.FOUND_FORMER,
    CaseKind.CANDIDATE: Situation.UNQUALIFIED,
    CaseKind.AMBIGUOUS: Situation.AMBIGUOUS,
    CaseKind.CONTRADICTED: Situation.CONTRADICTED,
    CaseKind.ENTERPRISE: Situation.ENTERPRISE,
    CaseKind.DECEASED: Situation.DECEASED,
}


def _live(session: Session, account_id: int, person_id: str) -> LinkView | None:
    return next((each for each in links.of_account(session, account_id) if each.person_id == person_id), None)
