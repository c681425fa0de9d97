"""Client secrets: drawn, stored hashed, exchanged side by side, withdrawn (RFC 6749 §2.3.1)."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from clients.client import AuthMethod, Client
from clients.models import ClientSecret
from idp.core.hashing import hash_secret, secrets_equal
from idp.core.ids import new_id, new_secret
from idp.core.oauth_errors import InvalidClientMetadata
from idp.crypto.ciphertext import Place
from idp.crypto.keyring import Keyring, Purpose

MINIMAL_LENGTH = 32
_MINIMAL_DISTINCT = 10
# RFC 6749 appendix A.2, *VSCHAR; the blank is left out, since copying loses it.
_SECRET = re.compile(rf"[\x21-\x7e]{{{MINIMAL_LENGTH},255}}")
_WEAK_SECRET = re.compile(r"[\x21-\x7e]{1,255}")

SECRET_METHODS = frozenset(
    {AuthMethod.CLIENT_SECRET_BASIC, AuthMethod.CLIENT_SECRET_POST, AuthMethod.CLIENT_SECRET_JWT}
)


# Nobody knows the secret behind it: an unknown client is compared with something, as a known one is.
_DUMMY_HASH = hash_secret(new_secret())


def is_secret_of(client: Client | None, presented: str) -> bool:
    """Tell whether this is a live secret of the client, in the same time whoever the client is."""
    stored = [secret.secret_hash for secret in client.secrets] if client is not None else []
    presented_hash = hash_secret(presented)
    # A list, so that all are compared before one of them counts.
    matches = [secrets_equal(presented_hash, known) for known in stored or [_DUMMY_HASH]]
    return bool(stored) and True in matches


def draw_secret(method: AuthMethod) -> str:
    """Return a new random secret, long enough to be the key of every algorithm of the method."""
    # RFC 7518 §3.2: a key of HS512 has at least 64 octets.
    return new_secret() + new_secret() if method is AuthMethod.CLIENT_SECRET_JWT else new_secret()


def check_supplied_secret(secret: str, *, allow_weak: bool = False) -> str:
    """Return a secret that an operator brings along; raises InvalidClientMetadata for a guessable one.

    It is stored under a fast hash, which only a random secret bears. `allow_weak` is for throw-away data alone.
    """
    if allow_weak and _WEAK_SECRET.fullmatch(secret):
        return secret
    if _SECRET.fullmatch(secret) is None or len(set(secret)) < _MINIMAL_DISTINCT:
        raise InvalidClientMetadata("A client secret needs at least 32 random printable ASCII characters.")
    return secret


def place_of(secret_id: str) -> Place:
    """Return where the ciphertext of a secret belongs."""
    return Place("client_secrets", "ciphertext", secret_id)


def add_secret(
    session: Session, keyring: Keyring, *, client_id: str, secret: str, method: AuthMethod, at: datetime
) -> None:
    """Store a secret: its hash, and for client_secret_jwt, whose MAC needs it, its ciphertext."""
    secret_id = new_id()
    ciphertext = None
    if method is AuthMethod.CLIENT_SECRET_JWT:
        ciphertext = keyring.encrypt(Purpose.DATA, secret.encode("ascii"), place_of(secret_id))
    session.execute(
        sa.insert(ClientSecret).values(
            id=secret_id,
            client_id=client_id,
            secret_hash=hash_secret(secret),
            ciphertext=ciphertext,
            created_at=at,
        )
    )


def retire_secrets(session: Session, client_id: str, *, at: datetime, keep_seconds: int) -> None:
    """End the live secrets of a client: the newest after `keep_seconds`, every other at once."""
    live = live_secrets(session, client_id, at=at)
    for position, secret in enumerate(live):
        ends = at + timedelta(seconds=keep_seconds)
        if position > 0 or keep_seconds == 0:
            secret.revoked_at = at
        elif secret.expires_at is None or secret.expires_at > ends:
            secret.expires_at = ends
    session.flush()


def live_secrets(session: Session, client_id: str, *, at: datetime) -> Sequence[ClientSecret]:
    """Return the secrets that still authenticate, the newest first."""
    return session.scalars(
        sa.select(ClientSecret)
        .where(
            ClientSecret.client_id == client_id,
            ClientSecret.revoked_at.is_(None),
            sa.or_(ClientSecret.expires_at.is_(None), ClientSecret.expires_at > at),
        )
        .order_by(ClientSecret.created_at.desc())
    ).all()


def revoke_secret(session: Session, client_id: str, secret_id: str, *, at: datetime) -> bool:
    """End one live secret now; False where the client has no such one."""
    ended = session.execute(
        sa.update(ClientSecret)
        .where(
            ClientSecret.id == secret_id,
            ClientSecret.client_id == client_id,
            ClientSecret.revoked_at.is_(None),
        )
        .values(revoked_at=at)
        .returning(ClientSecret.id)
    ).one_or_none()
    return ended is not None


def fit_secrets_to(
    session: Session,
    keyring: Keyring,
    *,
    client_id: str,
    before: AuthMethod,
    after: AuthMethod,
    at: datetime,
) -> str | None:
    """Follow a change of method; returns the new secret where the client needs one."""
    if before is after:
        return None
    if after is AuthMethod.CLIENT_SECRET_JWT or after not in SECRET_METHODS:
        retire_secrets(session, client_id, at=at, keep_seconds=0)
    else:
        # Nothing that can be decrypted is kept without need.
        session.execute(sa.update(ClientSecret).where(ClientSecret.client_id == client_id).values(ciphertext=None))
    if after not in SECRET_METHODS or (
        after is not AuthMethod.CLIENT_SECRET_JWT and live_secrets(session, client_id, at=at)
    ):
        return None
    secret = draw_secret(after)
    add_secret(session, keyring, client_id=client_id, secret=secret, method=after, at=at)
    return secret
