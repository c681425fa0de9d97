"""Control of a legacy account: what somebody showed of it just now, and who else could have shown the same.

A proof says how it came about; what it is worth is decided in one place, `activation_rule`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.crypto.keyring import Keyring, Purpose
from idp.linking.accounts import AccountView
from idp.linking.digests import Digests
from idp.linking.models import LegacyAccount
from idp.linking.vocabulary import ControlKind

#: How long what was shown counts: as long as the login in which it is presented.
LIFE = timedelta(minutes=10)
#: More identities than this with one phone: an agent's, a village cadre's, a whole household's.
MOST_IDENTITIES = 3
#: More accounts than this with one stored password: one that the system gave out, or that everybody takes.
MOST_SHARING = 5


@dataclass(frozen=True, slots=True)
class ControlProof:
    """What somebody showed of one account; `handle` is random and lets it count once.

    `is_default` says that a password can be known without holding the account: one that the system gave out, or that
    follows from the row. `shared_by` counts the accounts with this password, or the identities with this phone.
    """

    account_id: int
    kind: ControlKind
    at: datetime
    handle: str
    is_default: bool = False
    shared_by: int = 1


def identities_with_mobile(session: Session, keyring: Keyring, mobile: str) -> int:
    """Return how many identities the legacy rows have with a mobile (E.164); counts no further than needed.

    A row without a usable number counts by name and mobile. While index keys change an identity may count twice,
    which only refuses more.
    """
    digests = [Digests(keyring=keyring, version=version) for version in keyring.versions(Purpose.INDEX)]
    identity = sa.func.coalesce(
        LegacyAccount.number_index, LegacyAccount.name_mobile_index, LegacyAccount.ref_index
    ).label("identity")
    rows = (
        sa.select(identity)
        .where(
            LegacyAccount.valid_to.is_(None),
            LegacyAccount.mobile_index.is_not(None),
            sa.or_(
                *(
                    sa.and_(
                        LegacyAccount.key_version == each.version, LegacyAccount.mobile_index == each.mobile(mobile)
                    )
                    for each in digests
                )
            ),
        )
        .distinct()
        .limit(MOST_IDENTITIES + 1)
        .subquery()
    )
    return session.scalar(sa.select(sa.func.count()).select_from(rows)) or 0


def accounts_with_password(session: Session, account: AccountView) -> int:
    """Return how many accounts of the system store the same password as this one; counts no further than needed.

    Where the system salts, equal passwords are stored differently and nothing can be counted.
    """
    same = sa.select(LegacyAccount.credential_digest).where(
        LegacyAccount.system_number == account.system_number,
        LegacyAccount.account_id == account.account_id,
        LegacyAccount.version == account.version,
    )
    rows = (
        sa.select(LegacyAccount.account_id)
        .where(
            LegacyAccount.valid_to.is_(None),
            LegacyAccount.credential_digest.is_not(None),
            LegacyAccount.system_number == account.system_number,
            LegacyAccount.key_version == account.key_version,
            LegacyAccount.credential_digest == same.scalar_subquery(),
        )
        .limit(MOST_SHARING + 1)
        .subquery()
    )
    return session.scalar(sa.select(sa.func.count()).select_from(rows)) or 0
