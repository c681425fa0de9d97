"""The commands for devices: what they print for people and for scripts, and what they refuse."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from connectors.devices.enrolment import InvitationProblem
from idp.cli import devices
from idp.cli.devices import INVITATION_TEXTS
from idp.cli.main import cli
from idp.core.results import Ok
from idp.house.build import House
from tests.support.card_readers import department_of, enrolled_reader, unknown_reader

Run = Callable[..., Result]

pytestmark = pytest.mark.parametrize("house", ["embedded"], indirect=True)


@pytest.fixture
def run(house: House, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(devices, "house_or_exit", lambda: house)
    department_of(house)
    return lambda *arguments: CliRunner().invoke(cli, list(arguments))


def test_every_refusal_has_its_words(house: House) -> None:
    """No reason is left without a text."""
    assert set(INVITATION_TEXTS) == set(InvitationProblem)


def test_a_reader_is_invited_enrolled_listed_and_ended(house: House, run: Run) -> None:
    """The code stands alone on standard output; what to do with it beside, on standard error."""
    invited = run("device", "invite", "--department", "hall", "--office", "三号窗口", "--label", "读卡器甲")
    assert invited.exit_code == 0
    code = invited.stdout.strip()
    assert "24 hours" in invited.stderr and house.settings.issuer in invited.stderr and code not in invited.stderr
    reader = unknown_reader(house)
    enrolled = house.counter.devices.enrol(code, reader.jwk, reader.proof(code))
    assert isinstance(enrolled, Ok)
    listed = run("device", "list", "--department", "hall").stdout.splitlines()
    [cells] = [line.split("\t") for line in listed]
    assert cells[0] == enrolled.value.id
    assert cells[1:] == ["active", "hall", "三号窗口", "读卡器甲", reader.key.thumbprint(), "-"]
    assert run("device", "end", enrolled.value.id).stdout == "ended\n"
    assert run("device", "list").stdout.split("\t")[1] == "ended"
    again = run("device", "end", enrolled.value.id)
    assert again.exit_code == 1 and "no active device" in again.stderr


def test_readers_of_one_department_are_listed_alone(house: House, run: Run) -> None:
    """With --department its own, without it all."""
    enrolled_reader(house, "hall")
    enrolled_reader(house, "tax")
    assert len(run("device", "list").stdout.splitlines()) == 2
    assert len(run("device", "list", "--department", "tax").stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("invite", "--department", "nowhere", "--office", "x", "--label", "y"), "no department has this code"),
        (("invite", "--department", "hall", "--office", " ", "--label", "y"), "an office has"),
        (("invite", "--department", "hall", "--office", "x", "--label", "y\n"), "a label has"),
        (("list", "--department", "nowhere"), "no department has this code"),
        (("end", "-nobody"), "no active device has this id"),
    ],
)
def test_what_is_refused(run: Run, arguments: tuple[str, ...], text: str) -> None:
    """In words of ours, with the way out, and without a code."""
    refused = run("device", *arguments)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert text in refused.stderr
