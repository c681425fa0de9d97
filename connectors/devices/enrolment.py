"""Devices: invited by a one-time code, enrolled with a key that only they hold, ended once for ever."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from connectors.devices.device_key import DeviceKey, UnusableDeviceKey, import_device_key
from connectors.devices.models import Device
from connectors.devices.statement import read_statement
from idp.audit.events import Event
from idp.audit.log import NOWHERE, Origin, record
from idp.core.clock import Clock
from idp.core.hashing import secrets_equal
from idp.core.ids import new_id, new_readable_code
from idp.core.results import Ok, Refused
from idp.storage.engine import Database
from idp.storage.short_lived.store import Kind, ShortLivedStore
from idp.storage.upsert import insert_into

#: The one kind of device that there is so far.
CARD_READER = "card_reader"
INVITATION_SECONDS = 86_400
ENROLMENT_TYPE = "device-enrolment+jwt"
MAX_TEXT_LENGTH = 100

# 118 bits, so that a plain hash of it may be stored (`idp.core.hashing`); in groups, for it is copied by hand.
_CODE_LENGTH, _GROUP = 24, 4


class DeviceState(StrEnum):
    """Values of `devices.state`."""

    ACTIVE = "active"
    ENDED = "ended"


class EnrolmentProblem(StrEnum):
    """Why a device is not enrolled."""

    KEY = "key"  # no public key of P-256
    PROOF = "proof"  # not signed by that key for this code, here and now
    CODE = "code"  # never given out, used, or older than a day
    KEY_TAKEN = "key_taken"  # another device has, or had, this key


class InvitationProblem(StrEnum):
    """Why nobody is invited."""

    OFFICE = "office"
    LABEL = "label"


@dataclass(frozen=True, slots=True)
class DeviceRecord:
    """A device as staff see it, and the key that speaks for it."""

    id: str
    kind: str
    label: str
    office: str
    department_id: str
    key: DeviceKey
    state: DeviceState
    enrolled_at: datetime
    last_seen_at: datetime | None
    ended_at: datetime | None

    @property
    def is_active(self) -> bool:
        """Tell whether it may speak."""
        return self.state is DeviceState.ACTIVE


class Devices:
    """The devices of all departments."""

    def __init__(self, *, database: Database, store: ShortLivedStore, clock: Clock, issuer: str) -> None:
        self._database = database
        self._store = store
        self._clock = clock
        self._issuer = issuer

    def invite(
        self,
        session: Session,
        department_id: str,
        office: str,
        label: str,
        by: str | None,
        *,
        origin: Origin = NOWHERE,
    ) -> Ok[str] | Refused:
        """Return a code that enrols one device within a day, or an `InvitationProblem`.

        `by` is the person who invites, None only for the command; whether they may is the caller's to decide.
        Only what the caller commits is on record, so the code is told after that.
        """
        if not _is_plain(office):
            return Refused(InvitationProblem.OFFICE)
        if not _is_plain(label):
            return Refused(InvitationProblem.LABEL)
        code = new_readable_code(_CODE_LENGTH)
        invitation = {"department": department_id, "office": office, "label": label, "by": by}
        details = {"department": department_id, "office": office, "label": label}
        record(session, Event.DEVICE_INVITED, at=self._clock.now(), origin=origin, details=details)
        self._store.put(Kind.DEVICE_INVITATION, code, invitation, seconds=INVITATION_SECONDS)
        return Ok("-".join(code[at : at + _GROUP] for at in range(0, _CODE_LENGTH, _GROUP)))

    def enrol(
        self, code: str, public_jwk: Mapping[str, object], proof: str, *, origin: Origin = NOWHERE
    ) -> Ok[DeviceRecord] | Refused:
        """Enrol the device that holds the key, or return an `EnrolmentProblem`.

        1 the key, 2 it signed for this code, 3 the code is taken, 4 the row is written. Only who shows key and code
        together takes the code away, so a wrong guess spoils nobody's.
        """
        try:
            key = import_device_key(dict(public_jwk))
        except UnusableDeviceKey:
            return Refused(EnrolmentProblem.KEY)
        typed = _fold(code)
        if not self._proves(proof, key, typed):
            return Refused(EnrolmentProblem.PROOF)
        # Taken before anything is written: two devices with one code must not both get in.
        invitation = self._store.take(Kind.DEVICE_INVITATION, typed)
        if invitation is None:
            return Refused(EnrolmentProblem.CODE)
        device = DeviceRecord(
            id=new_id(),
            kind=CARD_READER,
            label=invitation["label"],
            office=invitation["office"],
            department_id=invitation["department"],
            key=key,
            state=DeviceState.ACTIVE,
            enrolled_at=self._clock.now(),
            last_seen_at=None,
            ended_at=None,
        )
        with self._database.transaction() as session:
            if not _insert(session, device, by=invitation["by"]):
                return Refused(EnrolmentProblem.KEY_TAKEN)
            details = {"device": device.id, "department": device.department_id, "office": device.office}
            record(session, Event.DEVICE_ENROLLED, at=device.enrolled_at, origin=origin, details=details)
        return Ok(device)

    def _proves(self, proof: str, key: DeviceKey, code: str) -> bool:
        statement = read_statement(proof, typ=ENROLMENT_TYPE)
        if statement is None or not statement.is_signed_by(key.key):
            return False
        signed = statement.text("code")
        return (
            statement.is_for(self._issuer)
            and statement.is_fresh(now=self._clock.now().timestamp())
            and signed is not None
            and secrets_equal(_fold(signed), code)
        )

    def end(self, session: Session, device_id: str, *, origin: Origin = NOWHERE) -> bool:
        """End a device, whose key then opens nothing ever again; False where there is none to end."""
        now = self._clock.now()
        row = session.execute(
            sa.update(Device)
            .where(Device.id == device_id, Device.state == DeviceState.ACTIVE)
            .values(state=DeviceState.ENDED, ended_at=now)
            .returning(Device.department_id, Device.office)
        ).one_or_none()
        if row is None:
            return False
        details = {"device": device_id, "department": row.department_id, "office": row.office}
        record(session, Event.DEVICE_ENDED, at=now, origin=origin, details=details)
        return True

    def find(self, session: Session, device_id: str) -> DeviceRecord | None:
        """Return the device of that id, also one that has ended, or None."""
        found = _select(session, Device.id == device_id)
        return found[0] if found else None

    def of_department(self, session: Session, department_id: str) -> tuple[DeviceRecord, ...]:
        """Return the active devices of a department, by office and label."""
        return _select(session, Device.department_id == department_id, Device.state == DeviceState.ACTIVE)

    def all(self, session: Session) -> tuple[DeviceRecord, ...]:
        """Return every device, also those that have ended, by office and label."""
        return _select(session)


def _fold(code: str) -> str:
    """Return a code as it is stored: people type it in any case, with or without the dashes."""
    return code.upper().replace("-", "").replace(" ", "")


def _is_plain(text: str) -> bool:
    return 0 < len(text) <= MAX_TEXT_LENGTH and text.isprintable() and text == text.strip()


def _insert(session: Session, device: DeviceRecord, *, by: str | None) -> bool:
    """Write the row; False where the key is known already."""
    inserted = session.scalar(
        insert_into(session, Device)
        .values(
            id=device.id,
            kind=device.kind,
            label=device.label,
            office=device.office,
            department_id=device.department_id,
            public_jwk=device.key.jwk,
            thumbprint=device.key.thumbprint,
            state=device.state,
            enrolled_at=device.enrolled_at,
            enrolled_by=by,
        )
        .on_conflict_do_nothing(index_elements=["thumbprint"])
        .returning(Device.id)
    )
    return inserted is not None


def _select(session: Session, *which: sa.ColumnElement[bool]) -> tuple[DeviceRecord, ...]:
    rows = session.scalars(sa.select(Device).where(*which).order_by(Device.office, Device.label, Device.id))
    return tuple(
        DeviceRecord(
            id=row.id,
            kind=row.kind,
            label=row.label,
            office=row.office,
            department_id=row.department_id,
            key=import_device_key(row.public_jwk),
            state=DeviceState(row.state),
            enrolled_at=row.enrolled_at,
            last_seen_at=row.last_seen_at,
            ended_at=row.ended_at,
        )
        for row in rows
    )
