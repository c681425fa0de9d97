"""Rounds: prepare a provider once, then measure a row at it for a moment at a time."""

import math
import resource
import time
from dataclasses import dataclass, field
from urllib.parse import quote

from bench.browser import Browser
from bench.cpu import machine_seconds, tree_seconds
from bench.load import Plan, run_load
from bench.rows import steps_of
from bench.target import Target
from bench.walker import Tally, Variables

# Access tokens live for 300 seconds; a round must not meet an expired one.
_TOKENS_FRESH_SECONDS = 150
# So many of the clients are at work at a time: enough that none meets its limit of token requests.
_LEAST_CLIENTS = 64
_WITH_TOKENS = ("refresh", "userinfo", "introspection")


@dataclass(frozen=True, slots=True)
class Round:
    """One measure: CPU milliseconds per operation, rate, latency, and what else went on meanwhile."""

    operations: int
    seconds: float
    server_ms: float
    database_ms: float
    load_ms: float
    p50_ms: float
    p99_ms: float
    others: float
    bad: int
    sample: str

    @property
    def rate(self) -> float:
        """Operations in a second."""
        return self.operations / self.seconds

    @property
    def cost_ms(self) -> float:
        """What the table compares: server and databases."""
        return self.server_ms + self.database_ms


@dataclass(slots=True)
class Prepared:
    """A provider with people logged in: `accounts` per connection, each a client of one person."""

    target: Target
    processes: int
    accounts: list[list[Variables]]
    books: Tally = field(default_factory=Tally)
    tokens_at: float = 0.0

    def measure(self, row: str, seconds: float) -> Round:
        """Walk the row for so long and return what it cost."""
        if row in _WITH_TOKENS and time.monotonic() - self.tokens_at > _TOKENS_FRESH_SECONDS:
            self._renew_tokens()
        plan = Plan(self.target.port, steps_of(row, self.target), self.accounts, seconds=seconds)
        before = self._spent()
        tally = run_load(plan, processes=self.processes)
        spent = [after - was for after, was in zip(self._spent(), before, strict=True)]
        self._note(tally)
        return _round(tally, seconds, spent)

    def _renew_tokens(self) -> None:
        steps = steps_of("code_flow", self.target)
        self._note(run_load(Plan(self.target.port, steps, self.accounts, passes=1), processes=self.processes))
        self.tokens_at = time.monotonic()

    def _note(self, tally: Tally) -> None:
        self.books.acknowledged += tally.acknowledged
        self.books.unanswered += tally.unanswered
        self.books.requests += tally.requests

    def _spent(self) -> tuple[float, float, float, float, float]:
        """Return CPU seconds so far: server, databases, load, whole machine busy, whole machine."""
        own = resource.getrusage(resource.RUSAGE_CHILDREN)
        busy, total = machine_seconds()
        server, databases = tree_seconds([self.target.server]), tree_seconds(self.target.databases)
        return server, databases, own.ru_utime + own.ru_stime, busy, total


def prepare(target: Target, *, connections: int, processes: int) -> Prepared:
    """Log one person in per connection and let them meet their clients; raises BenchFailed."""
    each = max(1, -(-_LEAST_CLIENTS // connections))
    accounts = [_accounts(target, place, each) for place in range(connections)]
    return Prepared(target, processes, accounts)


def percentile(values: list[float], share: float) -> float:
    """Return the smallest value that at least `share` of all do not exceed; 0 where there are none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]


def _accounts(target: Target, place: int, each: int) -> list[Variables]:
    browser = Browser(target, place)
    clients = [target.clients[(place * each + turn) % len(target.clients)] for turn in range(each)]
    for client in clients:
        browser.reach_code(client)
    return [
        {
            "client_id": client.id,
            "redirect_uri": quote(client.redirect_uri, safe=""),
            "authorization": client.authorization,
            "cookie": browser.cookie,
        }
        for client in clients
    ]


def _round(tally: Tally, seconds: float, spent: list[float]) -> Round:
    server, databases, load, busy, total = spent
    done = max(tally.flows, 1)
    return Round(
        operations=tally.flows,
        seconds=seconds,
        server_ms=1000 * server / done,
        database_ms=1000 * databases / done,
        load_ms=1000 * load / done,
        p50_ms=1000 * percentile(tally.latencies, 0.5),
        p99_ms=1000 * percentile(tally.latencies, 0.99),
        others=max(0.0, (busy - server - databases - load) / total) if total else 0.0,
        bad=tally.bad,
        sample=tally.sample,
    )
