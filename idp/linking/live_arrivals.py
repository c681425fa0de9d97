"""Accounts that a living system told of at a login, taken in as a batch of one.

They lie in the table that files fill, so that nothing that reads it has to know which way one came.
"""

from dataclasses import fields
from datetime import datetime

from sqlalchemy.orm import Session

from connectors.legacy.live import LiveRow
from idp.crypto.keyring import Keyring
from idp.linking.accounts import Accounts
from idp.linking.contents import LegacyRow, StoredPassword
from idp.linking.login_candidates import Candidate
from idp.linking.login_systems import LoginSystem
from idp.linking.single_rows import compare
from idp.linking.taking_in import take_in

_NAMES = tuple(each.name for each in fields(LegacyRow))


def row_of(live: LiveRow) -> LegacyRow:
    """Return what a living system told, as a legacy row."""
    return LegacyRow(**{name: getattr(live, name) for name in _NAMES})


def stored_of(live: LiveRow) -> StoredPassword | None:
    """Return the stored password that it told, None where it keeps that to itself."""
    return StoredPassword(live.password, live.salt) if live.password else None


class Arrivals:
    """Takes a row in; one that is here already, and says the same, stays as it is."""

    def __init__(self, *, keyring: Keyring) -> None:
        self._keyring = keyring
        self._accounts = Accounts(keyring=keyring)

    def take_in(self, session: Session, system: LoginSystem, live: LiveRow, *, at: datetime) -> Candidate:
        """Return the account that the row is the present version of; the caller audits."""
        row = row_of(live)
        taken = take_in(
            session,
            self._keyring,
            system_number=system.number,
            row=row,
            compared=compare(self._keyring, system, row, at),
            at=at,
            password=stored_of(live),
        )
        view = self._accounts.find(session, system.number, taken.account_id)
        assert view is not None  # noqa: S101 - just taken in
        return Candidate(view, stored_of(live), None)
