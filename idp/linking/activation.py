"""Making links active: what is known is read, the rule is asked, and the change is made, in one transaction.

A person acts in a login of their own; two clerks act with the person before them. Whoever could have an account that is
somebody else's suspends that link and opens a case: the account is nobody's until two people have decided.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.core.ids import new_id
from idp.core.results import Ok, Refused
from idp.linking import links
from idp.linking.accounts import Accounts, AccountView
from idp.linking.activation_facts import FactReader
from idp.linking.activation_rule import SETTLED_BY_TWO, ActivationProblem, Facts, Pair, problem_of
from idp.linking.case_outcomes import close_for_account
from idp.linking.control import LIFE, ControlProof
from idp.linking.journal import Change
from idp.linking.link_models import Link
from idp.linking.links import LinkProblem, LinkView
from idp.linking.notices import Notices
from idp.linking.single_cases import Candidate, open_case
from idp.linking.vocabulary import OWNING_STATES, CaseKind, ControlKind, LinkState, Situation
from idp.persons.credentials import lock_person
from idp.persons.used_proofs import use_once
from idp.sessions.service import LiveSession
from idp.storage.locks import wait_for_lock

#: How long earlier contacts may object to what a source vouched for.
OBJECTION = timedelta(hours=72)
_SITUATIONS = {Pair.EQUAL: Situation.FOUND, Pair.NO_NUMBER: Situation.UNQUALIFIED}
_CASES = {ActivationProblem.NO_NUMBER: CaseKind.CANDIDATE, ActivationProblem.CONTRADICTORY: CaseKind.CONTRADICTED}


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """Nothing became active: two people decide first. `other_id` is whose link is suspended meanwhile, if anybody's."""

    problem: ActivationProblem
    case_id: str
    other_id: str | None = None


Answer = Ok[LinkView] | Refused | CaseOpened


@dataclass(frozen=True, slots=True)
class TwoClerks:
    """Who decided at a counter, and where: the first proposed it, the second saw the same."""

    first: str
    second: str
    office: str


class Activation:
    """Every method runs in the caller's transaction; a refusal leaves its audit row, and a case where one is due."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        facts: FactReader,
        notices: Notices,
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._facts = facts
        self._notices = notices
        self._clock = clock

    def activate(
        self, session: Session, live: LiveSession, link_id: int, proof: ControlProof, *, origin: Origin
    ) -> Answer:
        """Make a proposed link of this login's person active; refused with an `ActivationProblem` or `LinkProblem`."""
        link = links.find(session, link_id)
        if link is None or link.person_id != live.person_id:
            return Refused(LinkProblem.NOT_THERE)
        if link.state is not LinkState.PROPOSED:
            return Refused(LinkProblem.STATE)
        return self.claim(session, live, link.system_number, link.account_id, proof, origin=origin)

    def claim(
        self,
        session: Session,
        live: LiveSession,
        system_number: int,
        account_id: int,
        proof: ControlProof,
        *,
        origin: Origin,
    ) -> Answer:
        """Make an account the person's whether it was proposed to them or not; refused as `activate` is.

        Where control was shown and only the pair is in doubt, a case is opened with the person as its candidate.
        """
        hold(session, live.person_id, account_id)
        account = self._accounts.find(session, system_number, account_id)
        if account is None:
            return Refused(LinkProblem.NOT_THERE)
        facts = self._facts.in_login(session, live, account, proof)
        change = Change(self._clock.now(), actor_person=live.person_id)
        return self._settle(session, live.person_id, account, facts, proof, change, origin, live.id)

    def at_counter(
        self, session: Session, person_id: str, system_number: int, account_id: int, by: TwoClerks, *, origin: Origin
    ) -> Answer:
        """Make an account that of the person who stands before two clerks; what else is open about it is closed."""
        hold(session, person_id, account_id)
        account = self._accounts.find(session, system_number, account_id)
        if account is None:
            return Refused(LinkProblem.NOT_THERE)
        now = self._clock.now()
        proof = ControlProof(account_id, ControlKind.COUNTER, now, new_id())
        facts = self._facts.at_counter(session, person_id, account, proof)
        change = Change(now, actor_person=by.second)
        answer = self._settle(session, person_id, account, facts, proof, change, origin, None, approved_by=by.first)
        if isinstance(answer, Ok):
            close_for_account(session, account_id, outcome="counter", change=change)
        return answer

    def _settle(
        self,
        session: Session,
        person_id: str,
        account: AccountView,
        facts: Facts,
        proof: ControlProof,
        change: Change,
        origin: Origin,
        session_id: str | None,
        approved_by: str | None = None,
    ) -> Answer:
        problem = problem_of(facts)
        if problem is None and not self._use(session, proof, change.at):
            problem = ActivationProblem.PROOF_MISSING
        if problem is None:
            made = self._make(session, person_id, account, facts, proof, change, approved_by)
            if isinstance(made, Ok):
                self._audit(session, Event.LINK_ACTIVATED, person_id, account, change, origin, session_id, proof=proof)
                self._notices.activated(session, made.value, account)
                return made
            problem = ActivationProblem.OTHER_OWNER if made.reason is LinkProblem.OWNED else None
            if problem is None:
                return made
        opened = self._to_case(session, person_id, account, facts, problem, proof, change)
        self._audit(session, Event.LINK_REFUSED, person_id, account, change, origin, session_id, problem=problem)
        if opened is None:
            return Refused(problem)
        if opened.other_id is not None:
            self._audit(session, Event.LINK_CONTESTED, opened.other_id, account, change, origin, None)
            self._notices.contested(session, opened.other_id, account)
        return opened

    def _make(
        self,
        session: Session,
        person_id: str,
        account: AccountView,
        facts: Facts,
        proof: ControlProof,
        change: Change,
        approved_by: str | None,
    ) -> Ok[LinkView] | Refused:
        link_id = _live_link(session, account.account_id, person_id)
        if link_id is None:
            proposed = links.propose(
                session,
                system_number=account.system_number,
                account_id=account.account_id,
                person_id=person_id,
                situation=_SITUATIONS.get(facts.pair, Situation.DISPUTED),
                change=change,
                by_claim=True,
            )
            if isinstance(proposed, Refused):
                return proposed
            link_id = proposed.value
        until = change.at + OBJECTION if proof.kind is ControlKind.VOUCHED else None
        return links.activate(
            session, link_id, proof=proof.kind, change=change, approved_by=approved_by, objection_until=until
        )

    def _to_case(
        self,
        session: Session,
        person_id: str,
        account: AccountView,
        facts: Facts,
        problem: ActivationProblem,
        proof: ControlProof,
        change: Change,
    ) -> CaseOpened | None:
        """Open the case that two people decide, None where there is nothing for them to decide."""
        change = replace(change, reason=str(problem))
        claimant = Candidate(person_id, 1.0, {"claims": proof.kind, "pair": facts.pair})
        if problem is ActivationProblem.OTHER_OWNER:
            return self._contest(session, account, claimant, change)
        # Only who showed control makes others look: nobody fills their queue with accounts of other people.
        would_do = problem_of(replace(facts, is_decided=True, has_other_owner=False)) is None
        if problem not in SETTLED_BY_TWO or not would_do:
            return None
        case_id = open_case(
            session,
            _CASES.get(problem, CaseKind.DISPUTED_NUMBER),
            [claimant],
            system_number=account.system_number,
            account_id=account.account_id,
            change=change,
        )
        return CaseOpened(problem, case_id)

    def _contest(
        self, session: Session, account: AccountView, claimant: Candidate, change: Change
    ) -> CaseOpened | None:
        owner = next(
            (each for each in links.of_account(session, account.account_id) if each.state in OWNING_STATES), None
        )
        if owner is None:
            return None
        if owner.state is LinkState.ACTIVE:
            links.suspend(session, owner.id, change=change)
        candidates = [claimant, Candidate(owner.person_id, 1.0, {"has": owner.proof or "", "link": owner.id})]
        case_id = open_case(
            session,
            CaseKind.CONTESTED,
            candidates,
            system_number=account.system_number,
            account_id=account.account_id,
            change=change,
        )
        return CaseOpened(ActivationProblem.OTHER_OWNER, case_id, owner.person_id)

    def _use(self, session: Session, proof: ControlProof, at: datetime) -> bool:
        """Let the proof count, once for ever."""
        return use_once(session, "legacy_control", proof.handle, at=at, keep_until=proof.at + 2 * LIFE)

    def _audit(
        self,
        session: Session,
        event: Event,
        person_id: str,
        account: AccountView,
        change: Change,
        origin: Origin,
        session_id: str | None,
        *,
        proof: ControlProof | None = None,
        problem: ActivationProblem | None = None,
    ) -> None:
        details = {"system": account.system_number, "account": account.account_id}
        record(
            session,
            event,
            at=change.at,
            outcome=Outcome.SUCCESS if problem is None else Outcome.REFUSED,
            reason=None if problem is None else str(problem),
            person_id=person_id,
            session_id=session_id,
            origin=origin,
            details=details if proof is None else {**details, "proof": str(proof.kind)},
        )


def hold(session: Session, person_id: str, account_id: int) -> None:
    """Let nobody else settle whose the account is, nor change the person, until the transaction ends."""
    wait_for_lock(session, f"legacy account {account_id}")
    lock_person(session, person_id)


def _live_link(session: Session, account_id: int, person_id: str) -> int | None:
    """Return the proposal to this person, None where there is none."""
    return session.scalar(
        sa.select(Link.id).where(
            Link.account_id == account_id, Link.person_id == person_id, Link.state == LinkState.PROPOSED
        )
    )
