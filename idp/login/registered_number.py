"""The document number that a person registered with, asked again: known to its owner, not to who got their phone.

A number is no secret that could open anything alone. It is compared with those of the one account that a code
was right for, counted before, and nobody is found by it.
"""

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from idp.core.clock import Clock, civil_date
from idp.core.errors import LoginRefused
from idp.core.results import Ok
from idp.crypto.keyring import Keyring
from idp.login.refusal import Refusal
from idp.persons.identifiers import Identifiers
from idp.persons.tries import OTHER_DEVICE, Purpose, Tries, TryAllowed, subject_of_person
from idp.storage.engine import Database
from realname.documents.document_number import DocumentNumber
from realname.documents.parse import parse_number

#: Wrong ones before the first lock: whoever knows the number mistypes it once, and its check digit tells.
TRIES = 3


@dataclass(frozen=True, slots=True)
class ReservedNumber:
    """A readable number, and whether it may be compared; its try was counted and committed."""

    person_id: str
    subject: str
    number: DocumentNumber = field(repr=False)
    allowed: bool


class RegisteredNumber:
    """Compares what was typed with the numbers of one person."""

    def __init__(
        self, *, database: Database, identifiers: Identifiers, keyring: Keyring, clock: Clock, lock_seconds: int
    ) -> None:
        self._database = database
        self._identifiers = identifiers
        self._tries = Tries(tries_before_lock=TRIES, lock_seconds=lock_seconds)
        self._keyring = keyring
        self._clock = clock

    def reserve(self, person_id: str, typed: str) -> ReservedNumber:
        """Read the number and count a try for good, in a transaction of its own.

        Raises LoginRefused for what can be nobody's number, which is not counted.
        """
        now = self._clock.now()
        number = parse_number(typed, today=civil_date(now))
        if not isinstance(number, Ok):
            raise LoginRefused(Refusal.NUMBER)
        subject = subject_of_person(self._keyring, person_id, Purpose.REGISTERED_NUMBER)
        with self._database.transaction() as session:
            # Whoever comes here is on no device that the person is known by.
            reserved = self._tries.reserve(session, subject, OTHER_DEVICE, at=now)
        return ReservedNumber(person_id, subject, number.value, isinstance(reserved, TryAllowed))

    def is_right(self, session: Session, reserved: ReservedNumber) -> bool:
        """Compare, also where no try was left, at the same cost."""
        return self._identifiers.has(session, reserved.person_id, reserved.number) and reserved.allowed

    def clear(self, session: Session, reserved: ReservedNumber) -> None:
        """Forget the failures after a success."""
        self._tries.clear(session, reserved.subject, OTHER_DEVICE)
