"""The tasks of a worker over a house, beside its deliveries."""

from idp.audit.counting import fold_counts
from idp.audit.months import create_months_ahead
from idp.core.clock import Clock, seconds
from idp.house.audit import build_sealer
from idp.house.build import House
from idp.jobs.periodic import Periodic, Task
from idp.outbox.upkeep import forget_ended
from idp.persons.tries import forget_idle
from idp.persons.used_proofs import forget_expired
from idp.storage.engine import Database
from idp.tokens.upkeep import create_token_months_ahead, drop_old_families, forget_expired_tokens

_MINUTE, _HOUR = 60, 3_600
# Wrong passwords of so long ago say nothing of today's.
_TRIES_SECONDS = 30 * 86_400


def build_upkeep(house: House) -> Periodic:
    """Return the tasks; raises ConfigError where this host has no key to seal the audit log with."""
    ground, upkeep = house.ground, _Upkeep(house)
    sealer = build_sealer(house.settings, ground.database, ground.clock)
    tasks = (
        Task("partitions", 6 * _HOUR, upkeep.create_partitions),
        Task("audit counts", _MINUTE, upkeep.fold_counts),
        Task("audit sealing", house.settings.audit.seal_every_seconds, sealer.run),
        Task("signing key rotation", _HOUR, ground.signing_keys.rotate_due),
        Task("signing key life", _MINUTE, ground.signing_keys.advance),
        Task("expired tokens", 10 * _MINUTE, upkeep.forget_tokens),
        Task("used proofs", 10 * _MINUTE, upkeep.forget_proofs),
        Task("ended deliveries", _HOUR, upkeep.forget_deliveries),
        Task("idle tries", _HOUR, upkeep.forget_tries),
        Task("old token families", 6 * _HOUR, upkeep.drop_families),
    )
    return Periodic(tasks=tasks, clock=ground.clock)


def create_partitions(database: Database, clock: Clock) -> int:
    """Create the partitions of the time to come; return how many were new."""
    now = clock.now()
    return create_months_ahead(database, at=now) + create_token_months_ahead(database, at=now)


class _Upkeep:
    """Tasks as calls without arguments."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._database = house.ground.database
        self._clock = house.ground.clock

    def create_partitions(self) -> int:
        return create_partitions(self._database, self._clock)

    def fold_counts(self) -> int:
        with self._database.transaction() as session:
            return fold_counts(session, at=self._clock.now())

    def forget_tokens(self) -> int:
        return forget_expired_tokens(self._database, at=self._clock.now())

    def forget_proofs(self) -> int:
        with self._database.transaction() as session:
            return forget_expired(session, at=self._clock.now())

    def forget_deliveries(self) -> int:
        with self._database.transaction() as session:
            return forget_ended(session, at=self._clock.now())

    def forget_tries(self) -> int:
        with self._database.transaction() as session:
            return forget_idle(session, before=self._clock.now() - seconds(_TRIES_SECONDS))

    def drop_families(self) -> int:
        absolute = self._house.settings.tokens.refresh_absolute_seconds
        return drop_old_families(self._database, at=self._clock.now(), absolute_seconds=absolute)
