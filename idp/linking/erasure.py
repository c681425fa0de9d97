"""What the erasure of a person takes of this room's tables: all by which they are found among older systems' rows.

Links, cases and events stay as the history of an opaque id. Of accounts those go that were the person's by an active
link; what an older system says of anybody else stays its own.
"""

import sqlalchemy as sa

from idp.linking.link_models import Link, MatchKey
from idp.linking.models import AccountSituation, LegacyAccount, StagedMatch, StagedRow
from idp.linking.vocabulary import OWNING_STATES
from idp.storage.erasure import ErasedRows, table_of


def erased_rows() -> tuple[ErasedRows, ...]:
    """Return what goes, those that are found by others first."""
    return (
        ErasedRows(table_of(StagedRow), _is_staged_for),
        ErasedRows(table_of(StagedMatch), lambda person_id: StagedMatch.person_id == person_id),
        ErasedRows(
            table_of(LegacyAccount),
            lambda person_id: LegacyAccount.account_id.in_(
                sa.select(Link.account_id).where(Link.person_id == person_id, Link.state.in_(sorted(OWNING_STATES)))
            ),
        ),
        ErasedRows(table_of(AccountSituation), lambda person_id: AccountSituation.person_id == person_id),
        ErasedRows(table_of(MatchKey), lambda person_id: MatchKey.person_id == person_id),
    )


def _is_staged_for(person_id: str) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        StagedMatch.batch_number == StagedRow.batch_number,
        StagedMatch.row_number == StagedRow.row_number,
        StagedMatch.person_id == person_id,
    )
