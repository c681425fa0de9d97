"""Rows that end, of every table that has such: put in with an end at an instant, and how long they are kept then."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.core.ids import new_id
from idp.outbox.queue import DeliveryState
from idp.storage.base import Base

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@dataclass
class World:
    """Somebody and a client, whom rows can be about."""

    session: Session
    person_id: str
    client_id: str

    def put(self, table: str, **values: Any) -> str:
        """Insert a row and return its name, the value of its first column."""
        columns = Base.metadata.tables[table]
        self.session.execute(sa.insert(columns).values(values))
        return str(values[next(iter(values))])


@dataclass(frozen=True)
class Kind:
    """One kind of row: how it is put in with an end at an instant, and how long after it is there, and gone."""

    put: Callable[[World, datetime], str]
    kept: timedelta
    gone: timedelta


def login_tries(world: World, end: datetime) -> str:
    return world.put("login_tries", subject=new_id(), device="other", failures=7, last_at=end)


def used_proofs(world: World, end: datetime) -> str:
    return world.put("used_proofs", proof_hash=new_id(), kind="login", used_at=end, keep_until=end)


def token_grants(world: World, end: datetime) -> str:
    begun = end - 90 * DAY
    family = {"issue_day": begun.date(), "family_id": new_id(), "offline": True}
    return world.put("token_grants", code_hash=new_id(), **family, created_at=begun, expires_at=end)


def refresh_tokens(world: World, end: datetime) -> str:
    begun = end - 30 * DAY
    family = {"issue_day": begun.date(), "code_hash": new_id()}
    return world.put("refresh_tokens", token_hash=new_id(), **family, created_at=begun, expires_at=end)


def access_tokens(world: World, end: datetime) -> str:
    token = {"client_id": "c", "audience": "a", "sub": "s", "scope": "", "issued_at": end}
    return world.put("access_tokens", token_hash=new_id(), **token, expires_at=end)


def revoked_tokens(world: World, end: datetime) -> str:
    return world.put("revoked_tokens", jti=new_id(), revoked_at=end, expires_at=end)


def audit_counters(world: World, end: datetime) -> str:
    key = {"minute": end.replace(second=0), "event": Event.REQUEST_REFUSED, "kind": "token invalid_client"}
    return world.put("audit_counters", client_id=new_id(), **key, count=3)


def outbox(world: World, end: datetime) -> str:
    row = {"kind": "message", "payload": b"x", "max_attempts": 1, "created_at": end, "next_at": end, "attempts": 1}
    return world.put("outbox", id=new_id(), **row, state=DeliveryState.DONE, done_at=end)


def dead_letters(world: World, end: datetime) -> str:
    row = {"kind": "message", "payload": b"x", "max_attempts": 1, "created_at": end, "next_at": end, "attempts": 1}
    return world.put("outbox", id=new_id(), **row, state=DeliveryState.DEAD)


def key_instances(world: World, end: datetime) -> str:
    return world.put("key_instances", id=new_id(), fingerprint="x", seen_at=end)


def sessions(world: World, end: datetime) -> str:
    begun = end - timedelta(hours=8)
    times = {"auth_time": begun, "created_at": begun, "last_seen_at": begun, "expires_at": end}
    what = {"is_staff": False, "channel": "portal", "aal": 1, "amr": ["pwd"], "device_label": ""}
    return world.put("sessions", id=new_id(), handle_hash=new_id(), person_id=world.person_id, **what, **times)


def session_clients(world: World, end: datetime) -> str:
    session_id = sessions(world, end)
    return world.put(
        "session_clients", sid=new_id(), session_id=session_id, client_id=world.client_id, sub="s", first_at=end
    )


def session_wards(world: World, end: datetime) -> str:
    session_id = sessions(world, end)
    row = {"session_id": session_id, "client_id": world.client_id, "person_id": world.person_id, "sub": "s"}
    return world.put("session_wards", sid=new_id(), **row, first_at=end)


def recoveries(world: World, end: datetime) -> str:
    times = {"started_at": end - DAY, "opens_at": end - DAY, "expires_at": end}
    return world.put("recoveries", id=new_id(), person_id=world.person_id, kind="password", device_hash="x", **times)


def known_devices(world: World, end: datetime) -> str:
    seen = {"first_seen_at": end, "last_seen_at": end}
    return world.put("known_devices", id=new_id(), person_id=world.person_id, device_hash=new_id(), label="", **seen)


def removed_devices(world: World, end: datetime) -> str:
    device_id = known_devices(world, end)
    world.session.execute(sa.text("UPDATE known_devices SET ended_at = last_seen_at WHERE id = :id"), {"id": device_id})
    return device_id


def credentials(world: World, end: datetime) -> str:
    times = {"created_at": end - DAY, "changed_at": end - DAY, "ended_at": end}
    return world.put("credentials", id=new_id(), person_id=world.person_id, kind="totp", state="ended", **times)


def unconfirmed(world: World, end: datetime) -> str:
    times = {"created_at": end, "changed_at": end}
    return world.put("credentials", id=new_id(), person_id=world.person_id, kind="totp", state="pending", **times)


def contacts(world: World, end: datetime) -> str:
    row = {"kind": "mobile", "ciphertext": b"x", "state": "former", "created_at": end, "ended_at": end}
    return world.put("contacts", id=new_id(), person_id=world.person_id, **row)


def contact_indexes(world: World, end: datetime) -> str:
    contact_id = contacts(world, end)
    return world.put(
        "contact_indexes", index=new_id(), contact_id=contact_id, key_version=1, kind="mobile", is_current=False
    )


#: The kinds of rows of each table: every one has an end, by itself or by what became of it.
KINDS: dict[str, tuple[Kind, ...]] = {
    "login_tries": (Kind(login_tries, 30 * DAY, 31 * DAY),),
    "used_proofs": (Kind(used_proofs, -MINUTE, DAY),),
    "token_grants": (Kind(token_grants, -MINUTE, 10 * DAY),),
    "refresh_tokens": (Kind(refresh_tokens, MINUTE, DAY),),
    "access_tokens": (Kind(access_tokens, MINUTE, DAY),),
    "revoked_tokens": (Kind(revoked_tokens, MINUTE, DAY),),
    "audit_counters": (Kind(audit_counters, MINUTE, DAY),),
    "outbox": (Kind(outbox, 7 * DAY, 8 * DAY), Kind(dead_letters, 30 * DAY, 31 * DAY)),
    "key_instances": (Kind(key_instances, DAY - MINUTE, 2 * DAY),),
    "sessions": (Kind(sessions, 184 * DAY, 185 * DAY),),
    "session_clients": (Kind(session_clients, 184 * DAY, 185 * DAY),),
    "session_wards": (Kind(session_wards, 184 * DAY, 185 * DAY),),
    "recoveries": (Kind(recoveries, 184 * DAY, 185 * DAY),),
    "known_devices": (Kind(known_devices, 210 * DAY, 211 * DAY), Kind(removed_devices, 30 * DAY, 31 * DAY)),
    "credentials": (Kind(credentials, 184 * DAY, 185 * DAY), Kind(unconfirmed, 184 * DAY, 185 * DAY)),
    "contacts": (Kind(contacts, 1095 * DAY, 1096 * DAY),),
    "contact_indexes": (Kind(contact_indexes, 1095 * DAY, 1096 * DAY),),
}
#: The column whose value `put` returns, where it is not `id`.
NAMES = {
    "login_tries": "subject", "used_proofs": "proof_hash", "token_grants": "code_hash", "refresh_tokens": "token_hash",
    "access_tokens": "token_hash", "revoked_tokens": "jti", "audit_counters": "client_id", "session_clients": "sid",
    "session_wards": "sid",
    "contact_indexes": "index",
}  # fmt: skip
