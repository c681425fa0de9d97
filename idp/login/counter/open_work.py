"""What waits in a clerk's room: open matters and open identity cases, the oldest first, page by page.

A line names nobody whom it is about. A matter of a colleague is named but not opened from here: whoever looks as the
second is asked by the first, with the code, and compares the documents beside them.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from idp.core.errors import LoginRefused
from idp.login.counter.case_scope import OpenCase, open_cases_for
from idp.login.counter.clerks import Clerks
from idp.login.counter.matter import LIFE_SECONDS, Matter, MatterKind, MatterState, ParkedMatters
from idp.login.counter.matter_board import MatterBoard
from idp.login.paging import Place, cursor_of, read_cursor
from idp.login.refusal import Refusal
from idp.persons.ciphers import PersonErased, PersonUnknown
from idp.persons.directory import Directory
from idp.storage.engine import Database
from realname.documents.masking import mask_name
from realname.proofing.contest import Contest

#: What the page may be narrowed to.
KINDS = (Contest.DISPUTED, Contest.DISPLACES, *MatterKind)


class Next(StrEnum):
    """What has to happen with it."""

    GO_ON = "go_on"  # the clerk's own matter: read the card, and propose
    COLLEAGUE = "colleague"  # the clerk's own: a colleague confirms it by its code
    BY_CODE = "by_code"  # a colleague's: they tell the code to whom they ask
    COUNTER = "counter"  # a dispute: either of the two comes with their card
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line. `proposer` is a colleague's name, masked; None for the clerk themself, and where a rule opened it."""

    id: str
    kind: Contest | MatterKind
    since: datetime
    next: Next
    proposer: str | None = None
    is_own: bool = False

    @property
    def place(self) -> Place:
        """Where it stands in the order."""
        return (self.since, self.id)


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """Lines, the oldest first, and the cursor of the page after them."""

    lines: tuple[Waiting, ...]
    later: str | None


class OpenWork:
    """Reads what waits for the clerks of a department; raises LoginRefused for who is none."""

    def __init__(
        self,
        *,
        database: Database,
        clerks: Clerks,
        parked: ParkedMatters,
        board: MatterBoard,
        directory: Directory,
    ) -> None:
        self._database = database
        self._clerks = clerks
        self._parked = parked
        self._board = board
        self._directory = directory

    def page(self, clerk: str, *, most: int, kind: str | None = None, cursor: str | None = None) -> WaitingPage:
        """Return a page of at most `most` lines, of one kind or of all; a cursor not of our making counts as none."""
        departments = self._clerks.departments(clerk)
        if not departments:
            raise LoginRefused(Refusal.COUNTER_READER)
        place = read_cursor(cursor)
        with self._database.read() as session:
            rows = open_cases_for(session, clerk, departments, kind=kind, after=place, most=most + 1)
            lines = [_line_of_case(row) for row in rows]
            for matter in self._matters(clerk, departments, kind):
                line = self._line_of(session, clerk, matter)
                if place is None or line.place > place:
                    lines.append(line)
        lines.sort(key=lambda line: line.place)
        shown = tuple(lines[:most])
        return WaitingPage(shown, cursor_of(*shown[-1].place) if len(lines) > most else None)

    def _matters(self, clerk: str, departments: frozenset[str], kind: str | None) -> list[Matter]:
        ids = [matter_id for department_id in sorted(departments) for matter_id in self._board.of(department_id)]
        found = [self._parked.find(matter_id) for matter_id in ids]
        return [
            each
            for each in found
            if each is not None
            and each.department_id in departments
            and (kind is None or each.kind == kind)
            and (each.state is MatterState.PROPOSED or (each.state is MatterState.OPEN and each.proposed_by == clerk))
        ]

    def _line_of(self, session: Session, clerk: str, matter: Matter) -> Waiting:
        is_own = matter.proposed_by == clerk
        step = Next.BY_CODE
        if is_own:
            step = Next.COLLEAGUE if matter.state is MatterState.PROPOSED else Next.GO_ON
        begun = datetime.fromtimestamp(matter.until - LIFE_SECONDS, UTC)
        proposer = None if is_own else self._masked(session, matter.proposed_by)
        return Waiting(matter.id, matter.kind, begun, step, proposer, is_own)

    def _masked(self, session: Session, person_id: str) -> str | None:
        try:
            name = self._directory.profile(session, person_id).full_name
        except (PersonErased, PersonUnknown):
            return None
        return mask_name(name) if name else None


def _line_of_case(case: OpenCase) -> Waiting:
    step = Next.COUNTER if case.kind is Contest.DISPUTED else Next.REVIEW
    return Waiting(case.id, case.kind, case.opened_at, step)
