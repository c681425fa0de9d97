"""The accounts of a person in older systems as they see them: masked, with the ways to make each their own."""

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.crypto.keyring import Keyring
from idp.linking import links
from idp.linking.accounts import Accounts, AccountView
from idp.linking.activation_facts import FactReader
from idp.linking.activation_rule import ActivationProblem, Facts, Pair, problem_of
from idp.linking.case_views import mask_reference
from idp.linking.control import MOST_IDENTITIES, identities_with_mobile
from idp.linking.digests import Digests
from idp.linking.link_models import MergeEvent
from idp.linking.links import LinkView
from idp.linking.login_systems import LoginSystem, login_system, login_systems
from idp.linking.models import LegacySystem
from idp.linking.vocabulary import ControlKind, LinkState, Situation
from idp.login.own_mobile import OwnMobile
from idp.sessions.service import LiveSession
from idp.storage.engine import Database
from realname.documents.masking import mask_mobile, mask_name, mask_number

_HISTORY = 20
#: What the person is told of what happened; the rest is the machinery of imports.
_SHOWN_EVENTS = (
    "link.activated",
    "link.suspended",
    "link.resumed",
    "link.rejected",
    "link.revoked",
    "link.undone",
    "link.main_chosen",
    "link.moved",
)


@dataclass(frozen=True, slots=True)
class LegacyAccountShown:
    """An account in an older system, masked; `handle` names the link in this account centre."""

    handle: str
    system: str
    reference: str = field(repr=False)
    name: str = field(repr=False)
    number: str = field(repr=False)
    mobile: str = field(repr=False)
    state: LinkState
    is_main: bool
    has_siblings: bool  # several active ones in its system: one can be chosen as the main one
    proof: ControlKind | None
    since: datetime


@dataclass(frozen=True, slots=True)
class Happened:
    """One change of a link of the person's."""

    kind: str
    system: str
    at: datetime
    by_oneself: bool


@dataclass(frozen=True, slots=True)
class OldSystem:
    """A system of which an account can be claimed by its password."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class LegacyPage:
    """Everything on the page."""

    proposed: tuple[LegacyAccountShown, ...]
    owned: tuple[LegacyAccountShown, ...]
    systems: tuple[OldSystem, ...]
    history: tuple[Happened, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A proposed account and the ways to make it one's own; `problem` is what has to be done first, or forbids it."""

    account: LegacyAccountShown
    problem: ActivationProblem | None
    by_code: bool
    by_password: bool
    by_source: bool
    own_mobile: str = field(repr=False)


class LegacyPages:
    """Reads them; anybody else's link is not there."""

    def __init__(
        self,
        *,
        database: Database,
        accounts: Accounts,
        facts: FactReader,
        own_mobile: OwnMobile,
        keyring: Keyring,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._facts = facts
        self._own_mobile = own_mobile
        self._keyring = keyring

    def page(self, live: LiveSession) -> LegacyPage:
        """Return what there is; a link whose account is gone from here is left out."""
        with self._database.read() as session:
            names = _system_names(session)
            found = links.of_person(session, live.person_id)
            shown = [self._shown(session, each, names, found) for each in found]
            known = [each for each in shown if each is not None]
            return LegacyPage(
                proposed=tuple(each for each in known if each.state is LinkState.PROPOSED),
                owned=tuple(each for each in known if each.state is not LinkState.PROPOSED),
                systems=tuple(OldSystem(each.code, each.name) for each in login_systems(session, self._keyring)),
                history=_history(session, live.person_id, names),
            )

    def systems(self) -> tuple[OldSystem, ...]:
        """Return the systems of which an account can be claimed by its password."""
        with self._database.read() as session:
            return tuple(OldSystem(each.code, each.name) for each in login_systems(session, self._keyring))

    def login_problem(self, live: LiveSession) -> ActivationProblem | None:
        """Return what this login lacks for any account, None where it lacks nothing."""
        with self._database.read() as session:
            return self._facts.problem_of_login(session, live)

    def offer(self, live: LiveSession, handle: str) -> Offer | None:
        """Return a proposed account of the person's, and how they could make it theirs."""
        with self._database.read() as session:
            link, account = self.proposed(session, live, handle)
            if link is None or account is None:
                return None
            names = _system_names(session)
            shown = self._shown(session, link, names, ())
            facts = self._facts.in_login(session, live, account, None)
            system = self.system_of(session, link.system_number)
            mobile = self._own_mobile.of(live.person_id)
            is_same = mobile is not None and self.is_same_mobile(account, mobile)
            few = is_same and mobile is not None and self._few(session, mobile)
        if shown is None:
            return None
        problem = problem_of(facts)
        return Offer(
            account=shown,
            problem=None if problem is ActivationProblem.PROOF_MISSING else problem,
            by_code=few,
            by_password=system is not None and system.has_passwords and account.has_credential,
            by_source=_may_vouch(facts, link),
            own_mobile=mask_mobile(mobile or ""),
        )

    def proposed(self, session: Session, live: LiveSession, handle: str) -> tuple[LinkView | None, AccountView | None]:
        """Return a proposal to this person and its account, two times None where there is none."""
        link = links.find(session, number_of(handle))
        if link is None or link.person_id != live.person_id or link.state is not LinkState.PROPOSED:
            return None, None
        return link, self._accounts.find(session, link.system_number, link.account_id)

    def system_of(self, session: Session, number: int) -> LoginSystem | None:
        """Return the older system of that number, None where it takes no logins."""
        code = session.scalar(sa.select(LegacySystem.code).where(LegacySystem.number == number))
        return login_system(session, self._keyring, code) if code is not None else None

    def is_same_mobile(self, account: AccountView, mobile: str) -> bool:
        """Tell whether the row has the mobile that a person verified."""
        digests = Digests(keyring=self._keyring, version=account.key_version)
        return account.mobile_index is not None and account.mobile_index == digests.mobile(mobile)

    def _few(self, session: Session, mobile: str) -> bool:
        return identities_with_mobile(session, self._keyring, mobile) <= MOST_IDENTITIES

    def _shown(
        self, session: Session, link: LinkView, names: dict[int, str], others: tuple[LinkView, ...]
    ) -> LegacyAccountShown | None:
        account = self._accounts.find(session, link.system_number, link.account_id)
        if account is None:
            return None
        row = account.row
        active = [each for each in others if each.state is LinkState.ACTIVE]
        return LegacyAccountShown(
            handle=str(link.id),
            system=names.get(link.system_number, ""),
            reference=mask_reference(row.reference),
            name=mask_name(row.name) if row.name else "",
            number=mask_number(row.number, strict=True) if row.number else "",
            mobile=mask_mobile(row.mobile) if row.mobile else "",
            state=link.state,
            is_main=link.is_main,
            has_siblings=sum(each.system_number == link.system_number for each in active) > 1,
            proof=link.proof,
            since=link.activated_at or link.proposed_at,
        )


def number_of(handle: str) -> int:
    """Return the link's number; 0, which none has, for whatever is no number of ours."""
    return int(handle) if handle.isascii() and handle.isdigit() and len(handle) < 16 else 0


def _may_vouch(facts: Facts, link: LinkView) -> bool:
    return facts.is_vouching and facts.pair is Pair.EQUAL and link.situation is Situation.FOUND


def _system_names(session: Session) -> dict[int, str]:
    return {row.number: row.name for row in session.execute(sa.select(LegacySystem.number, LegacySystem.name))}


def _history(session: Session, person_id: str, names: dict[int, str]) -> tuple[Happened, ...]:
    rows = session.scalars(
        sa.select(MergeEvent)
        .where(MergeEvent.person_id == person_id, MergeEvent.kind.in_(_SHOWN_EVENTS))
        .order_by(MergeEvent.at.desc(), MergeEvent.sequence.desc())
        .limit(_HISTORY)
    )
    return tuple(
        Happened(row.kind, names.get(row.system_number or 0, ""), row.at, row.actor_person == person_id) for row in rows
    )
