"""One run: every server up, rounds in turns, books compared, every server down again."""

import os
import re
import resource
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.children import Child, free_port
from bench.cpu import tree_seconds, worker_shares
from bench.ledger import compare, read_books
from bench.measure import Prepared, Round, prepare
from bench.peers import VARIANTS, install, start_peer
from bench.report import Report, Results, lines_of
from bench.servers import ROOT, environment_of, fill, idp, our_clients, our_target, start_ours
from bench.soak import soak
from bench.stores import Postgres, Redis, settle, start_postgres, start_redis
from bench.target import Target

_BUILD = ROOT / "build" / "bench"
_WARM_SECONDS = 1.0
_SEAL_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Options:
    """What the run is to be like."""

    people: int
    clients: int
    seconds: float
    rounds: int
    connections: int
    processes: int
    rows: tuple[str, ...]
    alone: bool = False
    keep: bool = False
    soak: int = 0


@dataclass(slots=True)
class _Up:
    """What runs."""

    postgres: Postgres
    environment: Mapping[str, str]
    targets: list[Target]
    versions: list[str] = field(default_factory=list)


def run_bench(options: Options) -> tuple[Report, Results]:
    """Carry the run out and return its report with every round; raises BenchFailed."""
    with _servers(options) as up:
        before = read_books(up.postgres.conninfo)
        _say(f"logging {options.connections} people in at each of {len(up.targets)} providers")
        ready = [
            prepare(each, connections=options.connections, processes=options.processes)
            for each in up.targets
            if each.rows & set(options.rows)
        ]
        results = {row: _rounds(row, ready, options) for row in options.rows}
        extra: dict[str, Any] = {}
        memory = {each.target.name: worker_shares(each.target.server) for each in ready}
        if options.soak:
            _say(f"about {options.soak} requests more, for the memory")
            samples = soak(ready[0], options.soak)
            shown = ", ".join(f"{each.largest_mib:.0f} after {each.requests}" for each in samples)
            extra["Largest worker in MiB over the requests"] = shown
        entries = compare(before, read_books(up.postgres.conninfo), ready[0].books)
        extra["Sealing audit rows afterwards, which the worker does in production"] = _sealing(up)
        report = Report(
            setup=_setup(options, up),
            lines=lines_of(results, ready[0].target.name),
            memory_mib=memory,
            entries=entries,
            extra=extra,
            samples=_samples(results),
        )
        return report, results


def _rounds(row: str, ready: list[Prepared], options: Options) -> dict[str, list[Round]]:
    """Measure a row in turns, so that a busy minute of the machine meets all of them."""
    taking_part = [each for each in ready if row in each.target.rows]
    found: dict[str, list[Round]] = {each.target.name: [] for each in taking_part}
    for each in taking_part:
        each.measure(row, min(_WARM_SECONDS, options.seconds))
    for _ in range(options.rounds):
        for each in taking_part:
            found[each.target.name].append(each.measure(row, options.seconds))
    _say(f"{row}: " + ", ".join(f"{name} {rounds[-1].cost_ms:.3f} ms" for name, rounds in found.items()))
    return found


@contextmanager
def _servers(options: Options) -> Iterator[_Up]:
    """Start everything and stop it again, however the run ends."""
    with ExitStack() as stack:

        def keep(child: Child) -> Child:
            stack.callback(child.stop)
            return child

        # Short, because a socket lies in it; another user may have to pass through.
        folder = Path(tempfile.mkdtemp(prefix="bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o711)
        home = _home(options, folder)
        _say("starting PostgreSQL and Redis")
        postgres = start_postgres(home / "postgres", folder / "s", folder / "postgres.log")
        keep(postgres.child)
        redis = start_redis(folder, "ours")
        keep(redis.child)
        port, data = free_port(), home / "data"
        environment = environment_of(data, postgres, redis, port)
        _say(f"filling the house: {options.people} people, {options.clients} clients")
        fill(environment, people=options.people, clients=options.clients)
        settle(postgres)
        clients = our_clients(data, options.clients)
        ours = keep(start_ours(environment, folder / "idp.log"))
        target = our_target(ours, port, clients, (postgres.child, redis.child))
        up = _Up(postgres, environment, [target], [f"PostgreSQL {postgres.version}"])
        if not options.alone:
            theirs = start_redis(folder, "theirs")
            keep(theirs.child)
            _start_peers(up, options, keep, folder, theirs)
        yield up


def _start_peers(up: _Up, options: Options, keep: Any, folder: Path, redis: Redis) -> None:
    place, clients = _BUILD / "peer", up.targets[0].clients
    up.versions.append(f"oidc-provider {install(place)}")
    for variant in VARIANTS:
        if variant.rows & set(options.rows):
            child, target = start_peer(variant, folder=place, logs=folder, redis=redis, clients=clients)
            keep(child)
            up.targets.append(target)


def _home(options: Options, folder: Path) -> Path:
    """Return where database and keys lie; kept ones are found again by the size of the house."""
    home = _BUILD / f"house-{options.people}-{options.clients}" if options.keep else folder / "house"
    home.mkdir(parents=True, exist_ok=True)
    return home


def _sealing(up: _Up) -> str:
    """Seal what the run wrote, as the worker does every minute, and return what it cost."""
    rows, spent = _seal(up)
    _, start_up = _seal(up)  # nothing is left to seal: what the command costs by itself
    return f"{1000 * max(0.0, spent - start_up) / rows:.3f} ms per row ({rows} rows)" if rows else "no rows"


def _seal(up: _Up) -> tuple[int, float]:
    """Return the rows that were sealed and the CPU seconds of command and database."""

    def so_far() -> float:
        own = resource.getrusage(resource.RUSAGE_CHILDREN)
        return own.ru_utime + own.ru_stime + tree_seconds([up.postgres.child.pid])

    before = so_far()
    printed = idp(up.environment, "audit", "seal", seconds=_SEAL_SECONDS)
    found = re.search(r"sealed: ([0-9]+) rows", printed)
    return int(found[1]) if found else 0, so_far() - before


def _setup(options: Options, up: _Up) -> dict[str, Any]:
    return {
        "people": options.people,
        "clients": options.clients,
        "connections": options.connections,
        "rounds": options.rounds,
        "seconds": options.seconds,
        "versions": ", ".join([f"Python {sys.version.split()[0]}", *up.versions]),
        "cores": os.cpu_count(),
    }


def _samples(results: Results) -> list[str]:
    return [
        f"{row}, {name}: {each.sample}"
        for row, by_name in results.items()
        for name, rounds in by_name.items()
        for each in rounds
        if each.sample
    ][:5]


def _say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)
