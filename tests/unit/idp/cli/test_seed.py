"""Seed files: resource servers, clients with their rules, and where secrets may stand."""

from typing import Any

import pytest

from clients.secrets import check_supplied_secret, is_secret_of
from idp.cli.seed import seed_house
from idp.core.errors import ConfigError
from idp.core.oauth_errors import InvalidClientMetadata
from idp.house.build import House
from idp.persons.roles import is_staff

API = {"audience": "urn:example:api", "scopes": ["x:read"], "token_format": "opaque"}
MACHINE: dict[str, Any] = {
    "client_id": "machine",
    "client_name": "Machine",
    "grant_types": ["client_credentials"],
    "scope": "x:read",
    "allowed_resources": ["urn:example:api"],
}


CASE_FILES = {
    "client_id": "case-files",
    "client_name": "Case files",
    "redirect_uris": ["https://case.example.gov.cn/cb"],
    "for_staff": True,
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


CLERK: dict[str, Any] = {
    "login_name": "made-up-clerk",
    "name": "王芳",
    "password": "demo-lotus-bridge-63",
    "totp_secret": "DEMOCLERKONLYNEVERFORREALPEOPLE2",
    "roles": [{"role": "clerk", "department": "hall-1"}],
}
HALL = {"departments": [{"code": "hall-1", "name": "大厅"}, {"code": "window-1", "name": "窗口", "parent": "hall-1"}]}


def test_a_department_and_a_clerk(house: House) -> None:
    """Both are written once, the clerk with role and app, ready for a staff login."""
    document = {**HALL, "people": [CLERK], "clients": [{**CASE_FILES}]}
    assert seed_house(house, document) == [
        "department hall-1 created",
        "department window-1 created",
        "client case-files created",
        "person made-up-clerk created",
    ]
    again = seed_house(house, document)
    assert again == [f"{each} up to date" for each in ("department hall-1", "department window-1", "client case-files")]
    client = house.protocol.clients.find("case-files")
    assert client is not None and client.for_staff
    with house.ground.database.read() as session:
        found = house.people.directory.find_by_login(session, "made-up-clerk")
        assert found is not None and is_staff(session, found.person_id)
        assert house.people.totp.is_enrolled(session, found.person_id)


@pytest.mark.parametrize(
    "person",
    [
        {"totp_secret": "not base32!"},
        {"roles": [{"role": "king", "department": "hall-1"}]},
        {"roles": [{"role": "clerk", "department": "nowhere"}]},
    ],
)
def test_a_clerk_that_cannot_be_made_is_not_made(house: House, person: dict[str, Any]) -> None:
    """A wrong secret, role or department leaves nobody behind."""
    with pytest.raises(ConfigError, match="people: "):
        seed_house(house, {**HALL, "people": [{**CLERK, **person}]})
    with house.ground.database.read() as session:
        assert house.people.directory.find_by_login(session, "made-up-clerk") is None


def test_a_department_below_nothing(house: House) -> None:
    """Parents come first, and a code that is none is refused."""
    for department in ({"code": "a", "name": "x", "parent": "nowhere"}, {"code": "a b", "name": "x"}):
        with pytest.raises(ConfigError, match="departments: "):
            seed_house(house, {"departments": [department]})


@pytest.mark.parametrize("secret", ["short", "a" * 40])
def test_weak_secrets(secret: str) -> None:
    """A guessable secret needs the express permission; what is no secret at all is refused even so."""
    with pytest.raises(InvalidClientMetadata):
        check_supplied_secret(secret)
    assert check_supplied_secret(secret, allow_weak=True) == secret
    for unfit in ("", "with blank", "new\nline", "é"):
        with pytest.raises(InvalidClientMetadata):
            check_supplied_secret(unfit, allow_weak=True)


def test_approved_claims_of_a_client(house: House) -> None:
    """The file approves, by claim or scope with a purpose; what it does not list any more is taken back."""
    client = {**CASE_FILES, "approved_claims": {"identity": "核对办事人身份", "age_over_18": "核对是否成年"}}
    assert seed_house(house, {"clients": [client]}) == ["client case-files created"]
    found = house.protocol.clients.find("case-files")
    assert found is not None and found.approved_claims == {
        "real_name": "核对办事人身份",
        "id_number_masked": "核对办事人身份",
        "age_over_18": "核对是否成年",
    }
    version = found.version
    fewer = {**client, "approved_claims": {"age_over_18": "核对是否成年"}}
    assert seed_house(house, {"clients": [fewer]}) == ["client case-files up to date"]
    found = house.protocol.clients.find("case-files")
    assert found is not None and found.approved_claims == {"age_over_18": "核对是否成年"} and found.version > version
    for wrong in ({"eye_colour": "核对眼睛颜色"}, {"gender": ""}, ["gender"]):
        with pytest.raises(ConfigError, match="clients: case-files: "):
            seed_house(house, {"clients": [{**client, "approved_claims": wrong}]})
