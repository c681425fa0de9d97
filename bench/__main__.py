"""`python -m bench`: measure, print the table, and end with 1 where an answer or the books were wrong."""

import argparse
import json
import signal
import sys
from pathlib import Path

from bench.children import BenchFailed
from bench.register import run_register_bench
from bench.report import as_document, as_page, as_text, write_page
from bench.rows import ALL_ROWS
from bench.servers import ROOT
from bench.session import Options, run_bench

_PAGE = ROOT / "docs" / "performance.md"
# Login forms from one address are limited to 60 a minute, and nothing is switched off for the measure.
_MOST_CONNECTIONS = 48


def read_arguments(arguments: list[str]) -> tuple[Options, argparse.Namespace]:
    """Return the options of the run and where its results go; ends the process for nonsense."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--people", type=int, default=100_000, help="persons in the database (100000)")
    parser.add_argument("--clients", type=int, default=1_000, help="clients (1000)")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of a round (4)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each row and provider (3)")
    parser.add_argument("--concurrency", type=int, default=16, help="connections (16)")
    parser.add_argument("--processes", type=int, default=2, help="processes that make the load (2)")
    parser.add_argument("--only", default=",".join(ALL_ROWS), help="rows to measure, separated by commas")
    parser.add_argument("--alone", action="store_true", help="without the peer; needs no Node")
    parser.add_argument("--soak", type=int, default=0, help="so many requests more, watching the memory")
    parser.add_argument("--keep", action="store_true", help="keep the filled database for the next run")
    parser.add_argument("--out", type=Path, help="write everything to this JSON file")
    parser.add_argument("--page", action="store_true", help="write the table into docs/performance.md")
    parser.add_argument("--register", type=int, help="measure verifying against a register of so many instead")
    given = parser.parse_args(arguments)
    rows = tuple(row for row in ALL_ROWS if row in given.only.split(","))
    if unknown := set(given.only.split(",")) - set(ALL_ROWS):
        parser.error(f"no such row: {min(unknown)}; there are {', '.join(ALL_ROWS)}")
    limits = {
        "people": (48, 1_000_000),
        "clients": (1, 99_999),
        "seconds": (0.2, 60),
        "rounds": (1, 50),
        "concurrency": (1, _MOST_CONNECTIONS),
        "processes": (1, 8),
        "soak": (0, 10_000_000),
    }
    if given.register is not None:
        limits["register"] = (1_000, 10_000_000)
    for name, (least, most) in limits.items():
        if not least <= getattr(given, name) <= most:
            parser.error(f"--{name} must lie between {least} and {most}")
    options = Options(
        people=given.people,
        clients=given.clients,
        seconds=given.seconds,
        rounds=given.rounds,
        connections=given.concurrency,
        processes=given.processes,
        rows=rows,
        alone=given.alone,
        keep=given.keep,
        soak=given.soak,
    )
    return options, given


def main() -> int:
    """Run and return the exit status."""
    options, given = read_arguments(sys.argv[1:])
    # Either way the servers are stopped in order, by their own numbers; a shell may have hidden Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(143))
    try:
        if given.register is not None:
            page = _PAGE if given.page else None
            is_right = run_register_bench(given.register, clients=given.concurrency, seconds=given.seconds, page=page)
            return 0 if is_right else 1
        report, results = run_bench(options)
        print(as_text(report))
        if given.out:
            given.out.parent.mkdir(parents=True, exist_ok=True)
            given.out.write_text(json.dumps(as_document(report, results), indent=1), encoding="utf-8")
        if given.page:
            write_page(_PAGE, as_page(report))
    except BenchFailed as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("bench: stopped", file=sys.stderr)
        return 130
    return 0 if report.is_right else 1


if __name__ == "__main__":
    sys.exit(main())
