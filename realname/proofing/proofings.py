"""Recording proofings: evidence, number and name in the caller's transaction, once, with what others lose by it.

Nobody's level rests on one identity while the number that is told of them is another's. So an application id without
a number and a number that was proved for less never stand beside each other:
* an assertion without a number counts only for who has no number (`realname/proofing/assertion.py`);
* while it is all that somebody is known by, what proves less than it leaves a number claimed, as name and number do;
* what proves as much makes the number theirs, and the assertion without a number counts no longer.
The highest valid proofing says therefore how well the current number was proved, wherever a level is read.
"""

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import NOWHERE, Origin, record
from idp.core.ids import new_id
from idp.crypto.keyring import Keyring
from idp.persons.attributes import Attributes
from idp.persons.ciphers import PersonCiphers, encrypt_text
from idp.persons.holders import Holders
from idp.persons.identifiers import Identifiers
from idp.persons.identity_level import is_valid_proofing
from idp.persons.models import Proofing
from idp.persons.registration import SELF_DECLARED
from idp.persons.used_proofs import use_once
from idp.persons.vocabulary import SOURCE_SELF, IdentifierState
from realname.documents.application_id import ApplicationId
from realname.documents.document_number import DocumentNumber
from realname.proofing.binding import Binding, Bound, Proof, revoke_all
from realname.proofing.contest import Contest
from realname.proofing.counter import CounterComparison, Doubt
from realname.proofing.evidence import Evidence, Recorded, digest_of
from realname.proofing.method import WORTH, Method
from realname.proofing.models import CounterRecord
from realname.proofing.names import forget_proofs, keep_name


class Proofings:
    """Writes and withdraws proofings."""

    def __init__(
        self,
        *,
        keyring: Keyring,
        ciphers: PersonCiphers,
        identifiers: Identifiers,
        holders: Holders,
        attributes: Attributes,
    ) -> None:
        self._keyring = keyring
        self._ciphers = ciphers
        self._identifiers = identifiers
        self._binding = Binding(identifiers=identifiers, holders=holders)
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
        self._binding.hold(session, evidence.number, evidence.application_id)
        if evidence.is_settled(Doubt.NUMBER_CHANGED):
            self._identifiers.end_current(session, person_id, at=at)
        named_at = self._level_without_number(session, person_id, at)
        proof = Proof(
            proofing_id=self._write(session, person_id, evidence),
            person_id=person_id,
            method=evidence.method,
            ial=worth.ial,
            at=at,
            origin=origin,
            clerk=evidence.actor_person,
            is_decided=evidence.is_settled(Doubt.CONTESTED),
        )
        bound, state = self._join(session, person_id, evidence, proof, named_at)
        if bound.is_settled:
            self._keep_name(session, person_id, evidence, is_joined=worth.ial >= named_at)
        else:
            # One of the two is not who they say. Until a human decides which, this one is raised by nothing.
            revoke_all(session, person_id, at)
        record(
            session,
            Event.PROOFING_RECORDED,
            at=at,
            person_id=person_id,
            origin=origin,
            reason=None if bound.contest is Contest.NONE else str(bound.contest),
            details={
                "method": evidence.method,
                "ial": worth.ial,
                "provider": evidence.provider,
                "provider_request_id": evidence.request_id,
                "number": state,
            },
        )
        return Recorded(proof.proofing_id, evidence.method, worth.ial, state, bound.contest, bound.lost, bound.outgrown)

    def withdraw(self, session: Session, person_id: str, *, reason: str, at: datetime, origin: Origin) -> bool:
        """Revoke every proofing of a person; False where none counted. The caller ends what rests on it."""
        if not revoke_all(session, person_id, at):
            return False
        record(session, Event.PROOFING_WITHDRAWN, at=at, reason=reason, person_id=person_id, origin=origin)
        return True

    def _join(
        self, session: Session, person_id: str, evidence: Evidence, proof: Proof, named_at: int
    ) -> tuple[Bound, IdentifierState | None]:
        """Join what the evidence is about to the person; return what came of it, and of the number."""
        bound, state = Bound(Contest.NONE), None
        if evidence.number is not None:
            bound, state = self._join_number(session, evidence.number, proof, named_at)
        elif self._has_number(session, person_id):
            # Proved in this very moment beside us: which of the two the person is, the service has not said.
            return Bound(Contest.STANDS_BACK), None
        if evidence.application_id is None or not bound.is_settled:
            return bound, state
        named = self._join_application_id(session, person_id, evidence.application_id, proof)
        lost = tuple(sorted({*bound.lost, *named.lost}))
        contest = named.contest if named.contest is not Contest.NONE else bound.contest
        return replace(bound, contest=contest, lost=lost), state

    def _join_number(
        self, session: Session, number: DocumentNumber, proof: Proof, named_at: int
    ) -> tuple[Bound, IdentifierState]:
        own_id = self._claimed(session, proof.person_id, number, proof.at)
        if self._identifiers.confirm(session, own_id, proofing_id=proof.proofing_id, ial=proof.ial):
            bound = Bound(Contest.NONE)  # theirs already
        elif WORTH[proof.method].binds_number and proof.ial >= named_at:
            outgrown = self._binding.outgrow(session, own_id, number, proof)
            bound = replace(self._binding.bind(session, own_id, number, proof), outgrown=outgrown)
            if bound.is_settled and named_at:
                revoke_all(session, proof.person_id, proof.at, but=proof.proofing_id)
        else:
            bound = self._binding.stand_beside(session, own_id, number, proof)
        return bound, self._identifiers.state_of(session, own_id)

    def _join_application_id(
        self, session: Session, person_id: str, application_id: ApplicationId, proof: Proof
    ) -> Bound:
        """Make the application id the person's; one that they had before is history by it."""
        held = self._identifiers.application_ids(session, person_id)
        for row_id, known in held.items():
            if known == application_id:
                self._identifiers.confirm(session, row_id, proofing_id=proof.proofing_id, ial=proof.ial)
                return Bound(Contest.NONE)
        own_id = self._identifiers.claim(session, person_id, application_id, at=proof.at)
        bound = self._binding.bind(session, own_id, application_id, proof)
        if bound.is_settled:
            for row_id in held:
                self._identifiers.end(session, row_id, IdentifierState.FORMER, at=proof.at)
        elif bound.contest is Contest.STANDS_BACK:
            self._identifiers.end(session, own_id, IdentifierState.FORMER, at=proof.at)  # nobody typed it: no claim
        return bound

    def _has_number(self, session: Session, person_id: str) -> bool:
        return any(each.state is IdentifierState.CURRENT for each in self._identifiers.of(session, person_id))

    def _level_without_number(self, session: Session, person_id: str, at: datetime) -> int:
        """Return the level that the person has by an application id alone, 0 where they have a number or none."""
        if self._has_number(session, person_id):
            return 0
        without = sa.select(sa.func.max(Proofing.level)).where(
            is_valid_proofing(person_id, at), Proofing.method == Method.NETWORK_IDENTITY
        )
        return session.scalar(without) or 0

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
                evidence_digest=digest_of(self._keyring, evidence),
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

    def _keep_name(self, session: Session, person_id: str, evidence: Evidence, *, is_joined: bool) -> None:
        """Write the name as far as the evidence carries it: what joined no number says nothing of a network identity.

        Of an application id alone only the service's own word remains.
        """
        source, level, at = evidence.provider, WORTH[evidence.method].ial, evidence.proved_at
        if evidence.number is None:
            forget_proofs(self._attributes, session, person_id, but=source, at=at)
        if not is_joined:
            source, level = SOURCE_SELF, SELF_DECLARED
        if evidence.name is not None:
            keep_name(self._attributes, session, person_id, evidence.name, source=source, level=level, at=at)

    def _claimed(self, session: Session, person_id: str, number: DocumentNumber, at: datetime) -> str:
        """Return the person's own row of the number; what else they claimed was a mistake, and is history."""
        found = None
        for known in self._identifiers.of(session, person_id):
            if (known.type, known.canonical) == (number.type, number.canonical):
                found = known.id
            elif known.state is IdentifierState.CLAIMED:
                self._identifiers.end(session, known.id, IdentifierState.FORMER, at=at)
        return found or self._identifiers.claim(session, person_id, number, at=at)
