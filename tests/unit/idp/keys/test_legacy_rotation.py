"""A rotation of the index key: accounts and persons meet under the new key as they did under the old one."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from idp.crypto.keyring import Purpose
from idp.house.build import House
from idp.keys.rotation import Done
from idp.linking import reindexing
from idp.linking.accounts import Accounts
from idp.linking.link_models import MatchKey
from idp.linking.matching import IndexKeyExchanged
from idp.linking.models import LegacyAccount
from idp.linking.vocabulary import Situation
from tests.support.legacy_world import LegacyWorld, Row
from tests.support.made_up_numbers import new_number
from tests.unit.idp.keys.conftest import MakeRotation

Reload = Callable[[], None]

NAME = "张小明"


@pytest.fixture
def world(house: House) -> LegacyWorld:
    return LegacyWorld(house)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few rows have several pages."""
    monkeypatch.setattr(reindexing, "BATCH", 1)
    monkeypatch.setattr(reindexing, "_PERSONS", 1)


def rotate(purpose: Purpose, make_rotation: MakeRotation, reload: Reload) -> None:
    rotation = make_rotation(wait=reload)
    assert rotation.begin(purpose)
    assert rotation.go_on(purpose) == Done(2)
    reload()


def test_accounts_are_found_under_the_next_index_key(
    world: LegacyWorld, make_rotation: MakeRotation, reload: Reload
) -> None:
    number = new_number()
    person = world.add_person(NAME, number)
    system, rows = world.add_system(), [Row("1", number, NAME), Row("2", new_number(), NAME)]
    world.run(system, rows)
    waiting = world.stage(system, rows)
    rotate(Purpose.INDEX, make_rotation, reload)
    with world.database.read() as session:
        newest = world.keyring.active_version(Purpose.INDEX)
        assert newest > 1
        assert set(session.scalars(sa.select(LegacyAccount.key_version))) == {newest}
        assert set(session.scalars(sa.select(MatchKey.key_version))) == {newest}
    with pytest.raises(IndexKeyExchanged):  # it was staged before
        world.match(system, waiting)
    again = world.stage(system, rows)
    counts = world.match(system, again)
    assert counts.changes == {"unchanged": 2}
    assert world.situations(again) == {"1": (Situation.FOUND, person), "2": (Situation.ABSENT, None)}


def test_contents_are_sealed_under_the_next_data_key(
    world: LegacyWorld, make_rotation: MakeRotation, reload: Reload
) -> None:
    number = new_number()
    world.add_person(NAME, number)
    system = world.add_system()
    world.run(system, [Row("1", number, NAME)])
    rotate(Purpose.DATA, make_rotation, reload)
    with world.database.read() as session:
        row = session.scalars(sa.select(LegacyAccount)).one()
        assert not world.keyring.needs_rewrite(Purpose.DATA, row.content)
        assert Accounts(keyring=world.keyring).open(row).row.number == number
