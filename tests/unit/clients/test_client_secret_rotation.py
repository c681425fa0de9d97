"""Exchanging and withdrawing the secrets of clients."""

import pytest

from clients.changes import ChangeRefusal, ClientChangeRefused
from idp.core.hashing import hash_secret
from idp.core.oauth_errors import InvalidClientMetadata
from tests.unit.clients.rooms import BOTH_DATABASES, WEB, Rooms

pytestmark = BOTH_DATABASES

PUBLIC = {**WEB, "token_endpoint_auth_method": "none"}
GOOD_SECRET = "q7Hn2xVbL0pZs9TfKc4mWd8RyEa1uGjX"


def test_rotation_replaces_the_secret_at_once(rooms: Rooms) -> None:
    """Without a time to keep it, the old secret is dead with the new one's birth."""
    created = rooms.administration.create(WEB)
    rotated = rooms.administration.rotate_secret(created.client.client_id)
    assert rotated.client_secret != created.client_secret
    assert rotated.client_secret
    assert [secret.secret_hash for secret in rotated.client.secrets] == [hash_secret(rotated.client_secret)]
    assert rotated.client.version == 2


def test_rotation_can_keep_one_old_secret_for_a_while(rooms: Rooms) -> None:
    """Two live side by side until the time is up; a third never does."""
    client_id = rooms.administration.create(WEB).client.client_id
    for _ in range(3):
        rooms.clock.advance(1)
        rotated = rooms.administration.rotate_secret(client_id, keep_old_seconds=60)
        assert len(rotated.client.secrets) == 2
    rooms.clock.advance(61)
    client = rooms.registry.find(client_id)
    assert client is not None
    assert rotated.client_secret
    assert [secret.secret_hash for secret in client.secrets] == [hash_secret(rotated.client_secret)]


def test_rotation_never_lengthens_an_old_secret(rooms: Rooms) -> None:
    """A secret on its way out keeps its end; too long a time, or a method without secret, is refused."""
    client_id = rooms.administration.create(WEB).client.client_id
    with pytest.raises(InvalidClientMetadata):
        rooms.administration.rotate_secret(client_id, keep_old_seconds=7_776_001)
    with pytest.raises(InvalidClientMetadata):
        rooms.administration.rotate_secret(client_id, keep_old_seconds=-1)
    with pytest.raises(InvalidClientMetadata):
        rooms.administration.rotate_secret(client_id, client_secret="short")
    public = rooms.administration.create(PUBLIC).client.client_id
    with pytest.raises(ClientChangeRefused) as refused:
        rooms.administration.rotate_secret(public)
    assert refused.value.reason is ChangeRefusal.METHOD_WITHOUT_SECRET


def test_one_secret_can_be_withdrawn(rooms: Rooms) -> None:
    """Only a live secret of this very client, and only once."""
    created = rooms.administration.create(WEB)
    other = rooms.administration.create(WEB)
    secret_id = created.client.secrets[0].id
    with pytest.raises(ClientChangeRefused):
        rooms.administration.withdraw_secret(other.client.client_id, secret_id)
    assert rooms.administration.withdraw_secret(created.client.client_id, secret_id).secrets == ()
    with pytest.raises(ClientChangeRefused) as refused:
        rooms.administration.withdraw_secret(created.client.client_id, secret_id)
    assert refused.value.reason is ChangeRefusal.UNKNOWN_SECRET
