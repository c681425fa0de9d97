"""Exchanging the sealing key: what was sealed before is verified, and the old key seals nothing any more."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from idp.audit.canonical import ROW
from idp.audit.events import Event
from idp.audit.heads import DROPPED, sign_note
from idp.audit.models import AuditSeal
from idp.audit.seal_key import SealKey, load_public_keys, load_seal_key, public_file
from idp.audit.seal_rotation import SealerAtWork, rotate_seal_key
from idp.audit.sealing import LOCK, Sealer, SealKeyRetired
from idp.audit.verification import Problem
from idp.cli import keys as commands
from idp.core.errors import ConfigError
from idp.crypto.suites import INTERNATIONAL, NATIONAL, Suite
from idp.house.audit import load_audit_key
from idp.house.build import House
from idp.storage.locks import try_lock
from tests.support.frozen_clock import FrozenClock
from tests.unit.idp.audit.conftest import AuditLog


def rotate(log: AuditLog, suite: Suite = INTERNATIONAL) -> tuple[SealKey, SealKey]:
    """Exchange the key and return the old and the new one."""
    settings = log.house.settings
    old = load_audit_key(settings)
    rotate_seal_key(
        log.house.ground.database, path=settings.seal_key_file, suite=suite, heads=log.heads, clock=log.clock
    )
    return old, load_seal_key(settings.seal_key_file, suite)


def seal_with(log: AuditLog, key: SealKey) -> None:
    log.settle()
    Sealer(
        database=log.house.ground.database, load_key=lambda: key, heads=log.heads, clock=log.clock, batch_rows=4
    ).run()


def sealers(log: AuditLog) -> list[str]:
    with log.house.ground.database.read() as session:
        return list(session.scalars(sa.select(AuditSeal.key_id).order_by(AuditSeal.position)))


def test_batches_are_verified_across_a_rotation(sealed: AuditLog) -> None:
    """A sealer that runs on takes the new key by itself; the log is whole and the exchange is a row of it."""
    sealer = sealed.sealer()
    old, new = rotate(sealed)
    sealed.write(4)
    sealed.settle()
    sealer.run()
    assert sealers(sealed) == [old.public.key_id] * 3 + [new.public.key_id] * 2
    assert sealed.problems() == set()
    with sealed.house.ground.database.read() as session:
        rows = session.execute(sa.select(ROW.c.details).where(ROW.c.event == Event.KEY_ROTATED)).scalars().all()
    facts = {"from": old.public.key_id, "to": new.public.key_id, "after": 3}
    assert rows == [{"purpose": "audit-seal", **facts}]


def test_a_rotation_can_change_the_suite_and_be_repeated(sealed: AuditLog) -> None:
    """Each seal is verified under the suite of its own key."""
    rotate(sealed, NATIONAL)
    path = sealed.house.settings.seal_key_file
    sealed.write(4)
    seal_with(sealed, load_seal_key(path, NATIONAL))
    rotate(sealed)
    sealed.write(4)
    sealed.seal()
    assert len(load_public_keys(public_file(path))) == 3
    assert sealed.problems() == set()


def test_the_old_private_part_is_gone(sealed: AuditLog) -> None:
    """The file holds the new key alone, and nothing of the old one lies beside it."""
    path = sealed.house.settings.seal_key_file
    before = path.read_text()
    rotate(sealed)
    assert path.read_text() != before and path.stat().st_mode & 0o077 == 0
    assert not [
        file for file in path.parent.iterdir() if file.is_file() and before.strip().encode() in file.read_bytes()
    ]
    assert not path.with_name(f"{path.name}.next").exists()


def test_a_stolen_old_key_seals_nothing_more(sealed: AuditLog) -> None:
    """A seal or a note of it after its time is found, though its signature is right and its key is listed."""
    old, _ = rotate(sealed)
    sealed.write(4)
    seal_with(sealed, old)  # the new one has not sealed yet, so nothing else would show it
    assert sealed.problems() == {Problem.RETIRED_KEY}
    sealed.heads.append(sign_note(old, DROPPED, {"month": "2026-03", "rows": 12, "batches": 3}))
    assert sealed.problems() == {Problem.RETIRED_KEY, Problem.HEAD_FORGED}


def test_a_host_with_the_old_key_stops(sealed: AuditLog) -> None:
    """Once the new key has sealed, a sealer with the old one says so instead of raising an alarm later."""
    old, _ = rotate(sealed)
    sealed.write(4)
    sealed.seal()
    sealed.write(4)
    with pytest.raises(SealKeyRetired):
        seal_with(sealed, old)
    sealed.seal()
    assert sealed.problems() == set()


def test_nobody_but_the_new_key_retires_another(sealed: AuditLog) -> None:
    """A note that takes a key's right away is signed by the one that follows."""
    key = load_audit_key(sealed.house.settings)
    facts = {"from": key.public.key_id, "to": "somebody else", "after": 0}
    sealed.heads.append(sign_note(key, "rotated", facts))
    assert sealed.problems() == {Problem.HEAD_FORGED}


def test_without_the_key_nothing_is_exchanged(sealed: AuditLog) -> None:
    """A web host, which has no key, gets none by this either; it still verifies by the list."""
    path = sealed.house.settings.seal_key_file
    path.unlink()
    with pytest.raises(ConfigError, match="missing"):
        rotate_seal_key(
            sealed.house.ground.database, path=path, suite=INTERNATIONAL, heads=sealed.heads, clock=sealed.clock
        )
    assert not path.exists() and len(load_public_keys(public_file(path))) == 1
    assert sealed.problems() == set()


def test_a_rotation_waits_for_a_sealer(sealed: AuditLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL: while a batch is sealed no key is exchanged; after a while the command gives up, unchanged."""
    database = sealed.house.ground.database
    if database.is_sqlite:
        return  # one writer
    monkeypatch.setattr("idp.audit.seal_rotation._PATIENCE_SECONDS", 0.0)
    before = sealed.house.settings.seal_key_file.read_text()
    with database.transaction() as session:
        assert try_lock(session, LOCK)
        with pytest.raises(SealerAtWork):
            rotate(sealed)
    assert sealed.house.settings.seal_key_file.read_text() == before


def test_a_killed_rotation_is_run_again(sealed: AuditLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before the new key took over, the next run uses the key that was announced then."""

    def killed(_draft: Path, _path: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("idp.audit.seal_rotation._take_over", killed)
        rotate(sealed)
    assert sealed.problems() == set()
    rotate(sealed)
    sealed.write(4)
    sealed.seal()
    assert len(load_public_keys(public_file(sealed.house.settings.seal_key_file))) == 2
    assert sealed.problems() == set()


@pytest.fixture
def run(house: House, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run `idp keys` on the test's house, at the test's time."""
    monkeypatch.setattr(commands, "settings_or_exit", lambda: house.settings)
    monkeypatch.setattr(commands, "Clock", lambda: clock)

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(commands.keys, list(arguments))

    return invoke


def test_the_command_exchanges_the_key(sealed: AuditLog, run: Any) -> None:
    """It tells both keys and leaves a whole log; there is nothing to resume."""
    assert run("rotate", "audit-seal", "--resume").exit_code == 2
    old = load_audit_key(sealed.house.settings)
    result = run("rotate", "audit-seal")
    new = load_audit_key(sealed.house.settings)
    assert result.exit_code == 0, result.output
    assert old.public.key_id in result.output and new.public.key_id in result.output
    sealed.write(4)
    sealed.seal()
    assert set(sealers(sealed)[3:]) == {new.public.key_id}
    assert sealed.problems() == set()
