"""The commands for files of older systems: the whole way of one, and what is refused in words."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from connectors.legacy.rows import RowFault
from idp.cli import legacy, legacy_batches
from idp.cli.legacy import SYSTEM_TEXTS
from idp.cli.legacy_batches import BATCH_TEXTS
from idp.cli.main import cli
from idp.house.build import House
from idp.linking.batches import BatchProblem
from idp.linking.system_changes import SystemProblem
from tests.support.audit_scenarios.legacy import Staff
from tests.support.audit_scenarios.stage import Stage
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.legacy_imports import csv_of, row

pytestmark = pytest.mark.parametrize("house", ["embedded"], indirect=True)


@pytest.fixture
def staff(
    house: House,
    app: Flask,
    clock: FrozenClock,
    register_person: Callable[..., TestPerson],
    monkeypatch: pytest.MonkeyPatch,
) -> Staff:
    for module in (legacy, legacy_batches):
        monkeypatch.setattr(module, "house_or_exit", lambda: house)
    return Staff(Stage(house, app, clock, register_person))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["legacy", *arguments])


def test_every_refusal_has_its_words(house: House) -> None:
    """No reason is left without a text."""
    assert set(BATCH_TEXTS) == set(BatchProblem)
    assert set(SYSTEM_TEXTS) == set(SystemProblem)


def test_a_file_goes_its_whole_way(staff: Staff) -> None:
    """Brought, read, shown masked, approved by another person, carried out; nobody approves their own."""
    number = staff.reviewed()
    shown = run("dry-run", number, "--samples", "1").output
    assert "added" in shown and "张小明" not in shown and "张*明" in shown
    own = run("approve", number, "--as", staff.admin)
    assert own.exit_code == 1 and "second person" in own.output
    assert run("approve", number, "--as", staff.reviewer).exit_code == 0
    assert run("work").exit_code == 0
    assert "done" in run("status", number).output
    assert "applied" in run("report", number).output


def test_only_who_has_the_role_acts(staff: Staff) -> None:
    """A reviewer brings no file, a stranger does nothing, and nobody acts without a name."""
    staff.add()
    staff.map()
    bring = ("upload", staff.code, str(staff.file), "--as")
    assert "no role" in run(*bring, staff.reviewer).output
    assert "nobody has this login name" in run(*bring, "stranger").output
    assert run(*bring[:-1]).exit_code == 2
    assert run(*bring, staff.admin).exit_code == 0
    again = run(*bring, staff.admin)
    assert again.exit_code == 1 and "batch 1" in again.output


def test_rows_at_fault_are_listed_by_reason(staff: Staff) -> None:
    """The list names rows and reasons, and nothing that they hold."""
    names = ("GRBH", "XM", "SFZH", "SJHM", "MM", "ZT")
    good = csv_of((row(at) for at in range(40)), names)
    staff.file.write_bytes(good + "A9,李小红\r\n".encode())
    number = staff.reviewed()
    listed = staff.file.with_name("faults.csv")
    assert run("dry-run", number, "--errors", str(listed)).exit_code == 0
    lines = listed.read_text(encoding="utf-8-sig").splitlines()
    assert lines == ["row,reason", f"41,{RowFault.TOO_FEW_CELLS}"]
