"""Erasing a person for good (PIPL art. 47): what they hold ends, what is theirs goes, all in one transaction.

`erased_rows` is the one list of what goes, made of each room's own; a test holds it to docs/data-map.yaml.
What stays is the history of an opaque id under a key that is no more.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from clients import consents
from idp.audit.events import Event
from idp.audit.log import NOWHERE, Origin, record
from idp.core.clock import Clock
from idp.core.errors import IdpError
from idp.crypto.keyring import Keyring
from idp.keys.models import PersonKey
from idp.linking import erasure as linking
from idp.outbox import erasure as outbox
from idp.persons import erasure as persons
from idp.persons.ciphers import PersonCiphers
from idp.persons.credentials import lock_person
from idp.persons.prepared import hold_prepared, prepared_before
from idp.sessions import erasure as sessions
from idp.sessions.ending import SessionEnding
from idp.storage.engine import Database
from idp.storage.erasure import ErasedRows
from idp.tokens import families
from realname.proofing import erasure as proofing

_REASON = "erased"
# Longer than any transaction, interaction or code that was under way can last.
_LATE = timedelta(days=2)


class NotErasable(StrEnum):
    """Why there is nothing to erase."""

    UNKNOWN = "unknown"
    ERASED = "erased"
    ACTIVATED = "activated"


class ErasureRefused(IdpError):
    """Nobody has that id, or they were erased before; nothing was changed."""

    def __init__(self, reason: NotErasable) -> None:
        texts = {
            NotErasable.UNKNOWN: "there is no person of this id",
            NotErasable.ERASED: "was erased before",
            NotErasable.ACTIVATED: "was activated meanwhile",
        }
        super().__init__(texts[reason])
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did: how many of each thing ended, and how many rows of each table went or were emptied."""

    ended: Mapping[str, int]
    rows: Mapping[str, int]


def erased_rows(keyring: Keyring) -> tuple[ErasedRows, ...]:
    """Return everything that goes with a person, in the order in which it can."""
    return (
        *linking.erased_rows(),
        *sessions.erased_rows(),
        *outbox.erased_rows(),
        *proofing.erased_rows(),
        *persons.erased_rows(keyring),
    )


class Erasure:
    """Erases persons. Whether somebody may ask for it is the caller's to decide."""

    def __init__(
        self, *, database: Database, keyring: Keyring, ciphers: PersonCiphers, ending: SessionEnding, clock: Clock
    ) -> None:
        self._database = database
        self._ciphers = ciphers
        self._ending = ending
        self._clock = clock
        self._rows: Sequence[ErasedRows] = erased_rows(keyring)

    def erase(self, person_id: str, *, only_prepared: bool = False, origin: Origin = NOWHERE) -> Erased:
        """Erase a person for ever, with one audit row, and return what went; raises ErasureRefused.

        With `only_prepared` somebody who activated their account meanwhile is left alone.
        """
        with self._database.transaction() as session:
            if only_prepared and not hold_prepared(session, person_id):
                raise ErasureRefused(NotErasable.ACTIVATED)
            done = self._carry_out(session, person_id)
            record(
                session,
                Event.PERSON_ERASED,
                at=self._clock.now(),
                person_id=person_id,
                origin=origin,
                details={"ended": dict(done.ended), "rows": dict(done.rows)},
            )
        return done

    def erase_prepared(self, *, before: datetime, most: int) -> int:
        """Erase whom systems prepared accounts for before that instant and who never came; return how many."""
        with self._database.read() as session:
            late = prepared_before(session, before, most=most)
        erased = 0
        for person_id in late:
            with suppress(ErasureRefused):  # somebody came at the last moment
                self.erase(person_id, only_prepared=True)
                erased += 1
        return erased

    def rehearse(self, person_id: str) -> Erased:
        """Return what `erase` would do, and leave everything as it is; raises ErasureRefused."""
        with self._database.transaction() as session:
            done = self._carry_out(session, person_id)
            session.rollback()
        return done

    def erase_late(self) -> int:
        """Take what was written about the lately erased by requests under way then; return how many rows.

        For a periodic task; the erasure's own audit row told of it.
        """
        with self._database.read() as session:
            lately = session.scalars(
                sa.select(PersonKey.person_id).where(PersonKey.erased_at > self._clock.now() - _LATE)
            ).all()
        late = 0
        for person_id in lately:
            with self._database.transaction() as session:
                late += sum(self._take(session, person_id).values())
        return late

    def _carry_out(self, session: Session, person_id: str) -> Erased:
        now = self._clock.now()
        # Whoever is just logging in comes before this or finds a closed account, never in between.
        if not lock_person(session, person_id):
            raise ErasureRefused(NotErasable.UNKNOWN)
        if not self._ciphers.erase(session, person_id):
            raise ErasureRefused(NotErasable.ERASED)
        ended = {
            "sessions": self._ending.end_all(session, person_id, reason=_REASON),
            "token families": families.revoke_of_person(session, person_id, reason=_REASON, at=now),
            "consents": consents.withdraw_all(session, person_id, at=now),
            **persons.end_standing(session, person_id, at=now),
        }
        rows = self._take(session, person_id)
        return Erased(ended, {**rows, PersonKey.__tablename__: 1})

    def _take(self, session: Session, person_id: str) -> Mapping[str, int]:
        rows: Counter[str] = Counter()
        for each in self._rows:
            rows[each.table.name] += each.erase(session, person_id)
        return rows
