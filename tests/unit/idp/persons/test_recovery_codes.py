"""Recovery codes."""

import re

import pytest
import sqlalchemy as sa

from idp.audit.models import AuditEvent
from idp.persons.models import Credential
from idp.persons.recovery_codes import RecoveryCodes

from .conftest import race


@pytest.fixture
def recovery(keyring):
    return RecoveryCodes(keyring=keyring)


@pytest.fixture
def issued(database, recovery, register, clock):
    """A person and their ten codes."""
    person_id = register()
    with database.transaction() as session:
        return person_id, recovery.generate(session, person_id, at=clock.now())


def _use(database, recovery, person_id, code, clock):
    with database.transaction() as session:
        return recovery.use(session, person_id, code, at=clock.now())


def test_ten_codes_of_eighty_bits(database, recovery, issued):
    """Ten different codes of four groups are issued; none of them is stored."""
    person_id, codes = issued
    assert len(set(codes)) == 10
    assert all(re.fullmatch("[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}", code) for code in codes)
    with database.read() as session:
        assert recovery.count_left(session, person_id) == 10
        hashes = session.scalars(sa.select(Credential.secret_hash)).all()
    assert not set(hashes) & {*codes, *(code.replace("-", "") for code in codes)}


def test_a_code_counts_once(database, recovery, issued, clock):
    """A code works once; the others stay."""
    person_id, codes = issued
    assert _use(database, recovery, person_id, codes[3], clock)
    assert not _use(database, recovery, person_id, codes[3], clock)
    with database.read() as session:
        assert recovery.count_left(session, person_id) == 9
    assert _use(database, recovery, person_id, codes[0], clock)


def test_a_code_is_read_as_people_type_it(database, recovery, issued, clock):
    """Spaces, dashes of any kind, lower case, full width and the digits that look like letters are folded."""
    person_id, codes = issued
    forms = [
        codes[0].lower(),
        codes[1].replace("-", " "),
        codes[2].replace("-", "\u2013"),
        "".join(chr(ord(char) + 0xFEE0) for char in codes[3]),
        codes[4].replace("O", "0").replace("I", "1").replace("B", "8"),
    ]
    assert all(_use(database, recovery, person_id, form, clock) for form in forms)


@pytest.mark.parametrize("text", ["", "AAAA-AAAA-AAAA-AAAA", "\x00\ud800", "A" * 10_000])
def test_other_texts_are_refused(database, recovery, issued, clock, text):
    """What is no code of the person is refused, whatever it holds."""
    assert not _use(database, recovery, issued[0], text, clock)


def test_a_code_belongs_to_its_person(database, recovery, issued, register, clock):
    """Another person's code is refused."""
    other = register()
    with database.transaction() as session:
        recovery.generate(session, other, at=clock.now())
    assert not _use(database, recovery, other, issued[1][0], clock)


def test_a_code_counts_once_in_a_race(database, recovery, issued, clock):
    """Of several uses at the same moment one succeeds."""
    person_id, codes = issued
    assert sum(race(4, lambda _: _use(database, recovery, person_id, codes[0], clock))) == 1


def test_a_new_set_ends_the_old_one(database, recovery, issued, clock):
    """After a new set the old codes are refused; use and issue are audited without the codes."""
    person_id, old = issued
    with database.transaction() as session:
        new = recovery.generate(session, person_id, at=clock.advance(1))
        assert recovery.count_left(session, person_id) == 10
    assert not _use(database, recovery, person_id, old[0], clock)
    clock.advance(1)
    assert _use(database, recovery, person_id, new[0], clock)
    with database.read() as session:
        rows = session.execute(sa.select(AuditEvent.event, AuditEvent.details).order_by(AuditEvent.at)).all()
    assert [row.event for row in rows if row.event.startswith("credential")] == [
        "credential.added",
        "credential.changed",
        "credential.removed",
    ]
    assert rows[-1].details == {"kind": "recovery_code"}
