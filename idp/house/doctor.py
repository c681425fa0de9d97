"""What is wrong with an installation: each check is one function that says what and what to do about it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import sqlalchemy as sa

from idp.config.settings import Settings
from idp.core.clock import Clock
from idp.core.errors import ConfigError, IdpError, StoreUnavailable
from idp.core.networks import Networks
from idp.house.ground import key_store, load_kek
from idp.house.vital_signs import outbox, unsealed_since
from idp.keys.models import KeyRotation, WrappedKey
from idp.storage.engine import Database
from idp.storage.short_lived.redis_facts import redis_facts

MOST_SKEW = timedelta(seconds=30)
_OVERDUE = timedelta(minutes=5)
_ROTATION_OVERDUE = timedelta(days=3)
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong, and the remedy."""

    problem: str
    remedy: str


class Doctor:
    """The checks of one installation; `revisions` returns the database's revision and the release's own."""

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        clock: Clock,
        revisions: Callable[[], tuple[str | None, str]],
    ) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._revisions = revisions

    def examine(self) -> Mapping[str, tuple[Finding, ...]]:
        """Run every check and return the findings by check, empty where all is well; never raises.

        Where the database cannot be reached, or has other tables, the checks that need it are left out.
        """
        found = {name: tuple(self._safely(check)) for name, check in self._without_database().items()}
        found["database"] = tuple(self._safely(self.database))
        if not found["database"]:
            found["migration"] = tuple(self._safely(self.migration))
        if found.get("migration") == ():
            found |= {name: tuple(self._safely(check)) for name, check in self._with_tables().items()}
        return found

    def issuer(self) -> Iterator[Finding]:
        """Browsers must reach the provider over TLS; on the machine itself there is nobody in between."""
        host = urlsplit(self._settings.issuer).hostname
        if not self._settings.https and (host not in _LOOPBACK or self._settings.profile == "production"):
            yield Finding(f"the issuer {self._settings.issuer} is http", "set issuer to an https origin")

    def proxies(self) -> Iterator[Finding]:
        """A header that anybody may set must not be believed."""
        for network in Networks(self._settings.server.trusted_proxies).nearly_everything:
            yield Finding(
                f"X-Forwarded-For is believed of {network}, which is nearly everybody",
                "list the addresses of your front proxies alone in server.trusted_proxies",
            )
        for network in Networks(self._settings.server.metrics_from).nearly_everything:
            yield Finding(
                f"/metrics is open to {network}", "list the addresses of your monitoring in server.metrics_from"
            )

    def realname(self) -> Iterator[Finding]:
        """What is switched on must be offered."""
        realname = self._settings.realname
        if realname.face != "none" and not realname.compares_faces:
            yield Finding(
                f"nobody's face is compared: realname.face is {realname.face}, and realname.face_script is empty",
                "set it to the https address of the vendor's jsvm_all.js, or realname.face to none",
            )

    def store(self) -> Iterator[Finding]:
        """The short-lived store must answer, forget nothing of itself, and agree about the time."""
        if self._settings.short_lived.backend != "redis":
            return
        try:
            facts = redis_facts(self._settings.short_lived.url.get_secret_value())
        except StoreUnavailable as error:
            yield Finding(f"the short-lived store does not answer ({error})", "start it, or correct short_lived.url")
            return
        for each in facts:
            whose = f"the short-lived store {each.name}".rstrip()
            if each.memory_policy not in (None, "noeviction"):
                # An evicted mark of a used assertion could be used again, an evicted login starts over.
                yield Finding(
                    f"{whose} evicts entries when its memory is full ({each.memory_policy})",
                    "set maxmemory-policy noeviction in its configuration",
                )
            yield from self._skew(whose, each.now)

    def database(self) -> Iterator[Finding]:
        """The database must answer."""
        try:
            self._database.ping()
        except StoreUnavailable as error:
            yield Finding(f"the database does not answer ({error})", "start it, or correct database.url")

    def migration(self) -> Iterator[Finding]:
        """The tables must be those of this release."""
        present, wanted = self._revisions()
        if present != wanted:
            yield Finding(f"the database is at revision {present}, this release at {wanted}", "run: idp migrate")

    def clock(self) -> Iterator[Finding]:
        """Codes, tokens and locks live by the clock."""
        if self._database.is_sqlite:
            return
        with self._database.read() as session:
            now = session.scalar(sa.text("SELECT clock_timestamp()"))
        assert now is not None  # noqa: S101 - the server always knows
        yield from self._skew("the database", now)

    def keys(self) -> Iterator[Finding]:
        """The key-encryption key must be the database's, and open everything."""
        try:
            kek = load_kek(self._settings, self._database)
            store = key_store(self._settings, self._database, kek, self._clock)
            store.check()
            store.load()
        except ConfigError as error:
            yield Finding(str(error), "use the key-encryption key that belongs to this database")
            return
        with self._database.read() as session:
            others = session.scalar(sa.select(sa.func.count()).where(WrappedKey.kek_id != kek.id))
            overdue = session.scalars(
                sa.select(KeyRotation.purpose).where(KeyRotation.phase_at < self._clock.now() - _ROTATION_OVERDUE)
            ).all()
        if others:
            yield Finding(f"{others} keys are wrapped under another key-encryption key", "run: idp keys rotate-kek")
        for purpose in overdue:
            yield Finding(f"the rotation of {purpose} is not over", f"run: idp keys rotate {purpose} --resume")

    def seals(self) -> Iterator[Finding]:
        """What is not sealed could still be changed unnoticed."""
        since = unsealed_since(self._database)
        patience = max(_OVERDUE, timedelta(seconds=5 * self._settings.audit.seal_every_seconds))
        if since is not None and self._clock.now() - since > patience:
            yield Finding(
                f"audit rows since {since:%Y-%m-%d %H:%M} UTC are not sealed",
                "start idp worker, and look for audit.* in its log",
            )

    def outbox(self) -> Iterator[Finding]:
        """Messages and logouts must leave."""
        now = self._clock.now()
        found = outbox(self._database, at=now)
        if found.due_since is not None and now - found.due_since > _OVERDUE:
            yield Finding(
                f"deliveries have been due since {found.due_since:%Y-%m-%d %H:%M} UTC",
                "start idp worker, and look for outbox.* in its log",
            )
        if found.dead:
            yield Finding(f"{found.dead} deliveries were given up", "look at last_problem in the table outbox")

    def _without_database(self) -> Mapping[str, Callable[[], Iterator[Finding]]]:
        return {
            "issuer": self.issuer,
            "proxies": self.proxies,
            "real names": self.realname,
            "short-lived store": self.store,
        }

    def _with_tables(self) -> Mapping[str, Callable[[], Iterator[Finding]]]:
        return {
            "clock": self.clock,
            "keys": self.keys,
            "audit seals": self.seals,
            "outbox": self.outbox,
        }

    def _skew(self, whose: str, now: datetime) -> Iterator[Finding]:
        skew = abs(now - self._clock.now())
        if skew > MOST_SKEW:
            yield Finding(
                f"the clock of {whose} is {int(skew.total_seconds())} seconds off ours",
                "synchronise both hosts with the same time servers",
            )

    def _safely(self, check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
        """Turn a check that breaks into a finding: one that cannot be made is not passed."""
        try:
            yield from check()
        except IdpError as error:
            yield Finding(str(error), "see the log")
        except Exception as error:
            yield Finding(f"could not be checked ({type(error).__name__})", "run: idp migrate; then look again")
