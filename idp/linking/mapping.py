"""Whose account is this, and which accounts has this `sub`: what an older system may ask about its own accounts.

Told are links that have an effect, and suspended ones so that the system can stop serving; a proposal is nobody's
business yet. A person is named by the `sub` of the asking client's sector alone, so that two systems cannot join
their people by asking here. A `sub` that a merge of two persons replaced is answered for ever, with the one to use.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.clock import Clock
from idp.crypto.keyring import Keyring, Purpose
from idp.linking.changes import name_persons
from idp.linking.contents import open_row
from idp.linking.digests import Digests
from idp.linking.link_models import Link
from idp.linking.models import LegacyAccount, LegacySystem, LegacySystemClient
from idp.linking.vocabulary import OWNING_STATES, LinkState
from idp.storage.engine import Database
from idp.tokens.models import Subject

_OWNING = sorted(OWNING_STATES)


@dataclass(frozen=True, slots=True)
class MappedAccount:
    """An account of the asking system that is a person's; `reference` is as the system wrote it."""

    reference: str = field(repr=False)
    state: LinkState
    is_main: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class MappedSubject:
    """A person as the asking client knows them; `replaced_by` is the `sub` to use instead, after a merge."""

    sub: str
    replaced_by: str | None
    accounts: tuple[MappedAccount, ...]


@dataclass(frozen=True, slots=True)
class MappedReference:
    """An account of the asking system, and whose it is."""

    reference: str = field(repr=False)
    sub: str
    state: LinkState
    since: datetime


def system_of(session: Session, client_id: str, code: str) -> int | None:
    """Return the number of the system that a client speaks for under this code, None where it speaks for none."""
    return session.scalar(
        sa.select(LegacySystem.number)
        .join(LegacySystemClient, LegacySystemClient.system_number == LegacySystem.number)
        .where(LegacySystemClient.client_id == client_id, LegacySystem.code == code)
    )


class Mapping:
    """Answers older systems."""

    def __init__(self, *, database: Database, keyring: Keyring, clock: Clock) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock

    def of_subjects(self, system_number: int, sector: str, subs: Sequence[str]) -> tuple[MappedSubject, ...]:
        """Return the accounts of whom the sector knows by these; who has none, or is unknown, is left out."""
        with self._database.read() as session:
            known = session.execute(
                sa.select(Subject.sub, Subject.person_id, Subject.is_primary).where(
                    Subject.sector == sector, Subject.sub.in_(set(subs))
                )
            ).all()
            accounts = self._accounts(session, system_number, {row.person_id for row in known})
            replaced = _primary(session, sector, {row.person_id for row in known if not row.is_primary})
        return tuple(
            MappedSubject(
                row.sub, None if row.is_primary else replaced.get(row.person_id), tuple(accounts[row.person_id])
            )
            for row in known
            if accounts[row.person_id] or not row.is_primary
        )

    def of_references(self, system_number: int, sector: str, references: Sequence[str]) -> tuple[MappedReference, ...]:
        """Return whose these accounts are; what is nobody's is left out."""
        wanted: dict[tuple[int, bytes], str] = {}
        for version in self._keyring.versions(Purpose.INDEX):
            digests = Digests(keyring=self._keyring, version=version)
            wanted |= {(version, digests.reference(system_number, each)): each for each in references}
        with self._database.read() as session:
            rows = session.execute(_owners(system_number, sector, {digest for _, digest in wanted})).all()
        unnamed = {row.person_id for row in rows if row.sub is None}
        named = name_persons(self._database, unnamed, sector, at=self._clock.now())
        return tuple(
            MappedReference(
                wanted[row.key_version, row.ref_index],
                row.sub or named[row.person_id],
                LinkState(row.state),
                row.activated_at,
            )
            for row in rows
            if (row.key_version, row.ref_index) in wanted
        )

    def _accounts(
        self, session: Session, system_number: int, person_ids: set[str]
    ) -> defaultdict[str, list[MappedAccount]]:
        found: defaultdict[str, list[MappedAccount]] = defaultdict(list)
        rows = session.execute(
            sa.select(Link, LegacyAccount)
            .join(
                LegacyAccount,
                sa.and_(
                    LegacyAccount.system_number == Link.system_number,
                    LegacyAccount.account_id == Link.account_id,
                    LegacyAccount.valid_to.is_(None),
                ),
            )
            .where(Link.person_id.in_(person_ids), Link.state.in_(_OWNING), Link.system_number == system_number)
            .order_by(Link.id)
        ).all()
        for link, account in rows:
            content = open_row(self._keyring, account.batch_number, account.row_number, account.content)
            since = link.activated_at or link.proposed_at
            found[link.person_id].append(MappedAccount(content.reference, LinkState(link.state), link.is_main, since))
        return found


def _primary(session: Session, sector: str, person_ids: set[str]) -> dict[str, str]:
    """Return the `sub` that a sector is to use now for each of these."""
    if not person_ids:
        return {}
    rows = session.execute(
        sa.select(Subject.person_id, Subject.sub).where(
            Subject.sector == sector, Subject.person_id.in_(person_ids), Subject.is_primary
        )
    )
    return {row.person_id: row.sub for row in rows}


def _owners(system_number: int, sector: str, digests: set[bytes]) -> sa.Executable:
    known = sa.and_(Subject.person_id == Link.person_id, Subject.sector == sector, Subject.is_primary)
    return (
        sa.select(
            LegacyAccount.key_version,
            LegacyAccount.ref_index,
            Link.person_id,
            Link.state,
            Link.activated_at,
            Subject.sub,
        )
        .join(Link, sa.and_(Link.account_id == LegacyAccount.account_id, Link.state.in_(_OWNING)))
        .outerjoin(Subject, known)
        .where(
            LegacyAccount.system_number == system_number,
            LegacyAccount.valid_to.is_(None),
            LegacyAccount.ref_index.in_(digests),
        )
    )
