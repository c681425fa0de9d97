"""The table: ours divided by theirs, for the terminal, for JSON and for the page."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.children import BenchFailed
from bench.ledger import Entry
from bench.measure import Round

#: Rounds by row and by provider, ours first.
Results = Mapping[str, Mapping[str, Sequence[Round]]]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: medians over the rounds; `ratio` is 1.0 where both cost the same."""

    row: str
    opponent: str
    ours_ms: float
    server_ms: float
    database_ms: float
    theirs_ms: float | None
    ratio: float | None
    ours_rate: float
    theirs_rate: float | None
    others: float
    bad: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a run found out."""

    setup: Mapping[str, Any]
    lines: Sequence[Line]
    memory_mib: Mapping[str, Sequence[float]]
    entries: Sequence[Entry]
    extra: Mapping[str, Any]
    samples: Sequence[str]

    @property
    def is_right(self) -> bool:
        """True where every answer was the expected one and the books are in order; speed is not judged."""
        return all(entry.is_right for entry in self.entries) and not any(line.bad for line in self.lines)


def lines_of(results: Results, ours: str) -> list[Line]:
    """Return the table; a row that was measured at ours alone has no ratio."""
    found = []
    for row, by_name in results.items():
        opponents = [name for name in by_name if name != ours]
        found += [_line(row, name, by_name[ours], by_name.get(name, ())) for name in opponents or [""]]
    return found


def as_text(report: Report) -> str:
    """Return the report for a terminal."""
    texts = ["CPU milliseconds per operation, server and databases, medians", ""]
    texts.append(f"{'row':<20}{'ours':>9}{'theirs':>9}{'ratio':>7}{'ours/s':>9}{'theirs/s':>9}{'others':>8}  beside")
    for line in report.lines:
        texts.append(
            f"{line.row:<20}{line.ours_ms:>9.3f}{_number(line.theirs_ms, 3):>9}{_number(line.ratio, 2):>7}"
            f"{line.ours_rate:>9.0f}{_number(line.theirs_rate, 0):>9}{line.others:>8.0%}  {line.opponent}"
            + (f"  BAD ANSWERS: {line.bad}" if line.bad else "")
        )
    texts.append("")
    for name, shares in report.memory_mib.items():
        texts.append(f"memory of {name}, MiB per process: " + " ".join(f"{share:.0f}" for share in shares))
    for entry in report.entries:
        word = "right" if entry.is_right else "WRONG"
        texts.append(f"{entry.what}: {entry.written} written, {entry.acknowledged} acknowledged: {word}")
    texts += [f"{name}: {value}" for name, value in report.extra.items()]
    texts += [f"bad answer: {sample}" for sample in report.samples]
    return "\n".join(texts)


def as_document(report: Report, results: Results) -> dict[str, Any]:
    """Return the report with every round, as JSON takes it."""
    document = asdict(report)
    document["rounds"] = {
        row: {name: [asdict(each) for each in rounds] for name, rounds in by_name.items()}
        for row, by_name in results.items()
    }
    return document


def as_page(report: Report) -> str:
    """Return the Markdown that stands between the page's marks."""
    setup = report.setup
    texts = [
        f"{setup['people']:,} persons, {setup['clients']:,} clients; {setup['connections']} connections,"
        f" {setup['rounds']} interleaved rounds of {setup['seconds']:g} s; {setup['versions']};"
        f" {setup['cores']} cores. CPU milliseconds per operation, medians.",
        "",
        "| row | beside | ours | of it database | theirs | ours ÷ theirs | ours per second | theirs per second |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for line in report.lines:
        cells = [line.row, line.opponent, f"{line.ours_ms:.3f}", f"{line.database_ms:.3f}", _number(line.theirs_ms, 3)]
        cells += [f"**{_number(line.ratio, 2)}**", f"{line.ours_rate:.0f}", _number(line.theirs_rate, 0)]
        texts.append("| " + " | ".join(cells) + " |")
    others = max((line.others for line in report.lines), default=0.0)
    texts += ["", f"Other programs took up to {others:.0%} of the machine meanwhile."]
    shares = "; ".join(
        f"{name} {', '.join(f'{share:.0f}' for share in each)}" for name, each in report.memory_mib.items()
    )
    texts.append(f"Memory after it, MiB per process (PSS): {shares}.")
    texts += [f"{name}: {value}." for name, value in report.extra.items()]
    books = "; ".join(f"{entry.what} {entry.written} for {entry.acknowledged}" for entry in report.entries)
    texts.append(f"Books, written for acknowledged: {books}.")
    return "\n".join(texts)


def write_page(path: Path, table: str, mark: str = "table") -> None:
    """Put the table between the marks of the page; raises BenchFailed where they are missing."""
    text = path.read_text(encoding="utf-8")
    opening, closing = f"<!-- {mark} -->", f"<!-- /{mark} -->"
    before, begin, rest = text.partition(opening)
    _, end, after = rest.partition(closing)
    if not (begin and end):
        raise BenchFailed(f"{path.name} lacks the marks {opening} and {closing}")
    path.write_text(f"{before}{begin}\n{table}\n{end}{after}", encoding="utf-8")


def _line(row: str, opponent: str, ours: Sequence[Round], theirs: Sequence[Round]) -> Line:
    def median(rounds: Sequence[Round], name: str) -> float:
        return float(statistics.median(getattr(each, name) for each in rounds))

    ours_ms = median(ours, "cost_ms")
    theirs_ms = median(theirs, "cost_ms") if theirs else None
    return Line(
        row=row,
        opponent=opponent,
        ours_ms=ours_ms,
        server_ms=median(ours, "server_ms"),
        database_ms=median(ours, "database_ms"),
        theirs_ms=theirs_ms,
        ratio=ours_ms / theirs_ms if theirs_ms else None,
        ours_rate=median(ours, "rate"),
        theirs_rate=median(theirs, "rate") if theirs else None,
        others=max(each.others for each in (*ours, *theirs)),
        bad=sum(each.bad for each in (*ours, *theirs)),
    )


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
