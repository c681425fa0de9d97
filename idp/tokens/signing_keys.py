"""Token-signing keys and their life: announced, signing, retired (published until their last token ends)."""

import threading
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from joserfc.jwk import ECKey, RSAKey

from idp.audit.events import Event
from idp.audit.log import record
from idp.core.clock import Clock, seconds
from idp.core.errors import ConfigError
from idp.crypto.envelope import KeyEncryptionKey, signing_key_context
from idp.crypto.signing import SIGNING_ALGORITHMS, ReadyKey, generate_signing_key, load_private
from idp.storage.engine import Database
from idp.storage.locks import try_lock
from idp.tokens.models import SigningKeyRow


class SigningKeyState(StrEnum):
    """Where a key is in its life; whether an announced one signs already is told by its `signing_from`."""

    LIVE = "live"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A loaded key, ready to sign or only to be published."""

    kid: str
    algorithm: str
    signing_from: datetime
    retired: bool
    public_jwk: dict[str, Any]
    private: ECKey | RSAKey = field(repr=False)
    #: The same for signing, as often as there are tokens.
    ready: ReadyKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyLife:
    """How long a key is announced before it signs, signs, and stays published after, in seconds."""

    announce_seconds: int
    rotate_seconds: int
    retain_seconds: int


class SigningKeys:
    """The keys of one issuer, kept parsed: loading an RSA key costs more than a hundred signatures.

    A running server looks for new keys every `reload_seconds`; a key is announced far longer than that before
    it signs.
    """

    def __init__(
        self,
        *,
        database: Database,
        kek: KeyEncryptionKey,
        clock: Clock,
        life: KeyLife,
        reload_seconds: int = 30,
    ) -> None:
        self._database = database
        self._kek = kek
        self._clock = clock
        self._life = life
        self._reload_seconds = reload_seconds
        self._lock = threading.Lock()
        self._loaded: dict[str, SigningKey] = {}
        self._published: tuple[dict[str, SigningKey], dict[str, Any]] | None = None
        self._loaded_at: datetime | None = None

    def create_missing(self) -> tuple[str, ...]:
        """Create a signing key for every algorithm that has none; return those algorithms."""
        with self._database.transaction() as session:
            live = sa.select(SigningKeyRow.algorithm).where(SigningKeyRow.state == SigningKeyState.LIVE)
            present = set(session.scalars(live))
            missing = tuple(each for each in SIGNING_ALGORITHMS if each not in present)
            for algorithm in missing:
                self._add(session, algorithm, signing_from=self._clock.now())
        self._loaded_at = None
        return missing

    def rotate(self, algorithm: str, *, announce_seconds: int | None = None) -> str:
        """Announce a new key for `algorithm` and return its kid; the present one signs until that takes over."""
        announce = self._life.announce_seconds if announce_seconds is None else announce_seconds
        with self._database.transaction() as session:
            kid = self._add(session, algorithm, signing_from=self._clock.now() + seconds(announce))
        self._loaded_at = None
        return kid

    def rotate_due(self) -> tuple[str, ...]:
        """Announce a successor for each key that will have signed for its time; return those algorithms.

        Of several workers one does it: the others see its keys.
        """
        now = self._clock.now()
        ripe = now - seconds(max(0, self._life.rotate_seconds - self._life.announce_seconds))
        with self._database.transaction() as session:
            if not try_lock(session, "signing keys"):
                return ()
            newest = session.execute(
                sa.select(SigningKeyRow.algorithm, sa.func.max(SigningKeyRow.signing_from).label("signing_from"))
                .where(SigningKeyRow.state == SigningKeyState.LIVE)
                .group_by(SigningKeyRow.algorithm)
            ).all()
            due = tuple(row.algorithm for row in newest if row.signing_from <= ripe)
            for algorithm in due:
                self._add(session, algorithm, signing_from=now + seconds(self._life.announce_seconds))
        self._loaded_at = None
        return due

    def advance(self) -> int:
        """Retire keys that a newer one took over from, and delete those past their time; return how many changed."""
        now, changed = self._clock.now(), 0
        with self._database.transaction() as session:
            if not try_lock(session, "signing keys"):
                return 0
            rows = session.scalars(
                sa.select(SigningKeyRow)
                .where(SigningKeyRow.state == SigningKeyState.LIVE, SigningKeyRow.signing_from <= now)
                .order_by(SigningKeyRow.signing_from.desc())
            ).all()
            for algorithm in SIGNING_ALGORITHMS:
                for row in [row for row in rows if row.algorithm == algorithm][1:]:
                    row.state, row.retired_at = SigningKeyState.RETIRED, now
                    row.delete_after = now + seconds(self._life.retain_seconds)
                    record(session, Event.KEY_ROTATED, at=now, details={"kid": row.kid, "alg": algorithm})
                    changed += 1
            over = (SigningKeyRow.state == SigningKeyState.RETIRED, SigningKeyRow.delete_after <= now)
            for gone in session.execute(
                sa.delete(SigningKeyRow).where(*over).returning(SigningKeyRow.kid, SigningKeyRow.algorithm)
            ).all():
                record(session, Event.KEY_DELETED, at=now, details={"kid": gone.kid, "alg": gone.algorithm})
                changed += 1
        self._loaded_at = None
        return changed

    def signing(self, algorithm: str) -> SigningKey:
        """Return the key that signs now: the newest whose time has come."""
        now = self._clock.now()
        candidates = [
            key
            for key in self._current().values()
            if key.algorithm == algorithm and not key.retired and key.signing_from <= now
        ]
        if not candidates:
            raise ConfigError(f"no key signs {algorithm}; create one with: idp keys init")
        return max(candidates, key=lambda key: key.signing_from)

    def find(self, kid: str) -> SigningKey | None:
        """Return a published key by its id, live or retired, or None."""
        return self._current().get(kid)

    def jwks(self) -> dict[str, Any]:
        """Return the public key set (RFC 7517 §5), live keys first; the same object until it changes."""
        current = self._current()
        if self._published is None or self._published[0] is not current:
            keys = sorted(current.values(), key=lambda key: (key.retired, key.algorithm, key.kid))
            self._published = (current, {"keys": [key.public_jwk for key in keys]})
        return self._published[1]

    def _add(self, session: sa.orm.Session, algorithm: str, *, signing_from: datetime) -> str:
        material = generate_signing_key(algorithm)
        context = signing_key_context(material.kid, algorithm)
        session.add(
            SigningKeyRow(
                kid=material.kid,
                algorithm=algorithm,
                state=SigningKeyState.LIVE,
                public_jwk=material.public_jwk,
                wrapped_private=self._kek.wrap(material.private_der, context),
                kek_id=self._kek.id,
                created_at=self._clock.now(),
                signing_from=signing_from,
            )
        )
        session.flush()
        record(session, Event.KEY_CREATED, at=self._clock.now(), details={"kid": material.kid, "alg": algorithm})
        return material.kid

    def _current(self) -> dict[str, SigningKey]:
        now = self._clock.now()
        loaded_at = self._loaded_at
        if loaded_at is None or now - loaded_at >= seconds(self._reload_seconds):
            with self._lock:
                if self._loaded_at is loaded_at:
                    self._loaded = self._load()
                    self._loaded_at = now
        return self._loaded

    def _load(self) -> dict[str, SigningKey]:
        with self._database.read() as session:
            rows = session.scalars(sa.select(SigningKeyRow)).all()
        known = self._loaded
        return {row.kid: self._key(row, known.get(row.kid)) for row in rows}

    def _key(self, row: SigningKeyRow, known: SigningKey | None) -> SigningKey:
        if known is not None:
            private, ready = known.private, known.ready
        else:
            der = self._kek.unwrap(row.wrapped_private, signing_key_context(row.kid, row.algorithm))
            private = load_private(der, row.algorithm, row.kid)
            ready = ReadyKey(private)
        return SigningKey(
            kid=row.kid,
            algorithm=row.algorithm,
            signing_from=row.signing_from,
            retired=row.state == SigningKeyState.RETIRED,
            public_jwk=row.public_jwk,
            private=private,
            ready=ready,
        )
