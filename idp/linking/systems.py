"""Older systems as other rooms read them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.errors import IdpError
from idp.core.results import Ok
from idp.linking.models import LegacySystem
from idp.linking.rules import Rules, parse_rules
from idp.linking.vocabulary import Cutover


class SystemDamaged(IdpError):
    """The row of a legacy system holds what no release of ours writes."""


@dataclass(frozen=True, slots=True)
class SystemView:
    """An older system, and what is agreed about it."""

    number: int
    code: str
    name: str
    department_id: str
    state: str
    rules: Rules = field(repr=False)
    rules_version: int
    columns: Mapping[str, Any] | None = field(repr=False)
    source: Mapping[str, Any] | None = field(repr=False)
    password_scheme: str | None
    is_real_name_verified: bool
    holds_organisations: bool
    pays_out: bool
    cutover: Cutover
    changed_at: datetime


def system_by_number(session: Session, number: int) -> SystemView | None:
    """Return a system; raises SystemDamaged."""
    row = session.get(LegacySystem, number, populate_existing=True)
    return None if row is None else system_view(row)


def system_by_code(session: Session, code: str) -> SystemView | None:
    """Return the system of that code; raises SystemDamaged."""
    row = session.scalar(
        sa.select(LegacySystem).where(LegacySystem.code == code).execution_options(populate_existing=True)
    )
    return None if row is None else system_view(row)


def all_systems(session: Session) -> tuple[SystemView, ...]:
    """Return every system by its number; raises SystemDamaged."""
    return tuple(system_view(row) for row in session.scalars(sa.select(LegacySystem).order_by(LegacySystem.number)))


def system_view(row: LegacySystem) -> SystemView:
    """Return a row as what others read of it; raises SystemDamaged."""
    rules = parse_rules(row.rules)
    if not isinstance(rules, Ok):
        raise SystemDamaged(f"the rules of legacy system {row.code} are damaged ({rules.reason}); write them anew")
    return SystemView(
        number=row.number,
        code=row.code,
        name=row.name,
        department_id=row.department_id,
        state=row.state,
        rules=rules.value,
        rules_version=row.rules_version,
        columns=row.columns,
        source=row.source,
        password_scheme=row.password_scheme,
        is_real_name_verified=row.is_real_name_verified,
        holds_organisations=row.holds_organisations,
        pays_out=row.pays_out,
        cutover=Cutover(row.cutover),
        changed_at=row.changed_at,
    )
