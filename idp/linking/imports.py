"""What staff do with files of older systems, each act with its audit row: bring one, approve it, pause it, end it.

An administrator of the system's department brings a file; another person, administrator or reviewer there, approves
what the dry run shows. Pages and commands word what is refused.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import NOWHERE, Origin, record
from idp.core.clock import Clock
from idp.core.results import Ok, Refused
from idp.linking import batches, staging, undoing
from idp.linking.batches import BatchKind, BatchProblem, BatchRefused, BatchView
from idp.linking.journal import Change
from idp.linking.models import LegacySystem
from idp.linking.uploads import Uploads
from idp.persons.models import Person
from idp.persons.roles import Role, roles_of
from idp.persons.vocabulary import PersonStatus
from idp.storage.engine import Database, take_time

_BRINGING = frozenset({Role.MERGE_ADMIN})
_APPROVING = frozenset({Role.MERGE_ADMIN, Role.MERGE_REVIEWER})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and where their request came from."""

    person_id: str
    origin: Origin = NOWHERE


class Imports:
    """The acts; every one raises BatchRefused where it is not to be done."""

    def __init__(self, *, database: Database, uploads: Uploads, clock: Clock) -> None:
        self._database = database
        self._uploads = uploads
        self._clock = clock

    def bring(self, source: Path, *, system_number: int, kind: BatchKind, actor: Actor) -> int:
        """Take a file in and return its batch's number; raises OSError where the disk is full."""
        with self._database.read() as session:
            self._require(session, actor, _BRINGING, system_number)
        upload = self._uploads.take(source)
        try:
            with self._database.transaction() as session:
                number = batches.create_batch(
                    session,
                    system_number=system_number,
                    kind=kind,
                    upload=upload,
                    by=actor.person_id,
                    at=self._clock.now(),
                )
                self._record(session, Event.LEGACY_FILE_UPLOADED, actor, number, brings=str(kind), bytes=upload.size)
        except BatchRefused:
            self._uploads.forget(upload.name)
            raise
        return number

    def begin(self, number: int, *, actor: Actor) -> None:
        """Let a worker read the file, or read it anew, by what is agreed on now."""
        with self._database.transaction() as session:
            self._held(session, number, actor, _BRINGING)
            batches.begin(session, number)
            self._record(session, Event.LEGACY_BATCH_BEGUN, actor, number)

    def approve(self, number: int, *, actor: Actor) -> None:
        """Let a worker carry the plan out, by the word of a second person."""
        with self._database.read() as session:
            batch = batches.find_batch(session, number)
        # Read outside of the transaction: it takes a second for each gigabyte.
        is_same = batch.file is not None and self._is_same(batch)
        with self._database.transaction() as session:
            batch = self._held(session, number, actor, _APPROVING)
            by = _survivor(session, actor.person_id)
            if by == _survivor(session, batch.created_by):
                raise BatchRefused(BatchProblem.OWN_BATCH)
            batches.approve(session, number, by=by, is_same_file=is_same, at=self._clock.now())
            self._record(session, Event.LEGACY_BATCH_APPROVED, actor, number, rows=batch.counters.get("rows", 0))

    def accept_stop(self, number: int, *, reason: str, actor: Actor) -> None:
        """Let a batch go on although a safeguard stopped it; `reason` names nobody."""
        with self._database.transaction() as session:
            self._held(session, number, actor, _BRINGING)
            stopped_by = batches.accept_stop(session, number)
            self._record(
                session, Event.LEGACY_BATCH_STOP_ACCEPTED, actor, number, stopped_by=stopped_by, because=reason
            )

    def pause(self, number: int, *, actor: Actor) -> None:
        """Let the worker stop at its next checkpoint."""
        with self._database.transaction() as session:
            self._held(session, number, actor, _APPROVING)
            batches.pause(session, number)
            self._record(session, Event.LEGACY_BATCH_PAUSED, actor, number)

    def resume(self, number: int, *, actor: Actor) -> None:
        """Let a worker go on."""
        with self._database.transaction() as session:
            self._held(session, number, actor, _APPROVING)
            batches.resume(session, number)
            self._record(session, Event.LEGACY_BATCH_RESUMED, actor, number)

    def ask_undo(self, number: int, *, actor: Actor) -> Ok[undoing.Asked] | Refused:
        """Ask for a batch to be taken back, or return an `UndoProblem`."""
        with self._database.transaction() as session:
            self._require(session, actor, _BRINGING, batches.find_batch(session, number).system_number)
            by, change = _survivor(session, actor.person_id), self._change(actor)
            return undoing.ask(session, number, by=by, change=change, origin=_origin(actor))

    def approve_undo(self, number: int, *, actor: Actor) -> Ok[None] | Refused:
        """Let a worker take a batch back, by the word of a second person, or return an `UndoProblem`."""
        with self._database.transaction() as session:
            self._require(session, actor, _APPROVING, batches.find_batch(session, number).system_number)
            by, change = _survivor(session, actor.person_id), self._change(actor)
            return undoing.approve(session, number, by=by, change=change, origin=_origin(actor))

    def cancel(self, number: int, *, actor: Actor) -> None:
        """End a batch of which nothing was applied; its file and what was read of it go."""
        with self._database.transaction() as session:
            take_time(session)
            batch = self._held(session, number, actor, _APPROVING)
            batches.cancel(session, number, at=self._clock.now())
            staging.forget_staged(session, number)
            self._record(session, Event.LEGACY_BATCH_CANCELLED, actor, number)
        if batch.file is not None:
            self._uploads.forget(batch.file)

    def _is_same(self, batch: BatchView) -> bool:
        try:
            return self._uploads.is_same(batch.file or "", batch.file_digest or "")
        except FileNotFoundError:
            return False

    def _held(self, session: Session, number: int, actor: Actor, roles: frozenset[Role]) -> BatchView:
        """Return a batch that the actor may lead, held against everybody else."""
        batch = batches.find_batch(session, number, hold=True)
        self._require(session, actor, roles, batch.system_number)
        return batch

    def _require(self, session: Session, actor: Actor, roles: frozenset[Role], system_number: int) -> None:
        system = session.get(LegacySystem, system_number, populate_existing=True)
        person = session.get(Person, actor.person_id)
        if system is None or person is None or person.status != PersonStatus.ACTIVE:
            raise BatchRefused(BatchProblem.NOT_ALLOWED)
        held = roles_of(session, actor.person_id)
        if not any(each.role in roles and each.department_id == system.department_id for each in held):
            raise BatchRefused(BatchProblem.NOT_ALLOWED)

    def _change(self, actor: Actor) -> Change:
        return Change(at=self._clock.now(), actor_person=actor.person_id)

    def _record(self, session: Session, event: Event, actor: Actor, number: int, **details: Any) -> None:
        record(session, event, at=self._clock.now(), origin=_origin(actor), details={"batch": number, **details})


def _origin(actor: Actor) -> Origin:
    return Origin(
        request_id=actor.origin.request_id,
        channel=actor.origin.channel,
        actor_person=actor.person_id,
        office=actor.origin.office,
    )


def _survivor(session: Session, person_id: str | None) -> str:
    """Return who somebody is since two accounts were found to be one person's."""
    into = session.scalar(sa.select(Person.merged_into).where(Person.id == person_id))
    return into or person_id or ""
