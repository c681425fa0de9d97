"""The commands that say which clients guardians may use for their children."""

import pytest
from click.testing import CliRunner, Result

from idp.cli import clients
from idp.cli.main import cli
from idp.cli.seed import seed_house
from idp.core.errors import ConfigError, IdpError
from idp.house.build import House
from tests.support.relying_party import REDIRECT_URI, make_client

pytestmark = pytest.mark.parametrize("house", ["embedded"], indirect=True)


@pytest.fixture(autouse=True)
def _commands_find_the_house(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "house_or_exit", lambda: house)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["client", *arguments])


def understands(house: House, client_id: str) -> bool:
    found = house.protocol.clients.find(client_id)
    assert found is not None
    return found.acting_for


def test_allowed_and_refused(house: House) -> None:
    """By a command of their own, or from the beginning; nothing else of the client changes."""
    client_id = make_client(house).client_id
    assert not understands(house, client_id)
    assert run("allow-acting", client_id).output == f"acting allowed: {client_id}\n"
    assert understands(house, client_id)
    assert run("refuse-acting", client_id).output == f"acting refused: {client_id}\n"
    assert not understands(house, client_id)
    added = run("add", "--name", "Schools", "--redirect-uri", REDIRECT_URI, "--acting-for")
    assert understands(house, added.output.split()[1])


def test_not_for_staff_nor_for_nobody(house: House) -> None:
    """A client for staff, and one that is not there, are refused."""
    staff = make_client(house, scope="openid", policy={"for_staff": True}).client_id
    for client_id in (staff, "nobody"):
        assert isinstance(run("allow-acting", client_id).exception, IdpError)
    assert run("add", "--name", "x", "--redirect-uri", REDIRECT_URI, "--for-staff", "--acting-for").exit_code != 0


def test_a_seed_file_says_it_too(house: House) -> None:
    """As one of our rules for the client; repeated, it stays."""
    schools = {"client_id": "schools", "client_name": "Schools", "redirect_uris": [REDIRECT_URI], "acting_for": True}
    for _ in range(2):
        seed_house(house, {"clients": [dict(schools)]})
        assert understands(house, "schools")
    with pytest.raises(ConfigError):
        seed_house(house, {"clients": [{**schools, "client_id": "cases", "for_staff": True}]})
