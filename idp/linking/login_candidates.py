"""Which legacy accounts somebody means who types a login name into an older system's field."""

from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.results import Ok
from idp.crypto.keyring import Keyring, Purpose
from idp.linking.accounts import Accounts, AccountView
from idp.linking.contents import StoredPassword, open_password
from idp.linking.digests import Digests
from idp.linking.models import LegacyAccount
from idp.persons.contact_numbers import parse_mobile
from realname.documents.parse import parse_number

#: Somebody may have several accounts in one system under one number or mobile; a mobile of hundreds names nobody.
_MOST = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account that the typed login may mean, with what its password is compared by."""

    view: AccountView = field(repr=False)
    stored: StoredPassword | None = field(repr=False)
    password_hash: str | None = field(repr=False)

    @property
    def account_id(self) -> int:
        """The account."""
        return self.view.account_id


def candidates(
    session: Session, keyring: Keyring, system_number: int, login: str, *, today: date
) -> tuple[Candidate, ...]:
    """Return the accounts that a login means: by login name or reference first, else by number or mobile.

    Older systems take any of these in the same field. None where a number or mobile is that of many.
    """
    typed = login.strip()
    digests = [Digests(keyring=keyring, version=version) for version in keyring.versions(Purpose.INDEX)]
    # Login names are compared as typed and, where that is nobody's, in lower case: systems differ.
    spellings = dict.fromkeys((typed, typed.lower()))
    named = [
        sa.and_(
            LegacyAccount.key_version == each.version,
            sa.or_(
                LegacyAccount.login_index.in_([each.login(system_number, text) for text in spellings]),
                LegacyAccount.ref_index == each.reference(system_number, typed),
            ),
        )
        for each in digests
    ]
    rows = _rows(session, system_number, sa.or_(*named))
    if not rows and (by_fact := _by_fact(digests, typed, today)) is not None:
        rows = _rows(session, system_number, by_fact)
    if len(rows) > _MOST:
        return ()
    accounts = Accounts(keyring=keyring)
    return tuple(Candidate(accounts.open(row), _stored(keyring, row), row.password_hash) for row in rows)


def _by_fact(digests: list[Digests], typed: str, today: date) -> sa.ColumnElement[bool] | None:
    number, mobile = parse_number(typed, today=today), parse_mobile(typed)
    if isinstance(number, Ok):
        found = [(each.version, LegacyAccount.number_index, each.number(number.value)) for each in digests]
    elif isinstance(mobile, Ok):
        found = [(each.version, LegacyAccount.mobile_index, each.mobile(mobile.value)) for each in digests]
    else:
        return None
    return sa.or_(*(sa.and_(LegacyAccount.key_version == key, column == digest) for key, column, digest in found))


def _rows(session: Session, system_number: int, condition: sa.ColumnElement[bool]) -> list[LegacyAccount]:
    statement = (
        sa.select(LegacyAccount)
        .where(
            LegacyAccount.system_number == system_number,
            LegacyAccount.valid_to.is_(None),
            condition,
        )
        .order_by(LegacyAccount.account_id)
        .limit(_MOST + 1)
    )
    return list(session.scalars(statement))


def _stored(keyring: Keyring, row: LegacyAccount) -> StoredPassword | None:
    if row.credential is None:
        return None
    return open_password(keyring, row.batch_number, row.row_number, row.credential)
