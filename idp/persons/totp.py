"""One-time codes by time from an authenticator app (RFC 6238): enrol, confirm, verify, remove."""

import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pyotp
import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import NOWHERE, Origin
from idp.core.ids import new_id
from idp.persons.ciphers import PersonCiphers, decrypt_text, encrypt_text
from idp.persons.credentials import audit_credential, end_credentials, lock_person
from idp.persons.models import Credential
from idp.persons.used_proofs import use_once
from idp.persons.vocabulary import CredentialKind, CredentialState

STEP_SECONDS = 30  # RFC 6238 §5.2
#: The value of `used_proofs.kind` for accepted time steps.
PROOF_KIND = "totp"

_DRIFT_STEPS = (-1, 0, 1)  # RFC 6238 §5.2: one step for the network, clocks and slow fingers
_SECRET_CHARACTERS = 32  # RFC 4226 §4 R6: 160 bits
_CODE = re.compile(r"[0-9]{6}")
# When no clock of ours could accept the step again.
_KEEP = timedelta(seconds=STEP_SECONDS * 10)


@dataclass(frozen=True, slots=True)
class TotpEnrolment:
    """What the person's app needs, shown once: the secret in base32 and as an `otpauth` address."""

    credential_id: str
    secret: str = field(repr=False)
    uri: str = field(repr=False)


class Totp:
    """Authenticator apps of persons, one active per person.

    A code has twenty bits: callers count the try (`tries`) before they ask here.
    """

    def __init__(self, *, ciphers: PersonCiphers, issuer_name: str) -> None:
        self._ciphers = ciphers
        self._issuer_name = issuer_name

    def enrol(self, session: Session, person_id: str, *, account_label: str, at: datetime) -> TotpEnrolment:
        """Store a new secret that does not count before `confirm`; an earlier unconfirmed one ends.

        `account_label` is shown in the app beside the issuer's name and leaves our hands: no number.
        """
        self._end(session, person_id, sa.true(), CredentialState.PENDING, at)
        secret, uri = self.draw(account_label)
        credential_id = self._store(session, person_id, secret, CredentialState.PENDING, at)
        return TotpEnrolment(credential_id, secret, uri)

    def confirm(self, session: Session, person_id: str, code: str, *, at: datetime, origin: Origin = NOWHERE) -> bool:
        """Make the enrolled secret count once its first code is right; the app before it ends then."""
        lock_person(session, person_id)
        credential_id = self._accept(session, person_id, CredentialState.PENDING, code, at)
        if credential_id is None:
            return False
        replaced = self._end(session, person_id, Credential.id != credential_id, CredentialState.ACTIVE, at)
        session.execute(
            sa.update(Credential)
            .where(Credential.id == credential_id)
            .values(state=CredentialState.ACTIVE, changed_at=at, last_used_at=at)
        )
        event = Event.CREDENTIAL_CHANGED if replaced else Event.CREDENTIAL_ADDED
        audit_credential(session, event, person_id, CredentialKind.TOTP, at=at, origin=origin)
        return True

    def draw(self, account_label: str) -> tuple[str, str]:
        """Return a new secret and its `otpauth` address, to be shown; nothing is stored before `adopt`."""
        secret = pyotp.random_base32(_SECRET_CHARACTERS)
        return secret, pyotp.TOTP(secret).provisioning_uri(name=account_label, issuer_name=self._issuer_name)

    def adopt(
        self, session: Session, person_id: str, secret: str, code: str, *, at: datetime, origin: Origin = NOWHERE
    ) -> bool:
        """Make a secret that was shown count at once if `code` is its code now; False, and nothing, where not."""
        step = _matching_step(secret, code, at) if _CODE.fullmatch(code) else None
        if step is None:
            return False
        lock_person(session, person_id)
        self._end(session, person_id, sa.true(), CredentialState.PENDING, at)
        replaced = self._end(session, person_id, sa.true(), CredentialState.ACTIVE, at)
        credential_id = self._store(session, person_id, secret, CredentialState.ACTIVE, at)
        use_once(session, PROOF_KIND, f"{credential_id}:{step}", at=at, keep_until=at + _KEEP)
        event = Event.CREDENTIAL_CHANGED if replaced else Event.CREDENTIAL_ADDED
        audit_credential(session, event, person_id, CredentialKind.TOTP, at=at, origin=origin)
        return True

    def verify(self, session: Session, person_id: str, code: str, *, at: datetime) -> bool:
        """Tell whether `code` is right now, by at most one step more or less, and was not used before."""
        credential_id = self._accept(session, person_id, CredentialState.ACTIVE, code, at)
        if credential_id is None:
            return False
        session.execute(sa.update(Credential).where(Credential.id == credential_id).values(last_used_at=at))
        return True

    def is_enrolled(self, session: Session, person_id: str) -> bool:
        """Tell whether the person has a confirmed app."""
        return session.scalar(_select(person_id, CredentialState.ACTIVE)) is not None

    def remove(self, session: Session, person_id: str, *, at: datetime, origin: Origin = NOWHERE) -> bool:
        """End the app and any unconfirmed enrolment; False where there was none."""
        return end_credentials(session, person_id, CredentialKind.TOTP, at=at, origin=origin) > 0

    def _store(self, session: Session, person_id: str, secret: str, state: CredentialState, at: datetime) -> str:
        credential_id = new_id()
        cipher = self._ciphers.of(session, person_id)
        session.execute(
            sa.insert(Credential).values(
                id=credential_id,
                person_id=person_id,
                kind=CredentialKind.TOTP,
                state=state,
                ciphertext=encrypt_text(cipher, secret, table="credentials", row=credential_id),
                created_at=at,
                changed_at=at,
                last_used_at=at if state is CredentialState.ACTIVE else None,
            )
        )
        return credential_id

    def _accept(self, session: Session, person_id: str, state: CredentialState, code: str, at: datetime) -> str | None:
        row = session.execute(_select(person_id, state)).one_or_none()
        if row is None or not _CODE.fullmatch(code):
            return None
        cipher = self._ciphers.of(session, person_id)
        secret = decrypt_text(cipher, row.ciphertext, table="credentials", row=row.id)
        step = _matching_step(secret, code, at)
        if step is None:
            return None
        # RFC 6238 §5.2: a second use of one step is refused; whoever inserts first is the first.
        is_first = use_once(session, PROOF_KIND, f"{row.id}:{step}", at=at, keep_until=at + _KEEP)
        return str(row.id) if is_first else None

    def _end(
        self,
        session: Session,
        person_id: str,
        which: sa.ColumnElement[bool],
        state: CredentialState,
        at: datetime,
    ) -> bool:
        ended = session.scalars(
            sa.update(Credential)
            .where(
                Credential.person_id == person_id,
                Credential.kind == CredentialKind.TOTP,
                Credential.state == state,
                which,
            )
            .values(state=CredentialState.ENDED, ended_at=at, ciphertext=None)
            .returning(Credential.id)
        ).all()
        return bool(ended)


def is_enrolled_column(person_id: Any) -> sa.Exists:
    """Return whether a person has a confirmed app, as a column for statements that read more at once."""
    return sa.exists().where(
        Credential.person_id == person_id,
        Credential.kind == CredentialKind.TOTP,
        Credential.state == CredentialState.ACTIVE,
    )


def _select(person_id: str, state: CredentialState) -> sa.Select[str, bytes | None]:
    return (
        sa.select(Credential.id, Credential.ciphertext)
        .where(
            Credential.person_id == person_id,
            Credential.kind == CredentialKind.TOTP,
            Credential.state == state,
        )
        .order_by(Credential.created_at.desc())
        .limit(1)
    )


def _matching_step(secret: str, code: str, at: datetime) -> int | None:
    """Return the step whose code this is; all are compared, so that time tells nothing."""
    generator = pyotp.TOTP(secret)
    now = int(at.timestamp()) // STEP_SECONDS
    matches = [now + drift for drift in _DRIFT_STEPS if hmac.compare_digest(generator.generate_otp(now + drift), code)]
    return matches[0] if matches else None
