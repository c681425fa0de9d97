"""Which clients speak for an older system: administration says so, and takes it back."""

from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from clients.uris import service_uri
from idp.audit.events import Event
from idp.audit.log import NOWHERE, Origin, record
from idp.core.clock import Clock
from idp.core.results import Ok, Refused
from idp.linking.models import LegacySystem, LegacySystemClient
from idp.storage.upsert import insert_into


class SpeakerProblem(StrEnum):
    """Why a client does not come to speak for a system."""

    UNKNOWN_SYSTEM = "unknown_system"
    BAD_URI = "bad_uri"  # where events go is no https address
    NOT_ALLOWED = "not_allowed"  # it does not speak for the system


@dataclass(frozen=True, slots=True)
class Speaker:
    """A client that speaks for a system; `told` is the cursor as far as changes were pushed to it."""

    system_code: str
    client_id: str
    events_uri: str | None
    told: str


class Speakers:
    """Says who speaks for which system. Whether somebody may say so is the caller's to decide."""

    def __init__(self, *, clock: Clock, allow_loopback_http: bool = False) -> None:
        self._clock = clock
        self._loopback = allow_loopback_http

    def allow(
        self, session: Session, system_code: str, client_id: str, *, events_uri: str | None, origin: Origin = NOWHERE
    ) -> Ok[None] | Refused:
        """Let a client ask about the system's accounts, and push changes to it where an address is given.

        Again for the same client: the address is changed; what it was told stays.
        """
        number = _number_of(session, system_code)
        if number is None:
            return Refused(SpeakerProblem.UNKNOWN_SYSTEM)
        if events_uri is not None and service_uri(events_uri, allow_loopback_http=self._loopback) is None:
            return Refused(SpeakerProblem.BAD_URI)
        session.execute(
            insert_into(session, LegacySystemClient)
            .values(system_number=number, client_id=client_id, events_uri=events_uri, told_position=0, told_leaf=0)
            .on_conflict_do_update(index_elements=["system_number", "client_id"], set_={"events_uri": events_uri})
        )
        self._audit(session, Event.LEGACY_CLIENT_ALLOWED, system_code, client_id, origin)
        return Ok(None)

    def withdraw(
        self, session: Session, system_code: str, client_id: str, *, origin: Origin = NOWHERE
    ) -> Ok[None] | Refused:
        """Take it back, from the client's next request on."""
        number = _number_of(session, system_code)
        gone = session.scalar(
            sa.delete(LegacySystemClient)
            .where(LegacySystemClient.system_number == number, LegacySystemClient.client_id == client_id)
            .returning(LegacySystemClient.client_id)
        )
        if gone is None:
            return Refused(SpeakerProblem.NOT_ALLOWED)
        self._audit(session, Event.LEGACY_CLIENT_WITHDRAWN, system_code, client_id, origin)
        return Ok(None)

    def all(self, session: Session) -> tuple[Speaker, ...]:
        """Return everybody who speaks for a system."""
        rows = session.execute(
            sa.select(LegacySystemClient, LegacySystem.code)
            .join(LegacySystem, LegacySystem.number == LegacySystemClient.system_number)
            .order_by(LegacySystem.code, LegacySystemClient.client_id)
        )
        return tuple(
            Speaker(code, row.client_id, row.events_uri, f"{row.told_position}.{row.told_leaf}") for row, code in rows
        )

    def _audit(self, session: Session, event: Event, system_code: str, client_id: str, origin: Origin) -> None:
        now = self._clock.now()
        record(session, event, at=now, client_id=client_id, origin=origin, details={"system": system_code})


def _number_of(session: Session, code: str) -> int | None:
    return session.scalar(sa.select(LegacySystem.number).where(LegacySystem.code == code))
