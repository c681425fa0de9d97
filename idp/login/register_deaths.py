"""Acting on deaths that the register says: who has the number as their own is reported at once.

An import acts on its own batches, and the worker on what an import that was killed left behind. A number that was only
claimed suspends nobody, or typing somebody else's number would be enough to be suspended by their death.
"""

from collections.abc import Iterable
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import record
from idp.core.clock import Clock
from idp.core.results import Ok
from idp.crypto.blind_index import keyed_digest, keyed_digests
from idp.crypto.keyring import Keyring
from idp.login.deaths import DeathReports
from idp.persons.credentials import lock_person
from idp.persons.holders import Holders
from idp.storage.engine import Database
from realname.proofing import deaths
from realname.proofing.deaths import Source, Told
from realname.providers.register import deaths as register_words
from realname.providers.register.deaths import Word

_PAGE = 500
_KIND = "register death"
_log = structlog.get_logger("idp.register_deaths")


class RegisterDeaths:
    """Looks at what the register says newly; as often as one likes, and in several processes at once."""

    def __init__(
        self, *, database: Database, keyring: Keyring, holders: Holders, reports: DeathReports, clock: Clock
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._holders = holders
        self._reports = reports
        self._clock = clock

    def act(self) -> int:
        """Act on every word that waits and return how many accounts were suspended; outside of any transaction."""
        suspended, page = 0, _PAGE
        while page == _PAGE:
            with self._database.read() as session:
                words = register_words.pending(session, self._keyring, at=self._clock.now(), limit=_PAGE)
                holders = self._holders.current(session, [word.number for word in words])
            for word, person_id in zip(words, holders, strict=True):
                if person_id is not None:
                    suspended += self._act_on(word, person_id)
            if words:
                self._forget(words)
            page = len(words)
        if suspended:
            _log.info("register.deaths", suspended=suspended)
        return suspended

    def _act_on(self, word: Word, person_id: str) -> bool:
        """Report, or note that the register says it no more; True where somebody was suspended."""
        with self._database.transaction() as session:
            lock_person(session, person_id)
            if word.deceased_on is None:
                self._note_unsaid(session, person_id)
                return False
            standing = deaths.standing_of(session, person_id)
            if standing is not None:
                self._note_said_again(session, standing.id, person_id)
                return False
            said = f"{word.number.type} {word.number.canonical} {word.deceased_on.isoformat()}"
            if deaths.was_taken_back(session, person_id, keyed_digests(self._keyring, _KIND, said)):
                # A counter saw the person alive after the register said this very word.
                return False
            told = Told(Source.REGISTER, keyed_digest(self._keyring, _KIND, said))
            return isinstance(self._reports.report(session, person_id, told), Ok)

    def _note_unsaid(self, session: Session, person_id: str) -> None:
        """Note that the register takes a death of its own back.

        It opens nothing. The register was wrong once, and an account that a file opens is opened by whoever writes
        one: the holder comes to a counter. But nobody closes the account meanwhile.
        """
        standing, now = deaths.standing_of(session, person_id), self._clock.now()
        if standing is None or standing.source is not Source.REGISTER:
            return
        if deaths.mark_unsaid(session, standing.id, now):
            self._record(session, Event.DEATH_UNSAID, person_id, standing.id, now, reason=None)

    def _note_said_again(self, session: Session, report_id: str, person_id: str) -> None:
        now = self._clock.now()
        if deaths.mark_unsaid(session, report_id, None):
            self._record(session, Event.DEATH_REPORTED, person_id, report_id, now, reason="said_again")

    def _record(
        self, session: Session, event: Event, person_id: str, report_id: str, at: datetime, *, reason: str | None
    ) -> None:
        details = {"report": report_id, "source": Source.REGISTER}
        record(session, event, at=at, reason=reason, person_id=person_id, details=details)

    def _forget(self, words: Iterable[Word]) -> None:
        with self._database.transaction() as session:
            register_words.looked_at(session, words, at=self._clock.now())
