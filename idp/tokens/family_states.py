"""The present state of a token's family, person and session, in one statement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from idp.core.clock import Clock
from idp.keys.models import PersonKey
from idp.persons.claim_profiles import is_fact_of, needs_contacts, profile_columns
from idp.persons.identity_level import highest_proofing
from idp.persons.models import Attribute, Person
from idp.sessions.models import SsoSession
from idp.storage.base import UtcDateTime
from idp.storage.statements import Statement, Statements
from idp.tokens.acting import may_act_column
from idp.tokens.code import day_of
from idp.tokens.models import RevokedToken, TokenGrant


@dataclass(frozen=True, slots=True)
class FamilyState:
    """What every token of a family stands or falls with; `rows` hold what was asked for beside it, never none."""

    family_id: str
    person_id: str
    is_revoked: bool
    is_token_revoked: bool
    person_status: str | None
    #: Who acts for the person, and whether they may not any more.
    actor_person: str | None
    has_lost_mandate: bool
    rows: Sequence[Any] = field(repr=False)


class FamilyStates:
    """Reads the state of families."""

    def __init__(self, *, statements: Statements, clock: Clock) -> None:
        self._statements = statements
        self._clock = clock

    def find(self, family_id: str, jti: str) -> FamilyState | None:
        """Return the state of a family and of one token of it; None where the family was never recorded.

        Beside it: aal, amr, auth_time, channel, present_until and proofed, which the level of the login follows from,
        and the claims asked for by name.
        """
        return self._find(_WITH_LEVEL, family_id, jti)

    def find_with_profile(self, family_id: str, jti: str, claims: Iterable[str]) -> FamilyState | None:
        """Return the same; beside it: the claims asked for by name, and what the profile is made of.

        Contacts are among the profile where one of `claims` is about them, or claims were asked for by name.
        """
        if not needs_contacts(claims):
            state = self._find(_WITH_FACTS, family_id, jti)
            if state is None or state.rows[0].claims_asked_for is None:
                return state
        return self._find(_WITH_CONTACTS, family_id, jti)

    def _find(self, statement: Statement, family_id: str, jti: str) -> FamilyState | None:
        day = day_of(family_id)
        if day is None:
            return None
        parameters = {"issue_day": day, "family_id": family_id, "jti": jti, "now": self._clock.now()}
        rows = self._statements.read(statement, parameters)
        # A tombstone has no person: it is the trace of a replay, not a family.
        if not rows or rows[0].person_id is None:
            return None
        row = rows[0]
        return FamilyState(
            family_id=family_id,
            person_id=row.person_id,
            is_revoked=row.revoked_at is not None,
            is_token_revoked=bool(row.is_token_revoked),
            person_status=row.person_status,
            actor_person=row.actor_person,
            has_lost_mandate=bool(row.has_lost_mandate),
            rows=rows,
        )


_NOW = sa.bindparam("now", type_=UtcDateTime())
# NULL where nothing was asked for by name, as for most: nothing is sent then.
_ASKED_FOR = sa.func.nullif(sa.cast(TokenGrant.claims, sa.Text()), "{}").label("claims_asked_for")


# Only what is read: each further column costs on the way.
def _select(*columns: Any) -> sa.Select[Any]:
    # Looked up where somebody acts for another alone: nobody else shall pay for it.
    has_lost_mandate = sa.case(
        (TokenGrant.actor_person.is_(None), sa.false()),
        else_=~may_act_column(TokenGrant.actor_person, TokenGrant.person_id, _NOW),
    )
    is_token_revoked = sa.exists().where(RevokedToken.jti == sa.bindparam("jti", type_=sa.String()))
    return (
        sa.select(
            TokenGrant.person_id,
            TokenGrant.revoked_at,
            Person.status.label("person_status"),
            is_token_revoked.label("is_token_revoked"),
            TokenGrant.actor_person,
            has_lost_mandate.label("has_lost_mandate"),
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
        SsoSession.present_until,
        _ASKED_FOR,
        # The level is that of whoever logged in.
        highest_proofing(
            sa.func.coalesce(TokenGrant.actor_person, TokenGrant.person_id), _NOW, is_vouched=SsoSession.is_vouched
        ).label("proofed"),
    ).outerjoin(SsoSession, SsoSession.id == TokenGrant.session_id)


def _with_profile(*, with_contacts: bool, is_postgresql: bool) -> sa.Select[Any]:
    person_id = TokenGrant.person_id
    return (
        _select(
            _ASKED_FOR,
            *profile_columns(person_id, with_contacts=with_contacts, is_postgresql=is_postgresql),
        )
        .outerjoin(PersonKey, PersonKey.person_id == person_id)
        .outerjoin(Attribute, is_fact_of(person_id))
    )


_WITH_LEVEL = Statement(_with_level())
_WITH_FACTS = Statement(_with_profile(with_contacts=False, is_postgresql=False))
_WITH_CONTACTS = Statement(
    _with_profile(with_contacts=True, is_postgresql=False), _with_profile(with_contacts=True, is_postgresql=True)
)
