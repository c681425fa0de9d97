"""Everything that the decider and the answer need of a session, a person and a client, in one statement."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from clients.client import Client
from clients.consents import with_granted
from idp.core.clock import Clock
from idp.core.hashing import hash_secret
from idp.login.next_step import PersonFacts
from idp.persons.identity_level import highest_proofing, level_of
from idp.persons.models import Person
from idp.persons.roles import is_staff_column
from idp.persons.totp import is_enrolled_column
from idp.persons.vocabulary import PersonStatus
from idp.sessions.models import SessionClient, SsoSession
from idp.sessions.service import LiveSession, Sessions
from idp.storage.base import UtcDateTime
from idp.storage.statements import Statement, Statements
from idp.tokens.models import Subject

# No cookie of ours is longer; anything else is not looked up.
_MAX_HANDLE_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A browser's standing with one client; `sub` and `sid` are None until the client first meets the person."""

    session: LiveSession | None
    facts: PersonFacts | None
    sub: str | None = None
    sid: str | None = None


NOBODY = Snapshot(None, None)


class SnapshotReader:
    """Reads snapshots; notes at most once a minute that the session is in use."""

    def __init__(self, *, statements: Statements, sessions: Sessions, clock: Clock) -> None:
        self._statements = statements
        self._sessions = sessions
        self._clock = clock

    def read(self, handle: str | None, client: Client | None, *, for_staff: bool = False) -> Snapshot:
        """Return the standing of whoever holds the session cookie `handle`; `client` is None for our own pages.

        Staff and citizens have sessions of their own: one of the other side is as good as none.
        """
        if not handle or len(handle) > _MAX_HANDLE_LENGTH:
            return NOBODY
        rows = self._statements.read(
            _READ,
            {
                "handle_hash": hash_secret(handle),
                "client_id": client.client_id if client else "",
                "sector": client.sector if client else "",
                "now": self._clock.now(),
            },
        )
        live = self._sessions.live_of(rows[0]) if rows else None
        if live is None or live.is_staff is not for_staff:
            return NOBODY
        first = rows[0]
        facts = PersonFacts(
            ial=level_of(first.proofed),
            has_totp=bool(first.has_totp),
            granted=frozenset(row.granted for row in rows if row.granted is not None),
            is_staff=bool(first.holds_staff_role),
        )
        return Snapshot(live, facts, first.sub, first.sid)


def _statement() -> Statement:
    client_id, now = sa.bindparam("client_id", type_=sa.String()), sa.bindparam("now", type_=UtcDateTime())
    # Only what is read: each further column costs on the way.
    columns: tuple[Any, ...] = (
        SsoSession.id,
        SsoSession.person_id,
        SsoSession.is_staff,
        SsoSession.channel,
        SsoSession.aal,
        SsoSession.amr,
        SsoSession.auth_time,
        SsoSession.is_vouched,
        SsoSession.present_until,
        SsoSession.device_id,
        SsoSession.created_at,
        SsoSession.last_seen_at,
        SsoSession.expires_at,
        SsoSession.ended_at,
    )
    selected = (
        sa.select(
            *columns,
            highest_proofing(SsoSession.person_id, now, is_vouched=SsoSession.is_vouched).label("proofed"),
            is_enrolled_column(SsoSession.person_id).label("has_totp"),
            # Looked up for staff sessions alone: citizens' requests shall not pay for it.
            sa.and_(SsoSession.is_staff, is_staff_column(SsoSession.person_id)).label("holds_staff_role"),
            Subject.sub,
            SessionClient.sid,
        )
        .join(Person, Person.id == SsoSession.person_id)
        .outerjoin(
            Subject,
            sa.and_(
                Subject.person_id == SsoSession.person_id,
                Subject.sector == sa.bindparam("sector", type_=sa.String()),
                Subject.is_primary,
            ),
        )
        .outerjoin(
            SessionClient,
            sa.and_(SessionClient.session_id == SsoSession.id, SessionClient.client_id == client_id),
        )
        .where(
            SsoSession.handle_hash == sa.bindparam("handle_hash", type_=sa.String()),
            Person.status == sa.literal_column(f"'{PersonStatus.ACTIVE}'"),
        )
    )
    return Statement(with_granted(selected, SsoSession.person_id, client_id))


_READ = _statement()
