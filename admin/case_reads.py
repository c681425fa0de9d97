"""Cases as the console reads them: by who looks, in the departments in which the page is for them."""

from admin import room
from idp.linking.case_queue import CaseQueue, CaseRow, Reviewer, Wanted
from idp.linking.case_views import CaseViews
from idp.linking.cases import Cases
from idp.web.context import house

_MOST_ON_FIRST_PAGE = 5


def queue() -> CaseQueue:
    """Return the queue."""
    return house().login.links.queue


def cases() -> Cases:
    """Return who takes opinions."""
    return house().login.links.cases


def views() -> CaseViews:
    """Return who shows cases."""
    return house().login.links.case_views


def reviewer() -> Reviewer:
    """Return the visitor as a reviewer, in the departments in which they hold one of the page's roles."""
    roles = room.roles_here()
    held = frozenset(department for role, department in room.staff().held if role in roles)
    return Reviewer(room.staff().person_id, held)


def mine() -> tuple[CaseRow, ...]:
    """Return the cases that the visitor has, and the most urgent ones that they may still decide."""
    found = queue().list(reviewer(), Wanted(most=4 * _MOST_ON_FIRST_PAGE))
    free = [each for each in found if not each.has_decided and (each.is_mine or each.assigned_to is None)]
    return tuple(free[:_MOST_ON_FIRST_PAGE])
