"""The register's digests and sealed entries under the next version of their keys, at every step."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from idp.crypto.keyring import Keyring, Purpose
from idp.house.build import House
from idp.keys import rows as key_rows
from idp.keys.rotation import Done
from idp.keys.rows import RotationFailed
from realname.providers.register import reindexing
from realname.providers.register.models import RegisterEntry, RegisterIndex
from tests.support.register import MOBILE, NAME, NUMBER, OTHER_NUMBER, code_of, entry_of, number_of, put
from tests.unit.idp.keys.conftest import MakeRotation
from tests.unit.realname.documents.numbers import make_resident_number

Reload = Callable[[], None]
MATCH = "match register.match"


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let some entries have several pages."""
    monkeypatch.setattr(reindexing, "BATCH", 4)
    monkeypatch.setattr(reindexing, "_FORGET", 5)
    monkeypatch.setattr(key_rows, "BATCH", 4)


def fill(house: House) -> None:
    others = [entry_of(make_resident_number(sequence=f"{place:03d}")) for place in range(10)]
    put(house, *others, entry_of(former_names="欧阳旧名", mobiles=MOBILE))


def versions(house: House) -> dict[int, int]:
    """Return how many rows there are under each version of the index key."""
    with house.ground.database.read() as session:
        counted = sa.select(RegisterIndex.key_version, sa.func.count()).group_by(RegisterIndex.key_version)
        return {row.key_version: row[1] for row in session.execute(counted)}


def answers(house: House) -> set[str]:
    return {code_of(house), code_of(house, mobile=MOBILE), code_of(house, name="欧阳旧名")}


def test_the_register_answers_before_between_and_after(
    house: House, make_rotation: MakeRotation, reload: Reload
) -> None:
    """Under the old version, under both and under the new one alone; then the old rows are gone."""
    fill(house)
    seen: list[tuple[dict[int, int], set[str]]] = []

    def wait() -> None:
        reload()
        seen.append((versions(house), answers(house)))

    rotation = make_rotation(wait=wait)
    rotation.begin(Purpose.INDEX)
    assert rotation.go_on(Purpose.INDEX) == Done(2)
    reload()
    assert [counts for counts, _ in seen] == [{1: 11}, {1: 11, 2: 11}, {1: 11, 2: 11}]
    assert [found for _, found in seen] == [{MATCH}] * 3
    assert (versions(house), answers(house)) == ({2: 11}, {MATCH})
    assert code_of(house, name="李四") == "mismatch register.other_name"


def test_what_is_written_during_a_rotation(house: House, make_rotation: MakeRotation, reload: Reload) -> None:
    """New and changed entries are written under both versions, and answer alike before and after."""
    fill(house)
    names: list[str] = []

    def wait() -> None:
        reload()
        names.append(f"欧阳{'甲乙丙'[len(names)]}")
        put(house, entry_of(name=names[-1]), entry_of(OTHER_NUMBER, names[-1]))
        assert code_of(house, name=names[-1]) == code_of(house, OTHER_NUMBER, names[-1]) == MATCH

    rotation = make_rotation(wait=wait)
    rotation.begin(Purpose.INDEX)
    rotation.go_on(Purpose.INDEX)
    reload()
    assert code_of(house, name=names[-1]) == code_of(house, OTHER_NUMBER, names[-1]) == MATCH
    assert code_of(house, name=names[0]) == "mismatch register.other_name"
    assert versions(house) == {2: 12}


def test_a_process_that_does_not_know_the_new_version_leaves_nothing_stale(
    house: House, make_rotation: MakeRotation, reload: Reload, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever changes an entry with the old keys alone makes the rotation come back for it."""
    fill(house)
    waits = 0

    def wait() -> None:
        nonlocal waits
        waits += 1
        reload()
        if waits == 2:  # both versions are written, and the new one is active
            with monkeypatch.context() as patch:
                macs = Keyring.macs
                patch.setattr(Keyring, "active_version", lambda self, purpose: 1)
                patch.setattr(Keyring, "macs", lambda self, purpose, data: {1: macs(self, purpose, data)[1]})
                assert put(house, entry_of(name="欧阳新名")) == ["changed"]

    rotation = make_rotation(wait=wait)
    rotation.begin(Purpose.INDEX)
    rotation.go_on(Purpose.INDEX)
    reload()
    assert code_of(house, name="欧阳新名") == MATCH
    assert code_of(house) == "mismatch register.other_name"
    assert versions(house) == {2: 11}


def test_entries_are_sealed_anew(house: House, make_rotation: MakeRotation, reload: Reload) -> None:
    """Under the next data key every entry still opens, and none is left under the old one."""
    fill(house)
    rotation = make_rotation(wait=reload)
    rotation.begin(Purpose.DATA)
    assert rotation.go_on(Purpose.DATA) == Done(2)
    reload()
    with house.ground.database.read() as session:
        assert all(b"data.2" in content for content in session.scalars(sa.select(RegisterEntry.content)))
    standing = house.register.verifier.standing(number_of(NUMBER))
    assert standing is not None and standing.name == NAME


def test_a_damaged_entry_stops_the_rotation_and_is_named(
    house: House, make_rotation: MakeRotation, reload: Reload
) -> None:
    """By its row, not by its content; and an entry moved to another row does not open."""
    fill(house)
    with house.ground.database.transaction() as session:
        first, second = session.scalars(sa.select(RegisterEntry).order_by(RegisterEntry.id).limit(2))
        first.content = second.content
        named = first.id
    rotation = make_rotation(wait=reload)
    rotation.begin(Purpose.INDEX)
    with pytest.raises(RotationFailed, match=f"register_entries {named} does not open"):
        rotation.go_on(Purpose.INDEX)


def test_a_held_entry_is_passed_over(house: House, make_rotation: MakeRotation, reload: Reload) -> None:
    """PostgreSQL: an entry that an import holds is not waited for, and is met at the next look."""
    database = house.ground.database
    if database.is_sqlite:
        return  # one writer
    fill(house)
    rows = reindexing.RegisterRows(database=database)
    rotation = make_rotation(wait=reload)
    rotation.begin(Purpose.INDEX)
    reload()
    exchange: Any = key_rows.Exchange(Purpose.INDEX, 1, 2, b"")
    with database.transaction() as session:
        session.execute(sa.select(RegisterEntry.id).where(RegisterEntry.id == 2).with_for_update())
        assert sum(rows.convert(exchange, house.ground.keyring)) == 10
    assert rows.count_left(exchange) == 1
    assert sum(rows.convert(exchange, house.ground.keyring)) == 1 and rows.count_left(exchange) == 0
