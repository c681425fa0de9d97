"""Accounts that approved systems ask for: put away as they were sent, looked up and prepared by the worker.

The API does the same work whoever is named: it finds nobody, and writes one sealed delivery. Only the worker learns
whether the mobile has an account, and only the phone is told.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock, civil_date
from idp.core.results import Ok
from idp.crypto.blind_index import keyed_digest
from idp.crypto.keyring import Keyring
from idp.login.messages import Messages
from idp.outbox.queue import Claimed, DeliveryKind, Queue
from idp.outbox.worker import Attempt, Ending
from idp.persons.directory import Directory, FoundPerson
from idp.persons.prepared import MOST_PER_NUMBER, PreparedPersons
from idp.persons.registration import NewPerson, Registration
from idp.persons.used_proofs import use_once
from idp.storage.engine import Database
from idp.storage.short_lived.store import Kind, ShortLivedStore
from realname.documents.document_number import DocumentNumber
from realname.documents.parse import parse_number

_ATTEMPTS = 5
_DAY_SECONDS = 86_400
# So that a message stays one.
_MOST_OF_NAME = 30
_KEEP = timedelta(days=30)  # longer than any delivery is tried


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom a system wants an account prepared for, which system, and what for; parsed and canonical."""

    number: DocumentNumber
    name: str = field(repr=False)
    mobile: str = field(repr=False)
    client_id: str
    client_name: str
    purpose: str


class Preparations:
    """Takes requests for the API, and handles deliveries of kind `preparation` in the worker."""

    def __init__(
        self,
        *,
        database: Database,
        queue: Queue,
        directory: Directory,
        registration: Registration,
        prepared: PreparedPersons,
        messages: Messages,
        store: ShortLivedStore,
        keyring: Keyring,
        clock: Clock,
        locale: str,
        messages_per_mobile_per_day: int,
    ) -> None:
        self._database = database
        self._queue = queue
        self._directory = directory
        self._registration = registration
        self._prepared = prepared
        self._messages = messages
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._locale = locale
        self._most_messages = messages_per_mobile_per_day

    def put(self, session: Session, wanted: Wanted, *, origin: Origin) -> None:
        """Write the request, and that there was one; nothing is looked up."""
        payload = {
            "number": wanted.number.canonical,
            "name": wanted.name,
            "mobile": wanted.mobile,
            "client_id": wanted.client_id,
            "client_name": wanted.client_name,
            "purpose": wanted.purpose,
            "origin": {"request_id": origin.request_id, "channel": origin.channel},
        }
        self._queue.enqueue(session, DeliveryKind.PREPARATION, payload, max_attempts=_ATTEMPTS)
        record(
            session,
            Event.PREPARATION_REQUESTED,
            at=self._clock.now(),
            client_id=wanted.client_id,
            origin=origin,
            details={"purpose": wanted.purpose},
        )

    def __call__(self, delivery: Claimed) -> Attempt:
        """Prepare the account, or leave the one that the mobile has alone; the phone is told which."""
        payload, now = delivery.payload, self._clock.now()
        number = parse_number(payload["number"], today=civil_date(now))
        if not isinstance(number, Ok):
            return Attempt(Ending.HOPELESS, "the number can no longer be read")
        may_send = self._may_send(payload["mobile"])
        with self._database.transaction() as session:
            # A second attempt at what was done before its answer was lost.
            if not use_once(session, "preparation", delivery.id, at=now, keep_until=now + _KEEP):
                return Attempt(Ending.DELIVERED)
            holder = self._directory.find_by_mobile(session, payload["mobile"])
            if holder is not None:
                self._leave_alone(session, holder, delivery, may_send)
            else:
                self._prepare(session, number.value, delivery, may_send)
        return Attempt(Ending.DELIVERED)

    def _leave_alone(self, session: Session, holder: FoundPerson, delivery: Claimed, may_send: bool) -> None:
        self._audit(session, holder.person_id, delivery.payload, refused="mobile_taken")
        if may_send:
            self._tell(session, holder.person_id, delivery, "preparation_known")

    def _prepare(self, session: Session, number: DocumentNumber, delivery: Claimed, may_send: bool) -> None:
        payload = delivery.payload
        others = self._prepared.of_number(session, number)
        person_id = self._prepared.with_mobile(session, others, payload["mobile"])
        if person_id is None and len(others) >= MOST_PER_NUMBER:
            self._audit(session, None, payload, refused="too_many_of_number")
            return
        if person_id is None:
            new = NewPerson(name=payload["name"], number=number, mobile=payload["mobile"], locale=self._locale)
            person_id = self._registration.prepare(session, new)
        self._audit(session, person_id, payload, refused=None)
        if may_send:
            self._tell(session, person_id, delivery, "preparation_made")

    def _may_send(self, mobile: str) -> bool:
        """Count a message to a mobile, whoever asked for it; beyond the limit it is left out in silence."""
        handle = "preparations " + keyed_digest(self._keyring, "mobile limit", mobile)
        return self._store.increment(Kind.LIMIT, handle, seconds=_DAY_SECONDS) <= self._most_messages

    def _tell(self, session: Session, person_id: str, delivery: Claimed, template: str) -> None:
        self._messages.assign(session, [delivery.id], person_id)  # it holds what goes with them one day
        self._messages.send_code(
            session,
            delivery.payload["mobile"],
            template,
            {"system": delivery.payload["client_name"][:_MOST_OF_NAME]},
            locale=self._locale,
            person_id=person_id,
        )

    def _audit(self, session: Session, person_id: str | None, payload: dict[str, Any], *, refused: str | None) -> None:
        record(
            session,
            Event.PERSON_PREPARED,
            at=self._clock.now(),
            outcome=Outcome.REFUSED if refused else Outcome.SUCCESS,
            reason=refused,
            person_id=person_id,
            client_id=payload["client_id"],
            origin=Origin(**payload["origin"]),
            details={"purpose": payload["purpose"]},
        )
