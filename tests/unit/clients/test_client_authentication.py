"""Proving clients by their secret, and public clients by their name."""

import base64

import pytest

from clients.client import Client, ClientState
from clients.presented import PresentedCredentials
from idp.core.oauth_errors import InvalidClient, InvalidRequest
from tests.unit.clients.rooms import TOKEN_ENDPOINT, WEB, Rooms


def basic(client_id: str, secret: str) -> PresentedCredentials:
    raw = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return PresentedCredentials(authorization_header=f"Basic {raw}")


def post(client_id: str, secret: str) -> PresentedCredentials:
    return PresentedCredentials(client_id=client_id, client_secret=secret)


def create(rooms: Rooms, method: str) -> tuple[str, str]:
    created = rooms.administration.create({**WEB, "token_endpoint_auth_method": method})
    return created.client.client_id, created.client_secret or ""


def authenticate(rooms: Rooms, credentials: PresentedCredentials) -> Client:
    return rooms.authenticator().authenticate(credentials, endpoint_url=TOKEN_ENDPOINT)


def refused(rooms: Rooms, credentials: PresentedCredentials) -> InvalidClient:
    with pytest.raises(InvalidClient) as refusal:
        authenticate(rooms, credentials)
    return refusal.value


def test_registered_method_authenticates(rooms: Rooms) -> None:
    """Each client comes in by its own method (OIDC Core §9)."""
    by_basic, basic_secret = create(rooms, "client_secret_basic")
    by_post, post_secret = create(rooms, "client_secret_post")
    public, _ = create(rooms, "none")
    assert authenticate(rooms, basic(by_basic, basic_secret)).client_id == by_basic
    assert authenticate(rooms, post(by_post, post_secret)).client_id == by_post
    assert authenticate(rooms, PresentedCredentials(client_id=public)).client_id == public


def test_another_method_is_refused(rooms: Rooms) -> None:
    """The right secret by the wrong method, or no secret at all, is not enough (OIDC Core §9)."""
    by_basic, basic_secret = create(rooms, "client_secret_basic")
    by_post, post_secret = create(rooms, "client_secret_post")
    by_jwt, jwt_secret = create(rooms, "client_secret_jwt")
    public, _ = create(rooms, "none")
    for credentials in (
        post(by_basic, basic_secret),
        basic(by_post, post_secret),
        basic(by_jwt, jwt_secret),
        post(by_jwt, jwt_secret),
        PresentedCredentials(client_id=by_basic),
        PresentedCredentials(client_id=by_post),
        PresentedCredentials(client_id=by_jwt),
        basic(public, "anything"),
        basic(public, ""),
        post(public, "anything"),
    ):
        refused(rooms, credentials)


def test_unknown_client_and_wrong_secret_look_alike(rooms: Rooms) -> None:
    """Nobody learns from the answer which clients exist; the log does."""
    client_id, secret = create(rooms, "client_secret_basic")
    wrong = refused(rooms, basic(client_id, secret + "x"))
    empty = refused(rooms, basic(client_id, ""))
    unknown = refused(rooms, basic("nobody", secret))
    odd = refused(rooms, basic("no body", secret))
    assert {error.description for error in (wrong, empty, unknown, odd)} == {"Client authentication failed."}
    assert wrong.detail != unknown.detail
    assert secret not in str(wrong) + repr(wrong) + wrong.detail


@pytest.mark.parametrize("secret", ["\ud800", "密码", "x" * 3_000, "a\nb"])
def test_odd_secret_is_just_wrong(rooms: Rooms, secret: str) -> None:
    """No text makes the comparison fail in another way."""
    client_id, _ = create(rooms, "client_secret_post")
    refused(rooms, post(client_id, secret))


def test_disabled_or_pending_client_is_refused(rooms: Rooms) -> None:
    """A client that may not be used is refused at the next request, and let in when enabled."""
    client_id, secret = create(rooms, "client_secret_basic")
    rooms.administration.disable(client_id)
    refused(rooms, basic(client_id, secret))
    rooms.administration.enable(client_id)
    assert authenticate(rooms, basic(client_id, secret))
    pending = rooms.administration.create(WEB, state=ClientState.PENDING)
    refused(rooms, basic(pending.client.client_id, pending.client_secret or ""))
    rooms.administration.delete(client_id)
    refused(rooms, basic(client_id, secret))


def test_disabled_public_client_is_refused(rooms: Rooms) -> None:
    """Its name alone opens nothing then."""
    client_id, _ = create(rooms, "none")
    rooms.administration.disable(client_id)
    refused(rooms, PresentedCredentials(client_id=client_id))
    refused(rooms, PresentedCredentials(client_id="nobody"))


def test_old_secret_works_until_its_end(rooms: Rooms) -> None:
    """During an exchange both work; after it, and after a withdrawal, one does not."""
    client_id, old = create(rooms, "client_secret_basic")
    new = rooms.administration.rotate_secret(client_id, keep_old_seconds=60).client_secret or ""
    assert authenticate(rooms, basic(client_id, old))
    assert authenticate(rooms, basic(client_id, new))
    rooms.clock.advance(60)
    refused(rooms, basic(client_id, old))
    client = authenticate(rooms, basic(client_id, new))
    rooms.administration.withdraw_secret(client_id, client.secrets[0].id)
    refused(rooms, basic(client_id, new))


def test_two_methods_at_once_are_refused_even_if_right(rooms: Rooms) -> None:
    """One request, one method (RFC 6749 §2.3)."""
    client_id, secret = create(rooms, "client_secret_basic")
    header = basic(client_id, secret).authorization_header
    both = PresentedCredentials(authorization_header=header, client_id=client_id, client_secret=secret)
    with pytest.raises(InvalidRequest):
        authenticate(rooms, both)
    same = PresentedCredentials(authorization_header=header, client_id=client_id)
    assert authenticate(rooms, same).client_id == client_id
