"""The sealing side of the audit log, built for the worker and the command line; web workers have no use for it."""

from collections.abc import Callable

from idp.audit.heads import HeadsFile
from idp.audit.seal_key import SealKey, create_seal_key, load_public_keys, load_seal_key, public_file
from idp.audit.seal_rotation import Exchanged, rotate_seal_key
from idp.audit.sealing import Sealer
from idp.audit.verification import Finding, Verifier
from idp.config.settings import Settings
from idp.core.clock import Clock
from idp.crypto.suites import suite_by_name
from idp.linking.journal_sealing import JOURNAL
from idp.storage.engine import Database


def create_audit_key(settings: Settings) -> tuple[str, ...]:
    """Create the sealing key where it is missing and return its file's name.

    In production only where its file is named: the hosts of web workers must not get one by chance.
    """
    path = settings.seal_key_file
    if path.exists() or (settings.profile == "production" and settings.audit.seal_key_file is None):
        return ()
    create_seal_key(path, suite_by_name(settings.keys.suite))
    return (path.name,)


def load_audit_key(settings: Settings) -> SealKey:
    """Return the sealing key; raises ConfigError where it is missing, exposed or damaged."""
    return load_seal_key(settings.seal_key_file, suite_by_name(settings.keys.suite))


def journal_heads(settings: Settings) -> HeadsFile:
    """Return where the journal's seals are published: beside the audit log's."""
    path = settings.heads_file
    return HeadsFile(path.with_name(f"merge-{path.name}"))


def build_sealer(settings: Settings, database: Database, clock: Clock) -> Sealer:
    """Return the sealer; raises ConfigError where this host has no key."""
    load_audit_key(settings)
    return Sealer(
        database=database,
        load_key=lambda: load_audit_key(settings),
        heads=HeadsFile(settings.heads_file),
        clock=clock,
        batch_rows=settings.audit.batch_rows,
    )


def rotate_audit_key(settings: Settings, database: Database, clock: Clock) -> Exchanged:
    """Exchange the sealing key on this host and seal with the new one; see `idp.audit.seal_rotation`."""
    exchanged = rotate_seal_key(
        database,
        path=settings.seal_key_file,
        suite=suite_by_name(settings.keys.suite),
        heads=HeadsFile(settings.heads_file),
        clock=clock,
        others=((JOURNAL, journal_heads(settings)),),
    )
    build_sealer(settings, database, clock).run()
    return exchanged


def build_verifier(
    settings: Settings,
    database: Database,
    clock: Clock,
    *,
    heads: HeadsFile | None = None,
    on_finding: Callable[[Finding], None],
) -> Verifier:
    """Return the verifier, which needs the public keys only; raises ConfigError where they are missing."""
    return Verifier(
        database=database,
        keys=load_public_keys(public_file(settings.seal_key_file)),
        heads=heads or HeadsFile(settings.heads_file),
        clock=clock,
        late_seconds=settings.audit.late_seconds,
        on_finding=on_finding,
    )
