"""What is proved about a person at this instant, in clear: the number that is current, name, proofings.

Only for identity claims: a number that is merely claimed, or disputed, is never read here.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from idp.core.results import Ok
from idp.crypto.person_key import PersonCipher
from idp.keys.models import PersonKey
from idp.persons.ciphers import PersonCiphers, decrypt_text
from idp.persons.identity_level import is_valid_proofing, level_of
from idp.persons.models import Attribute, Identifier, Proofing
from idp.persons.vocabulary import AttributeName, IdentifierState
from idp.storage.json_rows import instant_of_json, json_rows
from realname.documents.application_id import NETWORK_IDENTITY
from realname.documents.document_number import DocumentNumber
from realname.documents.parse import parse_number
from realname.release.evidence import ProofingTold
from realname.release.values import Fact, Proved

_FACTS = (AttributeName.FULL_NAME, AttributeName.BIRTHDATE, AttributeName.GENDER)


@dataclass(frozen=True, slots=True)
class ProvedIdentity:
    """What stands behind identity claims, and the proofings that it rests on."""

    proved: Proved
    proofings: tuple[ProofingTold, ...]


def proved_columns(person_id: Any, now: Any, *, is_vouched: Any, is_postgresql: bool) -> tuple[Any, ...]:
    """Return the columns that `ProvedIdentities.of_row` reads, to be selected from `PersonKey`.

    `is_vouched` is the condition that the login at hand carries the person's proofings (see `vouching`).
    """
    is_fact = sa.and_(
        Attribute.person_id == person_id,
        Attribute.valid_to.is_(None),
        sa.or_(*(Attribute.name == name for name in _FACTS)),
    )
    is_current = sa.and_(
        Identifier.person_id == person_id,
        Identifier.state == IdentifierState.CURRENT,
        Identifier.type != NETWORK_IDENTITY,
    )
    is_counting = sa.and_(is_valid_proofing(person_id, now), is_vouched)
    sets = {
        "facts": ((Attribute.id, Attribute.name, Attribute.ciphertext, Attribute.level, Attribute.valid_from), is_fact),
        "numbers": ((Identifier.id, Identifier.ciphertext, Identifier.valid_from), is_current),
        "proofings": ((Proofing.level, Proofing.method, Proofing.proved_at), is_counting),
    }
    return (
        PersonKey.wrapped.label("person_key"),
        PersonKey.erased_at.label("person_erased_at"),
        *(
            json_rows(columns, where, is_postgresql=is_postgresql).label(name)
            for name, (columns, where) in sets.items()
        ),
    )


class ProvedIdentities:
    """Opens what is proved about persons."""

    def __init__(self, *, ciphers: PersonCiphers) -> None:
        self._ciphers = ciphers

    def of_row(self, person_id: str, row: Any, *, today: date) -> ProvedIdentity:
        """Return what a row with `proved_columns` holds; raises PersonUnknown, PersonErased, or DecryptionFailed."""
        cipher = self._ciphers.open(person_id, row.person_key, row.person_erased_at)
        facts = _facts(cipher, json.loads(row.facts or "[]"))
        proofings = tuple(
            ProofingTold(level, method, instant_of_json(at)) for level, method, at in json.loads(row.proofings or "[]")
        )
        proved = Proved(
            ial=level_of(max((each.level for each in proofings), default=None)),
            today=today,
            number=_number(cipher, json.loads(row.numbers or "[]"), today),
            full_name=facts.get(AttributeName.FULL_NAME),
            birth_date=facts.get(AttributeName.BIRTHDATE),
            gender=facts.get(AttributeName.GENDER),
        )
        return ProvedIdentity(proved, proofings)


def _facts(cipher: PersonCipher, rows: Sequence[Any]) -> dict[str, Fact]:
    # Of two written in a race the later is told, as everywhere.
    ordered = sorted(rows, key=lambda row: (instant_of_json(row[4]), row[0]))
    return {
        name: Fact(decrypt_text(cipher, bytes.fromhex(ciphertext), table="attributes", row=row_id), level)
        for row_id, name, ciphertext, level, _ in ordered
    }


def _number(cipher: PersonCipher, rows: Sequence[Any], today: date) -> DocumentNumber | None:
    """Return the current number, of several documents the one that was proved last."""
    if not rows:
        return None
    row_id, ciphertext, _ = max(rows, key=lambda row: (instant_of_json(row[2]), row[0]))
    parsed = parse_number(decrypt_text(cipher, bytes.fromhex(ciphertext), table="identifiers", row=row_id), today=today)
    return parsed.value if isinstance(parsed, Ok) else None
