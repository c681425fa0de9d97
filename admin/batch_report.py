"""The report of an import: what a dry run found beside what there is, or what was done; samples on request."""

from flask_babel import gettext

from admin.page_models import DryRunShown, SampleGroup, SampleRow, SituationLine
from admin.problem_wording import problem_text
from idp.linking import dry_run, statistics
from idp.linking.batches import BatchView
from idp.linking.rules import ALLOWED
from idp.linking.systems import SystemView
from idp.linking.vocabulary import Action, Situation
from idp.storage.engine import take_time
from idp.web.context import house

_SAMPLES = 50


def report_of(batch: BatchView, system: SystemView, *, with_samples: bool) -> DryRunShown | None:
    """Return the report; None before there is one."""
    counters = batch.counters
    if "situations" not in counters:
        return None
    with house().ground.database.read() as session:
        numbers = statistics.latest(session, [system.number]).get(system.number)
        take_time(session)
        samples = dry_run.samples(session, house().ground.keyring, batch.number, most=_SAMPLES) if with_samples else ()
    now = numbers.situations if numbers is not None else {}
    found: dict[str, int] = counters["situations"]
    return DryRunShown(
        situations=tuple(
            SituationLine(str(each), found.get(str(each), 0), now.get(str(each), 0), _action(system, each))
            for each in Situation
            if found.get(str(each)) or now.get(str(each))
        ),
        changes=_changes(batch),
        samples=_groups(samples),
        faults=tuple((problem_text(why), count) for why, count in sorted(_faults(batch).items())),
    )


def _action(system: SystemView, situation: Situation) -> Action | None:
    return system.rules.action(situation) if situation in ALLOWED else None


def _changes(batch: BatchView) -> tuple[tuple[str, int], ...]:
    """Return how rows compare with accounts, what safeguards look at, and what was done so far."""
    counters = batch.counters
    changes, difference = counters.get("changes", {}), counters.get("difference", {})
    told = (
        (gettext("New"), changes.get("added")),
        (gettext("Changed"), changes.get("changed")),
        (gettext("As before"), changes.get("unchanged")),
        (gettext("No longer in the file"), difference.get("gone")),
        (gettext("Active links that would be suspended"), difference.get("suspended")),
        (gettext("Proposed to people"), counters.get("proposed")),
        (gettext("Cases opened"), counters.get("cases")),
        (gettext("Links suspended"), counters.get("suspended")),
        (gettext("Proposals withdrawn"), counters.get("withdrawn")),
    )
    return tuple((name, number) for name, number in told if number is not None)


def _faults(batch: BatchView) -> dict[str, int]:
    said = batch.counters.get("faults")
    if isinstance(said, dict):
        return {str(why): int(count) for why, count in said.items()}
    bad = int(batch.counters.get("bad", 0))
    return {"bad": bad} if bad else {}


def _groups(samples: tuple[dry_run.Sample, ...]) -> tuple[SampleGroup, ...]:
    found: dict[str, list[SampleRow]] = {}
    for each in samples:
        row = SampleRow(each.row_number, each.name, each.number, each.mobile)
        found.setdefault(str(each.situation), []).append(row)
    return tuple(SampleGroup(situation, tuple(rows)) for situation, rows in found.items())
