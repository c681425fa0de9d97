"""What a person lets clients have: listing the consents and withdrawing them."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from clients import consents
from clients.consents import GrantedItem
from idp.audit.events import Event
from idp.audit.log import Origin
from idp.audit.models import AuditEvent
from idp.core.clock import Clock
from idp.login.account.current_password import Holder
from idp.storage.engine import Database
from idp.tokens import families
from idp.tokens.models import TokenGrant

_REASON = "consent_withdrawn"


@dataclass(frozen=True, slots=True)
class Application:
    """One client with what the person lets it have."""

    consent_id: str
    client_id: str
    items: tuple[GrantedItem, ...]
    granted_at: datetime
    last_used_at: datetime | None
    identity_given_at: datetime | None = None


class Applications:
    """Lists and withdraws the consents of who is logged in, and of nobody else."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def all(self, holder: Holder) -> tuple[Application, ...]:
        """Return the consents that stand, the newest first."""
        with self._database.read() as session:
            live = consents.list_for(session, holder.person_id)
            used: dict[str | None, datetime] = {
                row.client_id: row.last_at
                for row in session.execute(
                    sa.select(TokenGrant.client_id, sa.func.max(TokenGrant.created_at).label("last_at"))
                    .where(TokenGrant.person_id == holder.person_id)
                    .group_by(TokenGrant.client_id)
                )
            }
            given = _identity_given(session, holder.person_id)
        return tuple(
            Application(
                consent.id,
                consent.client_id,
                consent.items,
                consent.granted_at,
                used.get(consent.client_id),
                given.get(consent.client_id),
            )
            for consent in live
        )

    def withdraw(self, holder: Holder, consent_id: str, *, origin: Origin) -> bool:
        """End a consent and every token that stands on it; False where the person has no such consent."""
        now = self._clock.now()
        with self._database.transaction() as session:
            live = consents.list_for(session, holder.person_id)
            client_id = next((each.client_id for each in live if each.id == consent_id), None)
            if client_id is None or not consents.withdraw(
                session, holder.person_id, consent_id=consent_id, at=now, origin=origin
            ):
                return False
            families.revoke_of_person(session, holder.person_id, reason=_REASON, at=now, client_id=client_id)
            return True


def _identity_given(session: Session, person_id: str) -> dict[str | None, datetime]:
    """Return when each client was last given identity data of the person, by the audit."""
    rows = session.execute(
        sa.select(AuditEvent.client_id, sa.func.max(AuditEvent.at).label("last_at"))
        .where(AuditEvent.person_id == person_id, AuditEvent.event == Event.IDENTITY_RELEASED)
        .group_by(AuditEvent.client_id)
    )
    return {row.client_id: row.last_at for row in rows}
