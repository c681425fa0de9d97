"""The ground floor of the house: database, keys, short-lived store, outbound fetches."""

from dataclasses import dataclass

from idp.config.settings import Settings
from idp.core.clock import Clock
from idp.crypto.envelope import KeyEncryptionKey
from idp.crypto.keyring import Keyring
from idp.crypto.providers.file import create_key_file, load_key_file
from idp.crypto.suites import Suite, suite_by_name
from idp.keys.store import KeyStore
from idp.outbound.fetcher import Fetcher, OutboundPolicy
from idp.storage.engine import Database
from idp.storage.short_lived.backend import Backend
from idp.storage.short_lived.redis import RedisBackend
from idp.storage.short_lived.sql import SqlBackend
from idp.storage.short_lived.store import ShortLivedStore
from idp.tokens.signing_keys import KeyLife, SigningKeys


@dataclass(frozen=True, slots=True)
class Ground:
    """What everything else stands on."""

    settings: Settings
    clock: Clock
    database: Database
    kek: KeyEncryptionKey
    keyring: Keyring
    store: ShortLivedStore
    fetcher: Fetcher
    signing_keys: SigningKeys


def open_database(settings: Settings) -> Database:
    """Return the database of record; the pool is as large as the worker's threads."""
    return Database(settings.database_url, pool_size=settings.server.threads)


def load_kek(settings: Settings) -> KeyEncryptionKey:
    """Return the key-encryption key; raises ConfigError where it is missing, exposed or damaged."""
    return load_key_file(settings.key_file, suite=_suite(settings))


def create_keys(settings: Settings, clock: Clock) -> tuple[str, ...]:
    """Create what is missing of all keys and return their names; safe to repeat."""
    created: list[str] = []
    if not settings.key_file.exists():
        settings.key_file.parent.mkdir(parents=True, exist_ok=True)
        create_key_file(settings.key_file)
        created.append(str(settings.key_file.name))
    database, kek = open_database(settings), load_kek(settings)
    created += key_store(settings, database, kek, clock).create_missing()
    created += signing_keys(settings, database, kek, clock).create_missing()
    database.close()
    return tuple(created)


def key_store(settings: Settings, database: Database, kek: KeyEncryptionKey, clock: Clock) -> KeyStore:
    """Return the store of wrapped data keys."""
    return KeyStore(database=database, kek=kek, suite=_suite(settings), clock=clock)


def signing_keys(settings: Settings, database: Database, kek: KeyEncryptionKey, clock: Clock) -> SigningKeys:
    """Return the token-signing keys."""
    life = KeyLife(settings.keys.announce_seconds, settings.keys.rotate_seconds, settings.keys.retain_seconds)
    return SigningKeys(database=database, kek=kek, clock=clock, life=life)


def build_ground(settings: Settings, clock: Clock) -> Ground:
    """Open everything; raises ConfigError or StoreUnavailable."""
    database, kek = open_database(settings), load_kek(settings)
    keyring = key_store(settings, database, kek, clock).load()
    return Ground(
        settings=settings,
        clock=clock,
        database=database,
        kek=kek,
        keyring=keyring,
        store=ShortLivedStore(backend=_backend(settings, clock), keyring=keyring),
        fetcher=Fetcher(policy=_policy(settings)),
        signing_keys=signing_keys(settings, database, kek, clock),
    )


def _suite(settings: Settings) -> Suite:
    return suite_by_name(settings.keys.suite)


def _backend(settings: Settings, clock: Clock) -> Backend:
    if settings.short_lived.backend == "redis":
        return RedisBackend(settings.short_lived.url.get_secret_value(), prefix=settings.short_lived.prefix)
    return SqlBackend(settings.data_dir / "short-lived.db", clock=clock)


def _policy(settings: Settings) -> OutboundPolicy:
    outbound = settings.outbound
    return OutboundPolicy(
        allow_loopback=outbound.allow_loopback,
        allow_http=outbound.allow_loopback,
        ca_file=str(outbound.ca_file) if outbound.ca_file else None,
        total_timeout_seconds=outbound.timeout_seconds,
    )
