"""Accounts that waited for somebody: matched again when a person proves a number, a name or a mobile."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.results import Ok
from idp.linking import case_opening, links
from idp.linking.journal import Change, EventKind
from idp.linking.link_models import Link, MatchKey, MergeCase
from idp.linking.link_sets import move_all
from idp.linking.matching import UNCHANGED, known_mobiles
from idp.linking.models import AccountSituation, LegacyAccount
from idp.linking.proposing import hold_system
from idp.linking.situations import COMPARED, Rows, situations
from idp.linking.systems import SystemView, all_systems
from idp.linking.vocabulary import Action, Situation


def rematch(session: Session, person_ids: Sequence[str], *, at: datetime) -> int:
    """Match the accounts that name these persons anew, in the caller's transaction; return how many were proposed.

    Only accounts that a batch left a situation for: what was taken back stays as it is.
    """
    if not person_ids:
        return 0
    waiting = _accounts(session, person_ids)
    systems = {each.number: each for each in all_systems(session)}
    for number in sorted(waiting):
        hold_system(session, number)
    change = Change(at=at, reason="person_changed")
    return sum(match_again(session, systems[number], waiting[number], change) for number in sorted(waiting))


def match_again(session: Session, system: SystemView, accounts: Sequence[int], change: Change) -> int:
    """Match these accounts of a system, which the caller holds, anew; return how many were proposed."""
    return _carry_out(session, system, _match(session, system.number, accounts), change)


def _accounts(session: Session, person_ids: Sequence[str]) -> Mapping[int, Sequence[int]]:
    """Return the accounts, by their systems, that carry a number of theirs, or a name with their mobile."""
    account = LegacyAccount
    ways = ((account.number_index, MatchKey.number_index), (account.name_mobile_index, MatchKey.name_mobile_index))
    found: dict[int, set[int]] = defaultdict(set)
    for of_account, of_person in ways:
        for system_number, account_id in session.execute(
            sa.select(account.system_number, account.account_id)
            .join(MatchKey, of_person == of_account)
            .join(
                AccountSituation,
                sa.and_(
                    AccountSituation.system_number == account.system_number,
                    AccountSituation.account_id == account.account_id,
                ),
            )
            .where(MatchKey.person_id.in_(person_ids), account.valid_to.is_(None), of_account.is_not(None))
        ):
            found[system_number].add(account_id)
    return {number: sorted(accounts) for number, accounts in found.items()}


def _match(session: Session, system_number: int, accounts: Sequence[int]) -> Sequence[Any]:
    account = LegacyAccount
    bare: tuple[Any, ...] = (account.account_id.label("key"), account.system_number)
    bare += tuple(getattr(account, name) for name in COMPARED)
    standing: tuple[Any, ...] = (
        account.account_id,
        sa.literal(UNCHANGED).label("change"),
        sa.false().label("is_identity_changed"),
    )
    are_these = sa.and_(
        account.system_number == system_number, account.account_id.in_(accounts), account.valid_to.is_(None)
    )
    rows = Rows(bare=sa.select(*bare).where(are_these), whole=sa.select(*bare, *standing).where(are_these))
    found = situations(rows, crowd=(known_mobiles(),)).subquery()
    return session.execute(sa.select(found).order_by(found.c.key)).all()


def _carry_out(session: Session, system: SystemView, rows: Sequence[Any], change: Change) -> int:
    proposed, wanted = 0, []
    for row in rows:
        situation = Situation(row.situation)
        action = system.rules.action(situation)
        _keep(session, row)
        _withdraw(session, row, action, change)
        if action is Action.PROPOSE and row.person_id is not None:
            made = links.propose(
                session,
                system_number=system.number,
                account_id=row.account_id,
                person_id=row.person_id,
                situation=situation,
                change=change,
            )
            proposed += isinstance(made, Ok)
        elif action is Action.OPEN_CASE and row.person_id is not None and situation in case_opening.KINDS:
            kind = case_opening.KINDS[situation]
            if not _is_known(session, row.account_id, kind):
                wanted.append(case_opening.Wanted(kind, system.number, row.account_id, (row.person_id,)))
    if wanted:
        case_opening.open_all(session, wanted, change)
    return proposed


def _keep(session: Session, row: Any) -> None:
    told = {"situation": row.situation, "person_id": row.person_id}
    session.execute(
        sa.update(AccountSituation)
        .where(AccountSituation.system_number == row.system_number, AccountSituation.account_id == row.account_id)
        .values(told)
    )


def _withdraw(session: Session, row: Any, action: Action, change: Change) -> None:
    """End a proposal that no longer holds: the number is another one's now, or two share it."""
    stale = sa.true() if action is not Action.PROPOSE or row.person_id is None else Link.person_id != row.person_id
    move_all(session, EventKind.LINK_EXPIRED, change, sa.and_(Link.account_id == row.account_id, stale))


def _is_known(session: Session, account_id: int, kind: str) -> bool:
    """Tell whether the case is open, or was decided: the account itself says nothing new."""
    known = sa.select(MergeCase.id).where(MergeCase.account_id == account_id, MergeCase.kind == kind)
    return session.scalar(known.limit(1)) is not None
