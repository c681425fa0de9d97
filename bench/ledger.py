"""The books: what the provider wrote down must equal what it acknowledged, neither more nor less."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import psycopg

from bench.rows import CODE_BOOKS, REFRESH_BOOKS
from bench.walker import Tally

_FAMILIES = "families"
_AUDIT = "SELECT count(*) FROM audit_events WHERE event = %s AND outcome = 'success'"
# A row without a client is the trace of a replay, no family.
_COUNT_FAMILIES = "SELECT count(*) FROM token_grants WHERE client_id IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Entry:
    """One comparison; `unanswered` requests may or may not stand in the books."""

    what: str
    acknowledged: int
    unanswered: int
    written: int

    @property
    def is_right(self) -> bool:
        """True where every acknowledged answer is written down, and nothing that nobody asked for."""
        return self.acknowledged <= self.written <= self.acknowledged + self.unanswered


def read_books(conninfo: str) -> Counter[str]:
    """Return how many rows of each kind there are."""
    with psycopg.connect(conninfo) as connection:

        def count(statement: str, *parameters: str) -> int:
            row: Any = connection.execute(statement, parameters).fetchone()
            return int(row[0])

        return Counter(
            {
                _FAMILIES: count(_COUNT_FAMILIES),
                CODE_BOOKS: count(_AUDIT, CODE_BOOKS),
                REFRESH_BOOKS: count(_AUDIT, REFRESH_BOOKS),
            }
        )


def compare(before: Counter[str], after: Counter[str], books: Tally) -> list[Entry]:
    """Return the comparisons of a run whose books were read before and after it."""
    pairs = (
        ("token families", _FAMILIES, CODE_BOOKS),
        (f"audit rows {CODE_BOOKS}", CODE_BOOKS, CODE_BOOKS),
        (f"audit rows {REFRESH_BOOKS}", REFRESH_BOOKS, REFRESH_BOOKS),
    )
    return [
        Entry(what, books.acknowledged[asked], books.unanswered[asked], after[kept] - before[kept])
        for what, kept, asked in pairs
    ]
