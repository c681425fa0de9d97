"""Older systems as somebody who logs in with an old account meets them: how each keeps its passwords."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import Origin, record
from idp.core.errors import IdpError
from idp.crypto.ciphertext import Place
from idp.crypto.keyring import Keyring, Purpose
from idp.linking.default_passwords import check_pattern
from idp.linking.models import LegacySystem
from idp.linking.password_rule import PasswordEncoding, PasswordRule
from idp.linking.schemes import KEYED_SCHEMES, NO_PASSWORDS, SCHEMES
from idp.linking.vocabulary import Cutover, SystemState

#: As long as anybody's key of a reversible scheme.
_MAX_SECRET = 64
_MOST_PATTERNS = 20


class BadPasswordRule(IdpError):
    """How a system is said to keep passwords is impossible."""


@dataclass(frozen=True, slots=True)
class LoginSystem:
    """An older system whose users may show that an account there is theirs."""

    number: int
    code: str
    name: str
    rule: PasswordRule
    patterns: tuple[str, ...] = field(repr=False)
    holds_organisations: bool
    source: Mapping[str, Any] | None = field(repr=False)
    cutover: Cutover

    @property
    def has_passwords(self) -> bool:
        """Tell whether its files bring passwords."""
        return self.rule.scheme != NO_PASSWORDS


def login_systems(session: Session, keyring: Keyring, *, live: Sequence[str] = ()) -> tuple[LoginSystem, ...]:
    """Return the systems that have passwords to compare with, or a live source (`live`, by code), by name."""
    rows = session.scalars(sa.select(LegacySystem).order_by(LegacySystem.name, LegacySystem.number))
    systems = (_view(row, keyring) for row in rows if row.state == SystemState.ACTIVE)
    return tuple(system for system in systems if system.has_passwords or system.code in live)


def active_systems(session: Session) -> tuple[tuple[str, str], ...]:
    """Return code and name of every system that still takes accounts, whatever passwords it has, by name."""
    rows = session.execute(
        sa.select(LegacySystem.code, LegacySystem.name)
        .where(LegacySystem.state == SystemState.ACTIVE)
        .order_by(LegacySystem.name, LegacySystem.number)
    )
    return tuple((row.code, row.name) for row in rows)


def login_system(session: Session, keyring: Keyring, code: str) -> LoginSystem | None:
    """Return a system by its code, None where there is none that still takes accounts; raises DecryptionFailed."""
    row = session.scalar(
        sa.select(LegacySystem).where(LegacySystem.code == code, LegacySystem.state == SystemState.ACTIVE)
    )
    return None if row is None else _view(row, keyring)


def set_password_rule(
    session: Session,
    keyring: Keyring,
    code: str,
    rule: PasswordRule,
    *,
    patterns: Sequence[str] = (),
    at: datetime,
    origin: Origin,
) -> None:
    """Say how a system keeps passwords; raises BadPasswordRule or BadPattern.

    What was imported before is compared by the new rule: a wrong scheme is mended by naming the right one.
    """
    if rule.scheme not in SCHEMES:
        raise BadPasswordRule(f"there is no password scheme {rule.scheme!r}; `idp legacy schemes` lists them")
    if (rule.scheme in KEYED_SCHEMES) != bool(rule.secret) or len(rule.secret) > _MAX_SECRET:
        raise BadPasswordRule(f"scheme {rule.scheme} {'needs a' if rule.scheme in KEYED_SCHEMES else 'has no'} key")
    if len(patterns) > _MOST_PATTERNS:
        raise BadPasswordRule(f"a system has at most {_MOST_PATTERNS} patterns of first passwords")
    for pattern in patterns:
        check_pattern(pattern)
    row = session.scalar(sa.select(LegacySystem).where(LegacySystem.code == code))
    if row is None:
        raise BadPasswordRule(f"there is no legacy system {code!r}")
    row.password_scheme = rule.scheme
    row.password_settings = {"encoding": rule.encoding.value, "patterns": list(patterns)}
    row.secret = keyring.encrypt(Purpose.DATA, rule.secret, secret_place(row.number)) if rule.secret else None
    row.changed_at = at
    session.flush()
    details = {"system": row.number, "scheme": rule.scheme, "encoding": rule.encoding.value, "patterns": len(patterns)}
    record(session, Event.LEGACY_PASSWORDS_SET, at=at, origin=origin, details=details)


def _view(row: LegacySystem, keyring: Keyring) -> LoginSystem:
    settings = row.password_settings or {}
    rule = PasswordRule(
        scheme=row.password_scheme or NO_PASSWORDS,
        encoding=PasswordEncoding(settings.get("encoding", PasswordEncoding.UTF_8)),
        secret=keyring.decrypt(Purpose.DATA, row.secret, secret_place(row.number)) if row.secret else b"",
    )
    patterns = tuple(settings.get("patterns", ()))
    return LoginSystem(
        row.number, row.code, row.name, rule, patterns, row.holds_organisations, row.source, Cutover(row.cutover)
    )


def secret_place(number: int | str) -> Place:
    """Return where the key of a system's scheme belongs."""
    return Place(table="legacy_systems", column="secret", row=str(number))
