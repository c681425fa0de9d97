"""Which credentials and contacts speak for the person who was proved.

Whoever sets an account up before its owner is proved keeps a password, an app or a mobile in it (pre-hijacking).
So a proofing is bound to what was presented in the login in which it ran. Everything else that was there opens a
session at identity level 1, until it is presented together with something that counts.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.persons.identity_level import is_valid_proofing
from idp.persons.models import Contact, Credential, Proofing
from idp.persons.vocabulary import ContactKind, ContactState, CredentialKind, CredentialState

# What each method of a login (RFC 8176) presents.
_CREDENTIALS = {"pwd": CredentialKind.PASSWORD, "otp": CredentialKind.TOTP}
_MOBILE = "sms"
# A recovery code stands for the app without showing it, so the app itself must have been used in this login.
_ONE_LOGIN = timedelta(hours=1)


def present(session: Session, person_id: str, methods: Iterable[str], *, at: datetime) -> bool:
    """Tell whether a login by these methods carries the person's proofings; True where there are none.

    One that does makes everything presented with it count. The caller holds the person.
    """
    proved_at = session.scalar(sa.select(sa.func.max(Proofing.proved_at)).where(is_valid_proofing(person_id, at)))
    if proved_at is None:
        return True
    given = set(methods)
    if not _counts(session, person_id, given, proved_at, at):
        return False
    vouch(session, person_id, given, at=at)
    return True


def vouch(session: Session, person_id: str, methods: Iterable[str], *, at: datetime) -> None:
    """Let what these methods presented count from now on; the caller holds the person and knows that it may."""
    given = set(methods)
    for method in sorted(given & _CREDENTIALS.keys()):
        session.execute(sa.update(Credential).where(_credential(person_id, method, at)).values(vouched_at=at))
    if _MOBILE in given:
        session.execute(sa.update(Contact).where(_mobile(person_id)).values(vouched_at=at))


def _counts(session: Session, person_id: str, given: set[str], proved_at: datetime, at: datetime) -> bool:
    counting = [
        sa.exists().where(_credential(person_id, method, at), Credential.vouched_at >= proved_at)
        for method in sorted(given & _CREDENTIALS.keys())
    ]
    if _MOBILE in given:
        counting.append(sa.exists().where(_mobile(person_id), Contact.vouched_at >= proved_at))
    return bool(counting) and bool(session.scalar(sa.select(sa.or_(*counting))))


def _credential(person_id: str, method: str, at: datetime) -> Any:
    kind = _CREDENTIALS[method]
    conditions = [
        Credential.person_id == person_id,
        Credential.kind == kind,
        Credential.state == CredentialState.ACTIVE,
    ]
    if kind is CredentialKind.TOTP:
        conditions.append(Credential.last_used_at > at - _ONE_LOGIN)
    return sa.and_(*conditions)


def _mobile(person_id: str) -> Any:
    return sa.and_(
        Contact.person_id == person_id, Contact.kind == ContactKind.MOBILE, Contact.state == ContactState.CURRENT
    )
