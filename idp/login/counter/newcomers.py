"""People whom clerks verified and who have no account yet: it is theirs to open, with a code to their own phone.

Nothing is prepared and nobody is looked up: what clerks signed waits under number and mobile, and counts for who
registers with both and with the card's name. Clerk and newcomer learn nothing of accounts that there are.
"""

from datetime import timedelta

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import Origin, record
from idp.core.clock import Clock, seconds
from idp.crypto.blind_index import keyed_digest
from idp.crypto.keyring import Keyring
from idp.login.counter.evidence import evidence_of_visit
from idp.login.counter.visit import Visit
from idp.login.messages import Messages, civil_time
from idp.login.proved import ProvedAccounts
from idp.persons.registration import NewPerson
from idp.storage.engine import Database
from idp.storage.short_lived.store import Kind, ShortLivedStore
from realname.documents.document_number import DocumentNumber
from realname.documents.names import name_match_key
from realname.proofing.evidence import Recorded

#: How long somebody may take to open their account.
WAIT_SECONDS = 3 * 86_400
_KEEP = timedelta(days=4)  # longer than it waits


class Newcomers:
    """Keeps what clerks signed about newcomers, and gives it to who turns out to be one."""

    def __init__(
        self,
        *,
        database: Database,
        store: ShortLivedStore,
        proved: ProvedAccounts,
        messages: Messages,
        keyring: Keyring,
        clock: Clock,
        valid_days: int,
        locale: str,
    ) -> None:
        self._database = database
        self._store = store
        self._proved = proved
        self._messages = messages
        self._keyring = keyring
        self._clock = clock
        self._valid = timedelta(days=valid_days)
        self._locale = locale

    def expect(self, visit: Visit, number: DocumentNumber, mobile: str, *, origin: Origin) -> None:
        """Keep what was signed for who has the phone, and tell that phone; a later visit replaces an earlier one."""
        handle = self._handle(number, mobile)
        self._store.put(Kind.COUNTER_NEWCOMER, handle, visit.as_document(), seconds=WAIT_SECONDS)
        now = self._clock.now()
        told = {"office": visit.office or "", "time": civil_time(now + seconds(WAIT_SECONDS))}
        with self._database.transaction() as session:
            self._messages.send_code(session, mobile, "counter_newcomer", told, locale=self._locale, person_id=None)
            record(
                session,
                Event.MESSAGE_REQUESTED,
                at=now,
                origin=origin,
                details={"template": "counter_newcomer", "visit": visit.id},
            )

    def welcome(self, session: Session, person_id: str, new: NewPerson, *, origin: Origin) -> Recorded | None:
        """Prove who registered just now, in the caller's transaction; None where no clerk saw them, or another name.

        They chose the password and showed the phone in this registration, so both speak for them.
        """
        if new.number is None or new.mobile is None or new.name is None:
            return None
        handle = self._handle(new.number, new.mobile)
        waiting = self._store.get(Kind.COUNTER_NEWCOMER, handle)
        visit = Visit.from_document(waiting) if waiting is not None else None
        if visit is None or visit.name is None or name_match_key(visit.name) != name_match_key(new.name):
            return None
        now = self._clock.now()
        if visit.compared_at is None or visit.compared_at + seconds(WAIT_SECONDS) <= now:
            return None  # the store's own clock may be another one
        evidence = evidence_of_visit(visit, at=now, valid=self._valid, keep=_KEEP)
        if evidence is None or self._store.take(Kind.COUNTER_NEWCOMER, handle) is None:
            return None
        return self._proved.carry_out(
            session,
            person_id,
            evidence,
            presented=("pwd", "sms"),
            keep=None,
            locale=new.locale or self._locale,
            origin=origin,
        )

    def _handle(self, number: DocumentNumber, mobile: str) -> str:
        """Return under what it waits: keyed, for numbers and mobiles are few enough to be tried."""
        return keyed_digest(self._keyring, "counter newcomer", f"{number.type} {number.canonical} {mobile}")
