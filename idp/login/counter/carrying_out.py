"""Carrying out what two clerks decided: whom it is about is found by a proved number and its name, and only now."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from idp.audit.log import Origin
from idp.core.clock import Clock, civil_date
from idp.core.results import Ok, Refused
from idp.linking.activation import CaseOpened
from idp.linking.activation_rule import ActivationProblem
from idp.linking.links import LinkProblem
from idp.login.counter.matter import Matter, MatterKind, Named, Outcome
from idp.login.counter_guardianships import CounterGuardianships
from idp.login.counter_links import CounterLinks
from idp.login.deaths import DeathReports
from idp.login.guardianships import Child
from idp.login.two_persons import Decision
from idp.persons.ciphers import PersonErased
from idp.persons.directory import Directory
from idp.persons.holders import Holders
from idp.storage.engine import Database
from realname.documents.document_number import DocumentNumber
from realname.documents.names import name_match_key
from realname.documents.parse import parse_number
from realname.proofing.counter import continues
from realname.proofing.guardianship import GuardianProblem


@dataclass(frozen=True, slots=True)
class _Found:
    """Who has a number as proved, and whether under this name; `person_id` is None where nobody has it."""

    person_id: str | None
    is_named_so: bool


class CarryingOut:
    """Knows which rule decides a matter of which kind; the rules refuse, audit and tell by themselves."""

    def __init__(
        self,
        *,
        database: Database,
        holders: Holders,
        directory: Directory,
        deaths: DeathReports,
        guardianships: CounterGuardianships,
        links: CounterLinks,
        clock: Clock,
    ) -> None:
        self._database = database
        self._holders = holders
        self._directory = directory
        self._deaths = deaths
        self._guardianships = guardianships
        self._links = links
        self._clock = clock

    def carry_out(self, matter: Matter, decision: Decision, *, origin: Origin) -> Outcome:
        """Do what was decided and return what came of it; raises StoreUnavailable where the register cannot be asked.

        Each of the rules may be asked again: what is done already is not done twice.
        """
        if matter.kind is MatterKind.GUARDIANSHIP:
            return self._grant(matter, decision, origin)
        if matter.kind is MatterKind.GUARDIANSHIP_END:
            return self._end(matter, decision, origin)
        if matter.kind is MatterKind.LEGACY_LINK:
            return self._link(matter, decision, origin)
        rules = {
            MatterKind.DEATH: self._deaths.report_certificate,
            MatterKind.REOPENING: self._deaths.reverse,
            MatterKind.CLOSING: self._deaths.close,
        }
        person_id = self._holder_of_card(matter) if matter.kind.needs_card else self._holder(matter.named)
        if person_id is None:
            return Outcome.NO_ACCOUNT
        return outcome_of(rules[matter.kind](person_id, decision, origin=origin))

    def _link(self, matter: Matter, decision: Decision, origin: Origin) -> Outcome:
        person_id = self._holder_of_card(matter)
        if person_id is None:
            return Outcome.NO_ACCOUNT
        assert matter.account is not None  # noqa: S101 - none is proposed without one
        answer = self._links.activate(
            person_id, matter.account.system, matter.account.reference, decision, origin=origin
        )
        if isinstance(answer, CaseOpened):
            return Outcome.LINK_CONTESTED
        if isinstance(answer, Refused) and isinstance(answer.reason, ActivationProblem | LinkProblem):
            return _OF_LINKS.get(answer.reason, Outcome.LINK_REFUSED)
        return outcome_of(answer)

    def _grant(self, matter: Matter, decision: Decision, origin: Origin) -> Outcome:
        guardian_id = self._holder_of_card(matter)
        if guardian_id is None:
            return Outcome.GUARDIAN_NOT_PROVED
        assert matter.named is not None  # noqa: S101 - no guardianship is proposed without a child
        child = Child(self._number(matter.named.number), matter.named.name)
        found = self._find(child.number, child.name)
        if found.person_id is not None and not found.is_named_so:
            return Outcome.CHILD_NAME
        return outcome_of(self._guardianships.grant(guardian_id, child, decision, origin=origin))

    def _end(self, matter: Matter, decision: Decision, origin: Origin) -> Outcome:
        guardian_id, child_id = self._holder(matter.guardian), self._holder(matter.named)
        if guardian_id is None or child_id is None:
            return Outcome.NO_ACCOUNT
        ended = self._guardianships.end(guardian_id, child_id, decision, reason="counter", origin=origin)
        return outcome_of(ended)

    def _holder(self, named: Named | None) -> str | None:
        """Return who proved the number that was typed, under that name."""
        if named is None:
            return None
        found = self._find(self._number(named.number), named.name)
        return found.person_id if found.is_named_so else None

    def _holder_of_card(self, matter: Matter) -> str | None:
        """Return who proved the number on the card that was read, under its name."""
        if matter.card is None:
            return None
        card = matter.card
        found = self._find(self._number(card.number), card.name, may_be_cut=card.name_may_be_cut)
        return found.person_id if found.is_named_so else None

    def _find(self, number: DocumentNumber, name: str, *, may_be_cut: bool = False) -> _Found:
        with self._database.read() as session:
            (person_id,) = self._holders.current(session, [number])
            known = self._name_of(session, person_id) if person_id is not None else None
        if known is None:
            return _Found(person_id, is_named_so=False)
        ours, theirs = name_match_key(known), name_match_key(name)
        return _Found(person_id, is_named_so=ours == theirs or (may_be_cut and continues(ours, theirs)))

    def _name_of(self, session: Session, person_id: str) -> str | None:
        try:
            return self._directory.profile(session, person_id).full_name
        except PersonErased:
            return None

    def _number(self, text: str) -> DocumentNumber:
        parsed = parse_number(text, today=self._today())
        assert isinstance(parsed, Ok)  # noqa: S101 - it was parsed when it was typed, or read
        return parsed.value

    def _today(self) -> date:
        return civil_date(self._clock.now())


_OF_LINKS = {
    ActivationProblem.IDENTITY: Outcome.LINK_LEVEL,
    ActivationProblem.CASE_OPEN: Outcome.LINK_IN_CASE,
    LinkProblem.EXISTS: Outcome.LINK_EXISTS,
    LinkProblem.NOT_THERE: Outcome.NO_LEGACY_ACCOUNT,
}


def outcome_of(result: Ok[Any] | Refused) -> Outcome:
    """Return what clerks are told of a rule's answer."""
    if isinstance(result, Ok):
        return Outcome.DONE
    # Two of the rules' reasons have one name: a clerk who is not active, and a guardian.
    is_guardians = isinstance(result.reason, GuardianProblem)
    return Outcome(f"guardian_{result.reason}" if is_guardians else str(result.reason))
