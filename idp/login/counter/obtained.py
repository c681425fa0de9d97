"""What somebody obtained by a number until they lost it: counted and dated, from what is still stored.

How long that is: sessions and grants for `retention`, releases as long as the months of the audit log are kept.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.models import AuditEvent
from idp.persons.identity_level import identity_level
from idp.sessions.models import SsoSession
from idp.tokens.models import TokenGrant
from realname.proofing.case_files import CaseFile

#: The reason with which `idp/login/proved.py` ends what rested on the number.
CONTESTED = "number_contested"
# Releases are counted in memory and written by the minute, so the last one may stand after the case.
_LATE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class ToClient:
    """What one client got: how often it was granted tokens, how often it was told identity data, and when last."""

    client_id: str
    grants: int = 0
    releases: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Obtained:
    """Logins that were alive while the number counted, and what clients got; of both how many the case ended."""

    level_now: int
    sessions: int
    sessions_ended: int
    grants: int
    grants_ended: int
    clients: tuple[ToClient, ...]

    @property
    def is_nothing(self) -> bool:
        """Tell whether no client got anything."""
        return not self.clients

    @property
    def was_released(self) -> bool:
        """Tell whether a client was told identity data."""
        return any(each.releases for each in self.clients)


def obtained(session: Session, file: CaseFile, *, at: datetime) -> Obtained:
    """Return what the person who lost the number, or disputes it, obtained by it."""
    sessions = session.execute(
        sa.select(
            sa.func.count().label("all"),
            sa.func.sum(sa.case((SsoSession.end_reason == CONTESTED, 1), else_=0)).label("ended"),
        ).where(
            SsoSession.person_id == file.other_id,
            SsoSession.is_staff.is_(False),
            SsoSession.created_at <= file.opened_at,
            sa.or_(SsoSession.ended_at.is_(None), SsoSession.ended_at >= file.since),
        )
    ).one()
    clients, ended = _grants(session, file)
    for row in _releases(session, file):
        known = clients.get(row.client_id, ToClient(row.client_id))
        last_at = max(row.last_at, known.last_at or row.last_at)
        clients[row.client_id] = replace(known, releases=int(row.released), last_at=last_at)
    return Obtained(
        level_now=identity_level(session, file.other_id, at),
        sessions=sessions.all,
        sessions_ended=int(sessions.ended or 0),
        grants=sum(each.grants for each in clients.values()),
        grants_ended=ended,
        clients=tuple(clients[client_id] for client_id in sorted(clients)),
    )


def _grants(session: Session, file: CaseFile) -> tuple[dict[str, ToClient], int]:
    """Return the clients that were granted tokens, and how many grants the case ended."""
    rows = session.execute(
        sa.select(
            TokenGrant.client_id,
            sa.func.count().label("granted"),
            sa.func.sum(sa.case((TokenGrant.revoke_reason == CONTESTED, 1), else_=0)).label("ended"),
            sa.func.max(TokenGrant.created_at).label("last_at"),
        )
        .where(
            TokenGrant.person_id == file.other_id,
            TokenGrant.client_id.is_not(None),
            # The partitions before are left alone.
            TokenGrant.issue_day >= file.since.date() - timedelta(days=1),
            TokenGrant.created_at.between(file.since, file.opened_at),
        )
        .group_by(TokenGrant.client_id)
    ).all()
    clients = {row.client_id: ToClient(row.client_id, row.granted, 0, row.last_at) for row in rows}
    return clients, sum(int(row.ended) for row in rows)


def _releases(session: Session, file: CaseFile) -> list[sa.Row[tuple[str | None, int, datetime]]]:
    return list(
        session.execute(
            sa.select(
                AuditEvent.client_id,
                sa.func.sum(AuditEvent.count).label("released"),
                sa.func.max(AuditEvent.at).label("last_at"),
            )
            .where(
                AuditEvent.person_id == file.other_id,
                AuditEvent.event == Event.IDENTITY_RELEASED,
                AuditEvent.client_id.is_not(None),
                AuditEvent.at.between(file.since, file.opened_at + _LATE),
            )
            .group_by(AuditEvent.client_id)
        )
    )
