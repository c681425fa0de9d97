"""A rotation of each kind of key, step by step, and gone on with from every step."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from clients.client import AuthMethod
from clients.models import ClientSecret
from idp.crypto.keyring import Purpose
from idp.house.build import House
from idp.house.rotation import plans
from idp.keys.models import KeyRotation, PersonKey
from idp.keys.rotation import Done, Waiting
from idp.keys.rows import Exchange, RotationFailed
from idp.outbox.models import Delivery
from idp.outbox.queue import DeliveryKind
from idp.persons.ciphers import PersonCiphers
from idp.persons.models import Contact, ContactIndex
from idp.persons.reindexing import IndexRows
from idp.persons.vocabulary import ContactKind
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.relying_party import make_client
from tests.unit.idp.keys.conftest import MakeRotation

States = Callable[[Purpose], dict[int, str]]
Reload = Callable[[], None]
Register = Callable[..., TestPerson]


class Killed(Exception):
    """Stands for a command that was killed."""


def _find(house: House, mobile: str) -> str | None:
    with house.ground.database.read() as session:
        found = house.people.directory.find_by_mobile(session, mobile)
    return found.person_id if found else None


def test_every_purpose_has_a_plan(house: House) -> None:
    """A new kind of key cannot be forgotten."""
    assert set(plans(house.settings, house.ground.database)) == set(Purpose)


def test_the_data_key_is_exchanged_in_every_column(
    house: House, make_rotation: MakeRotation, states: States, reload: Reload, register_person: Register
) -> None:
    """Persons' keys and clients' secrets are under the new version; the old one is gone; all still opens."""
    person = register_person()
    party = make_client(house, token_endpoint_auth_method=AuthMethod.CLIENT_SECRET_JWT)
    audited: list[object] = []
    rotation = make_rotation(wait=reload, audited=audited)
    assert rotation.begin(Purpose.DATA)
    assert rotation.go_on(Purpose.DATA) == Done(2)
    assert states(Purpose.DATA) == {2: "active"}
    assert [what[1:] for what in audited] == [  # type: ignore[index]
        (2, "announced"), (2, "activated"), (2, "retired"), (1, "dropped"),
    ]  # fmt: skip
    reload()
    with house.ground.database.read() as session:
        assert house.people.directory.profile(session, person.id).full_name == person.name
        secret = session.scalars(sa.select(ClientSecret).where(ClientSecret.client_id == party.client_id)).one()
        assert secret.ciphertext is not None and b"data.2" in secret.ciphertext
        assert all(b"data.2" in wrapped for wrapped in session.scalars(sa.select(PersonKey.wrapped)))


def test_blind_indexes_are_exchanged(
    house: House, make_rotation: MakeRotation, states: States, reload: Reload, register_person: Register
) -> None:
    """A person is found before, between and after, and the old version's rows are gone."""
    person, found = register_person(), []

    def wait() -> None:
        reload()
        found.append(_find(house, person.mobile))

    rotation = make_rotation(wait=wait)
    rotation.begin(Purpose.INDEX)
    assert rotation.go_on(Purpose.INDEX) == Done(2)
    reload()
    assert [*found, _find(house, person.mobile)] == [person.id] * 4
    with house.ground.database.read() as session:
        assert set(session.scalars(sa.select(ContactIndex.key_version))) == {2}
    assert states(Purpose.INDEX) == {2: "active"}


def test_another_key_may_be_exchanged_meanwhile(
    house: House,
    make_rotation: MakeRotation,
    reload: Reload,
    register_person: Register,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rows that come under a newer data key while the indexes are written anew are opened by it."""
    person, meanwhile = register_person(), []
    count_left = IndexRows.count_left

    def exchange_data_key(rows: IndexRows, exchange: Exchange) -> int:
        if exchange.purpose is Purpose.INDEX and not meanwhile:
            other = make_rotation(wait=reload)
            meanwhile.append(other.begin(Purpose.DATA))
            assert other.go_on(Purpose.DATA) == Done(2)
        return count_left(rows, exchange)

    monkeypatch.setattr(IndexRows, "count_left", exchange_data_key)
    rotation = make_rotation(wait=reload)
    rotation.begin(Purpose.INDEX)
    assert rotation.go_on(Purpose.INDEX) == Done(2)
    reload()
    assert meanwhile == [True] and _find(house, person.mobile) == person.id


def test_who_comes_during_a_rotation_is_found_after_it(
    house: House, make_rotation: MakeRotation, reload: Reload, register_person: Register
) -> None:
    """Numbers that are taken, changed and given up while both versions are written stay whose they are."""
    first, comers = register_person(), []

    def wait() -> None:
        reload()
        comers.append(register_person())
        now = house.ground.clock.now()
        with house.ground.database.transaction() as session:
            house.people.contacts.end(session, first.id, ContactKind.MOBILE, at=now)

    rotation = make_rotation(wait=wait)
    rotation.begin(Purpose.INDEX)
    rotation.go_on(Purpose.INDEX)
    reload()
    assert _find(house, first.mobile) is None
    assert [_find(house, comer.mobile) for comer in comers] == [comer.id for comer in comers]


@pytest.mark.parametrize("purpose", [Purpose.DATA, Purpose.INDEX])
@pytest.mark.parametrize("waits", [0, 1, 2])
def test_a_killed_rotation_goes_on_where_it_was(
    house: House,
    make_rotation: MakeRotation,
    states: States,
    reload: Reload,
    register_person: Register,
    purpose: Purpose,
    waits: int,
) -> None:
    """Ended at any of its waits, it is over after the next run, and everybody is found in between."""
    person, left = register_person(), [waits]

    def wait() -> None:
        reload()
        assert _find(house, person.mobile) == person.id
        if left[0] == 0:
            raise Killed
        left[0] -= 1

    rotation = make_rotation(wait=wait)
    rotation.begin(purpose)
    with pytest.raises(Killed):
        rotation.go_on(purpose)
    reload()
    assert _find(house, person.mobile) == person.id
    again = make_rotation(wait=reload)
    assert not again.begin(purpose), "one rotation of a key at a time"
    assert again.go_on(purpose) == Done(2)
    assert again.go_on(purpose) == Done(2), "a further run has nothing to do"
    reload()
    assert _find(house, person.mobile) == person.id and states(purpose) == {2: "active"}


def test_a_row_written_under_the_old_version_at_the_last_moment_is_kept(
    house: House, make_rotation: MakeRotation, reload: Reload, register_person: Register
) -> None:
    """The old key is dropped only when nothing needs it: a latecomer takes the rotation back a step."""
    person, waits = register_person(), 0
    with house.ground.database.read() as session:
        late = session.scalars(sa.select(PersonKey.wrapped).where(PersonKey.person_id == person.id)).one()

    def wait() -> None:
        nonlocal waits
        waits += 1
        reload()
        if waits == 3:  # nobody loads the old version any more, and yet somebody writes
            with house.ground.database.transaction() as session:
                session.execute(sa.update(PersonKey).values(wrapped=late))

    rotation = make_rotation(wait=wait)
    rotation.begin(Purpose.DATA)
    assert rotation.go_on(Purpose.DATA) == Done(2)
    assert waits == 5
    reload()
    with house.ground.database.read() as session:
        assert house.people.directory.profile(session, person.id).full_name == person.name


def test_an_erased_person_stays_erased(
    house: House, make_rotation: MakeRotation, reload: Reload, register_person: Register
) -> None:
    """Neither rotation needs what nobody can read, and neither brings it back."""
    person = register_person()
    with house.ground.database.transaction() as session:
        PersonCiphers(keyring=house.ground.keyring, clock=house.ground.clock).erase(session, person.id)
    for purpose in (Purpose.INDEX, Purpose.DATA):
        rotation = make_rotation(wait=reload)
        rotation.begin(purpose)
        assert rotation.go_on(purpose) == Done(2)
    with house.ground.database.read() as session:
        assert session.scalar(sa.select(PersonKey.wrapped).where(PersonKey.person_id == person.id)) == b""
        assert session.scalar(sa.select(sa.func.count()).select_from(ContactIndex)) == 0


def test_a_damaged_row_stops_the_rotation_and_is_named(
    house: House, make_rotation: MakeRotation, states: States, register_person: Register
) -> None:
    """Nothing is dropped while a row does not open; the row is named, its content is not."""
    person = register_person()
    with house.ground.database.transaction() as session:
        contact = session.scalars(sa.select(Contact).where(Contact.person_id == person.id)).first()
        assert contact is not None
        contact.ciphertext = contact.ciphertext[:-1] + bytes([contact.ciphertext[-1] ^ 1])
        damaged = contact.id
    rotation = make_rotation()
    rotation.begin(Purpose.INDEX)
    with pytest.raises(RotationFailed, match=f"contacts {damaged} does not open") as failed:
        rotation.go_on(Purpose.INDEX)
    assert person.mobile not in str(failed.value)
    assert states(Purpose.INDEX) == {1: "active", 2: "read"}


@pytest.mark.parametrize("purpose", [Purpose.MESSAGE, Purpose.CODE, Purpose.ROTATION, Purpose.SESSION_COOKIE])
def test_what_cannot_be_rewritten_expires_first(
    house: House,
    make_rotation: MakeRotation,
    states: States,
    reload: Reload,
    clock: FrozenClock,
    purpose: Purpose,
) -> None:
    """The new version is used at once; the old one is read until everything that it made is over."""
    rotation = make_rotation(wait=reload)
    rotation.begin(purpose)
    waiting = rotation.go_on(purpose)
    assert isinstance(waiting, Waiting)
    assert states(purpose) == {1: "read", 2: "active"}
    assert rotation.go_on(purpose) == waiting
    clock.instant = waiting.until
    assert rotation.go_on(purpose) == Done(2)
    assert states(purpose) == {2: "active"}


def test_deliveries_are_rewritten(house: House, make_rotation: MakeRotation, reload: Reload) -> None:
    """A delivery that waits for weeks does not keep the old key alive."""
    with house.ground.database.transaction() as session:
        house.protocol.queue.enqueue(session, DeliveryKind.MESSAGE, {"to": "x"}, max_attempts=1)
    rotation = make_rotation(wait=reload)
    rotation.begin(Purpose.MESSAGE)
    rotation.go_on(Purpose.MESSAGE)
    reload()
    with house.ground.database.read() as session:
        assert b"message.2" in session.scalars(sa.select(Delivery.payload)).one()
    assert house.protocol.queue.claim()[0].payload == {"to": "x"}


@pytest.mark.parametrize("purpose", [Purpose.DIGEST, Purpose.AUDIT, Purpose.SUBJECT])
def test_digests_are_verified_under_the_old_version_until_it_is_withdrawn(
    house: House, make_rotation: MakeRotation, states: States, reload: Reload, purpose: Purpose
) -> None:
    """What a digest was made of is not stored, so the old version stays until somebody says otherwise."""
    mac = house.ground.keyring.mac(purpose, b"x")
    rotation = make_rotation(wait=reload)
    rotation.begin(purpose)
    assert rotation.go_on(purpose) == Done(2)
    assert states(purpose) == {1: "read", 2: "active"}
    reload()
    assert house.ground.keyring.is_valid_mac(purpose, b"x", mac)
    with pytest.raises(RotationFailed):
        rotation.withdraw(purpose, 2)
    rotation.withdraw(purpose, 1)
    reload()
    assert not house.ground.keyring.is_valid_mac(purpose, b"x", mac)
    assert states(purpose) == {2: "active"}


def test_no_rotation_is_left_behind(house: House, make_rotation: MakeRotation) -> None:
    """The record of a rotation goes with its end, and `go_on` without one does nothing."""
    rotation = make_rotation()
    assert rotation.go_on(Purpose.DATA) == Done(1)
    rotation.begin(Purpose.DATA)
    rotation.go_on(Purpose.DATA)
    with house.ground.database.read() as session:
        assert session.scalars(sa.select(KeyRotation)).all() == []
