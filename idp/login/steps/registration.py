"""Opening an account: number, name, mobile confirmed by a code, password.

Who means to show a network identity is asked for neither number nor name; the account is like any other at level 1.
The pages answer the same whether the number or the mobile was known: a typed number is only claimed and
reserves nothing, and the truth about the mobile goes to the mobile alone.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock, civil_date
from idp.core.errors import LoginRefused
from idp.core.results import Ok, Refused
from idp.login.counter.newcomers import Newcomers
from idp.login.interaction import Interaction, Interactions
from idp.login.messages import Messages
from idp.login.mobile_in_use import offered
from idp.login.one_time_codes import OneTimeCodes
from idp.login.refusal import FieldRefusal, Refusal, password_refusal
from idp.login.released_mobiles import ReleasedMobiles
from idp.persons.contact_numbers import parse_mobile
from idp.persons.contacts import ContactTaken
from idp.persons.directory import Directory
from idp.persons.password_policy import context_words
from idp.persons.passwords import Passwords
from idp.persons.prepared import PreparedPersons
from idp.persons.registration import NewPerson, Registration
from idp.storage.engine import Database
from realname.documents.birth_date import needs_guardian
from realname.documents.document_number import DocumentNumber
from realname.documents.names import clean_name
from realname.documents.parse import parse_number

PARKED = "registration"


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form holds, as typed; number and name are None where the form asks for neither."""

    number: str | None = field(repr=False)
    name: str | None = field(repr=False)
    mobile: str = field(repr=False)
    password: str = field(repr=False)


class RegistrationStep:
    """Makes a person out of what they typed, once they showed that the mobile is theirs."""

    def __init__(
        self,
        *,
        database: Database,
        interactions: Interactions,
        registration: Registration,
        prepared: PreparedPersons,
        newcomers: Newcomers,
        directory: Directory,
        passwords: Passwords,
        codes: OneTimeCodes,
        messages: Messages,
        releases: ReleasedMobiles,
        clock: Clock,
    ) -> None:
        self._database = database
        self._interactions = interactions
        self._registration = registration
        self._prepared = prepared
        self._newcomers = newcomers
        self._directory = directory
        self._passwords = passwords
        self._codes = codes
        self._messages = messages
        self._releases = releases
        self._clock = clock

    def check(self, typed: Typed) -> tuple[FieldRefusal, ...]:
        """Return what is wrong with the form, field by field; nothing here depends on who is known."""
        today, mobile = civil_date(self._clock.now()), parse_mobile(typed.mobile)
        number = parse_number(typed.number, today=today) if typed.number is not None else None
        refusals = []
        if isinstance(number, Refused):
            refusals.append(FieldRefusal("number", Refusal.NUMBER))
        elif number is not None and needs_guardian(number.value.birth_date, today):
            refusals.append(FieldRefusal("number", Refusal.TOO_YOUNG))
        if typed.name is not None and not isinstance(clean_name(typed.name), Ok):
            refusals.append(FieldRefusal("name", Refusal.NAME))
        if not isinstance(mobile, Ok):
            refusals.append(FieldRefusal("mobile", Refusal.MOBILE))
        context = context_words(
            number=number.value if isinstance(number, Ok) else None,
            mobile=mobile.value if isinstance(mobile, Ok) else None,
        )
        policy = self._passwords.check_policy(typed.password, is_staff=False, context=context)
        if isinstance(policy, Refused):
            refusals.append(FieldRefusal("password", password_refusal(policy.reason)))
        return tuple(refusals)

    def start(self, interaction: Interaction, typed: Typed, *, locale: str, origin: Origin) -> Interaction:
        """Park a form that `check` found good and send a code; raises LoginRefused for too many codes, or staff."""
        if interaction.for_staff:
            raise LoginRefused(Refusal.NOT_NOW, detail="nobody opens an account in a staff login")
        mobile = _unwrap(parse_mobile(typed.mobile))
        form = {
            "number": typed.number,
            "name": _unwrap(clean_name(typed.name)) if typed.name is not None else None,
            "mobile": mobile,
            "password_hash": self._passwords.hash(typed.password),
            "locale": locale,
        }
        return self._send(interaction, form, mobile, locale, origin)

    def resend(self, interaction: Interaction, *, origin: Origin) -> Interaction:
        """Send another code; the one before it fits no more. Raises LoginRefused."""
        parked = self._parked(interaction)
        form = {name: parked[name] for name in ("number", "name", "mobile", "password_hash", "locale")}
        return self._send(interaction, form, form["mobile"], form["locale"], origin)

    def submit(self, interaction: Interaction, typed: str, *, origin: Origin) -> Interaction:
        """Make the person and return the interaction with them proved; raises LoginRefused.

        Where another account has the mobile nobody is made, and its release is offered: who has the phone may know.
        """
        parked, now = self._parked(interaction), self._clock.now()
        with self._database.transaction() as session:
            allowed = self._codes.reserve(session, parked)
        is_right = allowed and self._codes.is_right(parked, typed)
        with self._database.transaction() as session:
            if not is_right or not self._codes.use(session, parked):
                self._refuse(session, "wrong_code", origin, now)
            person_id = self._register(session, self._new_person(parked, now), parked["mobile"], origin)
            if person_id is None:
                self._note_refusal(session, "mobile_taken", origin, now)
            else:
                # What was sent to the mobile goes with the person one day; an earlier release's form names none.
                self._messages.assign(session, parked.get("messages", []), person_id)
        if person_id is None:
            return self._interactions.save(interaction, scratch={PARKED: None, **offered(parked["mobile"])})
        # This browser chose the password and received the code: it is a device that the person is known by.
        progress = interaction.progress.proved(person_id, "sms", now, known_device=True)
        return self._interactions.save(interaction, progress=progress, scratch={PARKED: None})

    def _send(
        self, interaction: Interaction, form: dict[str, Any], mobile: str, locale: str, origin: Origin
    ) -> Interaction:
        if not self._codes.is_allowed(mobile):
            raise LoginRefused(Refusal.TOO_MANY_CODES)
        with self._database.transaction() as session:
            known = self._directory.find_by_mobile(session, mobile)
            code, parked = self._codes.draw(is_real=True)
            template = "registration_known_mobile" if known else "registration_code"
            parameters = {"code": code, "minutes": str(self._codes.life_minutes)}
            whose = known.person_id if known else None
            sent = self._messages.send_code(session, mobile, template, parameters, locale=locale, person_id=whose)
            record(
                session,
                Event.MESSAGE_REQUESTED,
                at=self._clock.now(),
                origin=origin,
                details={"template": template},
            )
        earlier = (interaction.scratch.get(PARKED) or {}).get("messages", [])
        return self._interactions.save(interaction, scratch={PARKED: {**form, **parked, "messages": [*earlier, sent]}})

    def _new_person(self, parked: dict[str, Any], now: datetime) -> NewPerson:
        typed: str | None = parked["number"]
        number: DocumentNumber | None = None
        if typed is not None:
            number = _unwrap(parse_number(typed, today=civil_date(now)))
        return NewPerson(
            name=parked["name"],
            number=number,
            mobile=parked["mobile"],
            password_hash=parked["password_hash"],
            locale=parked["locale"],
        )

    def _parked(self, interaction: Interaction) -> dict[str, Any]:
        parked: dict[str, Any] | None = interaction.scratch.get(PARKED)
        if parked is None:
            raise LoginRefused(Refusal.CODE, detail="no registration is under way")
        return parked

    def _register(self, session: Session, new: NewPerson, mobile: str, origin: Origin) -> str | None:
        try:
            return self._make(session, new, origin)
        except ContactTaken:
            # One whose time has come is let go here, if no worker was faster; of two who want it one gets it.
            if not self._releases.release_due(session, mobile, origin=origin):
                return None
        try:
            return self._make(session, new, origin)
        except ContactTaken:
            return None

    def _make(self, session: Session, new: NewPerson, origin: Origin) -> str:
        """Make the person, or activate what a system prepared for this number and this mobile.

        Whom a clerk verified before is proved at once.
        """
        activated = self._prepared.activate(session, new, at=self._clock.now(), origin=origin)
        person_id = activated or self._registration.register(session, new, origin=origin)
        self._newcomers.welcome(session, person_id, new, origin=origin)
        return person_id

    def _note_refusal(self, session: Session, reason: str, origin: Origin, at: datetime) -> None:
        record(session, Event.REGISTRATION_REFUSED, at=at, outcome=Outcome.REFUSED, reason=reason, origin=origin)

    def _refuse(self, session: Session, reason: str, origin: Origin, at: datetime) -> NoReturn:
        self._note_refusal(session, reason, origin, at)
        raise LoginRefused(Refusal.CODE, detail=reason)


def _unwrap(result: Ok[Any] | Refused) -> Any:
    """Return the value of what was checked before."""
    if not isinstance(result, Ok):
        raise LoginRefused(Refusal.CODE, detail="parked form no longer valid")
    return result.value
