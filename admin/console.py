"""The console as one blueprint, with the pages of all its rooms on it."""

from admin import (
    batch_acts,
    batch_columns,
    batch_files,
    batch_undo,
    batches,
    cases,
    links,
    reports,
    start,
    system_switches,
    systems,
)
from admin.room import bp

__all__ = ["bp"]
#: Their routes lie on the same blueprint.
_ROOMS = (
    start,
    systems,
    system_switches,
    batches,
    batch_files,
    batch_columns,
    batch_acts,
    batch_undo,
    cases,
    links,
    reports,
)
