"""What the erasure of a person takes of this room's tables: the digest of what a reported death rested on."""

from idp.storage.erasure import ErasedRows, table_of
from realname.proofing.models import DeathReport


def erased_rows() -> tuple[ErasedRows, ...]:
    """Return what is erased of this room's tables."""
    return (
        ErasedRows(
            table_of(DeathReport), lambda person_id: DeathReport.person_id == person_id, {"evidence_digest": None}
        ),
    )
