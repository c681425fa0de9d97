"""The waiting time of a recovery: how it begins, and that every contact is told."""

from typing import Any

from sqlalchemy.orm import Session

from idp.audit.log import Origin
from idp.core.clock import Clock
from idp.core.hashing import hash_secret
from idp.login.loop import Browser
from idp.login.messages import Messages, civil_time
from idp.login.recovery_stages import Stage, Waits
from idp.persons import mobile_releases, recoveries
from idp.persons.recoveries import RecoveryKind


class WaitingRecoveries:
    """Begins waiting times; all within the caller's transaction."""

    def __init__(self, *, messages: Messages, clock: Clock, waits: Waits) -> None:
        self._messages = messages
        self._clock = clock
        self._waits = waits

    def begin(
        self,
        session: Session,
        parked: dict[str, Any],
        kind: RecoveryKind,
        browser: Browser,
        locale: str,
        origin: Origin,
    ) -> dict[str, Any]:
        """Return the stage at which the person waits; one that this browser began before keeps its time."""
        now, person_id = self._clock.now(), parked["person_id"]
        # While somebody else is said to have the phone, a code to it begins nothing that could end before that does.
        contested = mobile_releases.open_of_person(session, person_id)
        opens_at = max(now, contested.due_at if contested else now) + self._waits.wait
        waiting, is_new = recoveries.start(
            session,
            person_id,
            kind,
            hash_secret(browser.device_secret),
            at=now,
            opens_at=opens_at,
            expires_at=opens_at + self._waits.window,
            origin=origin,
        )
        if is_new:
            template = "recovery_started" if kind is RecoveryKind.PASSWORD else "totp_recovery_started"
            parameters = {"time": civil_time(waiting.opens_at)}
            self._messages.notify(session, person_id, template, parameters, locale=locale)
        opens = waiting.opens_at.isoformat()
        return {"stage": Stage.WAITING, "mobile": parked["mobile"], "opens_at": opens}
