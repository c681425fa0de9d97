"""What the worker tidies up, on both databases."""

from datetime import timedelta

import sqlalchemy as sa

from idp.audit.events import Event
from idp.audit.models import AuditEvent
from idp.house.build import House
from idp.storage import partitions
from idp.tokens.models import OpaqueAccessToken, RefreshToken, RevokedToken, SigningKeyRow, TokenGrant
from idp.tokens.upkeep import create_token_months_ahead, drop_old_families, forget_expired_tokens
from tests.support.frozen_clock import FrozenClock

ABSOLUTE = 7_776_000


def count(house: House, model: type) -> int:
    with house.ground.database.read() as session:
        return session.scalars(sa.select(sa.func.count()).select_from(model)).one()


def add_family(house: House, clock: FrozenClock, name: str, *, seconds: int = ABSOLUTE) -> None:
    now = clock.now()
    day, end = now.date(), now + timedelta(seconds=seconds)
    family = {"issue_day": day, "code_hash": name, "family_id": name, "offline": True}
    refresh = {"token_hash": name, "issue_day": day, "code_hash": name}
    with house.ground.database.transaction() as session:
        session.execute(sa.insert(TokenGrant).values(**family, created_at=now, expires_at=end))
        session.execute(sa.insert(RefreshToken).values(**refresh, created_at=now, expires_at=end))


def test_expired_tokens_and_revocations_are_forgotten(house: House, clock: FrozenClock) -> None:
    """A token is deleted some minutes after its end, not before."""
    now = clock.now()
    with house.ground.database.transaction() as session:
        for name, life in (("short", 10), ("long", 1_000)):
            end = now + timedelta(seconds=life)
            session.execute(sa.insert(RevokedToken).values(jti=name, revoked_at=now, expires_at=end))
            token = {"client_id": "c", "audience": "a", "sub": "s", "scope": "", "issued_at": now}
            session.execute(sa.insert(OpaqueAccessToken).values(token_hash=name, expires_at=end, **token))
    clock.advance(seconds=300)
    assert forget_expired_tokens(house.ground.database, at=clock.now()) == 0
    clock.advance(seconds=60)
    assert forget_expired_tokens(house.ground.database, at=clock.now()) == 2
    assert (count(house, OpaqueAccessToken), count(house, RevokedToken)) == (1, 1)


def test_families_lie_in_months_made_ahead(house: House, clock: FrozenClock) -> None:
    """PostgreSQL: this month and the next have partitions, and each family lies in its own."""
    database = house.ground.database
    created = create_token_months_ahead(database, at=clock.now())
    assert created == (0 if database.is_sqlite else 2)
    assert create_token_months_ahead(database, at=clock.now()) == 0
    add_family(house, clock, "family-1")
    if not database.is_sqlite:
        with database.read() as session:
            assert session.scalar(sa.text("SELECT count(*) FROM token_grants_2026_03")) == 1
            assert session.scalar(sa.text("SELECT count(*) FROM token_grants_default")) == 0


def test_old_families_are_dropped_with_their_refresh_tokens(house: House, clock: FrozenClock) -> None:
    """Families go once they have ended, wherever they are; the partition goes with the last of its month."""
    database = house.ground.database
    add_family(house, clock, "default-1")  # lies in the default partition
    create_token_months_ahead(database, at=clock.now())
    clock.advance(days=35)
    add_family(house, clock, "short")
    clock.advance(days=1)
    add_family(house, clock, "long", seconds=ABSOLUTE * 2)
    drop = {"absolute_seconds": ABSOLUTE}
    clock.advance(days=90)
    assert drop_old_families(database, at=clock.now(), **drop) == 1
    assert (count(house, TokenGrant), count(house, RefreshToken)) == (2, 2)
    clock.advance(days=40)
    drop_old_families(database, at=clock.now(), **drop)
    assert (count(house, TokenGrant), count(house, RefreshToken)) == (1, 1)
    clock.advance(days=90)
    drop_old_families(database, at=clock.now(), **drop)
    assert (count(house, TokenGrant), count(house, RefreshToken)) == (0, 0)
    if not database.is_sqlite:
        with database.read() as session:
            assert partitions.existing(session, "token_grants") == []


def test_signing_keys_live_by_schedule(house: House, clock: FrozenClock) -> None:
    """A key gets its successor announced in time, is retired by it and deleted after its time, all on record."""
    keys, life = house.ground.signing_keys, house.settings.keys
    first = keys.signing("ES256").kid
    clock.advance(seconds=life.rotate_seconds - life.announce_seconds - 60)
    assert keys.rotate_due() == ()
    clock.advance(seconds=60)
    assert set(keys.rotate_due()) == {"ES256", "RS256"}
    assert keys.rotate_due() == ()  # one successor each, however often and wherever it is asked
    assert keys.signing("ES256").kid == first and len(keys.jwks()["keys"]) == 4
    clock.advance(seconds=life.announce_seconds)
    assert keys.advance() == 2
    assert keys.signing("ES256").kid != first and len(keys.jwks()["keys"]) == 4
    clock.advance(seconds=life.retain_seconds)
    assert keys.advance() == 2
    assert len(keys.jwks()["keys"]) == 2 and count(house, SigningKeyRow) == 2
    with house.ground.database.read() as session:
        events = session.scalars(sa.select(AuditEvent.event).where(AuditEvent.event.startswith("key."))).all()
    assert {event: events.count(event) for event in (Event.KEY_ROTATED, Event.KEY_DELETED)} == {
        Event.KEY_ROTATED: 2,
        Event.KEY_DELETED: 2,
    }
