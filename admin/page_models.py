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
