"""One account at a time, as a batch of one: from a live look-up at a first login, or new at an older system.

Bulk and single alike leave rows of `legacy_accounts`, so that nothing that reads them has to know how one came.
"""

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.crypto.keyring import Keyring, Purpose
from idp.linking.account_ids import next_account_id
from idp.linking.contents import LegacyRow, StoredPassword, content_place, encode_row, seal_password
from idp.linking.digests import Digests
from idp.linking.models import ImportBatch, LegacyAccount, LegacySystem
from idp.linking.vocabulary import BatchState, HolderKind, NumberState, SourceState
from idp.storage.locks import wait_for_lock


@dataclass(frozen=True, slots=True)
class Compared:
    """What a single row is compared by; all digests under `key_version`."""

    key_version: int
    number_index: bytes | None = field(default=None, repr=False)
    pair_index: bytes | None = field(default=None, repr=False)
    name_mobile_index: bytes | None = field(default=None, repr=False)
    mobile_index: bytes | None = field(default=None, repr=False)
    number_state: NumberState = NumberState.MISSING
    holder_kind: HolderKind = HolderKind.PERSON
    source_state: SourceState = SourceState.ACTIVE
    is_contradictory: bool = False


@dataclass(frozen=True, slots=True)
class TakenIn:
    """The account that a row is a version of, and whether it was there before."""

    account_id: int
    version: int
    is_new: bool
    is_changed: bool


def account_of(session: Session, keyring: Keyring, system_number: int, reference: str) -> int | None:
    """Return the account that a system calls by this reference; a read that holds nothing."""
    row = _present(session, keyring, system_number, reference)
    return None if row is None else row.account_id


def take_in(
    session: Session,
    keyring: Keyring,
    *,
    system_number: int,
    row: LegacyRow,
    compared: Compared,
    at: datetime,
    password: StoredPassword | None = None,
    only_new: bool = False,
) -> TakenIn:
    """Keep what an older system says of one account now; the same again changes nothing. The caller audits.

    A row that says something else than before becomes a new version and the older one is closed, unless `only_new`.
    """
    digests = Digests(keyring=keyring, version=compared.key_version)
    reference = digests.reference(system_number, row.reference)
    # Of two at once the second finds what the first wrote.
    wait_for_lock(session, f"legacy account {system_number} {reference.hex()}")
    content = encode_row(row)
    content_digest = digests.content(content)
    present = _present(session, keyring, system_number, row.reference, hold=True)
    is_same = (
        present is not None and present.key_version == compared.key_version and present.content_digest == content_digest
    )
    if present is not None and (is_same or only_new):
        return TakenIn(present.account_id, present.version, is_new=False, is_changed=False)
    batch_number = _batch_of_one(session, system_number, at)
    account_id = next_account_id(session) if present is None else present.account_id
    version = 1 if present is None else present.version + 1
    if present is not None:
        present.valid_to = at
        session.flush()
    session.add(
        LegacyAccount(
            system_number=system_number,
            account_id=account_id,
            version=version,
            batch_number=batch_number,
            row_number=1,
            seen_batch=batch_number,
            valid_from=at,
            ref_index=reference,
            content=keyring.encrypt(Purpose.DATA, content, content_place(batch_number, 1)),
            content_digest=content_digest,
            key_version=compared.key_version,
            login_index=digests.login(system_number, row.login) if row.login else None,
            number_index=compared.number_index,
            pair_index=compared.pair_index,
            name_mobile_index=compared.name_mobile_index,
            mobile_index=compared.mobile_index,
            number_state=compared.number_state,
            holder_kind=compared.holder_kind,
            source_state=compared.source_state,
            is_contradictory=compared.is_contradictory,
            credential=None if password is None else seal_password(keyring, batch_number, 1, password),
            credential_digest=None if password is None else digests.credential(system_number, password.stored),
        )
    )
    session.flush()
    return TakenIn(account_id, version, is_new=present is None, is_changed=present is not None)


def _present(
    session: Session, keyring: Keyring, system_number: int, reference: str, *, hold: bool = False
) -> LegacyAccount | None:
    """Return the present version of an account, under whichever live key its digests were made."""
    found = [
        sa.and_(
            LegacyAccount.key_version == version,
            LegacyAccount.ref_index == Digests(keyring=keyring, version=version).reference(system_number, reference),
        )
        for version in keyring.versions(Purpose.INDEX)
    ]
    statement = sa.select(LegacyAccount).where(
        LegacyAccount.system_number == system_number, LegacyAccount.valid_to.is_(None), sa.or_(*found)
    )
    return session.scalar(statement.with_for_update() if hold else statement)


def _batch_of_one(session: Session, system_number: int, at: datetime) -> int:
    rules_version = session.scalars(
        sa.select(LegacySystem.rules_version).where(LegacySystem.number == system_number)
    ).one()
    batch = ImportBatch(
        system_number=system_number,
        kind="single",
        state=BatchState.DONE,
        rules_version=rules_version,
        counters={"rows": 1},
        is_paused=False,
        created_at=at,
        finished_at=at,
    )
    session.add(batch)
    session.flush()
    return batch.number
