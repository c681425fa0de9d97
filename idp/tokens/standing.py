"""The level of a login at this instant, and whether it still stands at all."""

from datetime import datetime

from sqlalchemy.orm import Session

from idp.core.oauth_errors import InvalidGrant
from idp.persons.identity_level import identity_level
from idp.persons.models import Person
from idp.sessions.models import SsoSession
from idp.sessions.service import Sessions
from idp.tokens.families import Authorization
from idp.tokens.models import TokenGrant
from idp.tokens.response import Standing
from realname.levels.level import LevelTable
from realname.levels.level import Standing as LevelStanding


class Standings:
    """Computes what a login is worth now, from proofings that are still valid."""

    def __init__(self, *, sessions: Sessions, levels: LevelTable) -> None:
        self._sessions = sessions
        self._levels = levels

    def of_login(self, session: Session, authorization: Authorization, at: datetime) -> Standing:
        """Return the standing of a fresh login; raises InvalidGrant where session or person ended meanwhile."""
        if self._sessions.find_by_id(session, authorization.session_id) is None:
            raise InvalidGrant(detail="the session ended before the code was redeemed")
        return self._standing(
            session,
            authorization.person_id,
            authorization.session_id,
            authorization.aal,
            authorization.amr,
            at,
        )

    def of_family(self, session: Session, family: TokenGrant, at: datetime) -> Standing:
        """Return the standing of a refresh; raises InvalidGrant where the person, or a session it needs, ended."""
        assert family.person_id is not None and family.session_id is not None  # noqa: S101
        if not family.offline and self._sessions.find_by_id(session, family.session_id) is None:
            raise InvalidGrant(detail="the session ended and offline_access was not granted")
        return self._standing(
            session, family.person_id, family.session_id, family.aal or 1, tuple(family.amr or ()), at
        )

    def _standing(
        self, session: Session, person_id: str, session_id: str, aal: int, amr: tuple[str, ...], at: datetime
    ) -> Standing:
        person = session.get(Person, person_id)
        if person is None or person.status != "active":
            raise InvalidGrant(detail="the person is not active")
        row = session.get(SsoSession, session_id)
        channel = row.channel if row is not None else "portal"
        ial = identity_level(session, person_id, at)
        level = self._levels.level_of(LevelStanding(ial=ial, aal=aal, channel=channel))
        return Standing(acr=self._levels.acr_of(level), aal=aal, amr=amr)
