"""The present state of a token's family, person, client and session, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from clients.models import ClientRow
from idp.core.clock import Clock
from idp.persons.claim_profiles import with_profile
from idp.persons.identity_level import highest_proofing, level_of
from idp.persons.models import Person
from idp.sessions.models import SsoSession
from idp.storage.base import UtcDateTime
from idp.storage.statements import Statement, Statements
from idp.tokens.code import day_of_family
from idp.tokens.families import Family
from idp.tokens.models import RevokedToken, TokenGrant


@dataclass(frozen=True, slots=True)
class FamilyState:
    """A family and everything that its tokens stand or fall with; `rows` hold the profile where it was asked for."""

    family: Family
    is_revoked: bool
    is_token_revoked: bool
    person_status: str | None
    client_state: str | None
    userinfo_algorithm: str | None
    channel: str | None
    ial: int
    rows: Sequence[Any] = field(default=(), repr=False)


class FamilyStates:
    """Reads the state of families."""

    def __init__(self, *, statements: Statements, clock: Clock) -> None:
        self._statements = statements
        self._clock = clock

    def find(self, family_id: str, jti: str, *, with_profile: bool = False) -> FamilyState | None:
        """Return the state of a family and of one token of it; None where the family was never recorded."""
        day = day_of_family(family_id)
        if day is None:
            return None
        parameters = {"issue_day": day, "family_id": family_id, "jti": jti, "now": self._clock.now()}
        rows = self._statements.read(_READ_WITH_PROFILE if with_profile else _READ, parameters)
        # A tombstone has no client: it is the trace of a replay, not a family.
        if not rows or rows[0].client_id is None:
            return None
        row = rows[0]
        return FamilyState(
            family=Family.of_row(row),
            is_revoked=row.revoked_at is not None,
            is_token_revoked=bool(row.token_revoked),
            person_status=row.person_status,
            client_state=row.client_state,
            userinfo_algorithm=row.userinfo_algorithm,
            channel=row.channel,
            ial=level_of(row.proofed),
            rows=rows if with_profile else (),
        )


def _select() -> sa.Select[Any]:
    # Only what is read: each further column costs on the way.
    columns: tuple[Any, ...] = (
        TokenGrant.family_id,
        TokenGrant.client_id,
        TokenGrant.person_id,
        TokenGrant.session_id,
        TokenGrant.sub,
        TokenGrant.scope,
        TokenGrant.resources,
        TokenGrant.claims,
        TokenGrant.aal,
        TokenGrant.amr,
        TokenGrant.auth_time,
        TokenGrant.offline,
        TokenGrant.revoked_at,
    )
    return (
        sa.select(
            *columns,
            Person.status.label("person_status"),
            ClientRow.state.label("client_state"),
            ClientRow.client_metadata["userinfo_signed_response_alg"].as_string().label("userinfo_algorithm"),
            SsoSession.channel,
            highest_proofing(TokenGrant.person_id, sa.bindparam("now", type_=UtcDateTime())).label("proofed"),
            sa.exists().where(RevokedToken.jti == sa.bindparam("jti", type_=sa.String())).label("token_revoked"),
        )
        .outerjoin(Person, Person.id == TokenGrant.person_id)
        .outerjoin(ClientRow, ClientRow.client_id == TokenGrant.client_id)
        .outerjoin(SsoSession, SsoSession.id == TokenGrant.session_id)
        .where(
            TokenGrant.issue_day == sa.bindparam("issue_day", type_=sa.Date()),
            TokenGrant.family_id == sa.bindparam("family_id", type_=sa.String()),
        )
    )


_READ = Statement(_select())
_READ_WITH_PROFILE = Statement(
    with_profile(_select(), TokenGrant.person_id), with_profile(_select(), TokenGrant.person_id, is_lateral=True)
)
