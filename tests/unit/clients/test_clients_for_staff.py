"""Which side a client is on: chosen when it is made, kept, and without tokens that outlive a staff session."""

import pytest

from clients.overrides import Overrides
from idp.core.oauth_errors import InvalidClientMetadata
from tests.unit.clients.rooms import BOTH_DATABASES, WEB, Rooms

pytestmark = BOTH_DATABASES
FOR_STAFF = Overrides(for_staff=True)


def test_a_client_is_for_citizens_unless_said(rooms: Rooms) -> None:
    """The default opens nothing to staff sessions; an expressed side is kept by a change that names none."""
    citizens, staff = rooms.administration.create(WEB), rooms.administration.create(WEB, overrides=FOR_STAFF)
    assert not citizens.client.for_staff and staff.client.for_staff
    renamed = rooms.administration.update(staff.client.client_id, {**WEB, "client_name": "Another"})
    assert renamed.client.for_staff


@pytest.mark.parametrize("for_staff", [True, False])
def test_no_client_changes_sides(rooms: Rooms, for_staff: bool) -> None:
    """Sessions, tokens and consents of one side would be worth something on the other."""
    made = rooms.administration.create(WEB, overrides=Overrides(for_staff=for_staff)).client
    with pytest.raises(InvalidClientMetadata):
        rooms.administration.update(made.client_id, WEB, overrides=Overrides(for_staff=not for_staff))
    same = rooms.administration.update(made.client_id, WEB, overrides=Overrides(for_staff=for_staff))
    assert same.client.for_staff is for_staff


def test_no_offline_access_for_staff(rooms: Rooms) -> None:
    """Neither when it is made nor later; citizens' clients may have it."""
    offline = {**WEB, "scope": "openid offline_access"}
    assert rooms.administration.create(offline).client.scope == {"openid", "offline_access"}
    with pytest.raises(InvalidClientMetadata):
        rooms.administration.create(offline, overrides=FOR_STAFF)
    made = rooms.administration.create(WEB, overrides=FOR_STAFF).client
    with pytest.raises(InvalidClientMetadata):
        rooms.administration.update(made.client_id, offline)
