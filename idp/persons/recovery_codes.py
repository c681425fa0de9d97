"""Codes to keep on paper for the day that everything else is lost: single use, 80 bits each.

Stored as a keyed digest bound to the person, which stands in for a salt (ASVS 6.5.2: below 112 bits).
"""

import secrets
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import NOWHERE, Origin
from idp.core.ids import new_id
from idp.crypto.blind_index import is_keyed_digest, keyed_digest
from idp.crypto.keyring import Keyring
from idp.persons.credentials import audit_credential, lock_person
from idp.persons.models import Credential
from idp.persons.vocabulary import CredentialKind, CredentialState
from realname.documents.folding import fold_number

CODE_COUNT = 10

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"  # RFC 4648 §6
_GROUPS, _GROUP_LENGTH = 4, 4  # 16 characters of 5 bits; NIST SP 800-63B-4 asks for 64 bits
_MAX_TYPED_LENGTH = 100
# The alphabet has no 0, 1 and 8, so whoever reads them off paper meant the letters.
_READ_AS: dict[int, str] = {ord("0"): "O", ord("1"): "I", ord("8"): "B"}
_DASHES: dict[int, None] = {ord(dash): None for dash in "-\u2010\u2011\u2012\u2013\u2014\uff0d"}
_DIGEST_KIND = "recovery code"


class RecoveryCodes:
    """Recovery codes of persons, one set at a time."""

    def __init__(self, *, keyring: Keyring) -> None:
        self._keyring = keyring

    def generate(self, session: Session, person_id: str, *, at: datetime, origin: Origin = NOWHERE) -> Sequence[str]:
        """Return a new set of codes, to be shown once; the codes of the set before it end."""
        lock_person(session, person_id)  # of two sets asked for at once only the later may count
        replaced = session.execute(
            sa.update(Credential)
            .where(_active(person_id))
            .values(state=CredentialState.ENDED, ended_at=at, secret_hash=None)
            .returning(Credential.id)
        ).all()
        codes = [_new_code() for _ in range(CODE_COUNT)]
        session.execute(
            sa.insert(Credential),
            [
                {
                    "id": new_id(),
                    "person_id": person_id,
                    "kind": CredentialKind.RECOVERY_CODE,
                    "state": CredentialState.ACTIVE,
                    "secret_hash": keyed_digest(self._keyring, _DIGEST_KIND, _bound(person_id, code)),
                    "created_at": at,
                    "changed_at": at,
                }
                for code in codes
            ],
        )
        event = Event.CREDENTIAL_CHANGED if replaced else Event.CREDENTIAL_ADDED
        audit_credential(session, event, person_id, CredentialKind.RECOVERY_CODE, at=at, origin=origin)
        return codes

    def use(self, session: Session, person_id: str, code: str, *, at: datetime, origin: Origin = NOWHERE) -> bool:
        """Tell whether `code` is one of the person's, and spend it: of two at the same moment one is told no.

        Spaces, dashes, lower case and full-width characters do not matter. Never raises for any text.
        """
        bound = _bound(person_id, code[:_MAX_TYPED_LENGTH])
        rows = session.execute(sa.select(Credential.id, Credential.secret_hash).where(_active(person_id)))
        # No early end: the time does not tell which code of the set it was.
        matches = [row.id for row in rows if is_keyed_digest(self._keyring, _DIGEST_KIND, bound, row.secret_hash or "")]
        spent = session.scalar(
            sa.update(Credential)
            .where(Credential.id == (matches[0] if matches else ""), _active(person_id))
            .values(state=CredentialState.USED, last_used_at=at, ended_at=at, secret_hash=None)
            .returning(Credential.id)
        )
        if spent is None:
            return False
        audit_credential(
            session, Event.CREDENTIAL_REMOVED, person_id, CredentialKind.RECOVERY_CODE, at=at, origin=origin
        )
        return True

    def count_left(self, session: Session, person_id: str) -> int:
        """Return how many codes can still be used."""
        return session.scalar(sa.select(sa.func.count()).where(_active(person_id))) or 0


def _active(person_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        Credential.person_id == person_id,
        Credential.kind == CredentialKind.RECOVERY_CODE,
        Credential.state == CredentialState.ACTIVE,
    )


def _new_code() -> str:
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)


def _bound(person_id: str, code: str) -> str:
    return f"{person_id}:{fold_number(code).translate(_DASHES).translate(_READ_AS)}"
