"""Exchanging the key that seals the audit log, while the provider serves and the sealer goes on.

The old private part is destroyed. Its public part stays listed, so that what it sealed is verified as before,
and a signed note among the heads says where its time ended: whoever stole it seals nothing after that.
"""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.heads import ROTATED, HeadsFile, sign_note
from idp.audit.log import record
from idp.audit.seal import last_seal
from idp.audit.seal_key import load_seal_key, publish_seal_key
from idp.audit.sealed_table import AUDIT, SealedTable
from idp.core.clock import Clock
from idp.core.errors import IdpError
from idp.crypto.providers.file import create_key_file
from idp.crypto.suites import Suite
from idp.storage.engine import Database
from idp.storage.locks import try_lock

_PATIENCE_SECONDS, _PAUSE_SECONDS = 10.0, 0.1


class SealerAtWork(IdpError):
    """A sealer did not pause in time; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """The ids of both keys, and the last seal of the old one."""

    old: str
    new: str
    after: int


def rotate_seal_key(
    database: Database,
    *,
    path: Path,
    suite: Suite,
    heads: HeadsFile,
    clock: Clock,
    others: Sequence[tuple[SealedTable, HeadsFile]] = (),
) -> Exchanged:
    """Put a new key into the file and say so in the log and among the heads; from then on the new one seals.

    `others` are further tables that the key seals, with their heads. Raises ConfigError where this host has no key,
    SealerAtWork, OSError. Killed before its end it is run again: the new key is announced before it is used, so
    whatever it sealed is verified.
    """
    with database.transaction() as session:
        for table in (AUDIT, *(each for each, _ in others)):
            _hold_sealers(session, table)
        old, draft = load_seal_key(path, suite), path.with_name(f"{path.name}.next")
        if not draft.exists():
            create_key_file(draft)
        new = load_seal_key(draft, suite)
        publish_seal_key(path, new)
        seal = last_seal(session)
        exchanged = Exchanged(old.public.key_id, new.public.key_id, seal.position if seal else 0)
        facts = {"from": exchanged.old, "to": exchanged.new, "after": exchanged.after}
        record(session, Event.KEY_ROTATED, at=clock.now(), details={"purpose": "audit-seal", **facts})
        _take_over(draft, path)
        heads.append(sign_note(new, ROTATED, {**facts, "at": clock.now().isoformat()}))
        for table, own_heads in others:
            last = last_seal(session, table)
            told = {**facts, "after": last.position if last else 0, "at": clock.now().isoformat()}
            own_heads.append(sign_note(new, ROTATED, told))
    return exchanged


def _hold_sealers(session: Session, table: SealedTable) -> None:
    """Keep every sealer out until the transaction ends."""
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while not try_lock(session, table.lock):
        if time.monotonic() > give_up_at:
            raise SealerAtWork("a sealer is at work; run this again")
        time.sleep(_PAUSE_SECONDS)


def _take_over(draft: Path, path: Path) -> None:
    os.replace(draft, path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
