"""The password of an older system, typed by somebody who says that an account there is theirs.

It proves control and nothing else: it opens no login here, and is never kept as a credential of the person. Tries are
counted in SQL before anything is compared, for each who tries and for the account. Where there is no such account the
same work is done.
"""

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.clock import Clock
from idp.core.ids import new_id
from idp.core.results import Ok, Refused
from idp.crypto.keyring import Keyring
from idp.linking.accounts import Accounts, AccountView
from idp.linking.contents import StoredPassword, open_password
from idp.linking.control import ControlProof, accounts_with_password
from idp.linking.default_passwords import DefaultPasswords, facts_of
from idp.linking.login_systems import LoginSystem
from idp.linking.models import LegacyAccount
from idp.linking.password_rule import Verdict
from idp.linking.schemes import dummy, verify
from idp.linking.vocabulary import ControlKind
from idp.persons.passwords import Passwords
from idp.persons.tries import Tries, TryAllowed, device_key_of, subject_of_unknown
from idp.storage.engine import Database


class PasswordProblem(StrEnum):
    """Why a password proves nothing; unknown and wrong are one."""

    WRONG = "wrong"
    TOO_MANY_TRIES = "too_many_tries"


class OldPasswords:
    """Compares them; opens transactions of its own."""

    def __init__(
        self,
        *,
        database: Database,
        accounts: Accounts,
        passwords: Passwords,
        defaults: DefaultPasswords,
        tries: Tries,
        keyring: Keyring,
        clock: Clock,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._passwords = passwords
        self._defaults = defaults
        self._tries = tries
        self._keyring = keyring
        self._clock = clock

    def prove(self, person_id: str, system: LoginSystem, name: str, typed: str) -> Ok[ControlProof] | Refused:
        """Return a proof of control of the account of this login name or reference, or a `PasswordProblem`."""
        now = self._clock.now()
        with self._database.transaction() as session:
            account = self._accounts.by_login(session, system.number, name)
            who = f"legacy account {account.account_id}" if account else f"legacy login {system.number} {name}"
            subject, device = subject_of_unknown(self._keyring, who), device_key_of(person_id)
            reserved = self._tries.reserve(session, subject, device, at=now)
            stored, own_hash = self._stored(session, account)
        is_allowed = isinstance(reserved, TryAllowed)
        is_right = self._is_right(system, account, stored, own_hash, typed) and is_allowed
        if not is_right or account is None:
            return Refused(PasswordProblem.WRONG if is_allowed else PasswordProblem.TOO_MANY_TRIES)
        with self._database.transaction() as session:
            self._tries.clear(session, subject, device)
            shared_by = accounts_with_password(session, account)
        is_default = self._defaults.kind_of(typed, facts_of(account.row), patterns=system.patterns) is not None
        return Ok(ControlProof(account.account_id, ControlKind.PASSWORD, now, new_id(), is_default, shared_by))

    def _stored(self, session: Session, account: AccountView | None) -> tuple[StoredPassword | None, str | None]:
        """Return what the source stored, and the hash that a first login left in its place."""
        if account is None:
            return None, None
        row = session.execute(
            sa.select(LegacyAccount.credential, LegacyAccount.password_hash).where(
                LegacyAccount.system_number == account.system_number,
                LegacyAccount.account_id == account.account_id,
                LegacyAccount.version == account.version,
            )
        ).one()
        if row.credential is None:
            return None, row.password_hash
        opened = open_password(self._keyring, account.batch_number, account.row_number, row.credential)
        return opened, row.password_hash

    def _is_right(
        self,
        system: LoginSystem,
        account: AccountView | None,
        stored: StoredPassword | None,
        own_hash: str | None,
        typed: str,
    ) -> bool:
        if own_hash is not None:
            return self._passwords.verify(typed, own_hash)
        login = account.row.login if account is not None else ""
        is_right = verify(system.rule, stored or dummy(system.rule), typed, login=login) is Verdict.MATCH
        return is_right and stored is not None
