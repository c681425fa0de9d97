"""What the network identity asserted, laid beside the account: the number it has, and the mobile that was shown."""

from dataclasses import dataclass, field

from idp.login.own_mobile import OwnMobile
from idp.login.progress import Progress
from idp.persons.directory import Directory
from idp.persons.identifiers import Identifiers
from idp.sessions.service import LiveSession
from idp.storage.engine import Database
from realname.documents.application_id import ApplicationId
from realname.documents.document_number import DocumentNumber
from realname.proofing.assertion import Proves, judge_assertion
from realname.proofing.method import Method
from realname.providers.answer import Answer, Outcome
from realname.providers.guarded import GuardedVerifier
from realname.providers.question import Check, Question


@dataclass(frozen=True, slots=True)
class Asserted:
    """Who came, by the service's word; number and name are there together or not at all."""

    application_id: ApplicationId
    number: DocumentNumber | None = None
    name: str | None = field(default=None, repr=False)


class AssertedAccounts:
    """Reads the account, and asks the source about the mobile where the rule needs it."""

    def __init__(
        self,
        *,
        database: Database,
        directory: Directory,
        identifiers: Identifiers,
        own_mobile: OwnMobile,
        verifier: GuardedVerifier,
    ) -> None:
        self._database = database
        self._directory = directory
        self._identifiers = identifiers
        self._own_mobile = own_mobile
        self._verifier = verifier

    @property
    def can_ask(self) -> bool:
        """Tell whether anybody can say in whose name a mobile is held."""
        return Check.MOBILE in self._verifier.checks

    def has_number(self, person_id: str) -> bool:
        """Tell whether the account has a number that was proved."""
        return self._current_number(person_id) is not None

    def judge(self, progress: Progress, live: LiveSession, asserted: Asserted) -> Proves | Answer:
        """Return what the assertion proves of the account, or why nobody could say; raises PersonErased."""
        current = self._current_number(live.person_id)
        with self._database.read() as session:
            known_by = frozenset(self._identifiers.application_ids(session, live.person_id).values())
        has_mobile: bool | Answer = False
        if asserted.number is not None and current in (None, asserted.number.canonical):
            has_mobile = self._holds_mobile(progress, live, asserted)
        if isinstance(has_mobile, Answer):
            return has_mobile
        return judge_assertion(
            asserted.application_id,
            asserted.number,
            current_number=current,
            known_by=known_by,
            has_mobile=has_mobile,
        )

    def _holds_mobile(self, progress: Progress, live: LiveSession, asserted: Asserted) -> bool | Answer:
        """Tell whether the mobile that was shown in this login is held in the asserted name; an answer where nobody
        could be asked just now."""
        assert asserted.number is not None and asserted.name is not None  # noqa: S101 - the caller looked
        if progress.proofed_by == Method.MOBILE:
            with self._database.read() as session:
                proved = self._directory.number_to_compare(session, live.person_id)
            if proved is not None and proved.canonical == asserted.number.canonical:
                return True  # the source said so a moment ago
        mobile = self._own_mobile.of(live.person_id) if "sms" in progress.amr else None
        if mobile is None or not self.can_ask:
            return False
        answer = self._verifier.verify(Question(asserted.number, asserted.name, mobile))
        if answer.outcome in (Outcome.UNAVAILABLE, Outcome.LIMITED):
            return answer
        return answer.outcome is Outcome.MATCH

    def _current_number(self, person_id: str) -> str | None:
        with self._database.read() as session:
            held = self._directory.current_number(session, person_id)
        return held.canonical if held is not None else None
