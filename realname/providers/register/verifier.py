"""Asking the register: one verification is one look-up in one index, one statement, and opens nothing."""

from dataclasses import replace
from datetime import date
from typing import Any

import psycopg
import sqlalchemy as sa
import structlog

from idp.core.errors import IdpError
from idp.core.ids import new_id
from idp.crypto.blind_index import keyed_digest
from idp.crypto.keyring import Keyring
from idp.storage.statements import Statement, Statements
from realname.documents.document_number import DocumentNumber, DocumentType
from realname.providers.answer import Answer, Outcome
from realname.providers.question import Check, Question
from realname.providers.register.digests import Asked, asked, holds, number_index
from realname.providers.register.entry import Entry, decode_entry, open_content
from realname.providers.register.models import RegisterEntry, RegisterIndex
from realname.providers.register.standing import Standing

_log = structlog.get_logger("realname.register")

# Whatever fails in the store, or with what lies in it; a key version may have been dropped between two calls.
_FAILURES = (IdpError, KeyError, psycopg.Error, sa.exc.SQLAlchemyError)

_IS_FOUND = sa.and_(
    RegisterIndex.key_version == sa.bindparam("version", type_=sa.Integer),
    RegisterIndex.index == sa.bindparam("index", type_=sa.String),
)
COMPARED = Statement(sa.select(RegisterIndex.names, RegisterIndex.mobiles, RegisterIndex.is_deceased).where(_IS_FOUND))
_SEALED = Statement(
    sa.select(RegisterEntry.id, RegisterEntry.content)
    .join(RegisterIndex, RegisterIndex.entry_id == RegisterEntry.id)
    .where(_IS_FOUND)
)


class RegisterVerifier:
    """The register as a `Verifier` and a `CardVerifier`. Nothing is charged, and its codes begin with `register.`."""

    name = "register"
    checks = frozenset({Check.NAME, Check.MOBILE})
    documents = frozenset(DocumentType)

    def __init__(self, *, keyring: Keyring, statements: Statements) -> None:
        self._keyring = keyring
        self._statements = statements

    def verify(self, question: Question) -> Answer:
        """See Verifier.verify."""
        try:
            sought = asked(self._keyring, question)
            rows = self._statements.read(COMPARED, {"version": sought.version, "index": sought.index})
        except _FAILURES as error:
            return _unavailable(error)
        return _compare(rows[0], sought) if rows else _answer(Outcome.NO_RECORD, "register.no_record")

    def verify_card(self, question: Question, *, valid_from: date, valid_until: date | None) -> Answer:
        """See CardVerifier.verify_card."""
        answer = self.verify(replace(question, mobile=None))
        if answer.outcome is not Outcome.MATCH:
            return answer
        try:
            entry = self._entry(question.number)
        except _FAILURES as error:
            return _unavailable(error)
        return _compare_card(entry, valid_from, valid_until)

    def standing(self, number: DocumentNumber) -> Standing | None:
        """Return what the register says of a number, None where it does not know it.

        Raises StoreUnavailable or DecryptionFailed: whoever decides a hard case must not take silence for a word.
        """
        entry = self._entry(number)
        if entry is None:
            return None
        household = entry.household
        return Standing(
            name=entry.name,
            birth_date=entry.birth_date,
            sex=entry.sex,
            valid_until=entry.valid_until,
            deceased_on=entry.deceased_on,
            guardians=entry.guardians,
            household=household and keyed_digest(self._keyring, "register household", household),
        )

    def _entry(self, number: DocumentNumber) -> Entry | None:
        version, index = number_index(self._keyring, number)
        rows = self._statements.read(_SEALED, {"version": version, "index": index})
        return decode_entry(open_content(self._keyring, rows[0].id, bytes(rows[0].content))) if rows else None


def _compare(row: Any, sought: Asked) -> Answer:
    # The name first: whoever cannot say it learns neither of a death nor of mobiles.
    if not holds(row.names, sought.name):
        return _answer(Outcome.MISMATCH, "register.other_name")
    # Number and name are right, but nobody can be there to give them: a stolen number, or an error of the register
    # that the counter mends. Not a mismatch, which would be settled and untrue.
    if row.is_deceased:
        return _answer(Outcome.RISK, "register.deceased")
    if sought.mobile is None:
        return _answer(Outcome.MATCH, "register.match")
    if not row.mobiles:
        return _answer(Outcome.NO_RECORD, "register.no_mobile")  # it knows of none, so it cannot deny this one
    if not holds(row.mobiles, sought.mobile):
        return _answer(Outcome.MISMATCH, "register.other_mobile")
    return _answer(Outcome.MATCH, "register.match")


def _compare_card(entry: Entry | None, valid_from: date, valid_until: date | None) -> Answer:
    said = (entry.valid_from, entry.valid_until) if entry is not None else (None, None)
    # Only what the register has can deny a card: where it has no end, the card may be 长期, or nobody said.
    known = [pair for pair in zip(said, (valid_from, valid_until), strict=True) if pair[0] is not None]
    if not known:
        return _answer(Outcome.NO_RECORD, "register.no_card")
    if any(day != on_card for day, on_card in known):
        return _answer(Outcome.MISMATCH, "register.other_card")
    return _answer(Outcome.MATCH, "register.match")


def _unavailable(error: Exception) -> Answer:
    # The error's own text may hold what was asked.
    _log.warning("register.unavailable", error=type(error).__name__)
    return _answer(Outcome.UNAVAILABLE, "local.store_unavailable")


def _answer(outcome: Outcome, code: str) -> Answer:
    return Answer(outcome, RegisterVerifier.name, code, request_id=new_id())
