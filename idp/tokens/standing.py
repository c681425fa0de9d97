"""The level of a login at this instant, and whether it still stands at all."""

from datetime import datetime

from sqlalchemy.orm import Session

from idp.core.oauth_errors import InvalidGrant
from idp.persons.identity_level import identity_level
from idp.persons.models import Person
from idp.persons.roles import is_staff
from idp.persons.vocabulary import PersonStatus
from idp.sessions.models import SsoSession
from idp.sessions.presence import is_present
from idp.sessions.service import Sessions
from idp.tokens.acting import may_act
from idp.tokens.models import TokenGrant
from idp.tokens.response import Standing
from realname.levels.level import LevelTable
from realname.levels.level import Standing as LevelStanding


class MandateEnded(InvalidGrant):
    """Who acted may not act for this person any more."""


class Standings:
    """Computes what a login is worth now, from proofings that are still valid."""

    def __init__(self, *, sessions: Sessions, levels: LevelTable) -> None:
        self._sessions = sessions
        self._levels = levels

    def at_level(
        self, ial: int, aal: int, amr: tuple[str, ...], channel: str | None, *, presence: bool = False
    ) -> Standing:
        """Return the standing of a login by what it rests on; a session that is gone counts as the portal's."""
        level = self._levels.level_of(LevelStanding(ial, aal, channel or "portal", presence))
        return Standing(acr=self._levels.acr_of(level), aal=aal, amr=amr)

    def of_family(self, session: Session, family: TokenGrant, at: datetime) -> Standing:
        """Return the standing of a refresh; raises InvalidGrant where the person, or a session it needs, ended.

        MandateEnded where somebody acts in it who may not any more, or for whom nobody can act now. Their standing is
        the actor's: what was proved of the other is told by identity claims alone.
        """
        assert family.person_id is not None and family.session_id is not None  # noqa: S101
        actor = family.actor_person
        if actor is not None and not may_act(session, actor, family.person_id, at=at):
            raise MandateEnded(detail="the mandate does not stand")
        if not family.offline and self._sessions.find_by_id(session, family.session_id) is None:
            raise InvalidGrant(detail="the session ended and offline_access was not granted")
        return self._standing(
            session, actor or family.person_id, family.session_id, family.aal or 1, tuple(family.amr or ()), at
        )

    def _standing(
        self, session: Session, person_id: str, session_id: str, aal: int, amr: tuple[str, ...], at: datetime
    ) -> Standing:
        person = session.get(Person, person_id)
        if person is None or person.status != PersonStatus.ACTIVE:
            raise InvalidGrant(detail="the person is not active")
        row = session.get(SsoSession, session_id)
        if row is not None and row.is_staff and not is_staff(session, person_id):
            raise InvalidGrant(detail="the staff role ended")
        ial = identity_level(session, person_id, at, is_vouched=row is not None and row.is_vouched)
        presence = is_present(row.present_until if row else None, at)
        return self.at_level(ial, aal, amr, row.channel if row else None, presence=presence)
