"""The columns of a file: what it looks like, masked, which column is likely which field, and agreeing on that."""

from dataclasses import dataclass

from flask import Response, flash, url_for
from flask_babel import gettext
from wtforms.fields.choices import SelectChoice

from admin import batch_reads, room
from admin.column_choices import MapRow
from admin.forms.batches import ColumnsForm, columns_form
from admin.page_models import SniffShown
from admin.problem_wording import problem_text
from admin.wording import field_text
from connectors.legacy.layout import Layout
from connectors.legacy.refusal import SourceRefused
from connectors.legacy.sniffing import Sniffed, sniff
from idp.linking import system_changes
from idp.linking.batches import BatchRefused, BatchView
from idp.linking.column_guess import Reason, Why, guess
from idp.linking.columns import ColumnMap, Field
from idp.linking.systems import SystemView
from idp.linking.vocabulary import BatchState
from idp.web.answers import see_other
from idp.web.context import house
from realname.documents.masking import mask_number

_ROWS = 20


@dataclass(frozen=True, slots=True)
class Looked:
    """What a file looks like, and which column is which as far as can be told."""

    sniffed: Sniffed
    columns: ColumnMap
    reasons: tuple[Reason, ...]

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self.sniffed.layout.header


def look_at(batch: BatchView, system: SystemView) -> Looked:
    """Look at the file of an import; raises SourceRefused or OSError.

    What was agreed for the system goes before a guess, where the file has those columns.
    """
    found = sniff(house().console.uploads.path(batch.file or ""))
    guessed = guess(found.layout.header, found.sample)
    try:
        agreed = ColumnMap.from_document(dict(system.columns) if system.columns is not None else None)
    except ValueError:
        return Looked(found, guessed.columns, guessed.reasons)
    if agreed.problems(found.layout.header):
        return Looked(found, guessed.columns, guessed.reasons)
    return Looked(found, agreed, ())


def form_of(looked: Looked) -> ColumnsForm:
    """Return the form with what is likely chosen already."""
    by_column = {column: str(each) for each, column in looked.columns.columns.items()}
    values = {f"column_{at}": by_column.get(name, "") for at, name in enumerate(looked.header)}
    return columns_form([SelectChoice(str(each), field_text(each)) for each in Field], len(looked.header), **values)


def rows_of(form: ColumnsForm, looked: Looked) -> tuple[MapRow, ...]:
    """Return a line for each column: its name, its choice, and why it was guessed so."""
    why = {reason.column: reason for reason in looked.reasons}
    return tuple(
        MapRow(name, form[f"column_{at}"], _why_text(why[name]) if name in why else "")
        for at, name in enumerate(looked.header)
    )


def shown(looked: Looked) -> SniffShown:
    """Return what the file looks like, every cell masked."""
    layout = looked.sniffed.layout
    return SniffShown(
        description=_description(layout, looked.sniffed.confidence),
        columns=looked.header,
        rows=tuple(tuple(mask_number(cell[:40], strict=True) for cell in row) for row in looked.sniffed.sample[:_ROWS]),
    )


@room.route("/imports/<int:number>/columns", room.ADMIN, methods=("POST",))
def agree_columns(number: int) -> Response:
    """Keep the columns with the system, and let a worker read the file by them."""
    batch, system = batch_reads.batch(number)
    back = see_other(url_for("console.batch", number=number))
    if batch.state not in (BatchState.UPLOADED, BatchState.STOPPED, BatchState.REVIEW):
        flash(problem_text("state"), "danger")
        return back
    try:
        looked = look_at(batch, system)
    except (SourceRefused, OSError):
        flash(problem_text("file_unreadable"), "danger")
        return back
    form = form_of(looked)
    if not form.validate_on_submit():
        flash(problem_text("unknown_column"), "danger")
        return back
    problem = _agree(form, looked, system)
    if problem is not None:
        flash(problem_text(problem), "danger")
        return back
    try:
        house().console.imports.begin(number, actor=room.actor())
    except BatchRefused as refused:
        flash(problem_text(refused.problem), "danger")
    return back


def _agree(form: ColumnsForm, looked: Looked, system: SystemView) -> object | None:
    """Save what was chosen, or return what is wrong with it."""
    chosen = [(form[f"column_{at}"].data, name) for at, name in enumerate(looked.header)]
    named = [(Field(field), name) for field, name in chosen if field]
    if len({field for field, _ in named}) < len(named):
        return "column_twice"
    fields = dict(named)
    dates = {each: found for each, found in looked.columns.date_formats.items() if each in fields}
    columns = ColumnMap(fields, dates)
    problems = columns.problems(looked.header)
    if problems:
        return problems[0]
    words = (system.source or {}).get("state_words", {})
    with house().ground.database.transaction() as session:
        system_changes.agree_on_files(
            session,
            system.number,
            source={"layout": looked.sniffed.layout.as_json(), "state_words": words},
            columns=columns.as_document(),
            at=house().ground.clock.now(),
            origin=room.acting(),
        )
    return None


def _description(layout: Layout, confidence: float) -> str:
    return gettext(
        "%(kind)s, %(encoding)s, %(columns)d columns; %(share)d %% of what was looked at fits.",
        kind=layout.kind.replace("_", " ").upper(),
        encoding=layout.encoding.upper(),
        columns=len(layout.header),
        share=round(100 * confidence),
    )


def _why_text(reason: Reason) -> str:
    texts = {
        Why.NAME: gettext("by its name"),
        Why.PART_OF_NAME: gettext("by a part of its name"),
        Why.NAME_AND_VALUES: gettext("by its name and what stands in it"),
        Why.VALUES: gettext("by what stands in it"),
    }
    return gettext("Guessed %(why)s, %(share)d %% sure", why=texts[reason.why], share=round(100 * reason.confidence))
