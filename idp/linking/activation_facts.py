"""What the rule of activation is asked: read of the person, the account and the login, at this instant."""

from datetime import timedelta

from sqlalchemy.orm import Session

from idp.core.clock import Clock
from idp.crypto.keyring import Keyring
from idp.linking import links
from idp.linking.accounts import AccountView
from idp.linking.activation_rule import ActivationProblem, Facts, Login, Pair, problem_of_person
from idp.linking.control import ControlProof
from idp.linking.digests import Digests
from idp.linking.single_cases import is_decided_for, open_kinds
from idp.linking.vocabulary import OWNING_STATES, CaseKind, NumberState
from idp.linking.vouching import is_vouching
from idp.persons.attributes import Attributes
from idp.persons.directory import Directory
from idp.persons.identity_level import identity_level
from idp.persons.vocabulary import AttributeName, PersonStatus
from idp.sessions.service import LiveSession, Sessions
from realname.levels.level import LevelTable

#: A name counts where somebody else than the person said it.
_PROVED = 2


class FactReader:
    """Reads facts; every method runs in the caller's transaction and changes nothing."""

    def __init__(
        self,
        *,
        directory: Directory,
        attributes: Attributes,
        sessions: Sessions,
        levels: LevelTable,
        keyring: Keyring,
        clock: Clock,
    ) -> None:
        self._directory = directory
        self._attributes = attributes
        self._sessions = sessions
        self._levels = levels
        self._keyring = keyring
        self._clock = clock

    def problem_of_login(self, session: Session, live: LiveSession) -> ActivationProblem | None:
        """Return why the person cannot make any account theirs in this login, None where they can."""
        login, is_vouched = self._login(session, live)
        person = self._directory.load(session, live.person_id)
        return problem_of_person(
            is_active=person is not None and person.status is PersonStatus.ACTIVE,
            ial=identity_level(session, live.person_id, self._clock.now(), is_vouched=is_vouched),
            has_number=self._directory.proved_number(session, live.person_id) is not None,
            login=login,
        )

    def in_login(self, session: Session, live: LiveSession, account: AccountView, proof: ControlProof | None) -> Facts:
        """Return them for this login; a session that ended meanwhile is worth nothing."""
        login, is_vouched = self._login(session, live)
        return self._facts(session, live.person_id, account, proof, login=login, is_vouched=is_vouched)

    def at_counter(self, session: Session, person_id: str, account: AccountView, proof: ControlProof) -> Facts:
        """Return them for a person who stands before two clerks."""
        return self._facts(session, person_id, account, proof, login=None, is_vouched=True)

    def _facts(
        self,
        session: Session,
        person_id: str,
        account: AccountView,
        proof: ControlProof | None,
        *,
        login: Login | None,
        is_vouched: bool,
    ) -> Facts:
        now = self._clock.now()
        person = self._directory.load(session, person_id)
        of_account = links.of_account(session, account.account_id)
        own = next((each for each in of_account if each.person_id == person_id), None)
        open_now = open_kinds(session, account.account_id)
        is_of_account = proof is not None and proof.account_id == account.account_id
        return Facts(
            is_person_active=person is not None and person.status is PersonStatus.ACTIVE,
            ial=identity_level(session, person_id, now, is_vouched=is_vouched),
            login=login,
            pair=self._pair(session, person_id, account),
            holder=account.holder_kind,
            source=account.source_state,
            situation=own.situation if own is not None else None,
            is_contradictory=account.is_contradictory,
            is_refused=links.is_refused(session, account.account_id, person_id, by_others=True),
            is_decided=is_decided_for(session, account.account_id, person_id, since=account.valid_from),
            has_open_case=bool(open_now),
            is_contested=CaseKind.CONTESTED in open_now,
            has_other_owner=any(each.state in OWNING_STATES and each.person_id != person_id for each in of_account),
            is_vouching=is_vouching(session, account.system_number),
            proof=proof if is_of_account else None,
            proof_age=now - proof.at if proof is not None else timedelta(),
        )

    def _login(self, session: Session, live: LiveSession) -> tuple[Login | None, bool]:
        now, current = self._clock.now(), self._sessions.find_by_id(session, live.id)
        if current is None or current.person_id != live.person_id:
            return None, False
        ial = identity_level(session, live.person_id, now, is_vouched=current.is_vouched)
        return Login(self._levels.level_of(current.standing(ial, now)), now - current.auth_time), current.is_vouched

    def _pair(self, session: Session, person_id: str, account: AccountView) -> Pair:
        """Compare digests: the row's were made of what its number and name mean, however they are written there."""
        number = self._directory.proved_number(session, person_id)
        if number is None:
            return Pair.UNPROVED
        if account.number_state is not NumberState.VALID or account.number_index is None:
            return Pair.NO_NUMBER
        digests = Digests(keyring=self._keyring, version=account.key_version)
        if digests.number(number) != account.number_index:
            return Pair.OTHER_NUMBER
        names = self._attributes.ever(session, person_id, AttributeName.FULL_NAME, least_level=_PROVED)
        is_equal = any(digests.pair(number, name) == account.pair_index for name in names)
        return Pair.EQUAL if is_equal else Pair.OTHER_NAME
