"""The step that compares a living face with the police photograph, on the pages of a service.

A result counts only where we fetched it from the service, and where the browser that began came back from it
(`idp/login/away.py`).
"""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from idp.audit.log import Origin
from idp.core.clock import Clock, civil_date
from idp.core.errors import LoginRefused, PageError
from idp.core.results import Ok
from idp.crypto.blind_index import is_keyed_digest, keyed_digest
from idp.crypto.keyring import Keyring
from idp.login.away import Away, Begun, Departure
from idp.login.interaction import Interaction, InteractionProblem, Interactions
from idp.login.raising import Raising, evidence_of, holder_of
from idp.login.refusal import Refusal
from idp.persons.directory import Directory
from idp.sessions.service import LiveSession
from idp.storage.engine import Database
from realname.documents.names import name_match_key
from realname.documents.parse import parse_number
from realname.proofing.evidence import Recorded
from realname.proofing.method import Method
from realname.providers.answer import Answer, Outcome
from realname.providers.guarded import GuardedFaceVerifier
from realname.providers.question import Question
from realname.providers.verifier import FaceResult

#: Where a comparison that was begun lies in the interaction, sealed.
PARKED = "face"
_DIGEST = "face question"


@dataclass(frozen=True, slots=True)
class FaceScript:
    """The service's own script, which says of the browser what the service wants to know before it begins."""

    url: str
    integrity: str = ""

    @property
    def origin(self) -> str:
        """Where it is loaded from."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def host(self) -> str:
        """The same, as a person is told of it."""
        return urlsplit(self.url).netloc


class FaceStep:
    """Begins a comparison for who was proved by number, name and mobile in this very login, and takes its result."""

    def __init__(
        self,
        *,
        database: Database,
        interactions: Interactions,
        directory: Directory,
        verifier: GuardedFaceVerifier,
        raising: Raising,
        keyring: Keyring,
        clock: Clock,
        valid_days: int,
    ) -> None:
        self._database = database
        self._interactions = interactions
        self._directory = directory
        self._verifier = verifier
        self._raising = raising
        self._keyring = keyring
        self._clock = clock
        self._valid = timedelta(days=valid_days)
        self._away = Away(interactions=interactions, clock=clock, parked=PARKED)

    def begin(
        self, interaction: Interaction, live: LiveSession, *, return_url: str, origin: Origin, device: str = ""
    ) -> Interaction:
        """Begin at the service; `return_url` is ours, and gets the secret. Raises LoginRefused or PageError.

        `device` is what the service's script said of the browser, where it has one. Nothing of it is kept.
        """
        person_id = holder_of(interaction, live)
        if interaction.progress.proofed_by != Method.MOBILE:
            raise PageError(InteractionProblem.EXPIRED, detail="not proved by the mobile in this login")
        if not self._verifier.takes_device(device):
            raise LoginRefused(Refusal.FACE_DEVICE)  # before it is a try: the person did nothing wrong
        question = self._question(person_id)
        self._raising.count(live, origin)
        departure = Departure()
        begun = self._verifier.begin(
            question, order=departure.attempt, return_url=departure.return_url(return_url), device=device
        )
        if isinstance(begun, Answer):
            raise self._raising.refuse(live, Method.FACE, begun, origin)
        asked = keyed_digest(self._keyring, _DIGEST, _text_of(question.number.canonical, question.name))
        return self._away.park(interaction, departure, begun, asked=asked)

    def come_back(self, interaction: Interaction, secret: str) -> Interaction:
        """Note that the browser which began came back from the service; raises PageError for any other."""
        return self._away.come_back(interaction, secret)

    def finish(
        self, interaction: Interaction, live: LiveSession, *, locale: str, origin: Origin
    ) -> tuple[Interaction, Recorded]:
        """Fetch the result and raise the person by it; raises LoginRefused or PageError.

        A result that is not there yet can be asked for again; every other ends the comparison.
        """
        person_id = holder_of(interaction, live)
        interaction, parked = self._away.take(interaction)
        question = self._question(person_id)
        result = self._verifier.fetch(parked["token"])
        answer = self._compared(result, question, parked["asked"])
        if answer.outcome is not Outcome.MATCH:
            refused = self._raising.refuse(live, Method.FACE, answer, origin)
            if answer.outcome is Outcome.UNAVAILABLE:
                self._away.put_back(interaction, parked)
            raise refused
        now = self._clock.now()
        evidence = evidence_of(parked["attempt"], Method.FACE, question, answer, at=now, valid=self._valid)
        presented = interaction.progress.amr
        recorded = self._raising.record(live, evidence, presented=presented, locale=locale, origin=origin)
        progress = interaction.progress.proved_by(Method.FACE)
        return self._interactions.save(interaction, progress=progress), recorded

    def begun(self, interaction: Interaction) -> Begun | None:
        """Return the comparison that was begun here, None where there is none."""
        return self._away.begun(interaction)

    def _compared(self, result: FaceResult, question: Question, asked: str) -> Answer:
        """Return the answer, if it is about whom we asked: the number and name that come back must be theirs."""
        answer = result.answer
        present = _text_of(question.number.canonical, question.name)
        is_ours = is_keyed_digest(self._keyring, _DIGEST, present, asked)
        if result.number is not None or result.name is not None:
            came = _text_of(result.number or "", result.name or "")
            is_ours = is_ours and is_keyed_digest(self._keyring, _DIGEST, came, asked)
        if answer.outcome is Outcome.MATCH and not is_ours:
            return Answer(Outcome.RISK, answer.provider, "local.another_person", answer.request_id, answer.is_charged)
        return answer

    def _question(self, person_id: str) -> Question:
        """Return the question about the number and name that were proved; raises PageError where they are not.

        Of who is known by a network identity alone the mobile joins no number; the face does.
        """
        with self._database.read() as session:
            held = self._directory.number_to_compare(session, person_id)
            name = self._directory.profile(session, person_id).full_name
        parsed = parse_number(held.canonical, today=civil_date(self._clock.now())) if held is not None else None
        if not isinstance(parsed, Ok) or name is None:
            raise PageError(InteractionProblem.EXPIRED, detail="no number that was proved")
        return Question(parsed.value, name)


def _text_of(number: str, name: str) -> str:
    return f"{number.strip().upper()} {name_match_key(name)}"
