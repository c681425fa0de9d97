"""The console as one blueprint, with the pages of all its rooms on it."""

from admin import batches, cases, links, reports, start, systems
from admin.room import bp

__all__ = ["bp"]
#: Their routes lie on the same blueprint.
_ROOMS = (start, systems, batches, cases, links, reports)
