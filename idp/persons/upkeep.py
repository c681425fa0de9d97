"""Forgetting what persons no longer use: kept for a time after its end, as evidence in a dispute, and no longer.

PIPL art. 19 and GB/T 35273-2020 6.1: no longer than the purpose needs. What identifies a person, and what
proved it, stays as history until they are erased.
"""

from datetime import timedelta

import sqlalchemy as sa

from idp.persons.models import Contact, ContactIndex, Credential, KnownDevice, Recovery
from idp.persons.vocabulary import ContactState, CredentialState
from idp.storage.engine import Database
from idp.storage.sweeping import Sweep


def sweep_recoveries(database: Database, *, keep: timedelta) -> Sweep:
    """Return what deletes recoveries that were finished, cancelled or too late that long ago."""
    ended = sa.func.coalesce(Recovery.finished_at, Recovery.cancelled_at, Recovery.expires_at)
    return Sweep(database=database, order=[Recovery.id], over=lambda at: ended < at - keep)


def sweep_devices(database: Database, *, known: timedelta, keep: timedelta) -> Sweep:
    """Return what deletes devices that were removed, or ceased to be recognised, that long ago."""
    return Sweep(
        database=database,
        order=[KnownDevice.id],
        over=lambda at: sa.or_(KnownDevice.ended_at < at - keep, KnownDevice.last_seen_at < at - known - keep),
    )


def sweep_credentials(database: Database, *, keep: timedelta) -> Sweep:
    """Return what deletes credentials that ended, or were never confirmed, that long ago."""
    return Sweep(
        database=database,
        order=[Credential.id],
        over=lambda at: sa.or_(
            sa.and_(
                Credential.state.in_([CredentialState.ENDED, CredentialState.USED]), Credential.ended_at < at - keep
            ),
            sa.and_(Credential.state == CredentialState.PENDING, Credential.changed_at < at - keep),
        ),
    )


def sweep_contacts(database: Database, *, keep: timedelta) -> Sweep:
    """Return what deletes contacts that somebody gave up that long ago, with their indexes."""
    return Sweep(
        database=database,
        order=[Contact.id],
        over=lambda at: sa.and_(Contact.state == ContactState.FORMER, Contact.ended_at < at - keep),
        dependents=[ContactIndex.contact_id],
    )
