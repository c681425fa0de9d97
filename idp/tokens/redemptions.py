"""Recording that a code was redeemed: family, first refresh token and audit row, together or not at all.

One data-modifying statement on PostgreSQL; the same three writes under one lock on SQLite, which has none, and where
somebody acts for another, so that nobody else pays for asking whether they still may.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.core.hashing import hash_secret
from idp.core.ids import new_id
from idp.persons.models import Person
from idp.persons.roles import HOLDS_STAFF_ROLE, is_staff
from idp.persons.vocabulary import PersonStatus
from idp.sessions.service import Sessions
from idp.storage.engine import Database
from idp.storage.statements import Statement, Statements
from idp.tokens import families
from idp.tokens.acting import may_act
from idp.tokens.code import CodeReference
from idp.tokens.families import Authorization
from idp.tokens.refresh import RefreshTokens

# `live` is the guard: without it nothing is inserted. A tombstone in the way makes `family` empty, and with it
# everything that reads from it. The conflict waits for a replay in flight.
_REDEEM = Statement(
    None,
    f"""
WITH live AS (
  SELECT 1 FROM sessions s JOIN persons p ON p.id = s.person_id
  WHERE s.id = %(session_id)s AND s.ended_at IS NULL AND s.expires_at > %(now)s AND p.status = 'active'
    AND s.last_seen_at > CASE WHEN s.is_staff THEN %(staff_since)s::timestamptz ELSE %(citizen_since)s::timestamptz END
    AND (NOT s.is_staff OR {HOLDS_STAFF_ROLE})
), family AS (
  INSERT INTO token_grants (issue_day, code_hash, family_id, client_id, person_id, session_id, sub, scope,
    resources, claims, acr, aal, amr, auth_time, offline, created_at, expires_at)
  SELECT %(issue_day)s, %(code_hash)s, %(family_id)s, %(client_id)s, %(person_id)s, %(session_id)s, %(sub)s,
    %(scope)s, %(resources)s, %(claims)s, %(acr)s, %(aal)s, %(amr)s, %(auth_time)s, %(offline)s, %(now)s,
    %(family_expires)s
  FROM live
  ON CONFLICT DO NOTHING
  RETURNING issue_day, code_hash, family_id
), refresh AS (
  INSERT INTO refresh_tokens (token_hash, issue_day, code_hash, created_at, expires_at)
  SELECT %(refresh_hash)s::varchar, issue_day, code_hash, %(now)s, %(refresh_expires)s FROM family
  WHERE %(refresh_hash)s::varchar IS NOT NULL
), audit AS (
  INSERT INTO audit_events (at, id, event, outcome, person_id, client_id, session_id, channel, request_id,
    count, details)
  SELECT %(now)s, %(audit_id)s, %(event)s, %(outcome)s, %(person_id)s, %(client_id)s, %(session_id)s,
    %(channel)s, %(request_id)s, 1, %(details)s FROM family
)
SELECT family_id FROM family
""",  # noqa: S608 - the names of our own roles
)


@dataclass(frozen=True, slots=True)
class _Record:
    """Everything that is written, worked out before the first write."""

    reference: CodeReference
    authorization: Authorization
    refresh_token: str | None
    origin: Origin
    now: datetime
    family_expires: datetime

    @property
    def details(self) -> dict[str, Any]:
        """What the audit row tells."""
        return {"scope": list(self.authorization.scope), "acr": self.authorization.acr}


class Redemptions:
    """Records redemptions, once each."""

    def __init__(
        self,
        *,
        database: Database,
        statements: Statements,
        sessions: Sessions,
        refresh_tokens: RefreshTokens,
        clock: Clock,
    ) -> None:
        self._database = database
        self._statements = statements
        self._sessions = sessions
        self._refresh_tokens = refresh_tokens
        self._clock = clock

    def first_refresh_token(self, reference: CodeReference) -> str:
        """Return a refresh token for the family that is to be recorded."""
        return self._refresh_tokens.first_of(reference)

    def record(
        self, reference: CodeReference, authorization: Authorization, *, refresh_token: str | None, origin: Origin
    ) -> bool:
        """Record the redemption; False where session, person or mandate ended meanwhile, or a replay came first."""
        now = self._clock.now()
        entry = _Record(reference, authorization, refresh_token, origin, now, self._refresh_tokens.family_expiry(now))
        if self._statements.is_single and authorization.actor_person is None:
            return bool(self._statements.write(_REDEEM, self._parameters(entry)))
        with self._database.transaction() as session:
            return self._write(session, entry)

    def _write(self, session: Session, entry: _Record) -> bool:
        authorization = entry.authorization
        person = session.get(Person, authorization.person_id)
        if person is None or person.status != PersonStatus.ACTIVE:
            return False
        live = self._sessions.find_by_id(session, authorization.session_id)
        if live is None or (live.is_staff and not is_staff(session, live.person_id)):
            return False
        if not self._may_act(session, live.person_id, authorization, entry.now):
            return False
        if not families.redeem(session, entry.reference, authorization, at=entry.now, expires_at=entry.family_expires):
            return False
        if entry.refresh_token is not None:
            self._refresh_tokens.add(session, entry.refresh_token, entry.reference, entry.family_expires)
        record(
            session,
            Event.CODE_REDEEMED,
            at=entry.now,
            person_id=authorization.person_id,
            client_id=authorization.client_id,
            session_id=authorization.session_id,
            origin=entry.origin.acting(authorization.actor_person, authorization.on_behalf_of),
            details=entry.details,
        )
        return True

    def _may_act(self, session: Session, holder_id: str, authorization: Authorization, now: datetime) -> bool:
        """Whether the session's holder may redeem this: for themself, or for whom their mandate names now."""
        actor, person_id = authorization.actor_person, authorization.person_id
        if actor is None:
            return True
        return holder_id == actor and may_act(session, actor, person_id, at=now)

    def _parameters(self, entry: _Record) -> dict[str, Any]:
        authorization, refresh_token = entry.authorization, entry.refresh_token
        return {
            **self._sessions.idle_parameters(),
            "now": entry.now,
            "issue_day": entry.reference.issue_day,
            "code_hash": entry.reference.code_hash,
            "family_id": entry.reference.family_id,
            "client_id": authorization.client_id,
            "person_id": authorization.person_id,
            "session_id": authorization.session_id,
            "sub": authorization.sub,
            "scope": " ".join(authorization.scope),
            "resources": Jsonb(list(authorization.resources)),
            "claims": Jsonb(authorization.claims),
            "acr": authorization.acr,
            "aal": authorization.aal,
            "amr": Jsonb(list(authorization.amr)),
            "auth_time": authorization.auth_time,
            "offline": authorization.is_offline,
            "family_expires": entry.family_expires,
            "refresh_hash": hash_secret(refresh_token) if refresh_token is not None else None,
            "refresh_expires": self._refresh_tokens.token_expiry(entry.now, entry.family_expires),
            "audit_id": new_id(),
            "event": str(Event.CODE_REDEEMED),
            "outcome": str(Outcome.SUCCESS),
            "channel": entry.origin.channel,
            "request_id": entry.origin.request_id,
            "details": Jsonb(entry.details),
        }
