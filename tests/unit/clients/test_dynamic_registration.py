"""Clients that register and manage themselves (RFC 7591, RFC 7592)."""

from typing import Any

import pytest
import sqlalchemy as sa

from clients.client import ClientState
from clients.models import ClientRow
from clients.presented import PresentedCredentials
from clients.registration import DynamicRegistration, RegistrationForbidden
from idp.core.oauth_errors import InvalidClientMetadata, InvalidRedirectUri, InvalidToken
from tests.unit.clients.rooms import ISSUER, START, TOKEN_ENDPOINT, WEB, Rooms

POST = {**WEB, "token_endpoint_auth_method": "client_secret_post"}
PUBLIC = {**WEB, "token_endpoint_auth_method": "none"}


@pytest.fixture
def registration(rooms: Rooms) -> DynamicRegistration:
    return rooms.registration()


def test_registration_answers_with_everything_the_client_needs(rooms: Rooms, registration: DynamicRegistration) -> None:
    """Credentials, defaults and where to manage it (RFC 7591 §3.2.1, RFC 7592 §3)."""
    answer = registration.register(POST)
    client_id = answer["client_id"]
    assert answer["client_secret_expires_at"] == 0
    assert answer["client_id_issued_at"] == int(START.timestamp())
    assert answer["registration_client_uri"] == f"{ISSUER}/register/{client_id}"
    assert answer["grant_types"] == ["authorization_code"]
    assert answer["id_token_signed_response_alg"] == "RS256"
    credentials = PresentedCredentials(client_id=client_id, client_secret=answer["client_secret"])
    assert rooms.authenticator().authenticate(credentials, endpoint_url=TOKEN_ENDPOINT)
    with rooms.database.read() as session:
        row = session.scalars(sa.select(ClientRow)).one()
    assert row.origin == "dynamic"
    assert answer["registration_access_token"] not in str(vars(row))


def test_rules_of_a_registered_client(rooms: Rooms) -> None:
    """PKCE is required of public ones, consent of all; the assertion audience follows the policy."""
    confidential = rooms.registration().register(WEB)
    public = rooms.registration(assertion_audience="legacy").register(PUBLIC)
    first = rooms.registry.find(confidential["client_id"])
    second = rooms.registry.find(public["client_id"])
    assert first is not None
    assert second is not None
    assert (first.require_pkce, first.require_consent, first.assertion_audience) == (False, True, "issuer")
    assert (second.require_pkce, second.require_consent, second.assertion_audience) == (True, True, "legacy")
    assert first.allowed_resources == ()
    assert not {"client_secret", "client_secret_expires_at"} & public.keys()


def test_nobody_registers_a_client_for_staff(rooms: Rooms, registration: DynamicRegistration) -> None:
    """The side of a client is the platform's to choose: a member of that name is dropped like any unknown one."""
    answer = registration.register({**WEB, "for_staff": True})
    client_id, token = answer["client_id"], answer["registration_access_token"]
    changed = registration.update(client_id, token, {**WEB, "client_id": client_id, "for_staff": True})
    client = rooms.registry.find(client_id)
    assert client is not None and not client.for_staff
    assert "for_staff" not in answer.keys() | changed.keys()


def test_unfit_metadata_is_refused(rooms: Rooms, registration: DynamicRegistration) -> None:
    """With the two errors of RFC 7591 §3.2.2, and nothing is kept."""
    with pytest.raises(InvalidRedirectUri):
        registration.register({**WEB, "redirect_uris": ["http://portal.example.cn/"]})
    with pytest.raises(InvalidClientMetadata):
        registration.register({**WEB, "scope": "root"})
    with pytest.raises(InvalidClientMetadata):
        registration.register({**WEB, "token_endpoint_auth_method": ["none"]})
    with pytest.raises(InvalidClientMetadata):
        registration.register([WEB])  # type: ignore[arg-type]
    with rooms.database.read() as session:
        assert session.scalars(sa.select(ClientRow)).all() == []


def test_client_cannot_choose_its_id_or_secret(registration: DynamicRegistration) -> None:
    """Both are ours to give."""
    answer = registration.register({**WEB, "client_id": "admin", "client_secret": "mine" * 10})
    assert answer["client_id"] != "admin"
    assert answer["client_secret"] != "mine" * 10


def test_client_reads_its_registration(registration: DynamicRegistration) -> None:
    """The same as was answered, but the secret, of which only the hash is kept."""
    answer = registration.register(POST)
    read = registration.read(answer["client_id"], answer["registration_access_token"])
    assert read == {
        name: value for name, value in answer.items() if name not in ("client_secret", "client_secret_expires_at")
    }


def test_wrong_token_opens_nothing(rooms: Rooms, registration: DynamicRegistration) -> None:
    """Not a guess, not another client's token, not for an unknown client: 401, all alike (RFC 7592 §2)."""
    mine, other = registration.register(WEB), registration.register(WEB)
    made_by_staff = rooms.administration.create(WEB).client.client_id
    for client_id, token in (
        (mine["client_id"], "guess"),
        (mine["client_id"], ""),
        (mine["client_id"], "\ud800"),
        (mine["client_id"], other["registration_access_token"]),
        ("nobody", mine["registration_access_token"]),
        ("no\x00body", mine["registration_access_token"]),
        (made_by_staff, mine["registration_access_token"]),
    ):
        for attempt in (
            lambda: registration.read(client_id, token),  # noqa: B023
            lambda: registration.update(client_id, token, {**WEB, "client_id": client_id}),  # noqa: B023
            lambda: registration.delete(client_id, token),  # noqa: B023
        ):
            with pytest.raises(InvalidToken) as refused:
                attempt()
            assert refused.value.status == 401
    assert registration.read(mine["client_id"], mine["registration_access_token"])


def test_update_replaces_everything(rooms: Rooms, registration: DynamicRegistration) -> None:
    """What is omitted falls back to its default (RFC 7592 §2.2)."""
    answer = registration.register({**POST, "logo_uri": "https://portal.example.cn/logo"})
    client_id, token = answer["client_id"], answer["registration_access_token"]
    document = {**POST, "client_id": client_id, "client_secret": answer["client_secret"], "client_name": "N"}
    updated = registration.update(client_id, token, document)
    assert updated["client_name"] == "N"
    assert "logo_uri" not in updated
    assert "client_secret" not in updated
    assert updated["registration_access_token"] == token
    client = rooms.registry.find(client_id)
    assert client is not None
    assert client.version == 2
    assert "client_secret" not in client.metadata


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": None},
        {"client_id": "other"},
        {"client_secret": "not the current one"},
        {"client_secret": 5},
        {"registration_access_token": "x"},
        {"registration_client_uri": "https://portal.example.cn/"},
        {"client_id_issued_at": 1},
        {"client_secret_expires_at": 0},
        {"scope": "root"},
        {"redirect_uris": ["https://other.example.cn/callback"]},
    ],
)
def test_unfit_update_is_refused(registration: DynamicRegistration, changes: dict[str, Any]) -> None:
    """Another id or secret, members of the server's, or another sector (RFC 7592 §2.2)."""
    answer = registration.register(POST)
    client_id, token = answer["client_id"], answer["registration_access_token"]
    with pytest.raises(InvalidClientMetadata):
        registration.update(client_id, token, {**POST, "client_id": client_id, **changes})
    assert registration.read(client_id, token)["client_name"] == "Portal"


def test_client_that_becomes_public_must_use_pkce(rooms: Rooms, registration: DynamicRegistration) -> None:
    """It loses its secret and gains the duty; back again it gets a new secret."""
    answer = registration.register(WEB)
    client_id, token = answer["client_id"], answer["registration_access_token"]
    registration.update(client_id, token, {**PUBLIC, "client_id": client_id})
    client = rooms.registry.find(client_id)
    assert client is not None
    assert client.require_pkce
    assert client.secrets == ()
    back = registration.update(client_id, token, {**WEB, "client_id": client_id})
    assert back["client_secret"] != answer["client_secret"]
    assert back["client_secret_expires_at"] == 0


def test_deleted_client_is_gone(rooms: Rooms, registration: DynamicRegistration) -> None:
    """Neither it nor its token works any more (RFC 7592 §2.3)."""
    answer = registration.register(POST)
    client_id, token = answer["client_id"], answer["registration_access_token"]
    registration.delete(client_id, token)
    assert rooms.registry.find(client_id) is None
    with pytest.raises(InvalidToken):
        registration.read(client_id, token)
    with rooms.database.read() as session:
        assert session.scalar(sa.select(ClientRow.state)) == ClientState.DELETED


def test_closed_registration_admits_nobody(rooms: Rooms) -> None:
    """No new client and no change of one that came while it was open; it may still read and leave."""
    answer = rooms.registration().register(WEB)
    closed = rooms.registration(is_open=False)
    client_id, token = answer["client_id"], answer["registration_access_token"]
    with pytest.raises(RegistrationForbidden):
        closed.register(WEB)
    with pytest.raises(RegistrationForbidden):
        closed.update(client_id, token, {**WEB, "client_id": client_id})
    with pytest.raises(InvalidToken):
        closed.update(client_id, "guess", {**WEB, "client_id": client_id})
    assert closed.read(client_id, token)
    closed.delete(client_id, token)


def test_disabled_client_may_not_manage_itself(rooms: Rooms, registration: DynamicRegistration) -> None:
    """What an administrator stopped, its owner does not start again."""
    answer = registration.register(WEB)
    client_id, token = answer["client_id"], answer["registration_access_token"]
    rooms.administration.disable(client_id)
    for attempt in (
        lambda: registration.read(client_id, token),
        lambda: registration.update(client_id, token, {**WEB, "client_id": client_id}),
        lambda: registration.delete(client_id, token),
    ):
        with pytest.raises(RegistrationForbidden):
            attempt()
