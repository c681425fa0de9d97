"""The figures of the register's measure, and the table made of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.report import write_page

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Filled:
    """What taking a file in cost; `largest_mib` is the most memory that the command had."""

    entries: int
    seconds: float
    command_seconds: float
    database_seconds: float
    largest_mib: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What verifying cost for some seconds; `times` are in order."""

    entries: int
    is_cold: bool
    seconds: float
    times: Sequence[float]
    service_seconds: float
    database_seconds: float
    wrong: int

    @property
    def cost_ms(self) -> float:
        """CPU milliseconds of a verification, service and database."""
        return 1000 * (self.service_seconds + self.database_seconds) / max(1, len(self.times))

    def quantile_ms(self, share: float) -> float:
        """Return the time that this share of the answers took at most."""
        return 1000 * self.times[min(len(self.times) - 1, int(share * len(self.times)))] if self.times else 0.0


@dataclass(slots=True)
class RegisterReport:
    """Everything that one run found."""

    clients: int
    seconds: float
    cores: int
    versions: str = ""
    filled: list[Filled] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    sizes: dict[int, dict[str, int]] = field(default_factory=dict)

    def write(self, page: Path) -> None:
        """Put the table into the page."""
        write_page(page, as_page(self), mark="register")


def as_text(report: RegisterReport) -> str:
    """Return the report for a terminal."""
    wrong = sum(each.wrong for each in report.measured)
    return as_page(report) + (f"\nWRONG ANSWERS: {wrong}" if wrong else "")


def as_page(report: RegisterReport) -> str:
    """Return the Markdown that stands between the page's marks."""
    texts = [
        f"{report.clients} clients for {report.seconds:g} s each; {report.versions}; {report.cores} cores.",
        "",
        "| entries | files in memory | CPU ms | of it database | p50 ms | p99 ms | per second |",
        "|--:|---|--:|--:|--:|--:|--:|",
    ]
    for each in report.measured:
        database = 1000 * each.database_seconds / max(1, len(each.times))
        cells = [f"{each.entries:,}", "none" if each.is_cold else "all", f"**{each.cost_ms:.3f}**", f"{database:.3f}"]
        cells += [f"{each.quantile_ms(0.5):.2f}", f"{each.quantile_ms(0.99):.2f}"]
        texts.append("| " + " | ".join([*cells, f"{len(each.times) / each.seconds:.0f}"]) + " |")
    names = list(next(iter(report.sizes.values()), {}))
    texts += ["", "| MiB | " + " | ".join(f"{count:,}" for count in report.sizes) + " |"]
    texts.append("|---|" + "--:|" * len(report.sizes))
    for name in names:
        sizes = [f"{found[name] / _MIB:.0f}" for found in report.sizes.values()]
        texts.append(f"| `{name}` | " + " | ".join(sizes) + " |")
    texts.append("")
    for filled in report.filled:
        rate = filled.entries / filled.seconds
        texts.append(
            f"Import of {filled.entries:,} rows: {filled.seconds:.0f} s ({rate:.0f} rows a second), CPU"
            f" {filled.command_seconds:.0f} s of the command and {filled.database_seconds:.0f} s of the database;"
            f" the command had {filled.largest_mib:.0f} MiB at most."
        )
    return "\n".join(texts)
