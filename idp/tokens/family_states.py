"""The present state of a token's family, person and session, in one statement."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from idp.core.clock import Clock
from idp.keys.models import PersonKey
from idp.persons.claim_profiles import needs_contacts, profile_columns
from idp.persons.identity_level import highest_proofing
from idp.persons.models import Person
from idp.sessions.models import SsoSession
from idp.storage.base import UtcDateTime
from idp.storage.statements import Statement, Statements
from idp.tokens.code import day_of
from idp.tokens.models import RevokedToken, TokenGrant


@dataclass(frozen=True, slots=True)
class FamilyState:
    """What every token of a family stands or falls with; `row` holds what was asked for beside it."""

    person_id: str
    is_revoked: bool
    is_token_revoked: bool
    person_status: str | None
    row: Any = field(repr=False)


class FamilyStates:
    """Reads the state of families."""

    def __init__(self, *, statements: Statements, clock: Clock) -> None:
        self._statements = statements
        self._clock = clock

    def find(self, family_id: str, jti: str) -> FamilyState | None:
        """Return the state of a family and of one token of it; None where the family was never recorded.

        Beside it: aal, amr, auth_time, channel and proofed, which the level of the login follows from.
        """
        return self._find(_WITH_LEVEL, family_id, jti, {"now": self._clock.now()})

    def find_with_profile(self, family_id: str, jti: str, claims: Iterable[str]) -> FamilyState | None:
        """Return the same; beside it: the claims asked for by name, and what the profile is made of.

        Contacts are among the profile where one of `claims` is about them, or claims were asked for by name.
        """
        return self._find(_WITH_PROFILE, family_id, jti, {"with_contacts": needs_contacts(claims)})

    def _find(self, statement: Statement, family_id: str, jti: str, parameters: dict[str, Any]) -> FamilyState | None:
        day = day_of(family_id)
        if day is None:
            return None
        parameters |= {"issue_day": day, "family_id": family_id, "jti": jti}
        rows = self._statements.read(statement, parameters)
        # A tombstone has no person: it is the trace of a replay, not a family.
        if not rows or rows[0].person_id is None:
            return None
        row = rows[0]
        return FamilyState(
            person_id=row.person_id,
            is_revoked=row.revoked_at is not None,
            is_token_revoked=bool(row.is_token_revoked),
            person_status=row.person_status,
            row=row,
        )


# Only what is read: each further column costs on the way.
def _select(*columns: Any) -> sa.Select[Any]:
    is_token_revoked = sa.exists().where(RevokedToken.jti == sa.bindparam("jti", type_=sa.String()))
    return (
        sa.select(
            TokenGrant.person_id,
            TokenGrant.revoked_at,
            Person.status.label("person_status"),
            is_token_revoked.label("is_token_revoked"),
            *columns,
        )
        .outerjoin(Person, Person.id == TokenGrant.person_id)
        .where(
            TokenGrant.issue_day == sa.bindparam("issue_day", type_=sa.Date()),
            TokenGrant.family_id == sa.bindparam("family_id", type_=sa.String()),
        )
    )


def _with_level() -> sa.Select[Any]:
    return _select(
        TokenGrant.aal,
        TokenGrant.amr,
        TokenGrant.auth_time,
        SsoSession.channel,
        highest_proofing(TokenGrant.person_id, sa.bindparam("now", type_=UtcDateTime())).label("proofed"),
    ).outerjoin(SsoSession, SsoSession.id == TokenGrant.session_id)


def _with_profile(*, is_postgresql: bool) -> sa.Select[Any]:
    claims = sa.cast(TokenGrant.claims, sa.Text())
    with_contacts = sa.or_(sa.bindparam("with_contacts", type_=sa.Boolean()), claims != "{}")
    return _select(
        sa.func.nullif(claims, "{}").label("claims_asked_for"),
        *profile_columns(TokenGrant.person_id, with_contacts=with_contacts, is_postgresql=is_postgresql),
    ).outerjoin(PersonKey, PersonKey.person_id == TokenGrant.person_id)


_WITH_LEVEL = Statement(_with_level())
_WITH_PROFILE = Statement(_with_profile(is_postgresql=False), _with_profile(is_postgresql=True))
