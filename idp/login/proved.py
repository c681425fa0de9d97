"""What becomes of an account whose owner was just proved: what was open before ends, everybody is told."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.log import NOWHERE, Origin
from idp.core.clock import Clock
from idp.login.messages import Messages, civil_time
from idp.persons import mandates, recoveries
from idp.persons.credentials import lock_person
from idp.persons.models import Person
from idp.persons.vocabulary import PersonStatus
from idp.persons.vouching import vouch
from idp.sessions.ending import SessionEnding
from idp.sessions.service import Sessions
from idp.tokens import families
from realname.proofing.contest import Contest
from realname.proofing.evidence import Evidence, Recorded
from realname.proofing.proofings import Proofings

_PROVED, _CONTESTED, _WITHDRAWN = "proved", "number_contested", "proofing_withdrawn"


class ProvedAccounts:
    """Carries a proofing out, for the person and for those who lose by it; all within the caller's transaction."""

    def __init__(
        self, *, proofings: Proofings, sessions: Sessions, ending: SessionEnding, messages: Messages, clock: Clock
    ) -> None:
        self._proofings = proofings
        self._sessions = sessions
        self._ending = ending
        self._messages = messages
        self._clock = clock

    def carry_out(
        self,
        session: Session,
        person_id: str,
        evidence: Evidence,
        *,
        presented: Iterable[str],
        keep: str | None,
        locale: str,
        origin: Origin,
    ) -> Recorded | None:
        """Record the evidence; None where it was used before, and then nothing was changed.

        `presented` are the methods (RFC 8176) of the login in which it was given: they alone speak for the person
        from now on. `keep` is the session of that login; every other one ends, and every token.
        """
        now = self._clock.now()
        recorded = self._proofings.record(session, person_id, evidence, origin=origin)
        if recorded is None:
            return None
        vouch(session, person_id, presented, at=now)
        if keep is not None:
            self._sessions.vouch(session, keep)
        # Whoever waits for a way in by an older proof is not who was proved now.
        recoveries.cancel(session, person_id, reason=_PROVED, at=now, origin=origin)
        self._ending.end_others(session, person_id, keep=keep, reason=_PROVED, origin=origin)
        families.revoke_of_person(session, person_id, reason=_PROVED, at=now)
        if recorded.contest is not Contest.STANDS_BACK:
            template = _CONTESTED if recorded.contest is Contest.DISPUTED else "proofed"
            self._messages.notify(session, person_id, template, {"time": civil_time(now)}, locale=locale)
        for other in recorded.lost:
            self._end(session, other, _CONTESTED, locale)
        if recorded.outgrown is not None:
            self._succeed(session, recorded.outgrown, person_id)
        return recorded

    def withdraw(self, session: Session, person_id: str, *, reason: str, locale: str, origin: Origin = NOWHERE) -> bool:
        """Take every proofing of a person back; False where none counted, and then nothing was changed."""
        lock_person(session, person_id)
        if not self._proofings.withdraw(session, person_id, reason=reason, at=self._clock.now(), origin=origin):
            return False
        self._end(session, person_id, _WITHDRAWN, locale)
        return True

    def _succeed(self, session: Session, former_id: str, person_id: str) -> None:
        """Let who now speaks for themself take the place of the person that their guardians acted for."""
        now = self._clock.now()
        mandates.hand_over(session, former_id, person_id, at=now)
        merged = {"status": PersonStatus.MERGED, "merged_into": person_id, "closed_at": now}
        session.execute(sa.update(Person).where(Person.id == former_id).values(merged))

    def _end(self, session: Session, person_id: str, what: str, locale: str) -> None:
        """End everything that rests on a proofing that counts no longer, and tell the person."""
        now = self._clock.now()
        self._ending.end_all(session, person_id, reason=what)
        families.revoke_of_person(session, person_id, reason=what, at=now)
        self._messages.notify(session, person_id, what, {"time": civil_time(now)}, locale=locale)
