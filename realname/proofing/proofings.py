"""Recording proofings: evidence, number and name in the caller's transaction, once, with what others lose by it."""

import json
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import NOWHERE, Origin, record
from idp.core.clock import civil_date
from idp.core.ids import new_id
from idp.core.results import Ok
from idp.crypto.blind_index import keyed_digest
from idp.crypto.keyring import Keyring
from idp.persons.attributes import Attributes
from idp.persons.ciphers import PersonCiphers, encrypt_text
from idp.persons.identifiers import HeldNumber, IdentifierProblem, Identifiers
from idp.persons.identity_level import is_valid_proofing
from idp.persons.models import Proofing
from idp.persons.used_proofs import use_once
from idp.persons.vocabulary import AttributeName, IdentifierState
from realname.documents.birth_date import needs_guardian
from realname.documents.document_number import DocumentNumber
from realname.documents.names import name_match_key
from realname.proofing.cases import Settled, close_disputes, open_case
from realname.proofing.contest import Contest, settle
from realname.proofing.counter import CounterComparison, Doubt
from realname.proofing.method import WORTH, Method
from realname.proofing.models import CounterRecord


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was proved, how, and by whom; it counts once, by `handle`, which is random and names nobody.

    `mobile` is E.164 where the method rests on it. `valid_until` is when it counts no longer, `keep_until` when the
    handle would be refused for its age anyway. Of a clerk's evidence `actor_person` and `office` tell who and where.
    """

    handle: str = field(repr=False)
    method: Method
    provider: str
    code: str
    request_id: str
    number: DocumentNumber
    name: str = field(repr=False)
    mobile: str | None = field(repr=False)
    proved_at: datetime
    valid_until: datetime
    keep_until: datetime
    actor_person: str | None = None
    office: str | None = None
    counter: CounterComparison | None = None

    def is_settled(self, doubt: Doubt) -> bool:
        """Tell whether two clerks looked at that doubt and had none left."""
        counter = self.counter
        return counter is not None and counter.second_person is not None and doubt in counter.doubts


@dataclass(frozen=True, slots=True)
class Recorded:
    """A proofing that was written; `lost` are the other persons whose identity level ended by it.

    `outgrown` is who the same human was while only guardians spoke for them: nobody else, so nothing is contested.
    """

    proofing_id: str
    method: Method
    ial: int
    number_state: IdentifierState
    contest: Contest
    lost: tuple[str, ...]
    outgrown: str | None = None


class Proofings:
    """Writes and withdraws proofings."""

    def __init__(
        self, *, keyring: Keyring, ciphers: PersonCiphers, identifiers: Identifiers, attributes: Attributes
    ) -> None:
        self._keyring = keyring
        self._ciphers = ciphers
        self._identifiers = identifiers
        self._attributes = attributes

    def record(
        self, session: Session, person_id: str, evidence: Evidence, *, origin: Origin = NOWHERE
    ) -> Recorded | None:
        """Write the proofing, make the number the person's where it binds it; None where the evidence was used before.

        The caller holds the person, has checked that the evidence is about them, and in the same transaction ends
        the sessions and tokens of this person and of those in `lost`.
        """
        at, worth = evidence.proved_at, WORTH[evidence.method]
        if not use_once(session, "proofing", evidence.handle, at=at, keep_until=evidence.keep_until):
            return None
        proofing_id = self._write(session, person_id, evidence)
        if evidence.is_settled(Doubt.NUMBER_CHANGED):
            self._identifiers.end_current(session, person_id, at=at)
        own_id = self._claimed(session, person_id, evidence.number, at)
        contest: Contest
        lost: tuple[str, ...]
        outgrown: str | None = None
        if self._identifiers.confirm(session, own_id, proofing_id=proofing_id, ial=worth.ial):
            contest, lost = Contest.NONE, ()  # theirs already
        elif worth.binds_number:
            outgrown = self._outgrow(session, own_id, evidence)
            contest, lost = self._bind(session, person_id, own_id, evidence, proofing_id, origin)
        else:
            contest, lost = self._stand_beside(session, own_id, evidence, proofing_id), ()
        if contest in (Contest.DISPUTED, Contest.STANDS_BACK):
            # One of the two is not who they say. Until a human decides which, this one is raised by nothing.
            self._revoke(session, person_id, at)
        else:
            self._keep_name(session, person_id, evidence)
        state = self._identifiers.state_of(session, own_id)
        record(
            session,
            Event.PROOFING_RECORDED,
            at=at,
            person_id=person_id,
            origin=origin,
            reason=None if contest is Contest.NONE else str(contest),
            details={
                "method": evidence.method,
                "ial": worth.ial,
                "provider": evidence.provider,
                "provider_request_id": evidence.request_id,
                "number": state,
            },
        )
        return Recorded(proofing_id, evidence.method, worth.ial, state, contest, lost, outgrown)

    def withdraw(self, session: Session, person_id: str, *, reason: str, at: datetime, origin: Origin) -> bool:
        """Revoke every proofing of a person; False where none counted. The caller ends what rests on it."""
        if not self._revoke(session, person_id, at):
            return False
        record(session, Event.PROOFING_WITHDRAWN, at=at, reason=reason, person_id=person_id, origin=origin)
        return True

    def _write(self, session: Session, person_id: str, evidence: Evidence) -> str:
        proofing_id = new_id()
        session.execute(
            sa.insert(Proofing).values(
                id=proofing_id,
                person_id=person_id,
                level=WORTH[evidence.method].ial,
                method=evidence.method,
                provider=evidence.provider,
                provider_request_id=evidence.request_id or None,
                evidence_digest=self._digest(evidence),
                actor_person=evidence.actor_person,
                office=evidence.office,
                proved_at=evidence.proved_at,
                valid_until=evidence.valid_until,
            )
        )
        if evidence.counter is not None:
            self._write_counter(session, person_id, proofing_id, evidence.counter)
        return proofing_id

    def _write_counter(self, session: Session, person_id: str, proofing_id: str, counter: CounterComparison) -> None:
        note = None
        if counter.note:
            cipher = self._ciphers.of(session, person_id)
            note = encrypt_text(cipher, counter.note, table="counter_records", row=proofing_id)
        session.execute(
            sa.insert(CounterRecord).values(
                proofing_id=proofing_id,
                device_id=counter.device_id,
                comparison=counter.comparison,
                doubts=sorted(counter.doubts),
                note=note,
                compared_at=counter.compared_at,
                second_person=counter.second_person,
                second_at=counter.second_at,
            )
        )

    def _digest(self, evidence: Evidence) -> str:
        """Return the keyed digest by which it can be shown later what exactly was asked and answered."""
        told = [
            evidence.method,
            evidence.provider,
            evidence.request_id,
            evidence.code,
            evidence.number.type,
            evidence.number.canonical,
            evidence.name,
            evidence.mobile,
        ]
        return keyed_digest(self._keyring, "proofing evidence", json.dumps(told, ensure_ascii=False))

    def _keep_name(self, session: Session, person_id: str, evidence: Evidence) -> None:
        """Write the name as it was proved, unless the present one was proved better."""
        known = self._attributes.of(session, person_id).get(AttributeName.FULL_NAME)
        ial = WORTH[evidence.method].ial
        if known is not None and known.level > ial:
            return
        if known is not None and known.level == ial and name_match_key(known.value) == name_match_key(evidence.name):
            return
        self._attributes.set(
            session,
            person_id,
            AttributeName.FULL_NAME,
            evidence.name,
            source=evidence.provider,
            level=ial,
            at=evidence.proved_at,
        )

    def _claimed(self, session: Session, person_id: str, number: DocumentNumber, at: datetime) -> str:
        """Return the person's own row of the number; what else they claimed was a mistake, and is history."""
        found = None
        for known in self._identifiers.of(session, person_id):
            if (known.type, known.canonical) == (number.type, number.canonical):
                found = known.id
            elif known.state is IdentifierState.CLAIMED:
                self._identifiers.end(session, known.id, IdentifierState.FORMER, at=at)
        return found or self._identifiers.claim(session, person_id, number, at=at)

    def _stand_beside(self, session: Session, own_id: str, evidence: Evidence, proofing_id: str) -> Contest:
        """Let number and name alone count where nobody proved more of this number."""
        others = self._identifiers.held_by_others(session, own_id, evidence.number)
        if any(each.is_bound and not _is_outgrown(each, evidence) for each in others):
            return Contest.STANDS_BACK
        self._identifiers.note(session, own_id, proofing_id=proofing_id)
        return Contest.NONE

    def _outgrow(self, session: Session, own_id: str, evidence: Evidence) -> str | None:
        """Take the number off the person whom guardians acted for, now that the minor proves it; return who it was."""
        others = self._identifiers.held_by_others(session, own_id, evidence.number)
        for other in others if sum(each.is_bound for each in others) == 1 else ():
            if _is_outgrown(other, evidence):
                self._revoke(session, other.person_id, evidence.proved_at)
                self._identifiers.end(session, other.identifier_id, IdentifierState.FORMER, at=evidence.proved_at)
                return other.person_id
        return None

    def _bind(
        self,
        session: Session,
        person_id: str,
        own_id: str,
        evidence: Evidence,
        proofing_id: str,
        origin: Origin,
    ) -> tuple[Contest, tuple[str, ...]]:
        """Make the number current, or settle it with those who proved it before; return who lost by it."""
        ial, at = WORTH[evidence.method].ial, evidence.proved_at
        lost: set[str] = set()
        while True:
            others = self._identifiers.held_by_others(session, own_id, evidence.number)
            bound = [each for each in others if each.is_bound]
            is_decided = evidence.is_settled(Doubt.CONTESTED)
            contest = settle(ial, [each.ial for each in bound], is_decided=is_decided)
            if contest is Contest.STANDS_BACK:
                return contest, ()
            if contest is not Contest.DISPUTED:
                self._end_dispute(session, person_id, evidence, origin)
            for other in others:
                if other.person_id not in lost:
                    self._revoke(session, other.person_id, at)
                    lost.add(other.person_id)
                    if other.is_bound:
                        self._identifiers.end(session, other.identifier_id, IdentifierState.DISPUTED, at=at)
                        open_case(session, contest, own_id, other, at=at, origin=origin)
            if contest is Contest.DISPUTED:
                self._identifiers.end(session, own_id, IdentifierState.DISPUTED, at=at, proofing_id=proofing_id)
                return contest, tuple(sorted(lost))
            taken = self._identifiers.set_current(session, own_id, proofing_id=proofing_id, at=at)
            if isinstance(taken, Ok):
                return Contest.DISPLACES if lost else Contest.NONE, tuple(sorted(lost))
            assert taken.reason is IdentifierProblem.TAKEN  # noqa: S101 - the row is the person's, who is held
            # Somebody proved it in this very moment: now they are seen, and the rule is asked again.

    def _end_dispute(self, session: Session, person_id: str, evidence: Evidence, origin: Origin) -> None:
        """Close what two disputed: somebody proved more of the number than they."""
        rows = self._identifiers.end_dispute(session, evidence.number)
        settled = Settled(evidence.method, evidence.actor_person, evidence.proved_at)
        close_disputes(session, rows, settled, person_id=person_id, origin=origin)

    def _revoke(self, session: Session, person_id: str, at: datetime) -> bool:
        revoked = session.execute(
            sa.update(Proofing).where(is_valid_proofing(person_id, at)).values(revoked_at=at).returning(Proofing.id)
        ).all()
        return bool(revoked)


def _is_outgrown(held: HeldNumber, evidence: Evidence) -> bool:
    """Tell whether a number was made somebody's by their guardian alone, until they could speak for themself.

    Whoever proves it then by their own means is the same human, now 14 or older, and displaces nobody.
    """
    by_guardian = held.method == Method.GUARDIAN and evidence.method is not Method.GUARDIAN
    born, today = evidence.number.birth_date, civil_date(evidence.proved_at)
    return by_guardian and held.is_bound and born is not None and not needs_guardian(born, today)
