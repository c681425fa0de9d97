"""The commands for the audit log, as an operator runs them."""

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from idp.audit.canonical import ROW
from idp.cli import audit as commands
from idp.core.clock import Clock
from idp.house import build
from idp.house.build import House
from tests.support.frozen_clock import FrozenClock
from tests.unit.idp.audit.conftest import AuditLog


@pytest.fixture
def run(house: House, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command on the test's house, at the test's time."""
    monkeypatch.setattr(commands, "settings_or_exit", lambda: house.settings)
    monkeypatch.setattr(commands, "Clock", lambda: clock)

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(commands.audit, list(arguments))

    return invoke


def test_verify_tells_what_it_checked_and_ends_with_zero(sealed: AuditLog, run: Any) -> None:
    """An untouched log: counts, speed, unsealed age, no finding."""
    sealed.write(1)
    sealed.clock.advance(seconds=30)
    result = run("verify")
    assert result.exit_code == 0, result.output
    assert "checked: 12 rows under 3 seals" in result.output
    assert "unsealed: 1 rows, the oldest 30 seconds old" in result.output
    assert "findings: 0" in result.output


def test_verify_ends_with_one_where_something_was_found(sealed: AuditLog, run: Any) -> None:
    """Tampering is named with its place, and the exit code tells scripts."""
    sealed.tamper(sa.update(ROW).where(ROW.c.id == sealed.ids(2)[0]).values(outcome="refused"))
    result = run("verify")
    assert result.exit_code == 1
    assert "FINDING rows_changed at seal 2" in result.output


def test_a_copy_of_the_heads_shows_what_both_lost(sealed: AuditLog, run: Any, tmp_path: Path) -> None:
    """Table and heads file cut together agree with each other, but not with a copy kept elsewhere."""
    copy = tmp_path / "copy.log"
    copy.write_bytes(sealed.heads.path.read_bytes())
    sealed.tamper("DELETE FROM audit_events WHERE seal_position = 3")
    sealed.tamper("DELETE FROM audit_seals WHERE position = 3")
    sealed.heads.path.write_text("".join(sealed.heads.path.read_text().splitlines(keepends=True)[:2]))
    assert run("verify").exit_code == 0
    result = run("verify", "--heads", str(copy))
    assert result.exit_code == 1 and "tail_cut at seal 3" in result.output


def test_seal_seals(log: AuditLog, run: Any) -> None:
    """What the worker does by itself can be asked for."""
    log.write(3)
    log.settle()
    assert run("seal").output.strip().endswith("sealed: 3 rows")


def test_resume_and_drop_month_refuse_without_need(sealed: AuditLog, run: Any) -> None:
    """Neither does anything where there is nothing to do; the reason is one line."""
    for arguments in (("resume", "--reason", "none"), ("drop-month", "2026-03")):
        result = run(*arguments)
        assert result.exit_code == 1 and result.exception is not None


def test_no_web_worker_loads_the_sealing_key(house: House) -> None:
    """A house, which is what a web worker builds, comes to be without the sealing key's file."""
    house.settings.seal_key_file.unlink()
    build.build_house(house.settings, clock=Clock()).close()


def test_heads_hold_no_secret(sealed: AuditLog) -> None:
    """Each line is JSON that anybody may read: roots, counts and times."""
    for line in sealed.heads.path.read_text().splitlines():
        assert set(json.loads(line)) == {
            "kind",
            "position",
            "first_event_at",
            "last_event_at",
            "event_count",
            "root",
            "previous_root",
            "key_id",
            "signature",
            "sealed_at",
        }
