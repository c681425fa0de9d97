"""How a device authenticates: a short JWT by its own key, for us alone, used once (RFC 7519, RFC 6750 §2.1)."""

import math
from datetime import datetime, timedelta

import sqlalchemy as sa

from connectors.devices.enrolment import DeviceRecord, Devices
from connectors.devices.models import Device
from connectors.devices.statement import SKEW_SECONDS, Statement, read_statement
from idp.core.clock import Clock
from idp.core.oauth_errors import InvalidToken, MissingToken
from idp.storage.engine import Database
from idp.storage.short_lived.store import Kind, ShortLivedStore

DEVICE_TOKEN_TYPE = "device+jwt"  # noqa: S105
#: How long after `iat` such a token may end.
MAX_LIFE_SECONDS = 60

_SEEN_EVERY = timedelta(minutes=1)


class DeviceAuthenticator:
    """Tells which device a request comes from."""

    def __init__(
        self, *, devices: Devices, database: Database, store: ShortLivedStore, clock: Clock, issuer: str
    ) -> None:
        self._devices = devices
        self._database = database
        self._store = store
        self._clock = clock
        self._issuer = issuer

    def admit(self, authorization: str | None) -> DeviceRecord:
        """Return the active device that made this header; raises MissingToken or InvalidToken.

        1 read, 2 find the device, 3 signature, 4 claims, 5 once. An unknown device, one that has ended and a wrong
        signature look alike.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise MissingToken()
        statement = read_statement(token.strip(), typ=DEVICE_TOKEN_TYPE)
        device_id = statement.text("iss", most=22) if statement is not None else None
        if statement is None or device_id is None:
            raise InvalidToken(detail="device: not a token of a device")
        with self._database.read() as session:
            device = self._devices.find(session, device_id)
        if device is None or not device.is_active or not statement.is_signed_by(device.key.key):
            raise InvalidToken(detail="device: unknown, ended, or another key")
        now = self._clock.now()
        self._check_times(statement, now.timestamp())
        self._use_once(device, statement, now.timestamp())
        self._see(device, now)
        return device

    def _check_times(self, statement: Statement, now: float) -> None:
        if not statement.is_for(self._issuer):
            raise InvalidToken(detail="device: aud")
        made_at, expires = statement.instant("iat"), statement.instant("exp")
        if made_at is None or expires is None or not statement.is_fresh(now=now):
            raise InvalidToken(detail="device: iat or exp")
        if not made_at < expires <= made_at + MAX_LIFE_SECONDS or expires + SKEW_SECONDS <= now:
            raise InvalidToken(detail="device: iat or exp")

    def _use_once(self, device: DeviceRecord, statement: Statement, now: float) -> None:
        jti, made_at, expires = statement.text("jti"), statement.instant("iat"), statement.instant("exp")
        if jti is None or made_at is None or expires is None:
            raise InvalidToken(detail="device: jti")
        # No id holds a line break, so no two pairs share a handle, and none is that of a client.
        handle = f"device\n{device.id}\n{jti}"
        life = math.ceil(expires - now) + SKEW_SECONDS + 1
        if not self._store.add_once(Kind.ASSERTION_JTI, handle, seconds=life):
            raise InvalidToken(detail="device: jti was used before")
        # Asked after `add_once`, so that it covers the very store that answered. A device only asks again.
        if made_at < self._store.epoch(Kind.ASSERTION_JTI, handle).timestamp():
            raise InvalidToken(detail="device: older than the store of used ones")

    def _see(self, device: DeviceRecord, now: datetime) -> None:
        # A device asks each second; most of the time nothing is written.
        if device.last_seen_at is not None and now - device.last_seen_at < _SEEN_EVERY:
            return
        with self._database.transaction() as session:
            session.execute(sa.update(Device).where(Device.id == device.id).values(last_seen_at=now))
