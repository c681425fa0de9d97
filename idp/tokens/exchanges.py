"""Exchanging a refresh token for its successor: marked used, successor stored and audited in one operation.

The statement of PostgreSQL knows only the case that succeeds at once; everything else (a retry within the
grace, a replay, an end of session or person, a choice of resources, somebody who acts for another) goes the portable
way, which also finds the reason.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.core.hashing import hash_secret
from idp.core.ids import new_id
from idp.persons.identity_level import level_of
from idp.persons.roles import HOLDS_STAFF_ROLE
from idp.sessions.participants import sid_of
from idp.sessions.presence import is_present
from idp.sessions.service import Sessions
from idp.storage.statements import Statement, Statements
from idp.tokens.code import day_of
from idp.tokens.families import Family
from idp.tokens.models import RefreshToken, TokenGrant
from idp.tokens.refresh import RefreshTokens
from idp.tokens.response import Standing
from idp.tokens.standing import Standings

_EXCHANGE = Statement(
    None,
    f"""
WITH used AS (
  UPDATE refresh_tokens r
  SET used_at = %(now)s, successor_hash = %(successor_hash)s, rotation_version = %(version)s
  FROM token_grants g
  JOIN persons p ON p.id = g.person_id
  LEFT JOIN sessions s ON s.id = g.session_id
  WHERE r.token_hash = %(token_hash)s AND r.used_at IS NULL AND r.expires_at > %(now)s
    AND r.issue_day = %(issue_day)s AND g.issue_day = %(issue_day)s AND g.code_hash = r.code_hash
    AND g.client_id = %(client_id)s
    AND g.revoked_at IS NULL AND g.expires_at > %(now)s AND p.status = 'active'
    AND g.actor_person IS NULL AND jsonb_array_length(g.resources) = 0
    AND (g.offline OR (s.ended_at IS NULL AND s.expires_at > %(now)s
      AND s.last_seen_at >
        CASE WHEN s.is_staff THEN %(staff_since)s::timestamptz ELSE %(citizen_since)s::timestamptz END))
    AND (s.is_staff IS NOT TRUE OR {HOLDS_STAFF_ROLE})
  RETURNING g.issue_day, g.code_hash, g.family_id, g.client_id, g.person_id, g.session_id, g.sub, g.scope,
    g.resources, g.claims, g.aal, g.amr, g.auth_time, g.offline, g.actor_person, g.actor_sub,
    g.expires_at AS family_expires, s.channel, s.is_vouched, s.present_until
), next AS (
  INSERT INTO refresh_tokens (token_hash, issue_day, code_hash, created_at, expires_at)
  SELECT %(successor_hash)s, issue_day, code_hash, %(now)s, least(%(idle_expires)s, family_expires) FROM used
), audit AS (
  INSERT INTO audit_events (at, id, event, outcome, person_id, client_id, session_id, channel, request_id, count)
  SELECT %(now)s, %(audit_id)s, %(event)s, %(outcome)s, person_id, client_id, session_id, %(origin_channel)s,
    %(request_id)s, 1 FROM used
)
SELECT used.*, (
    SELECT sid FROM session_clients c WHERE c.session_id = used.session_id AND c.client_id = used.client_id
  ) AS sid, (
    SELECT max(level) FROM proofings o
    WHERE used.is_vouched AND o.person_id = used.person_id AND o.revoked_at IS NULL
      AND (o.valid_until IS NULL OR o.valid_until > %(now)s)
  ) AS proofed
FROM used
""",  # noqa: S608 - the names of our own roles
)


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What an exchange gives: from it the fresh tokens are made."""

    family: Family
    standing: Standing
    sid: str | None
    refresh_token: str


class Exchanges:
    """Exchanges refresh tokens."""

    def __init__(
        self,
        *,
        statements: Statements,
        sessions: Sessions,
        refresh_tokens: RefreshTokens,
        standings: Standings,
        clock: Clock,
    ) -> None:
        self._statements = statements
        self._sessions = sessions
        self._refresh_tokens = refresh_tokens
        self._standings = standings
        self._clock = clock

    def at_once(self, token: str, client_id: str, origin: Origin) -> Exchanged | None:
        """Exchange a token in one statement; None where it is not as simple as that, and nothing was changed."""
        issue_day = day_of(token)
        if not self._statements.is_single or issue_day is None:
            return None
        now = self._clock.now()
        successor, version = self._refresh_tokens.successor_of(token)
        rows = self._statements.write(
            _EXCHANGE,
            {
                **self._sessions.idle_parameters(),
                "now": now,
                "issue_day": issue_day,
                "token_hash": hash_secret(token),
                "successor_hash": hash_secret(successor),
                "version": version,
                "client_id": client_id,
                "idle_expires": self._refresh_tokens.idle_expiry(now),
                "audit_id": new_id(),
                "event": str(Event.TOKEN_REFRESHED),
                "outcome": str(Outcome.SUCCESS),
                "origin_channel": origin.channel,
                "request_id": origin.request_id,
            },
        )
        if not rows:
            return None
        row = rows[0]
        family = Family.of_row(row)
        presence = is_present(row.present_until, now)
        standing = self._standings.at_level(
            level_of(row.proofed), family.aal, family.amr, row.channel, presence=presence
        )
        return Exchanged(family, standing, row.sid, successor)

    def in_transaction(
        self, session: Session, token: str, row: RefreshToken, grant: TokenGrant, standing: Standing, origin: Origin
    ) -> Exchanged:
        """Exchange a token that was found usable, within the caller's transaction."""
        now = self._clock.now()
        successor = self._refresh_tokens.rotate(session, token, row, grant)
        record(
            session,
            Event.TOKEN_REFRESHED,
            at=now,
            person_id=grant.person_id,
            client_id=grant.client_id,
            session_id=grant.session_id,
            origin=origin.acting(grant.actor_person, grant.on_behalf_of),
        )
        grant_row: Any = grant
        family = Family.of_row(grant_row)
        sid = sid_of(session, family.session_id, family.client_id, ward_id=grant.on_behalf_of)
        return Exchanged(family, standing, sid, successor)
