"""Refresh tokens: opaque, hashed, rotated, with a short grace for a lost answer (RFC 9700 §4.14).

The successor is a MAC of the presented token, so a retry within the grace gets the same one and never a
second live line.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.clock import Clock, seconds
from idp.core.hashing import encode_base64url, hash_secret
from idp.core.ids import new_secret
from idp.crypto.encoding import encode_fields
from idp.crypto.keyring import Keyring, Purpose
from idp.tokens.code import CodeReference, day_of, with_day
from idp.tokens.models import RefreshToken, TokenGrant


class RefreshProblem(StrEnum):
    """Why a refresh token was refused."""

    UNKNOWN = "unknown"
    EXPIRED = "expired"
    REVOKED = "revoked"
    REPLAYED = "replayed"


@dataclass(frozen=True, slots=True)
class RefreshLimits:
    """Grace for a lost answer, and the idle and absolute life, in seconds."""

    grace_seconds: int
    idle_seconds: int
    absolute_seconds: int


class RefreshTokens:
    """The rules of refresh tokens; every method runs in the caller's transaction."""

    def __init__(self, *, keyring: Keyring, clock: Clock, limits: RefreshLimits) -> None:
        self._keyring = keyring
        self._clock = clock
        self._limits = limits

    def family_expiry(self, at: datetime) -> datetime:
        """Return when a family redeemed at `at` ends for good (ASVS 10.4.8)."""
        return at + seconds(self._limits.absolute_seconds)

    def token_expiry(self, at: datetime, family_expires: datetime) -> datetime:
        """Return when a token issued at `at` ends unless it is used."""
        return min(self.idle_expiry(at), family_expires)

    def idle_expiry(self, at: datetime) -> datetime:
        """Return when a token issued at `at` ends for not being used."""
        return at + seconds(self._limits.idle_seconds)

    def first_of(self, reference: CodeReference) -> str:
        """Return a new token for the family that a code's redemption starts."""
        return with_day(reference.issue_day, new_secret())

    def successor_of(self, token: str, version: int | None = None) -> tuple[str, int]:
        """Return a token's successor, of the same issue day, and the version of the rotation key that gives it."""
        version = version or self._keyring.active_version(Purpose.ROTATION)
        mac = self._keyring.mac_version(Purpose.ROTATION, version, encode_fields("refresh successor", token))
        issue_day = day_of(token)  # one of the release before this carries none
        successor = encode_base64url(mac)
        return (successor if issue_day is None else with_day(issue_day, successor)), version

    def add(self, session: Session, token: str, reference: CodeReference, family_expires: datetime) -> None:
        """Store a token of the family that a code's redemption started."""
        now = self._clock.now()
        session.add(
            RefreshToken(
                token_hash=hash_secret(token),
                issue_day=reference.issue_day,
                code_hash=reference.code_hash,
                created_at=now,
                expires_at=self.token_expiry(now, family_expires),
            )
        )
        session.flush()

    def find(self, session: Session, token: str) -> tuple[RefreshToken, TokenGrant] | None:
        """Return a refresh token's row and its family, locked against others for this transaction, or None.

        Both are locked: PostgreSQL reads again only what it waited for, and the row tells whether it was used.
        """
        row = session.execute(
            sa.select(RefreshToken, TokenGrant)
            .join(
                TokenGrant,
                sa.and_(
                    TokenGrant.issue_day == RefreshToken.issue_day,
                    TokenGrant.code_hash == RefreshToken.code_hash,
                ),
            )
            .where(RefreshToken.token_hash == hash_secret(token))
            .with_for_update(of=(RefreshToken, TokenGrant))
        ).one_or_none()
        return None if row is None else (row[0], row[1])

    def problem_of(self, row: RefreshToken, family: TokenGrant, session: Session) -> RefreshProblem | None:
        """Return why the token cannot be used now, None where it can."""
        now = self._clock.now()
        if family.revoked_at is not None:
            return RefreshProblem.REVOKED
        if row.used_at is not None and not self._within_grace(session, row, now):
            return RefreshProblem.REPLAYED
        if row.expires_at <= now or family.expires_at <= now:
            return RefreshProblem.EXPIRED
        return None

    def rotate(self, session: Session, token: str, row: RefreshToken, family: TokenGrant) -> str:
        """Return the successor of a usable token; the same one for a retry within the grace."""
        # A retry after a key rotation must still meet its successor, so the row remembers the version.
        successor, version = self.successor_of(token, row.rotation_version)
        if row.used_at is None:
            row.used_at, row.rotation_version = self._clock.now(), version
            row.successor_hash = hash_secret(successor)
            self.add(session, successor, CodeReference(family.issue_day, family.code_hash), family.expires_at)
        return successor

    def _within_grace(self, session: Session, row: RefreshToken, now: datetime) -> bool:
        if row.used_at is None or now - row.used_at > seconds(self._limits.grace_seconds):
            return False
        if self._limits.grace_seconds == 0:
            return False
        successor = session.get(RefreshToken, row.successor_hash)
        return successor is not None and successor.used_at is None
