"""What the erasure of a person takes of the outbox: every message to them, sent or not.

A logout that a client is still to be told of stays: it names a session and a subject, and nobody.
"""

from idp.outbox.models import Delivery
from idp.storage.erasure import ErasedRows, table_of


def erased_rows() -> tuple[ErasedRows, ...]:
    """Return what is erased of this room's table."""
    return (ErasedRows(table_of(Delivery), lambda person_id: Delivery.person_id == person_id),)
