"""The ground floor of the house: database, keys, short-lived store, outbound fetches."""

from contextlib import closing
from dataclasses import dataclass

from idp.audit.counting import Counting
from idp.audit.events import Event
from idp.audit.log import record
from idp.audit.reading import ReadCounts
from idp.audit.releases import ReleaseTraces
from idp.config.settings import Settings
from idp.core.clock import Clock
from idp.crypto.envelope import KeyEncryptionKey
from idp.crypto.providers.pair import KeyPair
from idp.crypto.suites import Suite, suite_by_name
from idp.house.audit import create_audit_key
from idp.house.kek import create_present_key, next_key, present_key
from idp.keys.instances import Presence
from idp.keys.kek import belongs_to
from idp.keys.live import LiveKeyring
from idp.keys.store import KeyStore
from idp.outbound.fetcher import Fetcher, OutboundPolicy
from idp.storage.engine import Database
from idp.storage.short_lived.backend import Backend
from idp.storage.short_lived.redis import RedisBackend
from idp.storage.short_lived.sql import SqlBackend
from idp.storage.short_lived.store import ShortLivedStore
from idp.storage.statements import Statements
from idp.tokens.signing_keys import KeyLife, SigningKeys


@dataclass(frozen=True, slots=True)
class Ground:
    """What everything else stands on."""

    settings: Settings
    clock: Clock
    database: Database
    statements: Statements
    kek: KeyEncryptionKey
    keyring: LiveKeyring
    presence: Presence
    store: ShortLivedStore
    fetcher: Fetcher
    signing_keys: SigningKeys
    counting: Counting
    reads: ReadCounts
    releases: ReleaseTraces


def open_database(settings: Settings) -> Database:
    """Return the database of record; the pool is as large as the worker's threads."""
    return Database(settings.database_url, pool_size=settings.server.threads)


def load_kek(settings: Settings, database: Database | None = None) -> KeyEncryptionKey:
    """Return the key-encryption key; raises ConfigError where it is missing, exposed or damaged.

    While one is exchanged for the other (`keys.next_key_file`, `keys.next_pkcs11`) both open keys, and the one
    that `database` belongs to wraps new ones.
    """
    present, following = present_key(settings), next_key(settings)
    if following is None:
        return present
    if database is not None and belongs_to(database, following):
        return KeyPair(following, present)
    return KeyPair(present, following)


def create_keys(settings: Settings, clock: Clock) -> tuple[str, ...]:
    """Create what is missing of all keys and return their names; safe to repeat."""
    created: list[str] = []
    if made := create_present_key(settings):
        created.append(made)
    with closing(open_database(settings)) as database:
        kek = load_kek(settings, database)
        created += key_store(settings, database, kek, clock).create_missing(
            audit=lambda session, purpose: record(
                session, Event.KEY_CREATED, at=clock.now(), details={"purpose": purpose, "version": 1}
            )
        )
        created += signing_keys(settings, database, kek, clock).create_missing()
    created += create_audit_key(settings)
    return tuple(created)


def key_store(settings: Settings, database: Database, kek: KeyEncryptionKey, clock: Clock) -> KeyStore:
    """Return the store of wrapped data keys."""
    return KeyStore(database=database, kek=kek, suite=_suite(settings), clock=clock)


def signing_keys(settings: Settings, database: Database, kek: KeyEncryptionKey, clock: Clock) -> SigningKeys:
    """Return the token-signing keys."""
    life = KeyLife(settings.keys.announce_seconds, settings.keys.rotate_seconds, settings.keys.retain_seconds)
    return SigningKeys(database=database, kek=kek, clock=clock, life=life, reload_seconds=settings.keys.reload_seconds)


def build_ground(settings: Settings, clock: Clock) -> Ground:
    """Open everything; raises ConfigError or StoreUnavailable."""
    database = open_database(settings)
    try:
        return _build_on(settings, clock, database)
    except BaseException:
        database.close()
        raise


def _build_on(settings: Settings, clock: Clock, database: Database) -> Ground:
    kek = load_kek(settings, database)
    keys = key_store(settings, database, kek, clock)
    keys.check()
    keyring = LiveKeyring(source=keys, reload_seconds=settings.keys.reload_seconds)
    return Ground(
        settings=settings,
        clock=clock,
        database=database,
        statements=Statements(database=database),
        kek=kek,
        keyring=keyring,
        presence=Presence(
            database=database, keyring=keyring, clock=clock, every_seconds=settings.keys.reload_seconds / 2
        ),
        store=ShortLivedStore(backend=_backend(settings, clock), keyring=keyring),
        fetcher=Fetcher(policy=outbound_policy(settings)),
        signing_keys=signing_keys(settings, database, kek, clock),
        counting=Counting(database=database, clock=clock),
        reads=ReadCounts(database=database, clock=clock),
        releases=ReleaseTraces(database=database, clock=clock),
    )


def _suite(settings: Settings) -> Suite:
    return suite_by_name(settings.keys.suite)


def _backend(settings: Settings, clock: Clock) -> Backend:
    if settings.short_lived.backend == "redis":
        return RedisBackend(
            settings.short_lived.url.get_secret_value(), clock=clock, prefix=settings.short_lived.prefix
        )
    return SqlBackend(settings.data_dir / "short-lived.db", clock=clock)


def outbound_policy(settings: Settings) -> OutboundPolicy:
    """Return the rules for addresses that others gave us."""
    outbound = settings.outbound
    return OutboundPolicy(
        allow_loopback=outbound.allow_loopback,
        allow_http=outbound.allow_loopback,
        ca_file=str(outbound.ca_file) if outbound.ca_file else None,
        total_timeout_seconds=outbound.timeout_seconds,
    )
