"""Creating, changing and disabling clients."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from clients.changes import ChangeRefusal, ClientChangeRefused
from clients.client import AuthMethod, ClientState
from clients.models import ClientKey, ClientRow, ClientSecret
from clients.overrides import Overrides
from clients.sector import PUBLIC_SECTOR
from idp.audit.events import Event
from idp.audit.log import Origin
from idp.audit.models import AuditEvent
from idp.core.hashing import hash_secret
from idp.core.oauth_errors import InvalidClientMetadata
from tests.unit.clients.rooms import BOTH_DATABASES, START, WEB, Rooms

pytestmark = BOTH_DATABASES

PUBLIC = {**WEB, "token_endpoint_auth_method": "none"}
GOOD_SECRET = "q7Hn2xVbL0pZs9TfKc4mWd8RyEa1uGjX"


def audited(rooms: Rooms) -> list[tuple[str, str | None, str | None]]:
    with rooms.database.read() as session:
        rows = session.execute(sa.select(AuditEvent.event, AuditEvent.reason, AuditEvent.actor_person))
        return [(row.event, row.reason, row.actor_person) for row in rows]


def test_new_client_gets_a_secret_that_is_kept_only_hashed(rooms: Rooms) -> None:
    """The secret is shown once; the row holds its hash and no ciphertext."""
    created = rooms.administration.create(WEB, origin=Origin(actor_person="admin-1"))
    assert created.client_secret
    with rooms.database.read() as session:
        row = session.execute(sa.select(ClientSecret)).scalar_one()
    assert row.secret_hash == hash_secret(created.client_secret)
    assert row.ciphertext is None
    assert created.client.version == 1
    assert audited(rooms) == [(Event.CLIENT_REGISTERED, "console", "admin-1")]


@pytest.mark.parametrize("method", ["none", "private_key_jwt"])
def test_client_without_secret_gets_none(rooms: Rooms, method: str) -> None:
    """Methods without a secret leave none behind, and take none."""
    document = {**WEB, "token_endpoint_auth_method": method, "jwks_uri": "https://portal.example.cn/jwks"}
    created = rooms.administration.create(document)
    assert created.client_secret is None
    assert created.client.secrets == ()
    with pytest.raises(InvalidClientMetadata):
        rooms.administration.create(document, client_secret=GOOD_SECRET)


def test_secret_of_the_jwt_method_is_also_encrypted(rooms: Rooms) -> None:
    """Only client_secret_jwt needs the secret itself; it is long enough for HS512 (RFC 7518 §3.2)."""
    created = rooms.administration.create({**WEB, "token_endpoint_auth_method": "client_secret_jwt"})
    assert created.client_secret
    assert len(created.client_secret) >= 64
    ciphertext = created.client.secrets[0].ciphertext
    assert ciphertext
    assert created.client_secret.encode() not in ciphertext


def test_supplied_secret_is_taken(rooms: Rooms) -> None:
    """An operator may bring a random secret and an id along."""
    created = rooms.administration.create(WEB, client_id="portal", client_secret=GOOD_SECRET)
    assert created.client_secret == GOOD_SECRET
    assert created.client.client_id == "portal"


@pytest.mark.parametrize("secret", ["", "short", GOOD_SECRET[:31], "a" * 43, GOOD_SECRET + "\n", "密" * 40])
def test_guessable_secret_is_refused(rooms: Rooms, secret: str) -> None:
    """A fast hash bears only random secrets."""
    with pytest.raises(InvalidClientMetadata):
        rooms.administration.create(WEB, client_secret=secret)
    assert audited(rooms) == []


def test_id_is_unique_and_printable(rooms: Rooms) -> None:
    """A taken id, also a deleted client's, and an unprintable one are refused."""
    rooms.administration.create(WEB, client_id="portal")
    rooms.administration.delete("portal")
    for client_id in ("portal", "por tal", "a" * 256, ""):
        with pytest.raises(InvalidClientMetadata):
            rooms.administration.create(WEB, client_id=client_id)


def test_unknown_department_is_refused(rooms: Rooms) -> None:
    """A client belongs to a department that exists."""
    with pytest.raises(InvalidClientMetadata):
        rooms.administration.create(WEB, overrides=Overrides(department_id="nowhere"))


def test_public_client_must_use_pkce(rooms: Rooms) -> None:
    """PKCE may be switched off for a confidential client only (RFC 9700 §2.1.1)."""
    lax = Overrides(require_pkce=False)
    with pytest.raises(InvalidClientMetadata):
        rooms.administration.create(PUBLIC, overrides=lax)
    created = rooms.administration.create(WEB, overrides=lax)
    assert created.client.require_pkce is False
    with pytest.raises(InvalidClientMetadata):
        rooms.administration.update(created.client.client_id, PUBLIC)


def test_unknown_assertion_audience_is_refused(rooms: Rooms) -> None:
    """The rule is one of two."""
    assert rooms.administration.create(WEB, overrides=Overrides(assertion_audience="legacy"))
    with pytest.raises(InvalidClientMetadata):
        rooms.administration.create(WEB, overrides=Overrides(assertion_audience="any"))


def test_update_replaces_the_metadata_and_raises_the_version(rooms: Rooms) -> None:
    """What is omitted is gone, our rules stay, the secret stays."""
    created = rooms.administration.create(
        {**WEB, "logo_uri": "https://portal.example.cn/logo"}, overrides=Overrides(require_consent=False)
    )
    rooms.clock.advance(10)
    changed = rooms.administration.update(
        created.client.client_id, {**WEB, "client_name": "New"}, origin=Origin(actor_person="admin-1")
    )
    assert changed.client.version == 2
    assert changed.client.client_name == "New"
    assert "logo_uri" not in changed.client.metadata
    assert changed.client.require_consent is False
    assert changed.client_secret is None
    assert changed.client.secrets == created.client.secrets
    assert audited(rooms)[-1] == (Event.CLIENT_UPDATED, "metadata", "admin-1")


def test_update_of_another_version_is_refused(rooms: Rooms) -> None:
    """Two administrators do not overwrite each other unseen."""
    client_id = rooms.administration.create(WEB).client.client_id
    rooms.administration.update(client_id, WEB, expected_version=1)
    with pytest.raises(ClientChangeRefused) as refused:
        rooms.administration.update(client_id, WEB, expected_version=1)
    assert refused.value.reason is ChangeRefusal.VERSION_CONFLICT


def test_refused_update_changes_nothing(rooms: Rooms) -> None:
    """Neither version nor audit moves when the metadata is refused."""
    client_id = rooms.administration.create(WEB).client.client_id
    before, rows = rooms.registry.find(client_id), audited(rooms)
    with pytest.raises(InvalidClientMetadata):
        rooms.administration.update(client_id, {**WEB, "scope": "root"})
    assert rooms.registry.find(client_id) == before
    assert audited(rooms) == rows


def test_sector_changes_only_when_allowed(rooms: Rooms) -> None:
    """Another sector is another `sub` for every person, or that of somebody else's client."""
    client_id = rooms.administration.create(WEB).client.client_id
    moved = {**WEB, "redirect_uris": ["https://other.example.cn/cb"]}
    public = {**WEB, "subject_type": "public"}
    for document in (moved, public):
        with pytest.raises(InvalidClientMetadata):
            rooms.administration.update(client_id, document)
    changed = rooms.administration.update(client_id, moved, allow_new_sector=True)
    assert changed.client.sector == "other.example.cn"
    changed = rooms.administration.update(client_id, public, allow_new_sector=True)
    assert changed.client.sector == PUBLIC_SECTOR


def test_client_on_loopback_has_a_sector_of_its_own(rooms: Rooms) -> None:
    """Two apps on 127.0.0.1 do not share subjects."""
    native = {"redirect_uris": ["http://127.0.0.1/cb"], "application_type": "native"}
    sectors = {rooms.administration.create(native).client.sector for _ in range(2)}
    assert len(sectors) == 2


@pytest.mark.parametrize(
    ("before", "after", "new_secret", "live"),
    [
        ("none", "client_secret_basic", True, 1),
        ("client_secret_basic", "client_secret_post", False, 1),
        ("client_secret_basic", "client_secret_jwt", True, 1),
        ("client_secret_jwt", "client_secret_basic", False, 1),
        ("client_secret_basic", "none", False, 0),
    ],
)
def test_secrets_follow_the_method(rooms: Rooms, before: str, after: str, new_secret: bool, live: int) -> None:
    """A method gets the secret it needs and keeps no other, and a ciphertext only where it must."""
    client_id = rooms.administration.create({**WEB, "token_endpoint_auth_method": before}).client.client_id
    changed = rooms.administration.update(client_id, {**WEB, "token_endpoint_auth_method": after})
    assert (changed.client_secret is not None) is new_secret
    assert len(changed.client.secrets) == live
    has_ciphertext = [secret.ciphertext is not None for secret in changed.client.secrets]
    assert has_ciphertext == [after == AuthMethod.CLIENT_SECRET_JWT] * live


def test_new_jwks_uri_forgets_the_fetched_keys(rooms: Rooms) -> None:
    """Keys of the old address must not authenticate any longer."""
    document = {**WEB, "token_endpoint_auth_method": "private_key_jwt"}
    old, new = "https://portal.example.cn/old", "https://portal.example.cn/new"
    client_id = rooms.administration.create({**document, "jwks_uri": old}).client.client_id
    with rooms.database.transaction() as session:
        session.add(ClientKey(client_id=client_id, kid="k", public_jwk={}, fetched_at=START))
    rooms.administration.update(client_id, {**document, "jwks_uri": old})
    with rooms.database.read() as session:
        assert session.scalars(sa.select(ClientKey.kid)).all() == ["k"]
    rooms.administration.update(client_id, {**document, "jwks_uri": new})
    with rooms.database.read() as session:
        assert session.scalars(sa.select(ClientKey.kid)).all() == []


def test_disabled_client_can_be_enabled_but_not_a_deleted_one(rooms: Rooms) -> None:
    """Deleting is for good; the row stays for consents and audit."""
    client_id = rooms.administration.create(WEB).client.client_id
    assert rooms.administration.disable(client_id).state is ClientState.DISABLED
    assert rooms.administration.enable(client_id).state is ClientState.ACTIVE
    rooms.administration.delete(client_id)
    assert rooms.registry.find(client_id) is None
    with pytest.raises(ClientChangeRefused):
        rooms.administration.enable(client_id)
    with rooms.database.read() as session:
        assert session.scalar(sa.select(ClientRow.state)) == ClientState.DELETED
        assert session.scalar(sa.select(ClientSecret.revoked_at)) is not None
    assert [event for event, _, _ in audited(rooms)][-1] == Event.CLIENT_DELETED


@pytest.mark.parametrize("client_id", ["nobody", "no\x00body", ""])
def test_every_change_of_an_unknown_client_is_refused(rooms: Rooms, client_id: str) -> None:
    """Whatever is asked for, there is nothing to change."""
    administration = rooms.administration
    changes: list[Callable[[], Any]] = [
        lambda: administration.update(client_id, WEB),
        lambda: administration.disable(client_id),
        lambda: administration.enable(client_id),
        lambda: administration.delete(client_id),
        lambda: administration.rotate_secret(client_id),
        lambda: administration.withdraw_secret(client_id, "x"),
    ]
    for change in changes:
        with pytest.raises(ClientChangeRefused) as refused:
            change()
        assert refused.value.reason is ChangeRefusal.UNKNOWN_CLIENT


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, b"[]"),
        (200, b"{}"),
        (200, b"[5]"),
        (200, b"\xff"),
        (200, b"[" * 100_000),
        (200, b'["https://portal.example.cn/other"]'),
    ],
)
def test_useless_sector_document_refuses_the_client(rooms: Rooms, status: int, body: bytes) -> None:
    """The document must be there, be a JSON array and list the redirect URIs (OIDC Registration §5)."""
    uri = "https://sector.example.cn/list"
    document = {**WEB, "sector_identifier_uri": uri}
    with pytest.raises(InvalidClientMetadata):
        rooms.administration.create(document)  # nothing answers
    rooms.fetcher.pages[uri] = (status, body)
    with pytest.raises(InvalidClientMetadata):
        rooms.administration.create(document)
    rooms.fetcher.pages[uri] = (200, b'["https://portal.example.cn/callback"]')
    assert rooms.administration.create(document).client.sector == "sector.example.cn"
