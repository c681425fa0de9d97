"""Requests for a forgotten password: put away as they were typed, looked up and answered by the worker.

The page does the same work whoever was named, mobile, address, login name or number: it finds nobody, and
writes one sealed delivery. Only the worker learns whether there is such a person, and only a phone is told.
"""

from typing import Any

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.login.messages import Messages
from idp.login.one_time_codes import OneTimeCodes
from idp.outbox.queue import Claimed, DeliveryKind, Queue
from idp.outbox.worker import Attempt, Ending
from idp.persons.directory import Directory
from idp.persons.login_identifier import LoginIdentifier
from idp.persons.recoveries import RecoveryKind
from idp.persons.vocabulary import ContactKind, PersonStatus
from idp.storage.engine import Database
from realname.documents.document_number import DocumentType

# A code is looked up and sent once; whoever gets none asks again.
_ATTEMPTS = 1


class RecoveryRequests:
    """Takes requests for the page, and handles deliveries of kind `recovery` in the worker."""

    def __init__(
        self,
        *,
        database: Database,
        queue: Queue,
        directory: Directory,
        codes: OneTimeCodes,
        messages: Messages,
        clock: Clock,
    ) -> None:
        self._database = database
        self._queue = queue
        self._directory = directory
        self._codes = codes
        self._messages = messages
        self._clock = clock

    def put(self, session: Session, named: LoginIdentifier, code: str, *, locale: str, origin: Origin) -> None:
        """Write the request; nothing is looked up."""
        payload = {
            "named": as_document(named),
            "code": code,
            "locale": locale,
            "origin": {"request_id": origin.request_id, "channel": origin.channel},
        }
        self._queue.enqueue(session, DeliveryKind.RECOVERY, payload, max_attempts=_ATTEMPTS)

    def __call__(self, delivery: Claimed) -> Attempt:
        """Send the code to the person's mobile, or the truth to a mobile that nobody holds."""
        payload = delivery.payload
        named = from_document(payload["named"])
        typed_mobile = named.canonical if named.contact is ContactKind.MOBILE else None
        with self._database.transaction() as session:
            person_id, mobile = self._whom(session, named)
            if person_id is not None:  # what they typed lies in the request, and goes with them one day
                self._messages.assign(session, [delivery.id], person_id)
            # The typed one was counted by the page; any other mobile's own limit is kept in silence.
            may_send = mobile is not None and (typed_mobile is not None or self._codes.is_allowed(mobile))
            if mobile is not None and may_send:
                parameters = {"code": payload["code"], "minutes": str(self._codes.life_minutes)}
                self._send(session, person_id, mobile, "recovery_code", parameters, payload)
            elif typed_mobile is not None:
                self._send(session, person_id, typed_mobile, "recovery_unknown", {}, payload)
        return Attempt(Ending.DELIVERED)

    def _whom(self, session: Session, named: LoginIdentifier) -> tuple[str | None, str | None]:
        """Return who is named and may get in, and their mobile."""
        found = self._directory.find(session, named)
        if found is None or found.status is not PersonStatus.ACTIVE:
            return None, None
        mobile = self._directory.mobile(session, found.person_id)
        return found.person_id, mobile.value if mobile else None

    def _send(
        self,
        session: Session,
        person_id: str | None,
        mobile: str,
        template: str,
        parameters: dict[str, str],
        payload: dict[str, Any],
    ) -> None:
        self._messages.send_code(session, mobile, template, parameters, locale=payload["locale"], person_id=person_id)
        record(
            session,
            Event.MESSAGE_REQUESTED,
            at=self._clock.now(),
            person_id=person_id,
            origin=Origin(**payload["origin"]),
            details={"template": template, "kind": RecoveryKind.PASSWORD},
        )


def as_document(named: LoginIdentifier) -> dict[str, str | None]:
    """Return what was named as a document to be parked, or delivered."""
    return {"canonical": named.canonical, "contact": named.contact, "document": named.document}


def from_document(document: dict[str, Any]) -> LoginIdentifier:
    """Return what `as_document` made, also after a round through JSON."""
    contact, number = document["contact"], document["document"]
    return LoginIdentifier(
        document["canonical"],
        contact=ContactKind(contact) if contact else None,
        document=DocumentType(number) if number else None,
    )
