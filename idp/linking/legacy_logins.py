"""Logins with the name and password of an older system: proof that an account there is in somebody's hands.

Opens nothing by itself. The first right password is hashed anew with argon2id and stays on the account, as proof and
for comparison until the cut-over; what the older system stored is erased. It never becomes a person's credential.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from connectors.legacy.live import GuardedSource, LiveAnswer, Word
from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock, civil_date
from idp.core.ids import new_id, new_secret
from idp.core.results import Ok, Refused
from idp.crypto.keyring import Keyring
from idp.linking import cutover
from idp.linking.control import ControlProof, accounts_with_password
from idp.linking.default_passwords import DefaultPasswords, facts_of
from idp.linking.kept_proofs import KeptProof
from idp.linking.live_arrivals import Arrivals, stored_of
from idp.linking.login_candidates import Candidate, candidates
from idp.linking.login_systems import LoginSystem, login_system, login_systems
from idp.linking.models import LegacyAccount
from idp.linking.password_rule import PasswordRule, Verdict
from idp.linking.schemes import NO_PASSWORDS, dummy, verify
from idp.linking.vocabulary import ControlKind, Cutover
from idp.persons.passwords import Passwords
from idp.persons.tries import Tries, TryAllowed, device_key_of, subject_of_legacy_account, subject_of_unknown
from idp.storage.engine import Database

_NO_RULE = PasswordRule(NO_PASSWORDS)


class LegacyLoginProblem(StrEnum):
    """Why control was not shown; outside they are one, the audit tells them apart."""

    UNKNOWN_SYSTEM = "unknown_system"
    UNKNOWN_ACCOUNT = "unknown_account"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What is known before the password is looked at; the same reads and writes whatever was typed."""

    system: LoginSystem | None
    candidates: tuple[Candidate, ...] = field(repr=False)
    subjects: tuple[str, ...]
    device_key: str
    is_allowed: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """What was said of the password: by our copy, and by the living system where it was asked."""

    ours: Candidate | None
    has_copy: bool
    live: LiveAnswer | None
    live_is_right: bool | None  # None: it gave no answer


class LegacyLogins:
    """Checks the login and password of an older system; unknown, wrong and blocked differ in the audit alone."""

    def __init__(
        self,
        *,
        database: Database,
        keyring: Keyring,
        passwords: Passwords,
        defaults: DefaultPasswords,
        tries: Tries,
        arrivals: Arrivals,
        live: Mapping[str, GuardedSource],
        clock: Clock,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._passwords = passwords
        self._defaults = defaults
        self._tries = tries
        self._arrivals = arrivals
        self._live = live
        self._clock = clock

    def systems(self) -> tuple[LoginSystem, ...]:
        """Return the systems whose accounts can be shown here, by name."""
        with self._database.read() as session:
            return login_systems(session, self._keyring, live=tuple(self._live))

    def prove(
        self, code: str, login: str, password: str, *, origin: Origin, by: str | None = None
    ) -> Ok[KeptProof] | Refused:
        """Return proof of control of an account, or a `LegacyLoginProblem`.

        `by` is who tries it in a login of their own: their tries are counted apart, so that strangers who hammer at
        an account shut out other strangers alone.

        1 count the try, 2 compare with our copy and ask the living system, outside any transaction, 3 keep what came
        of it. The counted try is committed before the password is looked at.
        """
        now = self._clock.now()
        with self._database.transaction() as session:
            attempt = self._reserve(session, code, login, device_key_of(by), now)
        found = self._compare(attempt, login, password)
        # Made now, where it takes no lock; a second hash shows nothing that a right password does not show anyway.
        right = _right(attempt, found)
        new_hash = self._passwords.hash(password) if right else None
        with self._database.transaction() as session:
            self._note_comparison(session, attempt, found, now)
            if attempt.system is None or new_hash is None:
                return self._refuse(session, attempt, now, origin, by)
            candidate = self._candidate(session, attempt.system, found, now)
            proof = self._proof(session, attempt.system, candidate, password, now)
            self._migrate(session, candidate, new_hash, now)
            for subject in attempt.subjects:
                self._tries.clear(session, subject, attempt.device_key)
            details = {"system": attempt.system.number, "account": candidate.account_id}
            details |= {"default": proof.is_default, "shared": proof.shared_by}
            record(session, Event.LEGACY_CONTROL_SHOWN, at=now, person_id=by, origin=origin, details=details)
            return Ok(KeptProof(attempt.system.number, proof))

    def _reserve(self, session: Session, code: str, login: str, device_key: str, now: datetime) -> _Attempt:
        system = login_system(session, self._keyring, code)
        number = system.number if system else 0
        found = candidates(session, self._keyring, number, login, today=civil_date(now))
        subjects = tuple(subject_of_legacy_account(self._keyring, number, each.account_id) for each in found)
        if not subjects:
            typed = f"legacy {number} {login.strip().lower()[:200]}"
            subjects = (subject_of_unknown(self._keyring, typed),)
        reserved = [self._tries.reserve(session, subject, device_key, at=now) for subject in subjects]
        is_allowed = all(isinstance(each, TryAllowed) for each in reserved)
        return _Attempt(system, found, subjects, device_key, is_allowed)

    def _compare(self, attempt: _Attempt, login: str, password: str) -> _Found:
        """Compare with each account's copy, or with nothing at the same cost, and ask the living system.

        Whoever is blocked costs the same: their password is replaced by one that nobody has.
        """
        tried = password if attempt.is_allowed else new_secret()
        rule = attempt.system.rule if attempt.system else _NO_RULE
        ours: Candidate | None = None
        for candidate in attempt.candidates or (None,):
            if self._is_right(rule, candidate, tried) and ours is None:
                ours = candidate
        has_copy = any(each.stored or each.password_hash for each in attempt.candidates)
        source = self._source(attempt.system)
        if source is None:
            return _Found(ours, has_copy, None, None)
        answer = source.ask(login if attempt.is_allowed else new_secret(), tried)
        return _Found(ours, has_copy, answer, _word_of(answer, rule, tried))

    def _is_right(self, rule: PasswordRule, candidate: Candidate | None, password: str) -> bool:
        """One comparison by the scheme and one by argon2id, whatever the account has."""
        stored = candidate.stored if candidate else None
        login = candidate.view.row.login if candidate else ""
        by_scheme = verify(rule, stored or dummy(rule), password, login=login) is Verdict.MATCH
        by_hash = self._passwords.verify(password, candidate.password_hash if candidate else None)
        return (by_scheme and stored is not None) or by_hash

    def _source(self, system: LoginSystem | None) -> GuardedSource | None:
        if system is None or system.cutover is Cutover.PLATFORM_ONLY:
            return None
        return self._live.get(system.code)

    def _note_comparison(self, session: Session, attempt: _Attempt, found: _Found, now: datetime) -> None:
        system = attempt.system
        if system is None or system.cutover is not Cutover.BOTH or found.live is None or not attempt.is_allowed:
            return
        platform = found.ours is not None if found.has_copy else None
        cutover.note(session, system.number, cutover.compare(legacy=found.live_is_right, platform=platform), at=now)

    def _refuse(self, session: Session, attempt: _Attempt, now: datetime, origin: Origin, by: str | None) -> Refused:
        if attempt.system is None:
            problem = LegacyLoginProblem.UNKNOWN_SYSTEM
        elif not attempt.is_allowed:
            problem = LegacyLoginProblem.BLOCKED
        elif not attempt.candidates:
            problem = LegacyLoginProblem.UNKNOWN_ACCOUNT
        else:
            problem = LegacyLoginProblem.WRONG_PASSWORD
        details = {"system": attempt.system.number} if attempt.system else None
        record(
            session,
            Event.LEGACY_LOGIN_FAILED,
            at=now,
            outcome=Outcome.REFUSED,
            reason=problem,
            person_id=by,
            origin=origin,
            details=details,
        )
        return Refused(problem)

    def _candidate(self, session: Session, system: LoginSystem, found: _Found, now: datetime) -> Candidate:
        """Return whose password was right: the account that the living system named, else that of our copy."""
        if found.live_is_right and found.live is not None and found.live.row is not None:
            return self._arrivals.take_in(session, system, found.live.row, at=now)
        assert found.ours is not None  # noqa: S101 - `_right` says so
        return found.ours

    def _proof(
        self, session: Session, system: LoginSystem, candidate: Candidate, password: str, now: datetime
    ) -> ControlProof:
        """Return the proof, with what others could know of the password; before the stored one is erased."""
        facts = facts_of(candidate.view.row)
        is_default = self._defaults.kind_of(password, facts, patterns=system.patterns) is not None
        return ControlProof(
            account_id=candidate.account_id,
            kind=ControlKind.PASSWORD,
            at=now,
            handle=new_id(),
            is_default=is_default,
            shared_by=max(1, accounts_with_password(session, candidate.view)),
        )

    def _migrate(self, session: Session, candidate: Candidate, new_hash: str, now: datetime) -> None:
        """Keep the new hash on this version of the account and erase what the older system stored.

        A hash that is there already and was right is left: nothing is gained by another of the same password.
        """
        if candidate.password_hash is not None and candidate.stored is None:
            return
        view = candidate.view
        session.execute(
            sa.update(LegacyAccount)
            .where(
                LegacyAccount.system_number == view.system_number,
                LegacyAccount.account_id == view.account_id,
                LegacyAccount.version == view.version,
                LegacyAccount.valid_to.is_(None),
            )
            .values(
                password_hash=new_hash,
                credential=None,
                migrated_at=sa.func.coalesce(
                    LegacyAccount.migrated_at, sa.literal(now, LegacyAccount.migrated_at.type)
                ),
            )
        )


def _word_of(answer: LiveAnswer, rule: PasswordRule, password: str) -> bool | None:
    """Return what the living system said of the password, None where it could not be asked."""
    if answer.word is Word.UNAVAILABLE:
        return None
    stored = stored_of(answer.row) if answer.row is not None else None
    if answer.word is Word.COMPARE and answer.row is not None and stored is not None:
        return verify(rule, stored, password, login=answer.row.login) is Verdict.MATCH
    return answer.word is Word.RIGHT


def _right(attempt: _Attempt, found: _Found) -> bool:
    """Tell whether control was shown.

    Where the older system still answers, its word goes before our copy, which may have been changed since.
    """
    if attempt.system is None or not attempt.is_allowed:
        return False
    if found.live_is_right is not None:
        return found.live_is_right
    return found.ours is not None
