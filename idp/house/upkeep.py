"""The tasks of a worker over a house, beside its deliveries."""

from collections.abc import Callable
from datetime import timedelta

import structlog

from idp.audit.counting import fold_counts
from idp.audit.months import create_months_ahead
from idp.core.clock import Clock
from idp.house.audit import build_sealer
from idp.house.build import House
from idp.house.erasure import build_erasure
from idp.house.imports import build_import_job
from idp.house.linking import build_case_scorer, build_journal_sealer, build_match_key_upkeep, build_undo_job
from idp.house.rotation import build_rotation
from idp.jobs.background import Background
from idp.jobs.periodic import Left, Periodic, Task
from idp.keys.instances import forget_gone
from idp.outbox.upkeep import forget_ended
from idp.persons.tries import forget_idle
from idp.persons.upkeep import sweep_contacts, sweep_credentials, sweep_devices, sweep_recoveries
from idp.persons.used_proofs import forget_expired
from idp.sessions.upkeep import sweep_sessions
from idp.storage.engine import Database
from idp.storage.sweeping import Sweep
from idp.tokens.upkeep import (
    create_token_months_ahead,
    drop_old_families,
    forget_expired_tokens,
    sweep_refresh_tokens,
)

_MINUTE, _HOUR = 60, 3_600
_IMPORTS_SECONDS = 5
_UNDOS_SECONDS, _MATCH_KEYS_SECONDS = 10, 15
# Of each kind in one run: the next one comes soon where there was as much.
_MOST_ROWS = 1_000
_MOST_ERASED = 20
_log = structlog.get_logger("idp.upkeep")


def build_upkeep(house: House) -> Periodic:
    """Return the tasks; raises ConfigError where this host has no key to seal the audit log with."""
    ground, upkeep = house.ground, _Upkeep(house)
    journal_sealer = build_journal_sealer(house.settings, ground.database, ground.clock)
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
        Task("mobile releases", 10 * _MINUTE, house.login.releases.release_all_due),
        Task("mapping changes", _MINUTE, house.api.mapping.announcements.look),
        Task("deaths in the register", 10 * _MINUTE, house.login.life_events.register_deaths.act),
        Task("old token families", 6 * _HOUR, upkeep.drop_families),
        Task("key rotations", 10 * _MINUTE, upkeep.finish_rotations),
        Task("imports", _IMPORTS_SECONDS, upkeep.start_imports),
        Task("undos", _UNDOS_SECONDS, upkeep.take_back),
        Task("case scores", _UNDOS_SECONDS, upkeep.score_cases),
        Task("match keys", _MATCH_KEYS_SECONDS, build_match_key_upkeep(ground).run),
        Task("journal sealing", house.settings.audit.seal_every_seconds, journal_sealer.run),
        Task("ended processes", _HOUR, upkeep.forget_processes),
        Task("late rows of the erased", _HOUR, build_erasure(house).erase_late),
        Task("legacy statistics", _MINUTE, upkeep.count_legacy_accounts),
        Task("preparations nobody activated", _HOUR, upkeep.erase_prepared),
        *(Task(f"old {sweep.name}", 6 * _HOUR, upkeep.sweep_with(sweep)) for sweep in build_sweeps(house)),
    )
    return Periodic(tasks=tasks, clock=ground.clock)


def build_sweeps(house: House) -> tuple[Sweep, ...]:
    """Return the walks through tables whose rows are kept for a time after their end."""
    database, kept = house.ground.database, house.settings.retention
    known = timedelta(seconds=house.settings.sessions.known_device_seconds)
    return (
        sweep_refresh_tokens(database),
        sweep_sessions(database, keep=timedelta(days=kept.sessions_days)),
        sweep_recoveries(database, keep=timedelta(days=kept.recoveries_days)),
        sweep_devices(database, known=known, keep=timedelta(days=kept.devices_days)),
        sweep_credentials(database, keep=timedelta(days=kept.credentials_days)),
        sweep_contacts(database, keep=timedelta(days=kept.contacts_days)),
    )


def create_partitions(database: Database, clock: Clock) -> int:
    """Create the partitions of the time to come; return how many were new."""
    now = clock.now()
    return create_months_ahead(database, at=now) + create_token_months_ahead(database, at=now)


class _Upkeep:
    """Tasks as calls without arguments."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._kept = house.settings.retention
        self._database = house.ground.database
        self._clock = house.ground.clock
        self._rotation = build_rotation(house.ground, report=lambda line: _log.info("keys.rotation", report=line))
        self._scorer = build_case_scorer(house.ground)
        self._undos = build_undo_job(house.ground)
        self._importing = Background(name="imports", work=build_import_job(house.ground).run)
        self._rotating = Background(name="key rotations", work=self._rotate)
        self._statistics = house.console.statistics
        self._counting = Background(name="legacy statistics", work=self._statistics.count)

    def score_cases(self) -> Left | None:
        return Left.MORE if self._scorer.run() else None

    def take_back(self) -> Left | None:
        return Left.MORE if self._undos.run() else None

    def start_imports(self) -> bool:
        """Go on with batches that wait; a file takes as long as it takes, so beside everything else."""
        return self._importing.start()

    def create_partitions(self) -> int:
        return create_partitions(self._database, self._clock)

    def fold_counts(self) -> int:
        with self._database.transaction() as session:
            return fold_counts(session, at=self._clock.now())

    def forget_tokens(self) -> Left | None:
        return _more(forget_expired_tokens(self._database, at=self._clock.now(), limit=_MOST_ROWS))

    def forget_proofs(self) -> Left | None:
        with self._database.transaction() as session:
            return _more(forget_expired(session, at=self._clock.now(), limit=_MOST_ROWS))

    def forget_deliveries(self) -> Left | None:
        now = self._clock.now()
        with self._database.transaction() as session:
            gone = forget_ended(
                session,
                delivered_before=now - timedelta(days=self._kept.delivered_days),
                failed_before=now - timedelta(days=self._kept.undelivered_days),
                limit=_MOST_ROWS,
            )
        return _more(gone)

    def forget_tries(self) -> Left | None:
        before = self._clock.now() - timedelta(days=self._kept.tries_days)
        with self._database.transaction() as session:
            return _more(forget_idle(session, before=before, limit=_MOST_ROWS))

    def erase_prepared(self) -> Left | None:
        before = self._clock.now() - timedelta(days=self._kept.prepared_days)
        erased = build_erasure(self._house).erase_prepared(before=before, most=_MOST_ERASED)
        return Left.MORE if erased >= _MOST_ERASED else None

    def finish_rotations(self) -> bool:
        """Go on with rotations whose wait is over; every process, this one too, is waited for, so beside it."""
        return bool(self._rotation.due()) and self._rotating.start()

    def count_legacy_accounts(self) -> bool:
        """Count what there is of older systems where it is time to; it reads whole tables, so beside deliveries."""
        return self._statistics.is_due() and self._counting.start()

    def _rotate(self) -> None:
        for purpose in self._rotation.due():
            self._rotation.go_on(purpose)

    def forget_processes(self) -> int:
        with self._database.transaction() as session:
            return forget_gone(session, at=self._clock.now())

    def drop_families(self) -> int:
        absolute = self._house.settings.tokens.refresh_absolute_seconds
        return drop_old_families(self._database, at=self._clock.now(), absolute_seconds=absolute)

    def sweep_with(self, sweep: Sweep) -> Callable[[], Left | None]:
        def run() -> Left | None:
            swept = sweep.run(at=self._clock.now())
            if swept.deleted:
                _log.info("upkeep.deleted", table=sweep.name, rows=swept.deleted)
            return None if swept.reached_end else Left.MORE

        return run


def _more(deleted: int) -> Left | None:
    return Left.MORE if deleted >= _MOST_ROWS else None
