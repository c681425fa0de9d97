"""Older systems and accounts with passwords, as a file or a first login leaves them."""

import hashlib
from typing import Any

import sqlalchemy as sa

from idp.audit.log import NOWHERE
from idp.core.results import Ok
from idp.house.build import House
from idp.linking.contents import LegacyRow, StoredPassword
from idp.linking.login_systems import LoginSystem, login_system, set_password_rule
from idp.linking.models import LegacyAccount, LegacySystem
from idp.linking.password_rule import PasswordRule
from idp.linking.single_rows import compare
from idp.linking.taking_in import take_in
from idp.persons.departments import create_department

OLD_PASSWORD = "Qing-hai 湖 1998"


def md5(password: str) -> str:
    """Return what the older system stores."""
    return hashlib.md5(password.encode()).hexdigest()


class OldSystem:
    """One older system of a house."""

    def __init__(self, house: House, code: str = "shebao", *, scheme: str = "md5", **more: Any) -> None:
        self.house, self.code = house, code
        now = house.ground.clock.now()
        with house.ground.database.transaction() as session:
            department = create_department(session, code=f"of-{code}", name=code, at=now)
            assert isinstance(department, Ok)
            session.add(
                LegacySystem(
                    code=code,
                    name=f"社会保险 {code}",
                    department_id=department.value,
                    state="active",
                    rules={},
                    rules_version=1,
                    is_real_name_verified=False,
                    holds_organisations=False,
                    pays_out=False,
                    vouching="off",
                    cutover=more.pop("cutover", "legacy_only"),
                    created_at=now,
                    changed_at=now,
                )
            )
            session.flush()
            rule = PasswordRule(scheme)
            set_password_rule(session, house.ground.keyring, code, rule, at=now, origin=NOWHERE, **more)

    @property
    def view(self) -> LoginSystem:
        with self.house.ground.database.read() as session:
            found = login_system(session, self.house.ground.keyring, self.code)
        assert found is not None
        return found

    def add(self, login: str = "zhang01", password: str = OLD_PASSWORD, **more: str) -> int:
        """Add an account and return its id; its password is stored as MD5."""
        row = LegacyRow(reference=more.pop("reference", f"GR-{login}"), login=login, **more)
        now, keyring, system = self.house.ground.clock.now(), self.house.ground.keyring, self.view
        with self.house.ground.database.transaction() as session:
            return take_in(
                session,
                keyring,
                system_number=system.number,
                row=row,
                compared=compare(keyring, system, row, now),
                at=now,
                password=StoredPassword(md5(password)) if password else None,
            ).account_id

    def account(self, account_id: int) -> LegacyAccount:
        """Return the present version of an account."""
        with self.house.ground.database.read() as session:
            found = session.scalars(
                sa.select(LegacyAccount).where(LegacyAccount.account_id == account_id, LegacyAccount.valid_to.is_(None))
            ).one()
            session.expunge(found)
        return found

    def accounts(self) -> int:
        """Return how many versions of accounts there are."""
        with self.house.ground.database.read() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(LegacyAccount)) or 0
