"""Devices: invited for a day, enrolled once with a key that they hold, ended for good."""

from datetime import timedelta

import pytest

from connectors.devices.enrolment import INVITATION_SECONDS, EnrolmentProblem, InvitationProblem
from idp.core.results import Ok, Refused
from idp.house.build import House
from tests.support.api_v1 import events_of
from tests.support.card_readers import (
    LABEL,
    OFFICE,
    TestReader,
    department_of,
    enrolled_reader,
    invitation,
    unknown_reader,
)
from tests.support.frozen_clock import FrozenClock


def _enrol(house: House, reader: TestReader, code: str) -> EnrolmentProblem | None:
    enrolled = house.counter.devices.enrol(code, reader.jwk, reader.proof(code))
    return EnrolmentProblem(enrolled.reason) if isinstance(enrolled, Refused) else None


def test_codes_are_long_readable_and_different(house: House) -> None:
    """118 bits in groups of four, without characters that look like others."""
    codes = {invitation(house) for _ in range(20)}
    assert len(codes) == 20
    for code in codes:
        assert [len(group) for group in code.split("-")] == [4] * 6
        assert not set(code) & set("01OIL")


@pytest.mark.parametrize("text", ["", " x", "x ", "x" * 101, "a\nb", "a\0b"])
def test_offices_and_labels_are_plain_texts(house: House, text: str) -> None:
    """They are shown to clerks and kept on record."""
    department_id = department_of(house)
    with house.ground.database.transaction() as session:
        devices = house.counter.devices
        assert devices.invite(session, department_id, text, LABEL, None) == Refused(InvitationProblem.OFFICE)
        assert devices.invite(session, department_id, OFFICE, text, None) == Refused(InvitationProblem.LABEL)
        assert isinstance(devices.invite(session, department_id, OFFICE, LABEL, None), Ok)


# Redis counts by its own clock; tests/contract/short_lived holds it to its lives.
@pytest.mark.parametrize("house", ["embedded"], indirect=True)
def test_an_invitation_ends_after_a_day(house: House, clock: FrozenClock) -> None:
    """Until then it is good, afterwards it is none."""
    early, late = invitation(house), invitation(house)
    clock.advance(seconds=INVITATION_SECONDS - 1)
    assert _enrol(house, unknown_reader(house), early) is None
    clock.advance(seconds=2)
    assert _enrol(house, unknown_reader(house), late) is EnrolmentProblem.CODE


def test_a_code_enrols_one_device(house: House) -> None:
    """The second one that shows it is refused, and so is the first one's key with another code."""
    code, first = invitation(house), unknown_reader(house)
    assert _enrol(house, first, code) is None
    assert _enrol(house, unknown_reader(house), code) is EnrolmentProblem.CODE
    assert _enrol(house, first, invitation(house)) is EnrolmentProblem.KEY_TAKEN
    with house.ground.database.read() as session:
        [device] = house.counter.devices.of_department(session, department_of(house))
    assert (device.office, device.label, device.is_active) == (OFFICE, LABEL, True)
    assert device.key.thumbprint == first.key.thumbprint()


def test_a_key_that_ended_comes_back_no_more(house: House) -> None:
    """Whoever found the reader's disk in the rubbish cannot enrol it again."""
    reader = enrolled_reader(house)
    assert reader.device is not None
    with house.ground.database.transaction() as session:
        assert house.counter.devices.end(session, reader.device.id)
        assert not house.counter.devices.end(session, reader.device.id)
        assert not house.counter.devices.end(session, "nobody")
        assert house.counter.devices.of_department(session, reader.device.department_id) == ()
        ended = house.counter.devices.find(session, reader.device.id)
    assert ended is not None and not ended.is_active and ended.ended_at == house.ground.clock.now()
    assert _enrol(house, reader, invitation(house)) is EnrolmentProblem.KEY_TAKEN


def test_devices_are_of_one_department(house: House) -> None:
    """A clerk sees the readers of their own department, by office and label."""
    here, there = enrolled_reader(house, "hall"), enrolled_reader(house, "tax")
    with house.ground.database.read() as session:
        for reader, department in ((here, "hall"), (there, "tax")):
            found = house.counter.devices.of_department(session, department_of(house, department))
            assert [each.id for each in found] == [reader.device.id if reader.device else ""]
        assert len(house.counter.devices.all(session)) == 2
        assert house.counter.devices.find(session, "nobody") is None


def test_each_step_is_on_record(house: House) -> None:
    """Invited, enrolled, ended: which device, of which department, at which office; the code nowhere."""
    code, reader = invitation(house), unknown_reader(house)
    assert _enrol(house, reader, code) is None
    with house.ground.database.transaction() as session:
        [device] = house.counter.devices.all(session)
        assert house.counter.devices.end(session, device.id)
    rows = events_of(house, "device.invited", "device.enrolled", "device.ended")
    assert sorted(row.event for row in rows) == ["device.ended", "device.enrolled", "device.invited"]
    for row in rows:
        assert row.details is not None and row.details["office"] == OFFICE
        assert code not in repr(row.details) and code.replace("-", "") not in repr(row.details)


def test_a_device_is_seen_once_a_minute(house: House, clock: FrozenClock) -> None:
    """It asks each second; a row is written when a minute has passed."""
    reader = enrolled_reader(house)
    assert reader.device is not None
    seen = []
    for _ in range(5):
        house.counter.authenticator.admit(f"Bearer {reader.token()}")
        with house.ground.database.read() as session:
            device = house.counter.devices.find(session, reader.device.id)
        assert device is not None
        seen.append(device.last_seen_at)
        clock.advance(seconds=25)
    start = seen[0]
    assert start is not None
    assert seen == [start, start, start, start + timedelta(seconds=75), start + timedelta(seconds=75)]
