"""Bringing a file: from the browser, streamed to disk, or from the folder that operators fill."""

from pathlib import Path
from typing import Any

from flask import Response, current_app, flash, request, url_for
from flask_babel import gettext
from wtforms.fields.choices import SelectChoice

from admin import room
from admin.forms.batches import KINDS, PathForm, UploadForm
from admin.problem_wording import problem_text
from admin.upload_request import UploadRequest
from admin.wording import batch_kind_text
from idp.linking.batches import BatchKind, BatchRefused
from idp.linking.systems import SystemView
from idp.web.answers import see_other
from idp.web.context import house

_MIB = 1 << 20
#: What stands around a file in a form.
_ENVELOPE = 64 << 10


@room.route("/systems/<code>/imports/new", room.ADMIN)
def new_batch(code: str) -> Response:
    """Ask for a file."""
    return _page(room.system(code), _upload_form(formdata=None))


@room.route("/systems/<code>/imports/upload", room.ADMIN, methods=("POST",))
def upload(code: str) -> Response:
    """Take a file from the browser; its body is read only now that the visitor is known to be allowed to."""
    system, settings = room.system(code), house().settings
    asked = request._get_current_object()  # type: ignore[attr-defined]
    assert isinstance(asked, UploadRequest)  # noqa: S101 - the application makes no others
    asked.take_file(settings.upload_folder, most_bytes=settings.imports.upload_max_mib * _MIB + _ENVELOPE)
    current_app.extensions["csrf"].protect()
    form = _upload_form()
    file = form.file.data
    if not file or not file.filename:
        form.file.errors = [gettext("Choose a file.")]
        return _page(system, form)
    if form.validate_on_submit():
        file.stream.flush()
        number = _bring(Path(file.stream.name), system, form)
        if number is not None:
            return see_other(url_for("console.batch", number=number))
    return _page(system, form)


@room.route("/systems/<code>/imports/take", room.ADMIN, methods=("POST",))
def take_file(code: str) -> Response:
    """Take a file that lies in the folder that operators fill."""
    system, form = room.system(code), _path_form()
    if form.validate_on_submit():
        path = _offered(form.path.data)
        if path is None:
            flash(problem_text("not_in_folder"), "danger")
        else:
            number = _bring(path, system, form)
            if number is not None:
                return see_other(url_for("console.batch", number=number))
    return _page(system, _upload_form(formdata=None), form)


def _bring(path: Path, system: SystemView, form: Any) -> int | None:
    """Return the number of the new import, or say why there is none."""
    try:
        return house().console.imports.bring(
            path, system_number=system.number, kind=BatchKind(form.kind.data), actor=room.actor()
        )
    except BatchRefused as refused:
        flash(problem_text(refused.problem), "danger")
        if refused.other is not None:
            flash(gettext("Import %(number)d", number=refused.other), "info")
    except OSError:
        flash(problem_text("disk_full"), "danger")
    return None


def _offered(name: str) -> Path | None:
    """Return a file of the offered folder; nothing outside of it, whatever the name or a link says."""
    folder = house().settings.imports.offered_folder
    if folder is None or "\0" in name:
        return None
    path = (folder / name).resolve()
    is_within = path.is_relative_to(folder.resolve())
    return path if is_within and path.is_file() else None


def _page(system: SystemView, form: UploadForm, path_form: PathForm | None = None) -> Response:
    settings = house().settings.imports
    if path_form is None and settings.offered_folder is not None:
        path_form = _path_form(formdata=None)
    return room.show(
        "batch_new.html",
        room="systems",
        form=path_form if path_form is not None and path_form.is_submitted() and path_form.errors else form,
        upload_form=form,
        path_form=path_form if settings.offered_folder is not None else None,
        system=system,
        most_size=f"{settings.upload_max_mib:,} MB",
    )


def _upload_form(**more: Any) -> UploadForm:
    form = UploadForm(**more)
    form.kind.choices = [SelectChoice(each, batch_kind_text(each)) for each in KINDS]
    return form


def _path_form(**more: Any) -> PathForm:
    form = PathForm(prefix="server", **more)
    form.kind.choices = [SelectChoice(each, batch_kind_text(each)) for each in KINDS]
    return form
