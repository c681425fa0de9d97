"""Cases as a file: taken out masked, decided in a spreadsheet, brought back row by row under the same rules.

The file lies sealed in the short-lived store, is given to who took it out alone, and is gone after some days. What
is brought back is kept nowhere: each decision is taken or refused at once. No cell of it can be read as a formula.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from connectors.legacy.export import plain_cell, write_rows
from idp.audit.events import Event
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.core.ids import new_secret
from idp.core.results import Ok, Refused
from idp.linking.case_queue import Reviewer
from idp.linking.case_views import CandidateShown, CaseDetail, CaseViews
from idp.linking.cases import Cases
from idp.linking.opinions import Opinion, ReasonCode
from idp.linking.vocabulary import CaseState, Verdict
from idp.storage.engine import Database
from idp.storage.short_lived.store import Kind, ShortLivedStore

MOST_CASES = 500
_MOST_ROWS, _MOST_CHARACTERS = 5_000, 2_000_000
_SHOWN = ("case", "version", "kind", "system", "reference", "name", "number", "mobile")
_CANDIDATE = ("candidate", "candidate_name", "candidate_number", "candidate_mobile", "score", "weights")
_DECIDED = ("verdict", "reason", "note")
_DAY_SECONDS = 86_400


class FileProblem(StrEnum):
    """Why a file, or a row of it, decides nothing; the other reasons are those of `Cases.decide`."""

    TOO_LARGE = "too_large"
    COLUMNS = "columns"  # not those that were taken out
    UNREADABLE = "unreadable"
    TWICE = "twice"  # two rows of one case have a verdict
    ROW = "row"  # the verdict or reason is none, or the version no number


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of a row: the state of its case, or why it was refused; `number` counts from 1, the head apart."""

    number: int
    case_id: str
    state: CaseState | None
    problem: StrEnum | None


class CaseFiles:
    """Takes cases out and decisions in."""

    def __init__(
        self,
        *,
        database: Database,
        store: ShortLivedStore,
        views: CaseViews,
        cases: Cases,
        clock: Clock,
        life_days: int,
    ) -> None:
        self._database = database
        self._store = store
        self._views = views
        self._cases = cases
        self._clock = clock
        self._seconds = life_days * _DAY_SECONDS

    def take_out(self, reviewer: Reviewer, case_ids: Sequence[str], *, origin: Origin) -> str:
        """Write these cases into a file, those that the reviewer may see and has not decided, and return its handle."""
        details = [self._views.detail(reviewer, each) for each in case_ids[:MOST_CASES]]
        wanted = [
            each
            for each in details
            if each is not None and each.row.state is not CaseState.CLOSED and not each.row.has_decided
        ]
        handle, written = new_secret(), _write(wanted)
        # The store's own clock may be another one.
        until = self._clock.epoch() + self._seconds
        document = {"person_id": reviewer.person_id, "until": until, "file": written}
        self._store.put(Kind.CASE_FILE, handle, document, seconds=self._seconds)
        with self._database.transaction() as session:
            by = replace(origin, actor_person=reviewer.person_id)
            told = {"cases": len(wanted)}
            record(session, Event.MERGE_CASE_FILE_MADE, at=self._clock.now(), origin=by, details=told)
        return handle

    def fetch(self, reviewer: Reviewer, handle: str) -> str | None:
        """Return the file to who took it out, None to anybody else and when its time is over."""
        document = self._store.get(Kind.CASE_FILE, handle) if len(handle) <= 64 else None
        if document is None or document["until"] <= self._clock.epoch():
            return None
        return str(document["file"]) if document["person_id"] == reviewer.person_id else None

    def bring_back(self, reviewer: Reviewer, text: str, *, origin: Origin) -> Ok[tuple[RowOutcome, ...]] | Refused:
        """Take the decisions of a file, each for itself; a file that cannot be read decides nothing at all."""
        if len(text) > _MOST_CHARACTERS:
            return Refused(FileProblem.TOO_LARGE)
        try:
            rows = list(_read(text))
        except (csv.Error, KeyError):
            return Refused(FileProblem.UNREADABLE)
        if not rows or set(rows[0]) != {*_SHOWN, *_CANDIDATE, *_DECIDED}:
            return Refused(FileProblem.COLUMNS)
        if len(rows) > _MOST_ROWS:
            return Refused(FileProblem.TOO_LARGE)
        decided = [(number, row) for number, row in enumerate(rows, 1) if row["verdict"].strip()]
        often = [row["case"] for _, row in decided]
        outcomes = [
            RowOutcome(number, row["case"], None, FileProblem.TWICE)
            if often.count(row["case"]) > 1
            else self._decide(reviewer, number, row, origin)
            for number, row in decided
        ]
        return Ok(tuple(outcomes))

    def _decide(self, reviewer: Reviewer, number: int, row: Mapping[str, str], origin: Origin) -> RowOutcome:
        opinion = _opinion(row)
        if opinion is None:
            return RowOutcome(number, row["case"], None, FileProblem.ROW)
        taken = self._cases.decide(reviewer, row["case"], opinion, origin=origin)
        if isinstance(taken, Refused):
            return RowOutcome(number, row["case"], None, taken.reason)
        return RowOutcome(number, row["case"], taken.value.state, None)


def _write(details: Sequence[CaseDetail]) -> str:
    file = io.StringIO()
    file.write("\ufeff")  # by which spreadsheets know UTF-8
    write_rows(file, [(*_SHOWN, *_CANDIDATE, *_DECIDED)])
    write_rows(file, (tuple(_cells(each, candidate)) for each in details for candidate in each.candidates))
    return file.getvalue()


def _cells(detail: CaseDetail, candidate: CandidateShown) -> Iterator[str]:
    row, account = detail.row, detail.account
    yield from (row.id, str(row.version), row.kind, row.system_name or "")
    yield from (account.reference, account.name, account.number, account.mobile) if account else [""] * 4
    yield from (candidate.person_id, candidate.name, candidate.number, candidate.mobile, f"{candidate.score:.2f}")
    yield "; ".join(f"{name} {weight}" for name, weight in sorted(candidate.weights.items()))
    yield from ("", "", "")


def _read(text: str) -> Iterator[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    for row in reader:
        # A row that is longer or shorter than the head is a damaged one.
        if None in row or None in row.values():
            raise csv.Error("the row has another length than the head")
        yield {name: plain_cell(cell) for name, cell in row.items()}


def _opinion(row: Mapping[str, str]) -> Opinion | None:
    verdict, reason, version = row["verdict"].strip(), row["reason"].strip(), row["version"].strip()
    if verdict not in tuple(Verdict) or reason not in tuple(ReasonCode):
        return None
    if not (version.isascii() and version.isdigit() and len(version) <= 9):
        return None
    person_id = row["candidate"].strip() if verdict == Verdict.LINK else None
    return Opinion(int(version), Verdict(verdict), ReasonCode(reason), person_id, row["note"])
