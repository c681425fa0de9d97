"""A second factor within a change or a recovery: a code from the app, or a recovery code in its place.

Its tries are counted under the same key as at login, so that there is one budget for both.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from idp.audit.log import Origin
from idp.core.clock import Clock
from idp.crypto.keyring import Keyring
from idp.login.messages import Messages, civil_time
from idp.persons.devices import Devices
from idp.persons.recovery_codes import RecoveryCodes
from idp.persons.totp import Totp
from idp.persons.tries import Purpose, Tries, TryAllowed, device_key_of, subject_of_person
from idp.storage.engine import Database

_APP_CODE = re.compile(r"[0-9]{6}")


@dataclass(frozen=True, slots=True)
class ReservedTry:
    """A try that was counted and committed before the code is looked at."""

    person_id: str
    subject: str
    device_key: str
    allowed: bool


class SecondFactor:
    """Checks a second factor of a person who proved a first one."""

    def __init__(
        self,
        *,
        database: Database,
        devices: Devices,
        totp: Totp,
        recovery_codes: RecoveryCodes,
        messages: Messages,
        tries: Tries,
        keyring: Keyring,
        clock: Clock,
    ) -> None:
        self._database = database
        self._devices = devices
        self._totp = totp
        self._recovery_codes = recovery_codes
        self._messages = messages
        self._tries = tries
        self._keyring = keyring
        self._clock = clock

    def is_available(self, session: Session, person_id: str) -> bool:
        """Tell whether the person has an app or a recovery code."""
        enrolled = self._totp.is_enrolled(session, person_id)
        return enrolled or self._recovery_codes.count_left(session, person_id) > 0

    def reserve(self, person_id: str, device_secret: str) -> ReservedTry:
        """Count a try for good, in a transaction of its own."""
        now = self._clock.now()
        subject = subject_of_person(self._keyring, person_id, Purpose.SECOND_FACTOR)
        with self._database.transaction() as session:
            device_id = self._devices.recognise(session, person_id, device_secret, at=now)
            device_key = device_key_of(device_id)
            reserved = self._tries.reserve(session, subject, device_key, at=now)
        return ReservedTry(person_id, subject, device_key, isinstance(reserved, TryAllowed))

    def is_right(self, session: Session, reserved: ReservedTry, typed: str, *, locale: str, origin: Origin) -> bool:
        """Spend the code and clear the tries; False where it is wrong, spent, or no try was left."""
        now = self._clock.now()
        if not reserved.allowed or not self._spend(session, reserved.person_id, typed, now, locale, origin):
            return False
        self.clear(session, reserved)
        return True

    def clear(self, session: Session, reserved: ReservedTry) -> None:
        """Forget the failures after a success."""
        self._tries.clear(session, reserved.subject, reserved.device_key)

    def _spend(self, session: Session, person_id: str, typed: str, at: datetime, locale: str, origin: Origin) -> bool:
        if _APP_CODE.fullmatch(typed):
            return self._totp.verify(session, person_id, typed, at=at)
        if not self._recovery_codes.use(session, person_id, typed, at=at, origin=origin):
            return False
        self._messages.notify(session, person_id, "recovery_code_used", {"time": civil_time(at)}, locale=locale)
        return True
