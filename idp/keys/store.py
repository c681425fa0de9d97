"""Creating, loading and checking the wrapped data keys of a database."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.clock import Clock
from idp.core.errors import ConfigError
from idp.crypto.envelope import KeyEncryptionKey, require_same_key, unwrap_data_key, wrap_data_key
from idp.crypto.errors import DecryptionFailed
from idp.crypto.keyring import DataKey, Keyring, KeyState, Purpose, generate_data_key
from idp.crypto.suites import Suite
from idp.keys.models import KeyCheck, WrappedKey
from idp.storage.engine import Database


class KeyStore:
    """The data keys of one database under one key-encryption key."""

    def __init__(self, *, database: Database, kek: KeyEncryptionKey, suite: Suite, clock: Clock) -> None:
        self._database = database
        self._kek = kek
        self._suite = suite
        self._clock = clock

    def create_missing(self) -> tuple[Purpose, ...]:
        """Create a first version of every purpose that has none; return those created.

        Raises ConfigError when the database belongs to another key-encryption key. Safe to repeat.
        """
        with self._database.transaction() as session:
            self._check_or_claim(session)
            present = set(session.scalars(sa.select(WrappedKey.purpose)))
            missing = tuple(purpose for purpose in Purpose if purpose not in present)
            for purpose in missing:
                key = generate_data_key(purpose, 1, self._suite, KeyState.ACTIVE)
                session.add(self._row(key))
        return missing

    def load(self) -> Keyring:
        """Return the live keys; raises ConfigError when keys are missing, damaged or of another owner."""
        with self._database.read() as session:
            check = session.scalar(sa.select(KeyCheck.check_value))
            rows = session.scalars(sa.select(WrappedKey)).all()
        if check is None:
            raise ConfigError("the database has no keys yet; create them with: idp keys init")
        require_same_key(self._kek, check)
        keyring = Keyring([key for row in rows for key in self._unwrap(row)])
        keyring.require(*Purpose)
        return keyring

    def _check_or_claim(self, session: Session) -> None:
        check = session.scalar(sa.select(KeyCheck.check_value))
        if check is not None:
            require_same_key(self._kek, check)
            return
        value = self._kek.check_value()
        session.add(KeyCheck(kek_id=self._kek.id, check_value=value, created_at=self._clock.now()))

    def _row(self, key: DataKey) -> WrappedKey:
        return WrappedKey(
            purpose=key.purpose,
            version=key.version,
            suite=key.suite,
            state=key.state,
            kek_id=self._kek.id,
            wrapped=wrap_data_key(self._kek, key),
            created_at=self._clock.now(),
        )

    def _unwrap(self, row: WrappedKey) -> Iterable[DataKey]:
        if row.state not in set(KeyState):
            return
        try:
            yield unwrap_data_key(
                self._kek,
                row.wrapped,
                purpose=Purpose(row.purpose),
                version=row.version,
                suite=row.suite,
                state=KeyState(row.state),
            )
        except DecryptionFailed:
            raise ConfigError(
                f"key {row.purpose} version {row.version} does not open with this key-encryption key; "
                "restore the key file that belongs to this database"
            ) from None
