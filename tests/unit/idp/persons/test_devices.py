"""Known devices."""

import pytest

from idp.persons.devices import Devices

from .conftest import counted_statements, race

LIFE = 1000


@pytest.fixture
def devices():
    return Devices(known_seconds=LIFE)


def test_a_device_is_known_to_its_person_alone(database, devices, register, clock):
    """The secret of a device recognises it for the person who used it and for nobody else."""
    owner, other = register(), register()
    with database.transaction() as session:
        device = devices.remember(session, owner, "secret", "Chrome · Windows", at=clock.now())
        assert devices.recognise(session, owner, "secret", at=clock.now()) == device
        for person, secret in ((other, "secret"), (owner, "Secret"), (owner, None), (None, "secret")):
            assert devices.recognise(session, person, secret, at=clock.now()) is None


def test_recognising_costs_one_statement(database, devices, register, clock):
    """With and without a cookie, with and without a person, one statement is sent."""
    owner = register()
    with database.read() as session, counted_statements(database) as statements:
        for person, secret in ((owner, "secret"), (owner, None), (None, None)):
            devices.recognise(session, person, secret, at=clock.now())
    assert len(statements) == 3


def test_a_device_keeps_its_id(database, devices, register, clock):
    """Logging in again renews the device, its label and its time."""
    owner = register()
    with database.transaction() as session:
        first = devices.remember(session, owner, "secret", "Chrome · Windows", at=clock.now())
        later = clock.advance(LIFE - 1)
        assert devices.remember(session, owner, "secret", "Edge · Windows", at=later) == first
        (record,) = devices.of(session, owner, at=clock.advance(LIFE - 1))
    assert (record.id, record.label, record.last_seen_at) == (first, "Edge · Windows", later)
    assert record.first_seen_at < later


def test_an_unused_device_is_forgotten(database, devices, register, clock):
    """After its time without a login a device is unknown."""
    owner = register()
    with database.transaction() as session:
        device = devices.remember(session, owner, "secret", "", at=clock.now())
        assert devices.recognise(session, owner, "secret", at=clock.advance(LIFE - 1)) == device
        assert devices.recognise(session, owner, "secret", at=clock.advance(1)) is None
        assert devices.of(session, owner, at=clock.now()) == ()


def test_a_device_can_be_forgotten(database, devices, register, clock):
    """Its owner forgets a device, once; a stranger cannot."""
    owner, other = register(), register()
    with database.transaction() as session:
        device = devices.remember(session, owner, "secret", "", at=clock.now())
        assert not devices.forget(session, other, device, at=clock.now())
        assert devices.forget(session, owner, device, at=clock.now())
        assert not devices.forget(session, owner, device, at=clock.now())
        assert devices.recognise(session, owner, "secret", at=clock.now()) is None


def test_a_recovery_forgets_all(database, devices, register, clock):
    """Every device of the person goes, no other person's."""
    owner, other = register(), register()
    with database.transaction() as session:
        for secret in ("a", "b"):
            devices.remember(session, owner, secret, "", at=clock.now())
        kept = devices.remember(session, other, "a", "", at=clock.now())
        assert devices.forget_all(session, owner, at=clock.now()) == 2
        assert devices.of(session, owner, at=clock.now()) == ()
        assert devices.recognise(session, other, "a", at=clock.now()) == kept


def test_two_logins_from_one_device_race(database, devices, register, clock):
    """Two logins at the same moment remember one device."""
    owner = register()

    def act(_place):
        with database.transaction() as session:
            return devices.remember(session, owner, "secret", "", at=clock.now())

    assert len(set(race(3, act))) == 1
