"""What the console's pages show: frozen rows that the views hand to the templates, already masked."""

from dataclasses import dataclass
from datetime import date, datetime

from idp.linking.statistics import SystemNumbers
from idp.linking.systems import SystemView


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something on the first page that waits for the visitor."""

    text: str
    why: str
    address: str
    since: datetime


@dataclass(frozen=True, slots=True)
class SystemRow:
    """A system with its latest numbers, None before the first count."""

    system: SystemView
    numbers: SystemNumbers | None


@dataclass(frozen=True, slots=True)
class VouchingShown:
    """Whether the word of a system activates, and what the visitor may do about it."""

    state: str
    evidence: str | None = None
    asked_by: str | None = None
    approved_by: str | None = None
    is_own: bool = False
    may_approve: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Numbers of some days as a table, which a script draws as curves; `kind` is count or share."""

    title: str
    kind: str
    names: tuple[str, ...]
    rows: tuple[tuple[date, tuple[float | None, ...]], ...]


@dataclass(frozen=True, slots=True)
class SystemReport:
    """The charts of one system."""

    system: SystemView
    days: int
    charts: tuple[Chart, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link as lists show it."""

    id: int
    name: str
    address: str | None
    state: str
    situation: str
    proof: str | None
    batch_number: int | None
    since: datetime
    may_undo: bool


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """An event of the journal as lists show it."""

    kind: str
    at: datetime
    actor: str | None
    batch_number: int | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class FilterOption:
    """One choice of a filter, with the address that makes it."""

    text: str
    address: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list may be narrowed by."""

    name: str
    options: tuple[FilterOption, ...]


@dataclass(frozen=True, slots=True)
class CaseCell:
    """A field of a candidate, and how far it agrees with the account's, in per cent; None where nobody compared."""

    value: str
    agreement: int | None


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A field of the account beside that of each candidate."""

    field: str
    account: str
    candidates: tuple[CaseCell, ...]


@dataclass(frozen=True, slots=True)
class CandidateHead:
    """A candidate: a letter on this page, never a name in clear, with the score."""

    letter: str
    score: float | None
    link: str | None


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """What somebody decided; shown to who has decided too."""

    verdict: str
    letter: str | None
    reason: str
    note: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseShown:
    """A case side by side."""

    id: str
    kind: str
    state: str
    system_name: str | None
    number_state: str | None
    candidates: tuple[CandidateHead, ...]
    lines: tuple[CaseLine, ...]
    decisions: tuple[DecisionRow, ...]
    outcome: str | None


@dataclass(frozen=True, slots=True)
class BatchRow:
    """An import as lists show it."""

    number: int
    system_name: str
    kind: str
    state: str
    is_paused: bool
    rows: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a worker is."""

    rows_done: int
    rows_per_second: float | None = None
    seconds_left: int | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class BatchShown:
    """An import on its own page."""

    number: int
    system_code: str
    system_name: str
    kind: str
    state: str
    is_paused: bool
    is_moving: bool
    is_applied: bool
    reason: str | None
    created_at: datetime
    created_by: str | None
    approved_at: datetime | None
    approved_by: str | None
    finished_at: datetime | None
    file_digest: str | None
    progress: Progress | None


@dataclass(frozen=True, slots=True)
class BatchMay:
    """What the visitor may do with an import now."""

    pause: bool = False
    resume: bool = False
    cancel: bool = False
    approve: bool = False
    again: bool = False
    accept: bool = False


@dataclass(frozen=True, slots=True)
class SniffShown:
    """What a file looks like: in words, its columns, and rows of it, masked."""

    description: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class SituationLine:
    """Rows in one situation: how many, how many accounts are in it now, and what is done with them."""

    situation: str
    rows: int
    now: int
    action: str | None

    @property
    def difference(self) -> int:
        """How many more there would be than there are."""
        return self.rows - self.now


@dataclass(frozen=True, slots=True)
class SampleRow:
    """A row of a sample, masked."""

    number: int
    name: str
    document: str
    mobile: str


@dataclass(frozen=True, slots=True)
class SampleGroup:
    """Samples of one situation."""

    situation: str
    rows: tuple[SampleRow, ...]


@dataclass(frozen=True, slots=True)
class DryRunShown:
    """What a dry run found, or what was done by it."""

    situations: tuple[SituationLine, ...]
    changes: tuple[tuple[str, int], ...]
    samples: tuple[SampleGroup, ...] = ()
    faults: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class UndoShown:
    """Taking an import back: what goes and what stays, and what the visitor may do."""

    links: int
    kept: tuple[tuple[str, int], ...]
    most_alone: int
    needs_second: bool
    is_done: bool = False
    is_asked: bool = False
    asked_by: str | None = None
    may_ask: bool = False
    may_approve: bool = False
