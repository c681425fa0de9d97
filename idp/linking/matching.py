"""The dry run of a batch: what each staged row is, and what would be done about it. Nothing but the plan is written.

Whatever a row finds is only ever a proposal, a case or a wait; nothing here, and nothing that carries the plan out,
makes a link active.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.errors import IdpError
from idp.crypto.keyring import Purpose
from idp.keys.models import KeyRotation, WrappedKey
from idp.linking.account_ids import highest_account_id
from idp.linking.models import ACCOUNT_IDS, LegacyAccount, StagedMatch, StagedRow
from idp.linking.rules import Rules
from idp.linking.situations import COMPARED, Rows, situations
from idp.linking.systems import SystemView
from idp.linking.vocabulary import Action, Situation
from idp.storage.engine import take_time

#: How a row stands to the account that it is of.
ADDED, CHANGED, UNCHANGED = "added", "changed", "unchanged"
# A batch of a million rows is joined in memory instead of in files.
_WORK_MEMORY = "256MB"


class IndexKeyExchanged(IdpError):
    """The index key is being exchanged, or was since the batch was staged: rows and accounts would not meet."""


@dataclass(frozen=True, slots=True)
class SituationCounts:
    """What a dry run found: how many rows are in each situation, and how they stand to their accounts."""

    situations: Mapping[Situation, int]
    changes: Mapping[str, int]
    actions: Mapping[Action, int]

    @property
    def rows(self) -> int:
        """All of them."""
        return sum(self.changes.values())


def match_batch(session: Session, *, batch_number: int, system: SystemView, at: datetime) -> SituationCounts:
    """Fill the plan of a batch from its staged rows, anew each time; every row gets the id of its account.

    Raises IndexKeyExchanged: stage the batch again once the exchange is over.
    """
    del at  # a situation does not depend on the time
    take_time(session)
    _require_one_key(session, batch_number)
    session.execute(sa.delete(StagedMatch).where(StagedMatch.batch_number == batch_number))
    session.execute(_plan(session, batch_number, system))
    return count_situations(session, batch_number)


def count_situations(session: Session, batch_number: int) -> SituationCounts:
    """Return what the latest dry run of a batch found."""
    take_time(session)
    columns = (StagedMatch.situation, StagedMatch.change, StagedMatch.action)
    found: dict[Situation, int] = {}
    changes: dict[str, int] = {}
    actions: dict[Action, int] = {}
    for situation, change, action, rows in session.execute(
        sa.select(*columns, sa.func.count()).where(StagedMatch.batch_number == batch_number).group_by(*columns)
    ):
        found[Situation(situation)] = found.get(Situation(situation), 0) + rows
        changes[change] = changes.get(change, 0) + rows
        actions[Action(action)] = actions.get(Action(action), 0) + rows
    return SituationCounts(MappingProxyType(found), MappingProxyType(changes), MappingProxyType(actions))


def action_column(
    rules: Rules, situation: sa.ColumnElement[str], person_id: sa.ColumnElement[str | None]
) -> sa.ColumnElement[str]:
    """Return in SQL what the rules do in a situation; without a candidate there is nothing to decide about."""
    lacks_candidate = sa.and_(situation == Situation.UNQUALIFIED, person_id.is_(None))
    waits = Action.NOTHING if rules.action(Situation.UNQUALIFIED) is Action.NOTHING else Action.WAIT
    table = sa.case({str(each): str(rules.action(each)) for each in Situation}, value=situation)
    return sa.case((lacks_candidate, str(waits)), else_=table)


def _plan(session: Session, batch_number: int, system: SystemView) -> sa.Insert:
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    if not is_sqlite:
        session.execute(sa.text(f"SET LOCAL work_mem = '{_WORK_MEMORY}'"))
        # One statement of many expressions: compiling them costs more than it saves.
        session.execute(sa.text("SET LOCAL jit = off"))
    rows = _rows(batch_number, system.number)
    found = situations(rows, crowd=(_staged_mobiles(batch_number), known_mobiles())).subquery("found_rows")
    # Carried from here on, because a join by reference would cost more than everything else.
    new_account = sa.literal(highest_account_id(session)) + found.c.key if is_sqlite else ACCOUNT_IDS.next_value()
    return sa.insert(StagedMatch).from_select(
        ["batch_number", "row_number", "change", "account_id", "situation", "action", "person_id"],
        sa.select(
            sa.literal(batch_number),
            found.c.key,
            found.c.change,
            sa.func.coalesce(found.c.account_id, new_account),
            found.c.situation,
            action_column(system.rules, found.c.situation, found.c.person_id),
            found.c.person_id,
        ),
    )


def _rows(batch_number: int, system_number: int) -> Rows:
    """Return the staged rows, and beside the accounts that they are of."""
    account, system = LegacyAccount, sa.literal(system_number).label("system_number")
    is_changed = account.content_digest != StagedRow.content_digest
    bare: tuple[Any, ...] = (StagedRow.row_number.label("key"), system)
    bare += tuple(getattr(StagedRow, name) for name in COMPARED)
    standing: tuple[Any, ...] = (
        account.account_id,
        sa.case((account.account_id.is_(None), ADDED), (is_changed, CHANGED), else_=UNCHANGED).label("change"),
        sa.and_(
            account.account_id.is_not(None),
            sa.or_(
                account.number_index.is_distinct_from(StagedRow.number_index),
                account.pair_index.is_distinct_from(StagedRow.pair_index),
            ),
        ).label("is_identity_changed"),
    )
    of_account = sa.and_(
        account.system_number == system_number, account.ref_index == StagedRow.ref_index, account.valid_to.is_(None)
    )
    is_of_batch = StagedRow.batch_number == batch_number
    return Rows(
        bare=sa.select(*bare).where(is_of_batch),
        whole=sa.select(*bare, *standing).outerjoin(account, of_account).where(is_of_batch),
    )


def known_mobiles() -> sa.Select[Any]:
    """Return beside which names the accounts that are here carry which mobiles."""
    columns: tuple[Any, ...] = (LegacyAccount.mobile_index, LegacyAccount.name_mobile_index)
    return sa.select(*columns).where(LegacyAccount.valid_to.is_(None), LegacyAccount.mobile_index.is_not(None))


def _staged_mobiles(batch_number: int) -> sa.Select[Any]:
    columns: tuple[Any, ...] = (StagedRow.mobile_index, StagedRow.name_mobile_index)
    return sa.select(*columns).where(StagedRow.batch_number == batch_number, StagedRow.mobile_index.is_not(None))


def _require_one_key(session: Session, batch_number: int) -> None:
    """Raise IndexKeyExchanged unless rows and accounts are all under the version that is active."""
    exchanged = sa.select(KeyRotation.purpose).where(KeyRotation.purpose == Purpose.INDEX)
    newest = session.scalar(sa.select(sa.func.max(WrappedKey.version)).where(WrappedKey.purpose == Purpose.INDEX))
    staged = sa.select(StagedRow.key_version).where(StagedRow.batch_number == batch_number).distinct()
    if session.scalar(exchanged) is not None or any(each != newest for each in session.scalars(staged)):
        raise IndexKeyExchanged("the index key is being exchanged or was; stage the batch again afterwards")
