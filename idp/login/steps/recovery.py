"""Getting back in: a forgotten password, or a lost authenticator app (ASVS 6.4.3, 6.4.4).

A code to the mobile alone changes nothing: numbers are taken over, and given out again. With it goes a device that
the person is known by, or a second factor; otherwise the number that they registered with, at the beginning and at
the end of a waiting time, of which every contact is told when it begins.
"""

from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.core.errors import LoginRefused, PageError
from idp.core.hashing import hash_secret
from idp.login.interaction import Interaction, InteractionProblem, Interactions
from idp.login.loop import Browser
from idp.login.messages import Messages
from idp.login.new_password import NewPassword
from idp.login.one_time_codes import OneTimeCodes
from idp.login.recovered import RecoveredAccounts
from idp.login.recovery_requests import RecoveryRequests, as_document, from_document
from idp.login.recovery_stages import PARKED, Stage, may_set
from idp.login.refusal import Refusal
from idp.login.registered_number import RegisteredNumber
from idp.login.second_factor import SecondFactor
from idp.login.waiting_recoveries import WaitingRecoveries
from idp.persons import recoveries
from idp.persons.contacts import KnownContact
from idp.persons.devices import Devices
from idp.persons.directory import Directory
from idp.persons.recoveries import RecoveryKind
from idp.persons.vocabulary import ContactKind, PersonStatus
from idp.storage.engine import Database


class RecoveryStep:
    """Takes a person back in; the pages are the same whether anybody is known by what was typed."""

    def __init__(
        self,
        *,
        database: Database,
        interactions: Interactions,
        directory: Directory,
        devices: Devices,
        codes: OneTimeCodes,
        requests: RecoveryRequests,
        second: SecondFactor,
        number: RegisteredNumber,
        new: NewPassword,
        recovered: RecoveredAccounts,
        messages: Messages,
        clock: Clock,
        waiting: WaitingRecoveries,
    ) -> None:
        self._database = database
        self._interactions = interactions
        self._directory = directory
        self._devices = devices
        self._codes = codes
        self._requests = requests
        self._second = second
        self._number = number
        self._new = new
        self._recovered = recovered
        self._messages = messages
        self._clock = clock
        self._waiting = waiting

    def start(self, interaction: Interaction, typed: str, *, locale: str, origin: Origin) -> Interaction:
        """Have a code sent to the mobile of whom `typed` names; raises LoginRefused for too many codes.

        Nobody is looked up here: the same is written and parked for a person and for nobody.
        """
        named = self._directory.read_identifier(typed)
        # Counted by what was typed, so that a known and an unknown one run out alike.
        if not self._codes.is_allowed(named.canonical):
            raise LoginRefused(Refusal.TOO_MANY_CODES)
        code, parked = self._codes.draw(is_real=True)
        with self._database.transaction() as session:
            self._requests.put(session, named, code, locale=locale, origin=origin)
            self._note(session, None, RecoveryKind.PASSWORD, origin)
        mobile = named.canonical if named.contact is ContactKind.MOBILE else None
        parked |= {"stage": Stage.CODE, "kind": RecoveryKind.PASSWORD, "named": as_document(named)}
        # Shown only to who typed it: any other mobile would tell whose this is.
        parked |= {"mobile": mobile, "is_shown": mobile is not None}
        return self._interactions.save(interaction, scratch={PARKED: parked})

    def start_lost_totp(self, interaction: Interaction, *, locale: str, origin: Origin) -> Interaction:
        """Send a code to who proved the password here but has the app no more.

        Raises LoginRefused where no password was proved, to staff, and for too many codes.
        """
        progress = interaction.progress
        person_id = progress.person_id
        if person_id is None or "pwd" not in progress.amr or progress.session_id is not None:
            raise LoginRefused(Refusal.NOT_NOW, detail="no first factor")
        with self._database.transaction() as session:
            self._recovered.refuse_staff(session, person_id)
            parked = self._send_to_person(session, person_id, locale, origin)
        return self._interactions.save(interaction, scratch={PARKED: parked})

    def resend(self, interaction: Interaction, *, locale: str, origin: Origin) -> Interaction:
        """Send another code once the wait is over; the one before it fits no more. Raises LoginRefused."""
        parked = self._at(interaction, Stage.CODE)
        if self._codes.resend_after(parked) > 0:
            return interaction
        if parked["kind"] == RecoveryKind.TOTP:
            return self.start_lost_totp(interaction, locale=locale, origin=origin)
        return self.start(interaction, parked["named"]["canonical"], locale=locale, origin=origin)

    def submit(
        self, interaction: Interaction, typed: str, browser: Browser, *, locale: str, origin: Origin
    ) -> Interaction:
        """Take the code and return the interaction at its next stage; raises LoginRefused."""
        parked = self._at(interaction, Stage.CODE)
        with self._database.transaction() as session:
            allowed = self._codes.reserve(session, parked)
        is_right = self._codes.is_right(parked, typed) and allowed
        with self._database.transaction() as session:
            person_id = self._whose(session, parked)
            if person_id is None or not is_right or not self._codes.use(session, parked):
                self._refuse(session, person_id, "wrong_code", origin)
            mobile = self._directory.mobile(session, person_id)
            if mobile is None or not _is_older(mobile, parked):
                # The code went to a number that was changed or taken off since.
                self._refuse(session, person_id, "mobile_changed", origin)
            known = parked | {"person_id": person_id, "mobile": mobile.value}
            after = self._after_code(session, known, browser, locale, origin)
        return self._interactions.save(interaction, scratch={PARKED: after})

    def prove(
        self, interaction: Interaction, typed: str, browser: Browser, *, locale: str, origin: Origin
    ) -> Interaction:
        """Take a code from the app or a recovery code as the second proof; raises LoginRefused."""
        parked = self._at(interaction, Stage.PROOF)
        reserved = self._second.reserve(parked["person_id"], browser.device_secret)
        with self._database.transaction() as session:
            if not self._second.is_right(session, reserved, typed, locale=locale, origin=origin):
                self._refuse(session, parked["person_id"], "wrong_second_factor", origin)
        return self._interactions.save(
            interaction, scratch={PARKED: may_set(parked["person_id"], parked["mobile"], None, self._clock.now())}
        )

    def wait(self, interaction: Interaction) -> Interaction:
        """Ask who has no second proof at hand for the number, which begins the waiting time."""
        parked = self._at(interaction, Stage.PROOF)
        return self._interactions.save(interaction, scratch={PARKED: parked | {"stage": Stage.NUMBER}})

    def show_number(
        self, interaction: Interaction, typed: str, browser: Browser, *, locale: str, origin: Origin
    ) -> Interaction:
        """Take the number that the person registered with, before they wait and after; raises LoginRefused.

        Wrong, blocked, and whoever may not get in any more are refused alike, at the same cost.
        """
        parked, kind = self._at(interaction, Stage.NUMBER), RecoveryKind.PASSWORD
        person_id, now = parked["person_id"], self._clock.now()
        reserved = self._number.reserve(person_id, typed)
        with self._database.transaction() as session:
            holder = self._directory.find_by_mobile(session, parked["mobile"])
            is_theirs = holder is not None and (holder.person_id, holder.status) == (person_id, PersonStatus.ACTIVE)
            if not self._number.is_right(session, reserved) or not is_theirs:
                reason = "mobile_changed" if not is_theirs else "wrong_number" if reserved.allowed else "blocked"
                self._refuse(session, person_id, reason, origin, Refusal.REGISTERED_NUMBER)
            self._number.clear(session, reserved)
            waited = recoveries.find(session, person_id, kind, hash_secret(browser.device_secret), at=now)
            if waited is not None and waited.opens_at <= now:
                after = may_set(person_id, parked["mobile"], waited.id, now)
            else:
                after = self._waiting.begin(session, parked, kind, browser, locale, origin)
        return self._interactions.save(interaction, scratch={PARKED: after})

    def set_password(
        self, interaction: Interaction, typed: str, browser: Browser, *, locale: str, origin: Origin
    ) -> Interaction:
        """Set the password once and end everything that was open; raises LoginRefused."""
        parked = self._at(interaction, Stage.PASSWORD)
        self._new.check(parked["person_id"], typed)
        new_hash = self._new.hash(typed)
        with self._database.transaction() as session:
            if not self._recovered.spend(session, parked):
                self._refuse(session, parked["person_id"], "not_open", origin)
            self._recovered.set_password(session, parked["person_id"], new_hash, browser, locale=locale, origin=origin)
        return self._interactions.save(interaction, scratch={PARKED: {"stage": Stage.DONE}})

    def _send_to_person(self, session: Session, person_id: str, locale: str, origin: Origin) -> dict[str, Any]:
        """Send a code to who proved the password: whose account it is need not be hidden from them."""
        mobile = self._directory.mobile(session, person_id)
        if mobile is not None and not self._codes.is_allowed(mobile.value):
            raise LoginRefused(Refusal.TOO_MANY_CODES)
        code, parked = self._codes.draw(is_real=mobile is not None)
        if mobile is not None:
            parameters = {"code": code, "minutes": str(self._codes.life_minutes)}
            self._messages.send_code(
                session, mobile.value, "recovery_code", parameters, locale=locale, person_id=person_id
            )
        self._note(session, person_id, RecoveryKind.TOTP, origin)
        parked |= {"stage": Stage.CODE, "kind": RecoveryKind.TOTP, "person_id": person_id}
        return parked | {"mobile": mobile.value if mobile else None, "is_shown": True}

    def _note(self, session: Session, person_id: str | None, kind: RecoveryKind, origin: Origin) -> None:
        record(
            session,
            Event.MESSAGE_REQUESTED,
            at=self._clock.now(),
            person_id=person_id,
            origin=origin,
            details={"template": "recovery_code", "kind": kind},
        )

    def _whose(self, session: Session, parked: dict[str, Any]) -> str | None:
        """Return whose account it is, if they may get in; one statement whoever was named."""
        if parked["kind"] == RecoveryKind.TOTP:
            return str(parked["person_id"])
        found = self._directory.find(session, from_document(parked["named"]))
        return found.person_id if found and found.status is PersonStatus.ACTIVE else None

    def _after_code(
        self, session: Session, parked: dict[str, Any], browser: Browser, locale: str, origin: Origin
    ) -> dict[str, Any]:
        now, person_id, kind = self._clock.now(), parked["person_id"], RecoveryKind(parked["kind"])
        device_hash = hash_secret(browser.device_secret)
        waited = recoveries.find(session, person_id, kind, device_hash, at=now)
        is_due = waited is not None and waited.opens_at <= now
        if kind is RecoveryKind.TOTP:
            if waited is not None and is_due:
                return self._remove_totp(session, person_id, waited.id, now, locale, origin)
            return self._waiting.begin(session, parked, kind, browser, locale, origin)
        if self._devices.recognise(session, person_id, browser.device_secret, at=now) is not None:
            return may_set(person_id, parked["mobile"], None, now)
        stage = Stage.PROOF if not is_due and self._second.is_available(session, person_id) else Stage.NUMBER
        return {"stage": stage, "person_id": person_id, "mobile": parked["mobile"]}

    def _remove_totp(
        self, session: Session, person_id: str, recovery_id: str, at: datetime, locale: str, origin: Origin
    ) -> dict[str, Any]:
        self._recovered.refuse_staff(session, person_id)  # who became staff while they waited
        if not recoveries.finish(session, person_id, recovery_id, RecoveryKind.TOTP, at=at):
            self._refuse(session, person_id, "not_open", origin)
        self._recovered.remove_totp(session, person_id, locale=locale, origin=origin)
        return {"stage": Stage.DONE, "may_go_on": True}

    def _at(self, interaction: Interaction, stage: Stage) -> dict[str, Any]:
        parked: dict[str, Any] | None = interaction.scratch.get(PARKED)
        if parked is None or parked["stage"] != stage:
            raise PageError(InteractionProblem.EXPIRED, detail="another stage of the recovery")
        return parked

    def _refuse(
        self,
        session: Session,
        person_id: str | None,
        reason: str,
        origin: Origin,
        refusal: Refusal = Refusal.CODE,
    ) -> NoReturn:
        record(
            session,
            Event.RECOVERY_REFUSED,
            at=self._clock.now(),
            outcome=Outcome.REFUSED,
            reason=reason,
            person_id=person_id,
            origin=origin,
        )
        raise LoginRefused(refusal, detail=reason)


def _is_older(mobile: KnownContact, parked: dict[str, Any]) -> bool:
    """Tell whether the mobile was the person's already when the code was asked for."""
    return mobile.verified_at is not None and mobile.verified_at <= datetime.fromisoformat(parked["sent_at"])
