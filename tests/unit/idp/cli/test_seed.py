"""Seed files: resource servers, clients with their rules, and where secrets may stand."""

from typing import Any

import pytest

from clients.secrets import check_supplied_secret, is_secret_of
from idp.cli.seed import seed_house
from idp.core.errors import ConfigError
from idp.core.oauth_errors import InvalidClientMetadata
from idp.house.build import House

API = {"audience": "urn:example:api", "scopes": ["x:read"], "token_format": "opaque"}
MACHINE: dict[str, Any] = {
    "client_id": "machine",
    "client_name": "Machine",
    "grant_types": ["client_credentials"],
    "scope": "x:read",
    "allowed_resources": ["urn:example:api"],
}


def test_resource_server_and_its_scope(house: House) -> None:
    """A resource server is created, then updated; its scopes may be registered by clients from then on."""
    assert seed_house(house, {"resource_servers": [API]}) == ["resource server urn:example:api created"]
    changed = {**API, "introspection_clients": ["machine"]}
    assert seed_house(house, {"resource_servers": [changed], "clients": [MACHINE]}) == [
        "resource server urn:example:api up to date",
        "client machine created",
    ]
    server = house.protocol.resources.find("urn:example:api")
    assert server is not None
    assert (server.scopes, server.introspection_clients) == (frozenset({"x:read"}), ("machine",))
    assert house.protocol.resources.scopes() == {"x:read"}


def test_scope_of_no_resource_server(house: House) -> None:
    """A scope that nobody owns is refused with the client's id, and so is a misspelt member."""
    with pytest.raises(ConfigError, match="clients: machine: "):
        seed_house(house, {"clients": [MACHINE]})
    with pytest.raises(ConfigError, match="no such member: scope"):
        seed_house(house, {"resource_servers": [{**API, "scope": "x:read"}]})


def test_secret_in_the_file(house: House) -> None:
    """A secret in a seed file is refused, but in throw-away data, where it may be weak and works."""
    document = {"resource_servers": [API], "clients": [{**MACHINE, "client_secret": "short"}]}
    with pytest.raises(ConfigError, match="client_secret_file"):
        seed_house(house, document)
    assert house.protocol.clients.find("machine") is None
    seed_house(house, document, clear_secrets=True)
    client = house.protocol.clients.find("machine")
    assert client is not None
    assert is_secret_of(client, "short")
    assert not is_secret_of(client, "other")


@pytest.mark.parametrize("secret", ["short", "a" * 40])
def test_weak_secrets(secret: str) -> None:
    """A guessable secret needs the express permission; what is no secret at all is refused even so."""
    with pytest.raises(InvalidClientMetadata):
        check_supplied_secret(secret)
    assert check_supplied_secret(secret, allow_weak=True) == secret
    for unfit in ("", "with blank", "new\nline", "é"):
        with pytest.raises(InvalidClientMetadata):
            check_supplied_secret(unfit, allow_weak=True)
