"""What the erasure of a person takes of this room's tables: all by which they are found among older systems' rows."""

from idp.linking.link_models import MatchKey
from idp.linking.models import AccountSituation, StagedMatch
from idp.storage.erasure import ErasedRows, table_of


def erased_rows() -> tuple[ErasedRows, ...]:
    """Return what goes; links, cases and events stay as the history of an opaque id."""
    return (
        ErasedRows(table_of(MatchKey), lambda person_id: MatchKey.person_id == person_id),
        ErasedRows(table_of(AccountSituation), lambda person_id: AccountSituation.person_id == person_id),
        ErasedRows(table_of(StagedMatch), lambda person_id: StagedMatch.person_id == person_id),
    )
