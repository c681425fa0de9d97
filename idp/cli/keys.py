"""Commands for keys."""

import sys
from contextlib import closing
from pathlib import Path

import click
import sqlalchemy as sa

from idp.cli.shared import house_or_exit, settings_or_exit
from idp.core.clock import Clock
from idp.crypto.envelope import KeyEncryptionKey
from idp.crypto.keyring import Purpose
from idp.crypto.providers.file import create_key_file, load_key_file
from idp.crypto.signing import SIGNING_ALGORITHMS
from idp.crypto.suites import suite_by_name
from idp.house.audit import rotate_audit_key
from idp.house.ground import create_keys, open_database
from idp.house.kek import create_next_device_key, next_key, present_key
from idp.house.rotation import build_rotation, rotate_key_encryption_key
from idp.keys.models import KeyRotation, WrappedKey
from idp.keys.rotation import Waiting

#: The exit code of a rotation that only time can end; sysexits.h EX_TEMPFAIL.
_LATER = 75
_PURPOSE = click.Choice([purpose.value for purpose in Purpose])
#: Not in the database: a file on the hosts that seal.
_SEAL = "audit-seal"


@click.group()
def keys() -> None:
    """Create and rotate keys."""


@keys.command()
def init() -> None:
    """Create every key that is missing; repeats change nothing."""
    created = create_keys(settings_or_exit(), Clock())
    click.echo("created: " + ", ".join(created) if created else "all keys are there")


@keys.command()
def status() -> None:
    """Show every key's versions and states, and rotations under way."""
    house = house_or_exit()
    with house.ground.database.read() as session:
        rows = session.execute(
            sa.select(WrappedKey.purpose, WrappedKey.version, WrappedKey.state, WrappedKey.created_at).order_by(
                WrappedKey.purpose, WrappedKey.version
            )
        ).all()
        rotations = session.scalars(sa.select(KeyRotation).order_by(KeyRotation.purpose)).all()
    for row in rows:
        click.echo(f"{row.purpose:<15} {row.version:>3}  {row.state:<8} {row.created_at:%Y-%m-%d %H:%M} UTC")
    for rotation in rotations:
        click.echo(
            f"under way: {rotation.purpose} {rotation.from_version} to {rotation.to_version}, "
            f"{rotation.phase} since {rotation.phase_at:%Y-%m-%d %H:%M} UTC"
        )
    house.close()


@keys.command()
@click.argument("purpose", type=click.Choice([*_PURPOSE.choices, _SEAL]))
@click.option("--resume", is_flag=True, help="Only go on with a rotation that was begun.")
def rotate(purpose: str, resume: bool) -> None:
    """Exchange a data key for its next version, or the key that seals the audit log, while the provider serves.

    Goes on where an earlier run of it was ended. Ends with code 75 where the old version is needed until
    a time that is printed: idp worker ends it then, or a further run.
    """
    if purpose == _SEAL:
        _rotate_seal(resume)
        return
    house = house_or_exit()
    rotation, which = build_rotation(house.ground, report=click.echo), Purpose(purpose)
    if not resume and not rotation.begin(which):
        click.echo(f"{purpose}: a rotation is under way and is gone on with")
    outcome = rotation.go_on(which)
    house.close()
    if isinstance(outcome, Waiting):
        click.echo(
            f"{purpose}: the old version is read until {outcome.until:%Y-%m-%d %H:%M} UTC; "
            f"idp worker drops it then, or: idp keys rotate {purpose} --resume"
        )
        sys.exit(_LATER)
    click.echo(f"{purpose}: version {outcome.version} is in use")


def _rotate_seal(resume: bool) -> None:
    if resume:
        raise click.UsageError(f"{_SEAL} is exchanged at once: there is nothing to go on with.")
    settings = settings_or_exit()
    with closing(open_database(settings)) as database:
        exchanged = rotate_audit_key(settings, database, Clock())
    click.echo(f"{_SEAL}: {exchanged.new} seals now; {exchanged.old} ended with seal {exchanged.after}")


@keys.command()
@click.argument("purpose", type=_PURPOSE)
@click.argument("version", type=click.IntRange(min=1))
@click.confirmation_option(prompt="What this version made can then never be verified again. Go on?")
def withdraw(purpose: str, version: int) -> None:
    """Delete a version that a rotation kept to read (digest, audit, subject)."""
    house = house_or_exit()
    build_rotation(house.ground, report=click.echo).withdraw(Purpose(purpose), version)
    house.close()
    click.echo(f"{purpose}: version {version} is withdrawn")


@keys.command("rotate-signing")
@click.option("--algorithm", type=click.Choice(SIGNING_ALGORITHMS), required=True)
@click.option("--announce-seconds", type=click.IntRange(min=0), help="Default: keys.announce_seconds.")
def rotate_signing(algorithm: str, announce_seconds: int | None) -> None:
    """Announce a new signing key; it signs once the announcement is over."""
    house = house_or_exit()
    kid = house.ground.signing_keys.rotate(algorithm, announce_seconds=announce_seconds)
    house.ground.signing_keys.advance()
    click.echo(f"announced: {kid}")


@keys.command("new-kek")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--in-device", is_flag=True, help="In the token that keys.next_pkcs11 names, not in a file.")
def new_kek(file: Path | None, in_device: bool) -> None:
    """Make a new key-encryption key: in FILE, for keys.next_key_file, or in a device; none is ever overwritten."""
    if (file is None) is not in_device:
        raise click.UsageError("name a FILE, or say --in-device")
    if file is not None:
        create_key_file(file)
        click.echo(f"written: {file}")
        return
    click.echo(f"made in the device: {create_next_device_key(settings_or_exit())}")


@keys.command("rotate-kek")
@click.option(
    "--new-key-file",
    type=click.Path(path_type=Path),
    help="Default: keys.next_key_file or keys.next_pkcs11, which every process must have been started with.",
)
def rotate_kek(new_key_file: Path | None) -> None:
    """Wrap all keys under the next key-encryption key, in one transaction; may be repeated."""
    settings = settings_or_exit()
    if new_key_file is not None:
        new: KeyEncryptionKey | None = load_key_file(new_key_file, suite=suite_by_name(settings.keys.suite))
    else:
        new = next_key(settings)
    if new is None:
        raise click.UsageError("set keys.next_key_file or keys.next_pkcs11, or name a file with --new-key-file")
    old = present_key(settings)
    with closing(open_database(settings)) as database:
        done = rotate_key_encryption_key(database, old=old, new=new, clock=Clock())
    where = new_key_file or settings.keys.next_key_file or f"the device's {settings.keys.next_pkcs11.key_label}"
    click.echo(f"wrapped anew: {done.data_keys} data keys and {done.others} signing keys; now use {where} alone")
