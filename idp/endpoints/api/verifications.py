"""POST /api/v1/verifications: do number and name, and where given the mobile, belong to one person?

The source is asked through its guard, whose limits about a number hold over everybody who asks. What was asked, for
what and with which answer is kept without number and name; whoever has the number here sees it in their account.
"""

from clients.client import Client
from clients.own_api import VERIFY
from idp.audit.events import Event
from idp.audit.log import record
from idp.core.clock import Clock, civil_date
from idp.core.results import Ok
from idp.endpoints.api.body import ApiCall, read_document
from idp.endpoints.api.callers import Callers
from idp.endpoints.api.documents import Verification, VerificationRequest, VerificationResult
from idp.endpoints.api.purposes import clean_purpose
from idp.endpoints.api.quotas import DAY, Asked, Quotas
from idp.persons.contact_numbers import parse_mobile
from idp.persons.directory import Directory
from idp.persons.login_identifier import LoginIdentifier
from idp.storage.engine import Database
from realname.documents.names import clean_name
from realname.documents.parse import parse_number
from realname.providers.answer import Answer, Outcome
from realname.providers.guarded import GuardedVerifier
from realname.providers.question import Question

_RESULTS = {
    Outcome.MATCH: VerificationResult.MATCH,
    Outcome.MISMATCH: VerificationResult.NO_MATCH,
    Outcome.NO_RECORD: VerificationResult.NO_RECORD,
    Outcome.BAD_INPUT: VerificationResult.BAD_INPUT,
    Outcome.LIMITED: VerificationResult.LIMITED,
    Outcome.UNAVAILABLE: VerificationResult.UNAVAILABLE,
    # What the source suspects is no word about number and name, and not for a system to hear.
    Outcome.RISK: VerificationResult.UNAVAILABLE,
}


class VerificationsEndpoint:
    """Answers whether number and name agree."""

    def __init__(
        self,
        *,
        callers: Callers,
        quotas: Quotas,
        verifier: GuardedVerifier,
        directory: Directory,
        database: Database,
        clock: Clock,
        per_day: int,
    ) -> None:
        self._callers = callers
        self._quotas = quotas
        self._verifier = verifier
        self._directory = directory
        self._database = database
        self._clock = clock
        self._per_day = per_day

    def answer(self, call: ApiCall) -> Verification:
        """1 who asks, 2 what and what for, 3 within the quota, 4 ask, 5 record. Raises OAuthError or ApiProblem."""
        client = self._callers.admit(call.authorization, VERIFY)
        document = read_document(call, VerificationRequest)
        purpose = clean_purpose(document.purpose)
        self._quotas.count(client.client_id, Asked.VERIFICATION, most=self._per_day, window_seconds=DAY)
        question = self._question(document)
        answer = self._ask(question) if question is not None else None
        result = _RESULTS[answer.outcome] if answer is not None else VerificationResult.BAD_INPUT
        self._record(call, client, purpose, question, answer, result)
        # Every request has an id; the audit row and the log know it by this one.
        return Verification(result=result, request_id=call.origin.request_id or "")

    def _question(self, document: VerificationRequest) -> Question | None:
        """Return the question, None where nobody could have such a number, name or mobile."""
        number = parse_number(document.number, today=civil_date(self._clock.now()))
        name = clean_name(document.name)
        mobile = parse_mobile(document.mobile) if document.mobile is not None else Ok(None)
        if not (isinstance(number, Ok) and isinstance(name, Ok) and isinstance(mobile, Ok)):
            return None
        return Question(number.value, name.value, mobile.value)

    def _ask(self, question: Question) -> Answer:
        if question.check not in self._verifier.checks:
            # The guard says "no record" there, which would be a word about the person.
            return Answer(Outcome.UNAVAILABLE, self._verifier.name, "local.check", was_asked=False)
        return self._verifier.verify(question)

    def _record(
        self,
        call: ApiCall,
        client: Client,
        purpose: str,
        question: Question | None,
        answer: Answer | None,
        result: VerificationResult,
    ) -> None:
        details = {"purpose": purpose, "result": result}
        if question is not None and answer is not None:
            details |= {"check": question.check, "provider": answer.provider, "code": answer.code}
            details |= {"provider_request_id": answer.request_id}
        with self._database.transaction() as session:
            found = None
            if question is not None:
                number = question.number
                found = self._directory.find(session, LoginIdentifier(number.canonical, document=number.type))
            record(
                session,
                Event.IDENTITY_VERIFIED,
                at=self._clock.now(),
                person_id=found.person_id if found is not None else None,
                client_id=client.client_id,
                origin=call.origin,
                details=details,
            )
