"""Accounts and match keys under the next version of a key: digests made anew, sealed contents sealed anew."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from idp.core.clock import Clock, civil_date
from idp.crypto.errors import DecryptionFailed
from idp.crypto.keyring import Keyring, Purpose
from idp.keys.rows import BATCH, Exchange, RotationFailed
from idp.linking.contents import content_place, credential_place, open_password, open_row
from idp.linking.link_models import MatchKey
from idp.linking.match_keys import MatchKeys
from idp.linking.models import LegacyAccount, StagedRow
from idp.linking.preparation import Preparation
from idp.persons.ciphers import PersonCiphers
from idp.persons.models import Identifier
from idp.storage.engine import Database, take_time

_TABLE: Any = LegacyAccount.__table__
_STAGED: Any = StagedRow.__table__
_KEY = (_TABLE.c.system_number, _TABLE.c.account_id, _TABLE.c.version)
_PERSONS = 200


class MatchKeyRows:
    """`KeyedRows` of match keys for the index key: a row for each version, as everybody who writes one writes."""

    name = MatchKey.__tablename__

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def convert(self, exchange: Exchange, keyring: Keyring) -> Iterator[int]:
        """See KeyedRows.convert."""
        keys = MatchKeys(keyring=keyring, ciphers=PersonCiphers(keyring=keyring, clock=self._clock))
        while persons := self._waiting(exchange):
            with self._database.transaction() as session:
                take_time(session)
                keys.refresh(session, persons)
            yield len(persons)

    def count_left(self, exchange: Exchange) -> int:
        """See KeyedRows.count_left."""
        with self._database.read() as session:
            take_time(session)
            return session.scalar(sa.select(sa.func.count()).select_from(_lacking(exchange).subquery())) or 0

    def forget(self, exchange: Exchange) -> Iterator[int]:
        """See KeyedRows.forget."""
        some = sa.select(MatchKey.identifier_id).where(MatchKey.key_version == exchange.old).limit(BATCH * 10)
        while True:
            with self._database.transaction() as session:
                take_time(session)
                gone = session.scalars(
                    sa.delete(MatchKey)
                    .where(MatchKey.key_version == exchange.old, MatchKey.identifier_id.in_(some))
                    .returning(MatchKey.identifier_id)
                ).all()
            if not gone:
                return
            yield len(gone)

    def _waiting(self, exchange: Exchange) -> Sequence[str]:
        lacking = _lacking(exchange).subquery()
        with self._database.read() as session:
            take_time(session)
            return session.scalars(
                sa.select(Identifier.person_id)
                .join(lacking, lacking.c.identifier_id == Identifier.id)
                .distinct()
                .limit(_PERSONS)
            ).all()


class AccountRows:
    """`KeyedRows` of legacy accounts, walked by their key: for the index key, or for the one that seals them."""

    name = LegacyAccount.__tablename__

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def convert(self, exchange: Exchange, keyring: Keyring) -> Iterator[int]:
        """See KeyedRows.convert."""
        after: tuple[int, int, int] = (0, 0, 0)
        while True:
            with self._database.transaction() as session:
                take_time(session)
                rows = session.execute(
                    sa.select(_TABLE)
                    .where(sa.tuple_(*_KEY) > sa.tuple_(*after), _is_old(exchange))
                    .order_by(*_KEY)
                    .limit(BATCH)
                    .with_for_update()
                ).all()
                for row in rows:
                    session.execute(sa.update(_TABLE).where(*_is(row)).values(self._renewed(row, exchange, keyring)))
            if not rows:
                return
            after = (rows[-1].system_number, rows[-1].account_id, rows[-1].version)
            yield len(rows)

    def count_left(self, exchange: Exchange) -> int:
        """See KeyedRows.count_left."""
        with self._database.read() as session:
            take_time(session)
            return session.scalar(sa.select(sa.func.count()).select_from(_TABLE).where(_is_old(exchange))) or 0

    def forget(self, exchange: Exchange) -> Iterator[int]:
        """See KeyedRows.forget: a row is rewritten, never deleted."""
        yield from ()

    def _renewed(self, row: Any, exchange: Exchange, keyring: Keyring) -> dict[str, Any]:
        try:
            if exchange.purpose is Purpose.INDEX:
                return self._digests(row, exchange, keyring)
            return _sealed(row, keyring)
        except DecryptionFailed as failed:
            place = f"{row.system_number}.{row.account_id}.{row.version}"
            raise RotationFailed(f"legacy_accounts {place} does not open ({failed.reason}); restore it") from None

    def _digests(self, row: Any, exchange: Exchange, keyring: Keyring) -> dict[str, Any]:
        preparation = Preparation(
            keyring=keyring,
            system_number=row.system_number,
            batch_number=row.batch_number,
            places={},
            width=0,
            today=civil_date(self._clock.now()),
            holds_organisations=False,  # whose account it is stays as it was found
            state_words={},
            key_version=exchange.new,
        )
        stored = None
        if row.credential is not None:
            stored = open_password(keyring, row.batch_number, row.row_number, row.credential).stored
        content = open_row(keyring, row.batch_number, row.row_number, row.content)
        return preparation.digests_of(content, stored)


class StagedRows:
    """`KeyedRows` of what is staged, for the key that seals it: what is applied later must still open.

    Under another index key a batch is staged anew (`matching.IndexKeyExchanged`).
    """

    name = StagedRow.__tablename__

    def __init__(self, *, database: Database) -> None:
        self._database = database

    def convert(self, exchange: Exchange, keyring: Keyring) -> Iterator[int]:
        """See KeyedRows.convert."""
        key = (_STAGED.c.batch_number, _STAGED.c.row_number)
        after: tuple[int, int] = (0, 0)
        while True:
            with self._database.transaction() as session:
                take_time(session)
                rows = session.execute(
                    sa.select(_STAGED)
                    .where(sa.tuple_(*key) > sa.tuple_(*after), _is_sealed_old(_STAGED, exchange))
                    .order_by(*key)
                    .limit(BATCH)
                    .with_for_update()
                ).all()
                for row in rows:
                    is_it = (_STAGED.c.batch_number == row.batch_number, _STAGED.c.row_number == row.row_number)
                    try:
                        renewed = _sealed(row, keyring)
                    except DecryptionFailed as failed:
                        place = f"{row.batch_number}.{row.row_number}"
                        text = f"staged_rows {place} does not open ({failed.reason}); cancel the batch"
                        raise RotationFailed(text) from None
                    session.execute(sa.update(_STAGED).where(*is_it).values(renewed))
            if not rows:
                return
            after = (rows[-1].batch_number, rows[-1].row_number)
            yield len(rows)

    def count_left(self, exchange: Exchange) -> int:
        """See KeyedRows.count_left."""
        with self._database.read() as session:
            take_time(session)
            found = sa.select(sa.func.count()).select_from(_STAGED).where(_is_sealed_old(_STAGED, exchange))
            return session.scalar(found) or 0

    def forget(self, exchange: Exchange) -> Iterator[int]:
        """See KeyedRows.forget: a row is rewritten, never deleted."""
        yield from ()


def _sealed(row: Any, keyring: Keyring) -> dict[str, Any]:
    """Return what of a row is sealed, under the active key."""
    places = {"content": content_place, "credential": credential_place}
    values: dict[str, Any] = {}
    for name, place_of in places.items():
        if (old := getattr(row, name)) is not None:
            place = place_of(row.batch_number, row.row_number)
            values[name] = keyring.encrypt(Purpose.DATA, keyring.decrypt(Purpose.DATA, old, place), place)
    return values


def _is_old(exchange: Exchange) -> sa.ColumnElement[bool]:
    if exchange.purpose is Purpose.INDEX:
        return _TABLE.c.key_version == exchange.old  # type: ignore[no-any-return]
    return _is_sealed_old(_TABLE, exchange)


def _is_sealed_old(table: sa.Table, exchange: Exchange) -> sa.ColumnElement[bool]:
    header = sa.literal(exchange.old_header, sa.LargeBinary)
    size = len(exchange.old_header)
    return sa.or_(
        sa.func.substr(table.c.content, 1, size) == header, sa.func.substr(table.c.credential, 1, size) == header
    )


def _is(row: Any) -> tuple[sa.ColumnElement[bool], ...]:
    return tuple(column == getattr(row, column.name) for column in _KEY)


def _lacking(exchange: Exchange) -> sa.Select[Any]:
    """Select the identifiers of keys that stand under the old version alone."""
    new = aliased(MatchKey)
    is_there = sa.exists().where(
        new.identifier_id == MatchKey.identifier_id,
        new.name_number == MatchKey.name_number,
        new.key_version == exchange.new,
    )
    return sa.select(MatchKey.identifier_id).where(MatchKey.key_version == exchange.old, ~is_there).distinct()
