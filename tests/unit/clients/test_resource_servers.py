"""Resource servers, and which of them a client may ask for (RFC 8707)."""

from dataclasses import replace
from typing import Any

import pytest

from clients.client import Client
from clients.overrides import Overrides
from clients.resources import ResourceServer, Target
from idp.core.errors import ConfigError
from idp.core.oauth_errors import InvalidTarget
from tests.unit.clients.rooms import WEB, Rooms

HOUSING = ResourceServer(
    audience="https://housing.example.cn/api", name="Housing fund", scopes=frozenset({"housing.read"})
)
TAX = ResourceServer(audience="urn:example:tax", name="Tax", scopes=frozenset({"tax.read"}), token_format="opaque")


@pytest.fixture
def client(rooms: Rooms) -> Client:
    """A client that may ask for both, of which the second is out of service."""
    rooms.resources.create(HOUSING)
    rooms.resources.create(replace(TAX, is_active=False))
    allowed = (HOUSING.audience, TAX.audience, "https://gone.example.cn/")
    return rooms.administration.create(WEB, overrides=Overrides(allowed_resources=allowed)).client


def test_resource_server_comes_back_as_created(rooms: Rooms) -> None:
    """What was not said about its sector is filled in: its own."""
    created = rooms.resources.create(HOUSING)
    assert created == replace(HOUSING, sector=HOUSING.audience)
    assert rooms.resources.find(HOUSING.audience) == created
    assert rooms.resources.find("https://unknown.example.cn/") is None
    assert rooms.resources.find("a\x00b") is None


def test_resource_server_can_be_changed(rooms: Rooms) -> None:
    """All but its audience and its sector, which every `sub` there hangs on."""
    created = rooms.resources.create(HOUSING)
    changed = replace(created, name="New", introspection_clients=("portal",), access_token_seconds=60)
    assert rooms.resources.update(changed) == changed
    assert rooms.resources.find(HOUSING.audience) == changed
    with pytest.raises(ConfigError):
        rooms.resources.update(replace(changed, sector="elsewhere"))
    with pytest.raises(ConfigError):
        rooms.resources.update(TAX)


@pytest.mark.parametrize(
    "changes",
    [
        {"audience": "housing"},
        {"audience": "https://housing.example.cn/#x"},
        {"token_format": "saml"},
        {"algorithm": "none"},
        {"access_token_seconds": 0},
        {"access_token_seconds": 301},
        {"department_id": "nowhere"},
    ],
)
def test_unfit_settings_are_refused(rooms: Rooms, changes: dict[str, Any]) -> None:
    """A resource server that could not be served is not kept."""
    with pytest.raises(ConfigError):
        rooms.resources.create(replace(HOUSING, **changes))
    assert rooms.resources.find(HOUSING.audience) is None


def test_audience_is_unique(rooms: Rooms) -> None:
    """Two APIs do not share one audience."""
    rooms.resources.create(HOUSING)
    with pytest.raises(ConfigError):
        rooms.resources.create(replace(HOUSING, name="Other"))


def test_allowed_resource_is_resolved(rooms: Rooms, client: Client) -> None:
    """With its share of the scope; named twice it counts once."""
    scope = {"openid", "housing.read", "tax.read"}
    resolved = rooms.resources.resolve(client, (HOUSING.audience, HOUSING.audience), scope)
    assert resolved == (Target(replace(HOUSING, sector=HOUSING.audience), frozenset({"housing.read"})),)


def test_resource_follows_from_the_scope_where_none_is_named(rooms: Rooms, client: Client) -> None:
    """The client's own resources whose scopes are asked for; none where no scope is theirs."""
    assert [t.server.name for t in rooms.resources.resolve(client, (), {"housing.read", "tax.read"})] == [
        "Housing fund"
    ]
    assert rooms.resources.resolve(client, (), {"openid"}) == ()


@pytest.mark.parametrize(
    "resource",
    [
        "",
        "housing",
        "/api",
        "https://housing.example.cn/api#x",
        "https://housing.example.cn/api/",
        "https://other.example.cn/",
        "https://gone.example.cn/",
        TAX.audience,
        "https://housing.example.cn/a\x00pi",
    ],
)
def test_other_resource_is_invalid_target(rooms: Rooms, client: Client, resource: str) -> None:
    """Malformed, unknown, not allowed or out of service (RFC 8707 §2)."""
    with pytest.raises(InvalidTarget):
        rooms.resources.resolve(client, (HOUSING.audience, resource), ())


def test_resource_of_another_client_is_invalid_target(rooms: Rooms, client: Client) -> None:
    """Known is not allowed."""
    other = rooms.administration.create(WEB).client
    assert rooms.resources.resolve(client, (HOUSING.audience,), ())
    with pytest.raises(InvalidTarget):
        rooms.resources.resolve(other, (HOUSING.audience,), ())


def test_too_many_resources_are_refused(rooms: Rooms, client: Client) -> None:
    """A request cannot make us look up a flood."""
    with pytest.raises(InvalidTarget):
        rooms.resources.resolve(client, (HOUSING.audience,) * 21, ())
