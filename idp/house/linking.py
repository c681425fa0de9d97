"""The upkeep of links over this house: what persons are matched by, undos, and the journal's seals."""

from collections.abc import Callable

from idp.audit.heads import HeadsFile
from idp.audit.seal_key import load_public_keys, public_file
from idp.audit.sealing import Sealer
from idp.audit.verification import Finding, Verifier
from idp.config.settings import Settings
from idp.core.clock import Clock
from idp.house.audit import journal_heads, load_audit_key
from idp.house.ground import Ground
from idp.linking.case_scoring import CaseScorer
from idp.linking.journal_sealing import JOURNAL
from idp.linking.match_key_upkeep import MatchKeyUpkeep
from idp.linking.match_keys import MatchKeys
from idp.linking.undo_job import UndoJob
from idp.persons.ciphers import PersonCiphers
from idp.storage.engine import Database


def build_match_key_upkeep(ground: Ground) -> MatchKeyUpkeep:
    """Return what keeps the digests by which persons are found."""
    ciphers = PersonCiphers(keyring=ground.keyring, clock=ground.clock)
    return MatchKeyUpkeep(
        database=ground.database, keys=MatchKeys(keyring=ground.keyring, ciphers=ciphers), clock=ground.clock
    )


def build_case_scorer(ground: Ground) -> CaseScorer:
    """Return what compares the candidates of cases."""
    ciphers = PersonCiphers(keyring=ground.keyring, clock=ground.clock)
    return CaseScorer(
        database=ground.database,
        keyring=ground.keyring,
        keys=MatchKeys(keyring=ground.keyring, ciphers=ciphers),
        clock=ground.clock,
    )


def build_undo_job(ground: Ground) -> UndoJob:
    """Return what takes batches back."""
    return UndoJob(database=ground.database, clock=ground.clock)


def build_journal_sealer(settings: Settings, database: Database, clock: Clock) -> Sealer:
    """Return the sealer of the journal; raises ConfigError where this host has no key."""
    load_audit_key(settings)
    return Sealer(
        database=database,
        load_key=lambda: load_audit_key(settings),
        heads=journal_heads(settings),
        clock=clock,
        batch_rows=settings.audit.batch_rows,
        table=JOURNAL,
    )


def build_journal_verifier(
    settings: Settings,
    database: Database,
    clock: Clock,
    *,
    heads: HeadsFile | None = None,
    on_finding: Callable[[Finding], None],
) -> Verifier:
    """Return the verifier of the journal, which needs the public keys only; raises ConfigError."""
    return Verifier(
        database=database,
        keys=load_public_keys(public_file(settings.seal_key_file)),
        heads=heads or journal_heads(settings),
        clock=clock,
        late_seconds=settings.audit.late_seconds,
        on_finding=on_finding,
        table=JOURNAL,
    )
