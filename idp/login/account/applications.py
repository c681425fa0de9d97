"""What a person lets clients have: listing the consents and withdrawing them."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from clients import consents
from idp.audit.log import Origin
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
    scopes: tuple[str, ...]
    granted_at: datetime
    last_used_at: datetime | None


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
        return tuple(
            Application(
                consent.id,
                consent.client_id,
                tuple(item.name for item in consent.items),
                consent.granted_at,
                used.get(consent.client_id),
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
