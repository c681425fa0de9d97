"""What a person lets clients have, of themself and of whom they act for: listing the consents, withdrawing them."""

from dataclasses import dataclass, replace
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
from idp.persons import mandates
from idp.persons.directory import Directory
from idp.storage.engine import Database
from idp.tokens import families
from idp.tokens.models import TokenGrant
from realname.documents.masking import mask_name

_REASON = "consent_withdrawn"


@dataclass(frozen=True, slots=True)
class Application:
    """One client with what the person lets it have, or lets it have of a child for whom they act."""

    consent_id: str
    client_id: str
    items: tuple[GrantedItem, ...]
    granted_at: datetime
    last_used_at: datetime | None
    identity_given_at: datetime | None = None
    #: The child's name, masked, where it is the child's data.
    child: str | None = None
    #: Whether whoever acted for the person agreed to it.
    by_guardian: bool = False


class Applications:
    """Lists and withdraws the consents of who is logged in, and of whom they act for, and of nobody else."""

    def __init__(self, *, database: Database, directory: Directory, clock: Clock) -> None:
        self._database = database
        self._directory = directory
        self._clock = clock

    def all(self, holder: Holder) -> tuple[Application, ...]:
        """Return the consents that stand, each person's newest first."""
        with self._database.read() as session:
            found = self._of(session, holder.person_id)
            for minor_id in self._wards(session, holder):
                name = mask_name(self._directory.profile(session, minor_id).full_name or "")
                found += [replace(each, child=name, by_guardian=False) for each in self._of(session, minor_id)]
        return tuple(found)

    def withdraw(self, holder: Holder, consent_id: str, *, origin: Origin) -> bool:
        """End a consent and every token that stands on it; False where neither the person nor a child has it."""
        now = self._clock.now()
        with self._database.transaction() as session:
            for person_id in (holder.person_id, *self._wards(session, holder)):
                live = consents.list_for(session, person_id)
                client_id = next((each.client_id for each in live if each.id == consent_id), None)
                if client_id is None:
                    continue
                by = origin if person_id == holder.person_id else origin.acting(holder.person_id, person_id)
                if not consents.withdraw(session, person_id, consent_id=consent_id, at=now, origin=by):
                    return False
                families.revoke_of_person(session, person_id, reason=_REASON, at=now, client_id=client_id)
                return True
        return False

    def _wards(self, session: Session, holder: Holder) -> tuple[str, ...]:
        held = mandates.wards_of(session, holder.person_id, at=self._clock.now())
        return tuple(dict.fromkeys(each.minor_id for each in held))

    def _of(self, session: Session, person_id: str) -> list[Application]:
        used: dict[str | None, datetime] = {
            row.client_id: row.last_at
            for row in session.execute(
                sa.select(TokenGrant.client_id, sa.func.max(TokenGrant.created_at).label("last_at"))
                .where(TokenGrant.person_id == person_id)
                .group_by(TokenGrant.client_id)
            )
        }
        given = _identity_given(session, person_id)
        return [
            Application(
                consent.id,
                consent.client_id,
                consent.items,
                consent.granted_at,
                used.get(consent.client_id),
                given.get(consent.client_id),
                by_guardian=consent.actor_person is not None,
            )
            for consent in consents.list_for(session, person_id)
        ]


def _identity_given(session: Session, person_id: str) -> dict[str | None, datetime]:
    """Return when each client was last given identity data of the person, by the audit."""
    rows = session.execute(
        sa.select(AuditEvent.client_id, sa.func.max(AuditEvent.at).label("last_at"))
        .where(AuditEvent.person_id == person_id, AuditEvent.event == Event.IDENTITY_RELEASED)
        .group_by(AuditEvent.client_id)
    )
    return {row.client_id: row.last_at for row in rows}
