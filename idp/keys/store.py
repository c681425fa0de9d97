"""Creating, loading and checking the wrapped data keys of a database."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.clock import Clock
from idp.core.errors import ConfigError
from idp.core.hashing import encode_base64url
from idp.crypto.encoding import encode_fields
from idp.crypto.envelope import KeyEncryptionKey, require_same_key, unwrap_data_key, wrap_data_key
from idp.crypto.errors import DecryptionFailed
from idp.crypto.keyring import DataKey, Keyring, KeyState, Purpose, generate_data_key
from idp.crypto.suites import Suite
from idp.keys.models import KeyCheck, WrappedKey
from idp.storage.engine import Database


@dataclass(frozen=True, slots=True)
class LoadedKeys:
    """A keyring and the fingerprint of the rows that it was made of."""

    fingerprint: str
    keyring: Keyring = field(repr=False)


class KeyStore:
    """The data keys of one database under one key-encryption key."""

    def __init__(self, *, database: Database, kek: KeyEncryptionKey, suite: Suite, clock: Clock) -> None:
        self._database = database
        self._kek = kek
        self._suite = suite
        self._clock = clock

    def create_missing(self, *, audit: Callable[[Session, Purpose], None] | None = None) -> tuple[Purpose, ...]:
        """Create a first version of every purpose that has none; return those created.

        `audit` records each in the same transaction. Raises ConfigError when the database belongs to another
        key-encryption key. Safe to repeat.
        """
        with self._database.transaction() as session:
            self._check_or_claim(session)
            present = set(session.scalars(sa.select(WrappedKey.purpose)))
            missing = tuple(purpose for purpose in Purpose if purpose not in present)
            for purpose in missing:
                self._add(session, generate_data_key(purpose, 1, self._suite, KeyState.ACTIVE))
                if audit is not None:
                    audit(session, purpose)
        return missing

    def add_version(self, session: Session, purpose: Purpose) -> int:
        """Add a further version of a purpose's key, to be read only, and return its number."""
        newest = session.scalar(sa.select(sa.func.max(WrappedKey.version)).where(WrappedKey.purpose == purpose)) or 0
        self._add(session, generate_data_key(purpose, newest + 1, self._suite, KeyState.READ))
        return newest + 1

    def check(self) -> None:
        """Raise ConfigError when the database has no keys yet, or belongs to another key-encryption key."""
        with self._database.read() as session:
            check = session.scalar(sa.select(KeyCheck.check_value))
        if check is None:
            raise ConfigError("the database has no keys yet; create them with: idp keys init")
        require_same_key(self._kek, check)

    def load(self) -> LoadedKeys:
        """Return the live keys; raises ConfigError when keys are missing, damaged or of another owner."""
        with self._database.read() as session:
            rows = session.scalars(sa.select(WrappedKey)).all()
        keyring = Keyring([key for row in rows for key in self._unwrap(row)])
        keyring.require(*Purpose)
        return LoadedKeys(_digest((row.purpose, row.version, row.state) for row in rows), keyring)

    def fingerprint(self) -> str:
        """Return what tells the present keys and their states from any others; one small statement."""
        with self._database.read() as session:
            rows = session.execute(sa.select(WrappedKey.purpose, WrappedKey.version, WrappedKey.state)).all()
        return _digest((row.purpose, row.version, row.state) for row in rows)

    def _check_or_claim(self, session: Session) -> None:
        check = session.scalar(sa.select(KeyCheck.check_value))
        if check is not None:
            require_same_key(self._kek, check)
            return
        value = self._kek.check_value()
        session.add(KeyCheck(kek_id=self._kek.id, check_value=value, created_at=self._clock.now()))

    def _add(self, session: Session, key: DataKey) -> None:
        session.add(
            WrappedKey(
                purpose=key.purpose,
                version=key.version,
                suite=key.suite,
                state=key.state,
                kek_id=self._kek.id,
                wrapped=wrap_data_key(self._kek, key),
                created_at=self._clock.now(),
            )
        )
        session.flush()

    def _unwrap(self, row: WrappedKey) -> Iterable[DataKey]:
        if row.state not in set(KeyState):
            return  # retired by a rotation that is not over
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
                "restore the key that belongs to this database"
            ) from None


def _digest(rows: Iterable[tuple[str, int, str]]) -> str:
    fields = [str(part) for row in sorted(rows) for part in row]
    return encode_base64url(hashlib.sha256(encode_fields(*fields)).digest())
