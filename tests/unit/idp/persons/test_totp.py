"""Codes by time from an authenticator app (RFC 6238)."""

from datetime import timedelta

import pyotp
import pytest
import sqlalchemy as sa

from idp.audit.models import AuditEvent
from idp.persons.models import Credential
from idp.persons.totp import Totp

from .conftest import race


@pytest.fixture
def totp(room):
    return Totp(ciphers=room.ciphers, issuer_name="一号")


@pytest.fixture
def enrolled(database, totp, register, clock):
    """A person with a confirmed app, two minutes ago, and the app's secret."""
    person_id = register()
    with database.transaction() as session:
        enrolment = totp.enrol(session, person_id, account_label="199****0001", at=clock.now())
        assert totp.confirm(session, person_id, _code(enrolment.secret, clock), at=clock.now())
    clock.advance(120)
    return person_id, enrolment.secret


def _code(secret, clock, steps=0):
    return pyotp.TOTP(secret).at(clock.now() + timedelta(seconds=30 * steps))


def test_an_enrolment_can_be_scanned(database, totp, register, clock):
    """The app gets 160 random bits and an otpauth address (RFC 4226 §4); neither shows in a repr."""
    person_id = register()
    with database.transaction() as session:
        enrolment = totp.enrol(session, person_id, account_label="199****0001", at=clock.now())
    assert len(enrolment.secret) == 32
    assert enrolment.uri.startswith("otpauth://totp/")
    assert enrolment.secret in enrolment.uri
    assert enrolment.secret not in repr(enrolment)


def test_the_secret_is_encrypted(database, enrolled):
    """The stored secret cannot be read without the person's key."""
    person_id, secret = enrolled
    with database.read() as session:
        row = session.scalars(sa.select(Credential).where(Credential.person_id == person_id)).one()
    assert secret.encode() not in row.ciphertext
    assert row.secret_hash is None


def test_an_enrolment_counts_after_its_first_code(database, totp, register, clock):
    """Before the first right code nothing is verified and nobody is enrolled."""
    person_id = register()
    with database.transaction() as session:
        secret = totp.enrol(session, person_id, account_label="x", at=clock.now()).secret
        assert not totp.verify(session, person_id, _code(secret, clock), at=clock.now())
        assert not totp.confirm(session, person_id, _code(secret, clock, 5), at=clock.now())
        assert not totp.is_enrolled(session, person_id)
        assert totp.confirm(session, person_id, _code(secret, clock), at=clock.now())
        assert totp.is_enrolled(session, person_id)
        assert not totp.confirm(session, person_id, _code(secret, clock, 1), at=clock.now())


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "far away"])
def test_a_secret_is_not_adopted_by_a_wrong_code(database, totp, register, clock, code):
    """Nothing is written before the first code is right."""
    person_id, (secret, _uri) = register(), totp.draw("x")
    typed = _code(secret, clock, 5) if code == "far away" else code
    with database.transaction() as session:
        assert not totp.adopt(session, person_id, secret, typed, at=clock.now())
        assert session.scalars(sa.select(Credential).where(Credential.kind == "totp")).all() == []


def test_an_adopted_secret_counts_and_its_code_is_spent(database, totp, register, clock):
    """From the first right code on the app verifies, encrypted like any other; an earlier enrolment ends."""
    person_id, (secret, uri) = register(), totp.draw("199****0001")
    assert secret in uri and len(secret) == 32
    with database.transaction() as session:
        before = totp.enrol(session, person_id, account_label="x", at=clock.now()).secret
        assert totp.adopt(session, person_id, secret, _code(secret, clock), at=clock.now())
        assert totp.is_enrolled(session, person_id)
        assert not totp.confirm(session, person_id, _code(before, clock), at=clock.now())
        assert not totp.verify(session, person_id, _code(secret, clock), at=clock.now())
        assert totp.verify(session, person_id, _code(secret, clock, 1), at=clock.now())
        rows = session.execute(sa.select(AuditEvent.event, AuditEvent.details)).all()
        (stored,) = session.scalars(sa.select(Credential.ciphertext).where(Credential.state == "active")).all()
    assert ("credential.added", {"kind": "totp"}) in [tuple(row) for row in rows]
    assert secret.encode() not in stored


@pytest.mark.parametrize(("steps", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_step_of_drift_is_allowed(database, totp, enrolled, clock, steps, accepted):
    """Codes one step away are accepted, two steps away refused (RFC 6238 §5.2)."""
    person_id, secret = enrolled
    with database.transaction() as session:
        assert totp.verify(session, person_id, _code(secret, clock, steps), at=clock.now()) is accepted


def test_a_step_counts_once(database, totp, enrolled, clock):
    """A code that was accepted is refused the second time, the next one is not (RFC 6238 §5.2)."""
    person_id, secret = enrolled
    with database.transaction() as session:
        assert totp.verify(session, person_id, _code(secret, clock), at=clock.now())
        assert not totp.verify(session, person_id, _code(secret, clock), at=clock.now())
        clock.advance(30)
        assert not totp.verify(session, person_id, _code(secret, clock, -1), at=clock.now())
        assert totp.verify(session, person_id, _code(secret, clock), at=clock.now())


def test_a_code_counts_once_in_a_race(database, totp, enrolled, clock):
    """Of several uses of one code at the same moment one succeeds (ASVS 6.5.1)."""
    person_id, secret = enrolled

    def act(_place):
        with database.transaction() as session:
            return totp.verify(session, person_id, _code(secret, clock), at=clock.now())

    assert sum(race(4, act)) == 1


def test_another_persons_code_is_refused(database, totp, enrolled, register, clock):
    """A code belongs to its person."""
    _, secret = enrolled
    other = register()
    with database.transaction() as session:
        assert not totp.verify(session, other, _code(secret, clock), at=clock.now())


@pytest.mark.parametrize("form", ["", "{code}\n", " {code}", "{code}0", "full", "12345", "\ud800"])
def test_other_texts_are_refused(database, totp, enrolled, clock, form):
    """Only six ASCII digits are a code; full-width ones are not."""
    person_id, secret = enrolled
    code = _code(secret, clock)
    text = "".join(chr(ord(digit) + 0xFEE0) for digit in code) if form == "full" else form.format(code=code)
    with database.transaction() as session:
        assert not totp.verify(session, person_id, text, at=clock.now())
        assert totp.verify(session, person_id, code, at=clock.now())


def test_a_new_app_replaces_the_old_one(database, totp, enrolled, clock):
    """Until the new app is confirmed the old one works, afterwards only the new one."""
    person_id, old = enrolled
    with database.transaction() as session:
        new = totp.enrol(session, person_id, account_label="x", at=clock.now()).secret
        assert totp.verify(session, person_id, _code(old, clock), at=clock.now())
        assert totp.confirm(session, person_id, _code(new, clock), at=clock.now())
        clock.advance(60)
        assert not totp.verify(session, person_id, _code(old, clock), at=clock.now())
        assert totp.verify(session, person_id, _code(new, clock), at=clock.now())
        assert session.scalar(sa.select(sa.func.count()).where(Credential.ciphertext.is_not(None))) == 1


def test_a_removed_app_is_gone(database, totp, enrolled, clock):
    """After removal no code counts, the secret is erased and the audit tells of both."""
    person_id, secret = enrolled
    with database.transaction() as session:
        assert totp.remove(session, person_id, at=clock.now())
        assert not totp.remove(session, person_id, at=clock.now())
        assert not totp.verify(session, person_id, _code(secret, clock), at=clock.now())
        assert session.scalar(sa.select(Credential.ciphertext)) is None
        events = session.scalars(sa.select(AuditEvent.event).order_by(AuditEvent.at)).all()
    assert [event for event in events if event.startswith("credential.")] == [
        "credential.added",
        "credential.removed",
    ]
