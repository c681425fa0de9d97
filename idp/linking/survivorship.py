"""Which value of a person counts where several sources say one: claims of linked accounts, behind what was verified.

Number, name and birth come from the register alone and are no claims. A mobile of an older system is only ever
suggested: it counts once its holder answered from it. What wins is computed from the claims that stand, so that an
undo gives the earlier winner back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.ids import new_id
from idp.crypto.keyring import Keyring
from idp.linking.contents import LegacyRow, open_row
from idp.linking.link_models import AttributeClaim, Link
from idp.linking.models import LegacyAccount, LegacySystem
from idp.linking.vocabulary import LinkState
from idp.persons.ciphers import PersonCiphers, decrypt_text, encrypt_text

#: What a claim of a system weighs that verified the names of its users itself, and of any other.
VERIFIED_SOURCE, OTHER_SOURCE = 2, 1


class ClaimName(StrEnum):
    """What linked accounts may say of a person."""

    EMAIL = "email"
    ADDRESS = "address"
    MOBILE = "mobile"


#: Whatever a claim of these says, it never counts by itself.
SUGGESTED = frozenset({ClaimName.MOBILE})


@dataclass(frozen=True, slots=True)
class Claim:
    """What one linked account says."""

    name: ClaimName
    value: str = field(repr=False)
    link_id: int
    level: int
    said_at: datetime


class Survivorship:
    """Keeps the claims of persons as their active links say, and chooses among them."""

    def __init__(self, *, keyring: Keyring, ciphers: PersonCiphers) -> None:
        self._keyring = keyring
        self._ciphers = ciphers

    def recompute(self, session: Session, person_id: str, *, at: datetime) -> None:
        """Make the claims of a person what their active links say; for whoever makes a link active or ends one."""
        wanted = {(claim.link_id, claim.name): claim for claim in self._said(session, person_id)}
        held = {(claim.link_id, claim.name): claim_id for claim_id, claim in self._standing(session, person_id)}
        standing = {(claim.link_id, claim.name): claim for _, claim in self._standing(session, person_id)}
        over = [held[key] for key in held if wanted.get(key) != standing[key]]
        session.execute(sa.update(AttributeClaim).where(AttributeClaim.id.in_(over)).values(ended_at=at))
        for key, claim in wanted.items():
            if standing.get(key) != claim:
                self._write(session, person_id, claim)

    def winners(
        self, session: Session, person_id: str, *, verified: Mapping[ClaimName, str]
    ) -> Mapping[ClaimName, str]:
        """Return the value of each name that counts; what was verified here is never overwritten."""
        chosen: dict[ClaimName, str] = {}
        for claim in self._ranked(session, person_id):
            if claim.name not in SUGGESTED:
                chosen.setdefault(claim.name, claim.value)
        return {**chosen, **verified}

    def suggestions(self, session: Session, person_id: str) -> tuple[Claim, ...]:
        """Return what may be offered to the person to be verified, the best first."""
        return tuple(claim for claim in self._ranked(session, person_id) if claim.name in SUGGESTED)

    def _ranked(self, session: Session, person_id: str) -> list[Claim]:
        """Return standing claims, the best first: of systems that verified names, then the latest said."""
        claims = [claim for _, claim in self._standing(session, person_id)]
        return sorted(claims, key=lambda each: (-each.level, -each.said_at.timestamp(), each.link_id))

    def _standing(self, session: Session, person_id: str) -> list[tuple[str, Claim]]:
        rows = session.scalars(
            sa.select(AttributeClaim)
            .where(AttributeClaim.person_id == person_id, AttributeClaim.ended_at.is_(None))
            .execution_options(populate_existing=True)
        ).all()
        if not rows:
            return []
        cipher = self._ciphers.of(session, person_id)
        return [
            (
                row.id,
                Claim(
                    ClaimName(row.name),
                    decrypt_text(cipher, row.ciphertext, table="attribute_claims", row=row.id),
                    row.link_id or 0,
                    row.level,
                    row.said_at,
                ),
            )
            for row in rows
        ]

    def _said(self, session: Session, person_id: str) -> list[Claim]:
        """Return what the accounts of the person's active links say now."""
        rows = session.execute(
            sa.select(Link.id, LegacyAccount, LegacySystem.is_real_name_verified)
            .join(
                LegacyAccount,
                sa.and_(
                    LegacyAccount.system_number == Link.system_number,
                    LegacyAccount.account_id == Link.account_id,
                    LegacyAccount.valid_to.is_(None),
                ),
            )
            .join(LegacySystem, LegacySystem.number == Link.system_number)
            .where(Link.person_id == person_id, Link.state == LinkState.ACTIVE)
        ).all()
        claims = []
        for link_id, account, is_verified in rows:
            row = open_row(self._keyring, account.batch_number, account.row_number, account.content)
            level = VERIFIED_SOURCE if is_verified else OTHER_SOURCE
            claims += [Claim(name, value, link_id, level, account.valid_from) for name, value in _values(row)]
        return claims

    def _write(self, session: Session, person_id: str, claim: Claim) -> None:
        claim_id = new_id()
        cipher = self._ciphers.of(session, person_id)
        session.execute(
            sa.insert(AttributeClaim).values(
                id=claim_id,
                person_id=person_id,
                name=claim.name,
                ciphertext=encrypt_text(cipher, claim.value, table="attribute_claims", row=claim_id),
                link_id=claim.link_id,
                level=claim.level,
                said_at=claim.said_at,
            )
        )


def _values(row: LegacyRow) -> list[tuple[ClaimName, str]]:
    said = {ClaimName.EMAIL: row.email, ClaimName.ADDRESS: row.address, ClaimName.MOBILE: row.mobile}
    return [(name, value.strip()) for name, value in said.items() if value.strip()]
