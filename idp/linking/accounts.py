"""Legacy accounts as other rooms read them: the present version of each, opened on request."""

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.crypto.keyring import Keyring, Purpose
from idp.linking.contents import LegacyRow, open_row
from idp.linking.digests import Digests
from idp.linking.models import LegacyAccount
from idp.linking.vocabulary import HolderKind, NumberState, SourceState


@dataclass(frozen=True, slots=True)
class AccountView:
    """A legacy account as its source says it now, with what matching compares; digests say nothing without the key."""

    system_number: int
    account_id: int
    version: int
    batch_number: int
    row_number: int
    row: LegacyRow = field(repr=False)
    key_version: int
    number_index: bytes | None
    pair_index: bytes | None
    mobile_index: bytes | None
    number_state: NumberState
    holder_kind: HolderKind
    source_state: SourceState
    is_contradictory: bool
    has_credential: bool
    migrated_at: datetime | None
    #: Since when the source says this: what was decided about an earlier version was not decided about this one.
    valid_from: datetime


class Accounts:
    """Finds legacy accounts and opens them."""

    def __init__(self, *, keyring: Keyring) -> None:
        self._keyring = keyring

    def find(self, session: Session, system_number: int, account_id: int) -> AccountView | None:
        """Return the present version of an account; raises DecryptionFailed."""
        row = session.scalar(
            sa.select(LegacyAccount).where(
                LegacyAccount.system_number == system_number,
                LegacyAccount.account_id == account_id,
                LegacyAccount.valid_to.is_(None),
            )
        )
        return None if row is None else self.open(row)

    def by_login(self, session: Session, system_number: int, login: str) -> AccountView | None:
        """Return the account that logs in, or is known, by this name in its system; None for none and for several."""
        names = []
        for version in self._keyring.versions(Purpose.INDEX):
            digests = Digests(keyring=self._keyring, version=version)
            is_named = sa.or_(
                LegacyAccount.login_index == digests.login(system_number, login),
                LegacyAccount.ref_index == digests.reference(system_number, login),
            )
            names.append(sa.and_(LegacyAccount.key_version == version, is_named))
        rows = session.scalars(
            sa.select(LegacyAccount)
            .where(LegacyAccount.system_number == system_number, LegacyAccount.valid_to.is_(None), sa.or_(*names))
            .limit(2)
        ).all()
        return self.open(rows[0]) if len(rows) == 1 else None

    def open(self, row: LegacyAccount) -> AccountView:
        """Return an account from its row; raises DecryptionFailed."""
        return AccountView(
            system_number=row.system_number,
            account_id=row.account_id,
            version=row.version,
            batch_number=row.batch_number,
            row_number=row.row_number,
            row=open_row(self._keyring, row.batch_number, row.row_number, row.content),
            key_version=row.key_version,
            number_index=row.number_index,
            pair_index=row.pair_index,
            mobile_index=row.mobile_index,
            number_state=NumberState(row.number_state),
            holder_kind=HolderKind(row.holder_kind),
            source_state=SourceState(row.source_state),
            is_contradictory=row.is_contradictory,
            has_credential=row.credential is not None or row.password_hash is not None,
            migrated_at=row.migrated_at,
            valid_from=row.valid_from,
        )
