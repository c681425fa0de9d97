"""The key-encryption key is exchanged in one transaction, and processes with either set-up go on meanwhile."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from idp.config.settings import KeySettings, Settings
from idp.core.errors import ConfigError
from idp.crypto.errors import DecryptionFailed
from idp.crypto.keyring import Purpose
from idp.crypto.providers.file import FileKey, create_key_file, load_key_file
from idp.house.build import House, build_house
from idp.house.rotation import rotate_key_encryption_key
from idp.keys.models import KeyCheck, WrappedKey
from idp.keys.rows import RotationFailed
from idp.tokens.models import SigningKeyRow
from tests.support.houses import TestPerson
from tests.support.relying_party import FormBrowser, make_client, parameters_of
from tests.unit.idp.keys.conftest import MakeRotation


@pytest.fixture
def new_file(tmp_path: Path) -> Path:
    """A further key-encryption key."""
    create_key_file(tmp_path / "next.key")
    return tmp_path / "next.key"


def _with(house: House, **keys: Path | None) -> Settings:
    settings = house.settings
    present = settings.keys.model_dump() | {"key_file": settings.key_file} | keys
    return settings.model_copy(update={"keys": KeySettings(**present)})


def _rotate(house: House, new_file: Path) -> tuple[int, int]:
    old, new = load_key_file(house.settings.key_file), load_key_file(new_file)
    done = rotate_key_encryption_key(house.ground.database, old=old, new=new, clock=house.ground.clock)
    return done.data_keys, done.others


def test_everything_is_wrapped_under_the_new_key(house: House, new_file: Path) -> None:
    """Afterwards the new file alone opens the house, and the old one alone does not."""
    data_keys, signing_keys = _rotate(house, new_file)
    assert (data_keys, signing_keys) == (len(Purpose), 2)
    new = load_key_file(new_file)
    with house.ground.database.read() as session:
        assert set(session.scalars(sa.select(WrappedKey.kek_id))) == {new.id}
        assert set(session.scalars(sa.select(SigningKeyRow.kek_id))) == {new.id}
        assert session.scalars(sa.select(KeyCheck.check_value)).all() == [new.check_value()]
    build_house(_with(house, key_file=new_file), clock=house.ground.clock).close()
    with pytest.raises(ConfigError, match="not the one that this database was set up with"):
        build_house(_with(house), clock=house.ground.clock)


def test_processes_with_both_files_work_before_and_after(
    house: House, new_file: Path, make_rotation: MakeRotation
) -> None:
    """A process that knows both keys starts at any moment of the exchange, in whichever order they are named."""
    both = _with(house, next_key_file=new_file)
    before = build_house(both, clock=house.ground.clock)
    sealed = before.ground.keyring.derive(Purpose.SESSION_COOKIE, "x")
    _rotate(house, new_file)
    after = build_house(both, clock=house.ground.clock)
    assert after.ground.keyring.derive(Purpose.SESSION_COOKIE, "x") == sealed
    # What the process that started before the exchange adds, and what the one after it adds, opens for both.
    kids = [each.ground.signing_keys.rotate("ES256", announce_seconds=0) for each in (before, after)]
    for each in (before, after):
        assert all(each.ground.signing_keys.find(kid) for kid in kids)
        each.close()
    # The one that was wrapped under the old key in between is taken over by a second run.
    assert _rotate(house, new_file) == (0, 1)
    alone = build_house(_with(house, key_file=new_file), clock=house.ground.clock)
    assert all(alone.ground.signing_keys.find(kid) for kid in kids)
    alone.close()


def test_a_running_server_goes_on(
    house: House, app: Flask, new_file: Path, register_person: Callable[..., TestPerson]
) -> None:
    """Loaded keys do not change: logins go on in processes that only know the old file."""
    person, party, browser = register_person(), make_client(house), FormBrowser(app)
    browser.open(party.authorize_path())
    _rotate(house, new_file)
    house.ground.keyring._due = 0
    browser.log_in(person)
    assert "code" in parameters_of(browser.location)


def test_nothing_changes_where_a_key_does_not_open(house: House, new_file: Path) -> None:
    """One damaged row, and everything stays under the old key."""
    with house.ground.database.transaction() as session:
        row = session.get(WrappedKey, (Purpose.DATA, 1))
        assert row is not None
        row.wrapped = row.wrapped[:-1] + bytes([row.wrapped[-1] ^ 1])
    with pytest.raises(DecryptionFailed):
        _rotate(house, new_file)
    with house.ground.database.read() as session:
        assert set(session.scalars(sa.select(WrappedKey.kek_id))) == {load_key_file(house.settings.key_file).id}
        assert session.scalars(sa.select(KeyCheck.check_value)).one() == house.ground.kek.check_value()


def test_a_database_of_another_key_is_left_alone(house: House, new_file: Path) -> None:
    """Neither a foreign old key nor the same key twice rotates anything."""
    foreign, new, present = FileKey(material=bytes(32)), load_key_file(new_file), house.ground.kek
    with pytest.raises(ConfigError):
        rotate_key_encryption_key(house.ground.database, old=foreign, new=new, clock=house.ground.clock)
    with pytest.raises(RotationFailed, match="present one"):
        rotate_key_encryption_key(house.ground.database, old=present, new=present, clock=house.ground.clock)
