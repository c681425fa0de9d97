"""Taking a file into the register: in batches, each whole or not at all, as often as one likes.

A run that was broken off is begun again with the same file: what it wrote is found unchanged. What a run
remembers is one bit for each entry, to know whom the file has spoken of.
"""

import io
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import record
from idp.core.clock import Clock, civil_date
from idp.core.errors import IdpError
from idp.crypto.blind_index import keyed_digest
from idp.crypto.keyring import Keyring
from idp.storage.engine import Database, take_time
from realname.providers.register.entries import Change, Register
from realname.providers.register.entry import Entry
from realname.providers.register.reading import BadRow, inspect, read_rows

_BATCH = 2_000
_END_BATCH = 500
#: Of a hundred entries, so many may end by one file without a word of its own.
_MOST_ENDED_PERCENT = 10


class NotEnded(IdpError):
    """What the file has was taken in; who is not in it stays, for the reason that the text gives."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How far a run is: rows read, and what became of them; `ended` are entries that the file has no more."""

    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    bad: int = 0
    ended: int = 0

    def plus(self, **more: int) -> "Counts":
        """Return these with others added."""
        return Counts(**{name: count + more.get(name, 0) for name, count in asdict(self).items()})


@dataclass(frozen=True, slots=True)
class Plan:
    """How a file is to be taken: in which encoding (None: found out), and whether it is the whole register.

    `may_end_many` says that a whole register may be far smaller than what is here.
    """

    encoding: str | None = None
    is_complete: bool = False
    may_end_many: bool = False


class _Marks:
    """Which entries were spoken of, one bit each."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def add(self, entry_id: int) -> None:
        place = entry_id >> 3
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1024 - len(self._bits)))
        self._bits[place] |= 1 << (entry_id & 7)

    def __contains__(self, entry_id: object) -> bool:
        assert isinstance(entry_id, int)  # noqa: S101 - the protocol of `in` takes anything
        place = entry_id >> 3
        return place < len(self._bits) and bool(self._bits[place] & 1 << (entry_id & 7))


class Importer:
    """Takes files into the register of one database."""

    def __init__(self, *, database: Database, register: Register, keyring: Keyring, clock: Clock) -> None:
        self._database = database
        self._register = register
        self._keyring = keyring
        self._clock = clock

    def run(
        self,
        file: BinaryIO,
        plan: Plan,
        *,
        report_bad: Callable[[int, BadRow], None],
        report_progress: Callable[[Counts], None],
    ) -> Counts:
        """Take the file in and return what became of its rows.

        Raises FileRefused before anything is written, NotEnded after everything was. `report_progress` is called
        outside of any transaction.
        """
        found = inspect(file, plan.encoding)
        said = {"file": keyed_digest(self._keyring, "register file", found.sha256), "complete": plan.is_complete}
        text = io.TextIOWrapper(file, encoding=found.encoding, newline="")
        try:
            rows = read_rows(text, today=civil_date(self._clock.now()))
            batch = list(islice(rows, _BATCH))  # a header that is none is refused before the run is on record
            with self._database.transaction() as session:
                self._record(session, Event.REGISTER_IMPORT_STARTED, said)
                last_id = self._register.last_id(session)
            marks, counts = _Marks(), Counts()
            while batch:
                counts = self._take(batch, marks, counts, report_bad)
                report_progress(counts)
                batch = list(islice(rows, _BATCH))
        finally:
            text.detach()
        missing, refusal = self._missing(plan, counts, marks, last_id)
        for ids in missing:
            counts = self._end(ids, counts)
            report_progress(counts)
        with self._database.transaction() as session:
            take_time(session)
            self._register.analyse(session)
            self._record(session, Event.REGISTER_IMPORTED, {**said, **asdict(counts)})
        if refusal:
            raise NotEnded(refusal)
        return counts

    def _take(
        self,
        rows: list[tuple[int, Entry | BadRow]],
        marks: _Marks,
        counts: Counts,
        report_bad: Callable[[int, BadRow], None],
    ) -> Counts:
        """Write one batch; what is bad about it is told once it is written."""
        good = [(line, row) for line, row in rows if isinstance(row, Entry)]
        bad = [(line, row) for line, row in rows if isinstance(row, BadRow)]
        with self._database.transaction() as session:
            take_time(session)
            done = self._register.put(session, [row for _, row in good], is_done=marks.__contains__)
        for put in done:
            marks.add(put.id)
        repeated = [line for (line, _), put in zip(good, done, strict=True) if put.change is Change.REPEATED]
        bad += [(line, BadRow("number", "repeated")) for line in repeated]
        for line, row in sorted(bad, key=lambda each: each[0]):
            report_bad(line, row)
        changes = [put.change for put in done]
        return counts.plus(
            rows=len(rows),
            added=changes.count(Change.ADDED),
            changed=changes.count(Change.CHANGED),
            unchanged=changes.count(Change.UNCHANGED),
            bad=len(bad),
        )

    def _missing(self, plan: Plan, counts: Counts, marks: _Marks, last_id: int) -> tuple[Iterable[list[int]], str]:
        """Return the entries of before that a whole register has no more, by the batch; or why none may end."""
        if not plan.is_complete:
            return (), ""
        if counts.bad:
            return (), f"{counts.bad} rows are bad: whom they mean is not known, so nobody was taken for missing"
        before, gone = 0, 0
        for page in self._pages(last_id):
            before += len(page)
            gone += sum(key not in marks for key in page)
        if gone * 100 > before * _MOST_ENDED_PERCENT and not plan.may_end_many:
            return (), f"{gone} of {before} entries are not in the file; --end-many ends so many"
        absent = ([key for key in page if key not in marks] for page in self._pages(last_id))
        return filter(None, absent), ""

    def _end(self, ids: list[int], counts: Counts) -> Counts:
        with self._database.transaction() as session:
            take_time(session)
            self._register.end(session, ids)
        return counts.plus(ended=len(ids))

    def _pages(self, last_id: int) -> Iterable[list[int]]:
        after = 0
        while True:
            with self._database.read() as session:
                page = [key for key in self._register.ids_after(session, after, limit=_END_BATCH) if key <= last_id]
            if not page:
                return
            yield page
            after = page[-1]

    def _record(self, session: Session, event: Event, details: dict[str, Any]) -> None:
        record(session, event, at=self._clock.now(), details=details)
