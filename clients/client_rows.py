"""Rows of clients within a transaction: made, held, rid of fetched keys."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from clients.changes import ChangeRefusal, ClientChangeRefused
from clients.client import ClientState
from clients.metadata import ValidMetadata
from clients.models import ClientKey, ClientRow
from clients.registry import is_client_id
from clients.sector import own_sector


def new_row(client_id: str, valid: ValidMetadata, *, at: datetime) -> ClientRow:
    """Return the row of a new client under our default rules; state and origin are the caller's."""
    return ClientRow(
        client_id=client_id,
        version=1,
        client_metadata=valid.document,
        sector=valid.sector or own_sector(client_id),
        subject_type=valid.subject_type,
        require_pkce=True,
        require_consent=True,
        assertion_audience="issuer",
        allowed_resources=[],
        for_staff=False,
        acting_for=False,
        created_at=at,
        updated_at=at,
    )


def locked(session: Session, client_id: str) -> ClientRow:
    """Return the row, held against other changes until the transaction ends; raises ClientChangeRefused."""
    row = None
    if is_client_id(client_id):
        row = session.scalar(
            sa.select(ClientRow)
            .where(ClientRow.client_id == client_id, ClientRow.state != ClientState.DELETED)
            .with_for_update()
        )
    if row is None:
        raise ClientChangeRefused(ChangeRefusal.UNKNOWN_CLIENT)
    return row


def forget_fetched_keys(session: Session, client_id: str) -> None:
    """Delete what was fetched from the client's jwks_uri."""
    session.execute(sa.delete(ClientKey).where(ClientKey.client_id == client_id))
