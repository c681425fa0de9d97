"""The commands that approve clients for identity claims: what they do, say and refuse."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from idp.cli import clients
from idp.cli.main import cli
from idp.core.errors import IdpError
from idp.house.build import House
from tests.support.relying_party import make_client

Run = Callable[..., Result]

pytestmark = pytest.mark.parametrize("house", ["embedded"], indirect=True)


@pytest.fixture
def run(house: House, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(clients, "house_or_exit", lambda: house)
    client_id = make_client(house).client_id

    def call(command: str, *options: str) -> Result:
        return CliRunner().invoke(cli, ["client", command, client_id, *options])

    return call


def test_approving_showing_and_taking_back(run: Run) -> None:
    """Each command says what stands afterwards: a claim and its purpose in each line."""
    assert run("claims").output == "none\n"
    told = run("approve-claims", "--claim", "identity", "--claim", "age_over_18", "--purpose", "核对办事人身份")
    assert told.exit_code == 0
    assert told.output == ("age_over_18: 核对办事人身份\nid_number_masked: 核对办事人身份\nreal_name: 核对办事人身份\n")
    assert run("withdraw-claims", "--claim", "identity").output == "age_over_18: 核对办事人身份\n"
    assert run("claims").output == "age_over_18: 核对办事人身份\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("approve-claims", "--claim", "eye_colour", "--purpose", "核对眼睛颜色"),
        ("approve-claims", "--claim", "gender", "--purpose", " "),
        ("withdraw-claims", "--claim", "eye_colour"),
    ],
)
def test_what_is_no_claim_or_purpose_is_refused(run: Run, arguments: tuple[str, ...]) -> None:
    """With one line and no change; a purpose is no option but a must."""
    assert isinstance(run(*arguments).exception, IdpError)
    assert run("approve-claims", "--claim", "gender").exit_code == 2
    assert run("claims").output == "none\n"


def test_an_unknown_client_is_refused(house: House, run: Run) -> None:
    """Whatever the command."""
    del run  # the commands find the house
    for arguments in (
        ("claims", "nobody"),
        ("withdraw-claims", "nobody", "--claim", "gender"),
        ("approve-claims", "nobody", "--claim", "gender", "--purpose", "核对性别"),
    ):
        assert isinstance(CliRunner().invoke(cli, ["client", *arguments]).exception, IdpError)
