"""The accounts that a person has in older systems: looked at, confirmed, disowned, unlinked, claimed.

A proposal opens nothing. It becomes the person's by what they show here and now; which ways there are depends on the
row, and where there is none, a counter does it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.core.errors import LoginRefused
from idp.core.ids import new_id
from idp.core.results import Ok, Refused
from idp.crypto.keyring import Keyring
from idp.linking import links
from idp.linking.accounts import Accounts, AccountView
from idp.linking.activation import Activation, Answer
from idp.linking.activation_rule import ActivationProblem
from idp.linking.control import ControlProof, identities_with_mobile
from idp.linking.journal import Change
from idp.linking.kept_proofs import Keeper, KeptProof, KeptProofs
from idp.linking.legacy_logins import LegacyLoginProblem, LegacyLogins
from idp.linking.links import LinkView
from idp.linking.login_systems import LoginSystem, login_system
from idp.linking.notices import Notices
from idp.linking.vocabulary import ControlKind, LinkState
from idp.login.account.legacy_pages import LegacyPages, number_of
from idp.login.own_mobile import OwnMobile
from idp.login.refusal import Refusal
from idp.persons.credentials import lock_person
from idp.sessions.service import LiveSession
from idp.storage.engine import Database
from idp.storage.short_lived.store import Kind, ShortLivedStore


@dataclass(frozen=True, slots=True)
class ShownAccount:
    """An account that somebody showed to be in their hands, as they logged in."""

    handle: str
    system: str
    is_default: bool


class LegacyAccounts:
    """What a person does about them. Anybody else's link is not there."""

    def __init__(
        self,
        *,
        database: Database,
        store: ShortLivedStore,
        accounts: Accounts,
        pages: LegacyPages,
        activation: Activation,
        logins: LegacyLogins,
        kept: KeptProofs,
        own_mobile: OwnMobile,
        notices: Notices,
        keyring: Keyring,
        clock: Clock,
        code_seconds: int,
    ) -> None:
        self._database = database
        self._store = store
        self._accounts = accounts
        self._pages = pages
        self._activation = activation
        self._logins = logins
        self._kept = kept
        self._own_mobile = own_mobile
        self._notices = notices
        self._keyring = keyring
        self._clock = clock
        self._code_seconds = code_seconds

    def send_code(self, live: LiveSession, handle: str, *, locale: str, origin: Origin) -> None:
        """Send a code to the phone that both sides hold; raises LoginRefused where that is not the way."""
        offer = self._pages.offer(live, handle)
        if offer is None or offer.problem is not None or not offer.by_code:
            raise LoginRefused(Refusal.NOT_NOW, detail="no phone that both sides hold")
        parked = self._own_mobile.send(live.person_id, "legacy_code", locale=locale, origin=origin)
        self._store.put(Kind.LEGACY_CODE, _at(live, handle), parked, seconds=self._code_seconds)

    def parked(self, live: LiveSession, handle: str) -> dict[str, Any] | None:
        """Return the code that is under way for a proposal, None where none is."""
        return self._store.get(Kind.LEGACY_CODE, _at(live, handle))

    def by_code(self, live: LiveSession, handle: str, typed: str, *, origin: Origin) -> Answer:
        """Make a proposed account the person's by the code; raises LoginRefused where it is not right."""
        parked = self.parked(live, handle)
        if parked is None:
            raise LoginRefused(Refusal.CODE, detail="no code is under way")
        is_allowed = self._own_mobile.reserve(parked)
        with self._database.transaction() as session:
            link, account = self._pages.proposed(session, live, handle)
            if link is None or account is None:
                return Refused(links.LinkProblem.NOT_THERE)
            if not self._own_mobile.use(session, parked, typed, is_allowed=is_allowed):
                self._note_refusal(session, live, link, "wrong_code", origin)
                raise LoginRefused(Refusal.CODE)
            proof = None
            if self._pages.is_same_mobile(account, parked["mobile"]):
                shared_by = identities_with_mobile(session, self._keyring, parked["mobile"])
                proof = ControlProof(
                    account.account_id, ControlKind.PHONE, self._clock.now(), parked["id"], shared_by=shared_by
                )
            if proof is None:  # the row has another phone by now
                return Refused(ActivationProblem.PROOF_MISSING)
            answer = self._activation.activate(session, live, link.id, proof, origin=origin)
        self._store.delete(Kind.LEGACY_CODE, _at(live, handle))
        return answer

    def by_password(self, live: LiveSession, handle: str, typed: str, *, origin: Origin) -> Answer:
        """Make a proposed account the person's by its old password; raises LoginRefused where it is not right."""
        with self._database.read() as session:
            link, account = self._pages.proposed(session, live, handle)
            system = self._pages.system_of(session, link.system_number) if link is not None else None
        if link is None or account is None or system is None:
            return Refused(links.LinkProblem.NOT_THERE)
        proof = self._old_password(live, system, account.row.reference, typed, origin)
        with self._database.transaction() as session:
            return self._activation.activate(session, live, link.id, proof, origin=origin)

    def by_source(self, live: LiveSession, handle: str, *, origin: Origin) -> Answer:
        """Make a proposed account the person's on the word of its source, where it may give it."""
        with self._database.transaction() as session:
            link, account = self._pages.proposed(session, live, handle)
            if link is None or account is None:
                return Refused(links.LinkProblem.NOT_THERE)
            proof = ControlProof(account.account_id, ControlKind.VOUCHED, self._clock.now(), new_id())
            return self._activation.activate(session, live, link.id, proof, origin=origin)

    def claim(self, live: LiveSession, code: str, login: str, typed: str, *, origin: Origin) -> Answer:
        """Make an account the person's that nothing proposed, by its login name and password; raises LoginRefused."""
        with self._database.read() as session:
            system = login_system(session, self._keyring, code)
        if system is None:
            raise LoginRefused(Refusal.CREDENTIALS, detail="no such system")
        proof = self._old_password(live, system, login, typed, origin)
        with self._database.transaction() as session:
            return self._activation.claim(session, live, system.number, proof.account_id, proof, origin=origin)

    def shown(self, live: LiveSession, browser_hash: str) -> tuple[ShownAccount, ...]:
        """Return what the person showed as they logged in, in this browser, and can still claim by that."""
        found = self._kept.of(Keeper(live.person_id, browser_hash), now=self._clock.now())
        with self._database.read() as session:
            return tuple(self._told(session, each) for each in found)

    def claim_shown(self, live: LiveSession, browser_hash: str, handle: str, *, origin: Origin) -> Answer:
        """Make an account the person's by what they showed before they logged in; refused as `claim` is."""
        now, keeper = self._clock.now(), Keeper(live.person_id, browser_hash)
        kept = self._kept.find(keeper, handle, now=now)
        if kept is None:
            return Refused(ActivationProblem.PROOF_MISSING)
        with self._database.transaction() as session:
            proof = kept.proof
            answer = self._activation.claim(session, live, kept.system_number, proof.account_id, proof, origin=origin)
        if not isinstance(answer, Refused):
            self._kept.forget(keeper, handle, now=now)
        return answer

    def _told(self, session: Session, kept: KeptProof) -> ShownAccount:
        system = self._pages.system_of(session, kept.system_number)
        return ShownAccount(kept.proof.handle, system.name if system else "", kept.proof.is_default)

    def not_mine(self, live: LiveSession, handle: str, *, origin: Origin) -> bool:
        """Say of a proposed account that it is somebody else's: it is never proposed again, and its system is told."""

        def end(session: Session, link: LinkView, change: Change) -> Ok[LinkView] | Refused:
            return links.reject(session, link.id, change=change)

        return self._end(live, handle, LinkState.PROPOSED, end, Event.LINK_REJECTED, self._notices.rejected, origin)

    def unlink(self, live: LiveSession, handle: str, *, origin: Origin) -> bool:
        """Take an account off that was the person's; they may claim it again."""

        def end(session: Session, link: LinkView, change: Change) -> Ok[LinkView] | Refused:
            return links.revoke(session, link.id, change=change)

        return self._end(live, handle, None, end, Event.LINK_REVOKED, self._notices.unlinked, origin)

    def choose_main(self, live: LiveSession, handle: str, *, origin: Origin) -> bool:
        """Make one of several accounts in a system the main one."""
        change = Change(self._clock.now(), actor_person=live.person_id)
        with self._database.transaction() as session:
            lock_person(session, live.person_id)
            chosen = links.choose_main(session, number_of(handle), live.person_id, change=change)
            if isinstance(chosen, Ok):
                self._audit(session, Event.LINK_MAIN_CHOSEN, live, chosen.value, origin)
            return isinstance(chosen, Ok)

    def _end(
        self,
        live: LiveSession,
        handle: str,
        state: LinkState | None,
        end: Callable[[Session, LinkView, Change], Ok[LinkView] | Refused],
        event: Event,
        tell: Callable[[Session, LinkView, AccountView], None],
        origin: Origin,
    ) -> bool:
        change = Change(self._clock.now(), actor_person=live.person_id)
        with self._database.transaction() as session:
            link = links.find(session, number_of(handle), hold=True)
            if link is None or link.person_id != live.person_id or (state is not None and link.state is not state):
                return False
            ended = end(session, link, change)
            if isinstance(ended, Refused):
                return False
            self._audit(session, event, live, link, origin)
            account = self._accounts.find(session, link.system_number, link.account_id)
            if account is not None:
                tell(session, ended.value, account)
            return True

    def _old_password(
        self, live: LiveSession, system: LoginSystem, login: str, typed: str, origin: Origin
    ) -> ControlProof:
        proved = self._logins.prove(system.code, login, typed, origin=origin, by=live.person_id)
        if isinstance(proved, Ok):
            return proved.value.proof
        with self._database.transaction() as session:
            record(
                session,
                Event.LINK_REFUSED,
                at=self._clock.now(),
                outcome=Outcome.REFUSED,
                reason=proved.reason,
                person_id=live.person_id,
                session_id=live.id,
                origin=origin,
                details={"system": system.number},
            )
        is_blocked = proved.reason is LegacyLoginProblem.BLOCKED
        raise LoginRefused(Refusal.OLD_PASSWORD_TRIES if is_blocked else Refusal.OLD_PASSWORD)

    def _note_refusal(self, session: Session, live: LiveSession, link: LinkView, reason: str, origin: Origin) -> None:
        self._audit(session, Event.LINK_REFUSED, live, link, origin, reason=reason)

    def _audit(
        self,
        session: Session,
        event: Event,
        live: LiveSession,
        link: LinkView,
        origin: Origin,
        *,
        reason: str | None = None,
    ) -> None:
        record(
            session,
            event,
            at=self._clock.now(),
            outcome=Outcome.SUCCESS if reason is None else Outcome.REFUSED,
            reason=reason,
            person_id=live.person_id,
            session_id=live.id,
            origin=origin,
            details={"system": link.system_number, "account": link.account_id},
        )


def _at(live: LiveSession, handle: str) -> str:
    return f"{live.id} {handle}"
