"""Messages to people, put into the outbox with the change that they tell of."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from idp.core.clock import CIVIL_ZONE
from idp.outbox.queue import DeliveryKind, Queue
from idp.persons.contacts import KnownContact
from idp.persons.directory import Directory
from idp.persons.vocabulary import ContactKind

# A code is handed to the sender once and never again; a notice may be tried again while it certainly failed.
_CODE_ATTEMPTS = 1
_NOTICE_ATTEMPTS = 5


class Messages:
    """Enqueues messages; what they say is worded when they are sent, in the locale given here."""

    def __init__(self, *, queue: Queue, directory: Directory) -> None:
        self._queue = queue
        self._directory = directory

    def send_code(
        self,
        session: Session,
        mobile: str,
        template: str,
        parameters: Mapping[str, str],
        *,
        locale: str,
        person_id: str | None,
    ) -> str:
        """Enqueue a message that is sent at most once, whatever happens to the sender's answer; return its id.

        `person_id` is whose mobile it is, None while nobody is known by it.
        """
        return self._enqueue(session, "sms", mobile, template, parameters, locale, _CODE_ATTEMPTS, person_id)

    def assign(self, session: Session, message_ids: Sequence[str], person_id: str) -> None:
        """Say whose the messages are that were enqueued before there was such a person."""
        self._queue.assign(session, message_ids, person_id)

    def notify(
        self,
        session: Session,
        person_id: str,
        template: str,
        parameters: Mapping[str, str],
        *,
        locale: str,
    ) -> int:
        """Tell every verified contact of a person; return how many."""
        contacts = self._directory.contacts(session, person_id)
        return self.tell(session, contacts, template, parameters, locale=locale, person_id=person_id)

    def tell(
        self,
        session: Session,
        contacts: Sequence[KnownContact],
        template: str,
        parameters: Mapping[str, str],
        *,
        locale: str,
        person_id: str,
    ) -> int:
        """Tell these contacts, also where they are no longer the person's; return how many."""
        for contact in contacts:
            medium = "sms" if contact.kind is ContactKind.MOBILE else "mail"
            self._enqueue(session, medium, contact.value, template, parameters, locale, _NOTICE_ATTEMPTS, person_id)
        return len(contacts)

    def _enqueue(
        self,
        session: Session,
        medium: str,
        to: str,
        template: str,
        parameters: Mapping[str, str],
        locale: str,
        attempts: int,
        person_id: str | None,
    ) -> str:
        payload = {
            "medium": medium,
            "to": to,
            "template": template,
            "parameters": dict(parameters),
            "locale": locale,
        }
        return self._queue.enqueue(session, DeliveryKind.MESSAGE, payload, max_attempts=attempts, person_id=person_id)


def civil_time(instant: datetime) -> str:
    """Return an instant as a person in China reads it in a message."""
    return instant.astimezone(CIVIL_ZONE).strftime("%Y-%m-%d %H:%M")
