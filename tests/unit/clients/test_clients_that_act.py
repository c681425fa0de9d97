"""Which clients understand `act`: said by administration alone, never by default, never of a client for staff."""

import pytest

from clients.overrides import Overrides
from idp.core.oauth_errors import InvalidClientMetadata
from tests.unit.clients.rooms import BOTH_DATABASES, WEB, Rooms

pytestmark = BOTH_DATABASES
ACTING = Overrides(acting_for=True)


def test_a_client_is_told_of_nobody_else_unless_said(rooms: Rooms) -> None:
    """Off by default and whatever its own metadata says; kept by a change that does not name it."""
    plain = rooms.administration.create({**WEB, "acting_for": True}).client
    acting = rooms.administration.create(WEB, overrides=ACTING).client
    assert not plain.acting_for and "acting_for" not in plain.metadata
    assert acting.acting_for
    assert rooms.administration.update(acting.client_id, {**WEB, "client_name": "Another"}).client.acting_for


def test_it_can_be_given_and_taken(rooms: Rooms) -> None:
    """A new version each time, so that every worker learns of it."""
    made = rooms.administration.create(WEB).client
    given = rooms.administration.set_acting_for(made.client_id, True)
    taken = rooms.administration.set_acting_for(made.client_id, False)
    assert (given.acting_for, taken.acting_for) == (True, False)
    assert made.version < given.version < taken.version


def test_staff_act_for_nobody(rooms: Rooms) -> None:
    """Neither when the client is made nor later."""
    with pytest.raises(InvalidClientMetadata):
        rooms.administration.create(WEB, overrides=Overrides(for_staff=True, acting_for=True))
    staff = rooms.administration.create(WEB, overrides=Overrides(for_staff=True)).client
    with pytest.raises(InvalidClientMetadata):
        rooms.administration.update(staff.client_id, WEB, overrides=ACTING)
    with pytest.raises(InvalidClientMetadata):
        rooms.administration.set_acting_for(staff.client_id, True)
    assert not rooms.administration.set_acting_for(staff.client_id, False).acting_for
