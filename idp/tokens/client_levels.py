"""The present level of a person, for a client that the person deals with.

A client is told of whoever has a consent to it that stands, or a login at it that still lives; of nobody else, also
where it once knew them.
"""

from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from clients import consents
from clients.client import Client
from idp.core.clock import Clock
from idp.core.oauth_errors import InvalidGrant
from idp.persons.identity_level import identity_level
from idp.persons.models import Person
from idp.persons.vocabulary import PersonStatus
from idp.storage.engine import Database
from idp.tokens.models import TokenGrant
from idp.tokens.response import Standing
from idp.tokens.standing import Standings
from idp.tokens.subjects import person_of

# Of one person at one client; only those that a session or offline_access keeps alive count.
_MOST_FAMILIES = 20


@dataclass(frozen=True, slots=True)
class PersonLevel:
    """The identity level of a person, and the level of their newest login at the client that still lives."""

    person_id: str
    ial: int
    acr: str | None


class ClientLevels:
    """Reads levels for clients."""

    def __init__(self, *, database: Database, standings: Standings, clock: Clock) -> None:
        self._database = database
        self._standings = standings
        self._clock = clock

    def of(self, client: Client, sub: str) -> PersonLevel | None:
        """Return the level of whom the client knows by `sub`, None where it is to be told of nobody."""
        now = self._clock.now()
        with self._database.read() as session:
            person_id = person_of(session, client.sector, sub)
            if person_id is None:
                return None
            status = session.scalar(sa.select(Person.status).where(Person.id == person_id))
            if status != PersonStatus.ACTIVE:
                return None
            standing = self._newest_login(session, person_id, client, now)
            if standing is None and not consents.granted(session, person_id, client.client_id):
                return None
            return PersonLevel(
                person_id, identity_level(session, person_id, now), standing.acr if standing is not None else None
            )

    def _newest_login(self, session: Session, person_id: str, client: Client, now: datetime) -> Standing | None:
        families = session.scalars(
            sa.select(TokenGrant)
            .where(TokenGrant.person_id == person_id, TokenGrant.client_id == client.client_id)
            .where(TokenGrant.revoked_at.is_(None), TokenGrant.expires_at > now)
            .order_by(TokenGrant.auth_time.desc(), TokenGrant.created_at.desc())
            .limit(_MOST_FAMILIES)
        )
        acted = None
        for family in families:
            try:
                standing = self._standings.of_family(session, family, now)
            except InvalidGrant:  # its session ended
                continue
            if family.actor_person is None:
                return standing
            # A login of somebody who acts for them is one here, and says nothing of a level of theirs.
            acted = replace(standing, acr=None)
        return acted
