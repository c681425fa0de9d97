"""Scoring the candidates of open cases: rows and persons are opened in a worker, and only percentages are kept."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from idp.core.clock import Clock, civil_date
from idp.core.results import Ok
from idp.crypto.keyring import Keyring
from idp.linking.contents import LegacyRow, open_row
from idp.linking.link_models import CaseCandidate, MergeCase
from idp.linking.match_keys import MatchKeys, PersonFacts
from idp.linking.models import LegacyAccount
from idp.linking.row_facts import read_mobile
from idp.linking.row_names import read_name
from idp.linking.scoring import Described, Score, score
from idp.linking.vocabulary import CaseState
from idp.storage.engine import Database, take_time
from realname.documents.parse import parse_number

_AT_ONCE = 100
#: Stands in the evidence once the texts themselves were compared.
COMPARED = "compared"


class CaseScorer:
    """Scores what no worker has scored yet; two at once score the same alike."""

    def __init__(self, *, database: Database, keyring: Keyring, keys: MatchKeys, clock: Clock) -> None:
        self._database = database
        self._keyring = keyring
        self._keys = keys
        self._clock = clock

    def run(self, *, most: int = _AT_ONCE) -> bool:
        """Score so many candidates at most, and tell whether there are more."""
        today = civil_date(self._clock.now())
        with self._database.transaction() as session:
            take_time(session)
            rows = session.execute(_waiting().limit(most)).all()
            facts = self._keys.facts(session, sorted({row.person_id for row in rows}))
            for row in rows:
                found = self._score(row, facts.get(row.person_id), today)
                evidence = {**row.evidence, COMPARED: 100} if found is None else {**found.evidence, COMPARED: 100}
                values: dict[str, Any] = {"evidence": evidence}
                if found is not None:
                    values["score"] = found.chance
                session.execute(
                    sa.update(CaseCandidate)
                    .where(CaseCandidate.case_id == row.case_id, CaseCandidate.person_id == row.person_id)
                    .values(values)
                )
        return len(rows) >= most

    def _score(self, row: Any, facts: PersonFacts | None, today: date) -> Score | None:
        """Compare a row with each number of the person; None where nothing is known of them any more."""
        if facts is None:
            return None
        legacy = open_row(self._keyring, row.batch_number, row.row_number, row.content)
        ours = _described(legacy, today)
        scores = [score(ours, each) for each in _sides(facts, today)]
        return max(scores, key=lambda each: each.chance, default=None)


def _waiting() -> sa.Select[Any]:
    account = LegacyAccount
    columns: tuple[Any, ...] = (CaseCandidate.case_id, CaseCandidate.person_id, CaseCandidate.evidence)
    columns += (account.batch_number, account.row_number, account.content)
    return (
        sa.select(*columns)
        .join(MergeCase, MergeCase.id == CaseCandidate.case_id)
        .join(
            account,
            sa.and_(
                account.system_number == MergeCase.system_number,
                account.account_id == MergeCase.account_id,
                account.valid_to.is_(None),
            ),
        )
        .where(MergeCase.state != CaseState.CLOSED, CaseCandidate.evidence[COMPARED].as_integer().is_(None))
        .order_by(CaseCandidate.case_id, CaseCandidate.person_id)
    )


def _described(row: LegacyRow, today: date) -> Described:
    parsed = parse_number(row.number, today=today)
    number = parsed.value.canonical if isinstance(parsed, Ok) else row.number.strip().upper()
    names = tuple(name for text in (row.name, row.former_name) if text and (name := read_name(text).name))
    born = "".join(character for character in row.birth_date if character.isascii() and character.isdigit())[:8]
    return Described(number, names, read_mobile(row.mobile) or "", born if len(born) == 8 else "")


def _sides(facts: PersonFacts, today: date) -> Sequence[Described]:
    """Return the person as each of their numbers describes them."""
    sides: dict[str, Described] = {}
    for _, number, _ in facts.numbers:
        parsed = parse_number(number.canonical, today=today)
        birth = parsed.value.birth_date if isinstance(parsed, Ok) else None
        born = "" if birth is None else f"{birth:%Y%m%d}"
        sides[number.canonical] = Described(number.canonical, tuple(facts.names), facts.mobile or "", born)
    return tuple(sides.values())
