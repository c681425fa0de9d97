"""The step of a code by SMS: identify by a mobile number and prove to hold it."""

from datetime import datetime

from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.core.errors import LoginRefused
from idp.core.results import Ok
from idp.login.interaction import Interaction, Interactions
from idp.login.loop import Browser
from idp.login.messages import Messages
from idp.login.one_time_codes import OneTimeCodes
from idp.login.refusal import Refusal
from idp.persons.contact_numbers import parse_mobile
from idp.persons.devices import Devices
from idp.persons.directory import Directory
from idp.persons.vocabulary import PersonStatus
from idp.storage.engine import Database

#: Where the parked half of the code lies in the interaction.
PARKED = "sms_code"


class SmsCodeStep:
    """Sends a code to a mobile and checks it; the page is the same whether anybody holds the number."""

    def __init__(
        self,
        *,
        database: Database,
        interactions: Interactions,
        directory: Directory,
        devices: Devices,
        codes: OneTimeCodes,
        messages: Messages,
        clock: Clock,
    ) -> None:
        self._database = database
        self._interactions = interactions
        self._directory = directory
        self._devices = devices
        self._codes = codes
        self._messages = messages
        self._clock = clock

    def send(self, interaction: Interaction, typed: str, *, locale: str, origin: Origin) -> Interaction:
        """Park a code for the mobile and send it; raises LoginRefused for no mobile, too many codes, or staff.

        Whoever holds the phone learns the truth there: a code, or that no account has this number.
        """
        if interaction.for_staff:
            raise LoginRefused(Refusal.NOT_NOW, detail="staff are identified by their login name")
        parsed = parse_mobile(typed)
        if not isinstance(parsed, Ok):
            raise LoginRefused(Refusal.MOBILE)
        mobile = parsed.value
        if not self._codes.is_allowed(mobile):
            raise LoginRefused(Refusal.TOO_MANY_CODES)
        with self._database.transaction() as session:
            found = self._directory.find_by_mobile(session, mobile)
            is_real = found is not None and found.status is PersonStatus.ACTIVE
            code, parked = self._codes.draw(is_real=is_real)
            template = "login_code" if is_real else "login_unknown_mobile"
            parameters = {"code": code, "minutes": str(self._codes.life_minutes)} if is_real else {}
            whose = found.person_id if found else None
            self._messages.send_code(session, mobile, template, parameters, locale=locale, person_id=whose)
            record(
                session,
                Event.MESSAGE_REQUESTED,
                at=self._clock.now(),
                person_id=found.person_id if found else None,
                origin=origin,
                details={"template": template},
            )
        parked |= {"mobile": mobile, "person_id": found.person_id if found and is_real else None}
        return self._interactions.save(interaction, scratch={PARKED: parked})

    def submit(self, interaction: Interaction, typed: str, browser: Browser, origin: Origin) -> Interaction:
        """Return the interaction with one more proof; raises LoginRefused."""
        parked = interaction.scratch.get(PARKED)
        if parked is None:
            raise LoginRefused(Refusal.CODE, detail="no code was sent")
        now, person_id = self._clock.now(), parked["person_id"]
        with self._database.transaction() as session:
            allowed = self._codes.reserve(session, parked)
        is_right = self._codes.is_right(parked, typed) and allowed and person_id is not None
        with self._database.transaction() as session:
            device_id = self._devices.recognise(session, person_id, browser.device_secret, at=now)
            # Changed or taken off since the code was sent: the phone no longer speaks for the account.
            holder = self._directory.find_by_mobile(session, parked["mobile"])
            is_right = is_right and holder is not None and holder.person_id == person_id
            if not is_right or not self._codes.use(session, parked):
                self._refuse(session, person_id, origin, now)
        progress = interaction.progress.proved(person_id, "sms", now, known_device=device_id is not None)
        return self._interactions.save(interaction, progress=progress, scratch={PARKED: None})

    def _refuse(self, session: Session, person_id: str | None, origin: Origin, at: datetime) -> None:
        record(
            session,
            Event.LOGIN_FAILED,
            at=at,
            outcome=Outcome.REFUSED,
            reason="wrong_code",
            person_id=person_id,
            origin=origin,
        )
        raise LoginRefused(Refusal.CODE)
