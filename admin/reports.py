"""Reports: each system's numbers day by day, as tables that a script draws as curves, and as files."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta

from flask import Response
from flask_babel import gettext

from admin import room
from admin.page_models import Chart, SystemReport
from admin.wording import link_state_text, situation_text
from idp.core.clock import civil_date
from idp.linking import statistics
from idp.linking.statistics import SystemNumbers
from idp.linking.systems import SystemView
from idp.linking.vocabulary import LinkState, Situation
from idp.web.context import house

_DAYS = timedelta(days=90)
_FILE_DAYS = timedelta(days=3_650)


@room.route("/reports", room.BOTH)
def reports() -> Response:
    """Show the curves of every system."""
    return room.show("reports.html", room="reports", reports=tuple(map(_report, room.systems())))


@room.route("/reports/<code>.csv", room.BOTH)
def report_file(code: str) -> Response:
    """Hand the numbers of a system out as a file; it holds counts and words of ours only."""
    system = room.system(code)
    text = io.StringIO()
    writer = csv.writer(text)
    situations, states = tuple(map(str, Situation)), tuple(map(str, LinkState))
    writer.writerow(
        ["day", "accounts", "with_password", "migrated", "open_cases"]
        + [f"situation_{each}" for each in situations]
        + [f"links_{each}" for each in states]
    )
    for each in _numbers(system, _FILE_DAYS):
        writer.writerow(
            [each.day.isoformat(), each.accounts, each.with_password, each.migrated, each.open_cases]
            + [each.situations.get(name, 0) for name in situations]
            + [each.links.get(name, 0) for name in states]
        )
    return file_answer(text.getvalue(), f"{system.code}.csv")


def file_answer(text: str, name: str) -> Response:
    """Return a CSV file that a spreadsheet reads as UTF-8 and nobody keeps on the way."""
    answer = Response("\ufeff" + text, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _numbers(system: SystemView, back: timedelta) -> tuple[SystemNumbers, ...]:
    since = civil_date(house().ground.clock.now() - back)
    with house().ground.database.read() as session:
        return statistics.history(session, system.number, since=since)


def _report(system: SystemView) -> SystemReport:
    numbers = tuple(reversed(_numbers(system, _DAYS)))  # the newest first, as tables are read
    return SystemReport(system, len(numbers), charts_of(numbers) if numbers else ())


def charts_of(numbers: tuple[SystemNumbers, ...]) -> tuple[Chart, ...]:
    """Return the charts of a system, whose numbers come with the newest day first."""

    def chart(title: str, kind: str, *lines: tuple[str, Callable[[SystemNumbers], float | None]]) -> Chart:
        rows = tuple((each.day, tuple(read(each) for _, read in lines)) for each in numbers)
        return Chart(title, kind, tuple(name for name, _ in lines), rows)

    return (
        chart(
            gettext("Links and what is left"),
            "count",
            (link_state_text("active"), lambda each: each.links.get(LinkState.ACTIVE, 0)),
            (link_state_text("proposed"), lambda each: each.links.get(LinkState.PROPOSED, 0)),
            (situation_text("disputed"), lambda each: each.situations.get(Situation.DISPUTED, 0)),
            (situation_text("absent"), lambda each: each.situations.get(Situation.ABSENT, 0)),
        ),
        chart(
            gettext("First logins with old passwords"),
            "count",
            (gettext("Came"), lambda each: each.migrated),
            (gettext("Wait"), lambda each: each.with_password),
        ),
        chart(gettext("Links that were wrong"), "share", (gettext("Share of those answered"), lambda e: e.wrong_share)),
    )
