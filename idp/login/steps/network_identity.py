"""The step that asks the national network identity service who came: by its credential, on its own pages.

The person chooses whether the service tells us their number and name; without them they are known by the application
id alone (order 173 of 2025). A result counts only where we fetched it, and where the browser that began came back.
"""

from datetime import timedelta
from typing import Any

from idp.audit.log import Origin
from idp.core.clock import Clock, civil_date
from idp.core.errors import LoginRefused, PageError
from idp.core.results import Ok
from idp.login.asserted import Asserted, AssertedAccounts
from idp.login.away import Away, Begun, Departure
from idp.login.interaction import Interaction, InteractionProblem, Interactions
from idp.login.own_mobile import OwnMobile
from idp.login.raising import KEEP, Raising, holder_of
from idp.login.refusal import Refusal
from idp.sessions.service import LiveSession
from idp.storage.engine import Database
from realname.documents.birth_date import needs_guardian
from realname.documents.names import clean_name
from realname.documents.parse import parse_number
from realname.proofing.assertion import Proves
from realname.proofing.evidence import Evidence, Recorded
from realname.proofing.method import Method
from realname.providers.answer import Answer, Outcome
from realname.providers.guarded import GuardedNetworkIdentity
from realname.providers.verifier import NetworkIdentityResult

#: Where what was begun lies in the interaction, sealed, and before that the code to the mobile.
PARKED, CODE = "network_identity", "network_identity_code"
_METHOD = Method.NETWORK_IDENTITY
_REFUSED = {
    Proves.NEEDS_NUMBER: Refusal.NETWORK_IDENTITY_NUMBER,
    Proves.NEEDS_MOBILE: Refusal.NETWORK_IDENTITY_MOBILE,
    Proves.ANOTHER_NUMBER: Refusal.NUMBER_DIFFERS,
    Proves.ANOTHER_IDENTITY: Refusal.NETWORK_IDENTITY_DIFFERS,
}


class NetworkIdentityStep:
    """Begins at the gateway for who is logged in within this very interaction, and takes its result."""

    def __init__(
        self,
        *,
        database: Database,
        interactions: Interactions,
        verifier: GuardedNetworkIdentity,
        accounts: AssertedAccounts,
        own_mobile: OwnMobile,
        raising: Raising,
        clock: Clock,
        valid_days: int,
    ) -> None:
        self._database = database
        self._interactions = interactions
        self._verifier = verifier
        self._accounts = accounts
        self._own_mobile = own_mobile
        self._raising = raising
        self._clock = clock
        self._valid = timedelta(days=valid_days)
        self._away = Away(interactions=interactions, clock=clock, parked=PARKED)

    def needs_number(self, person_id: str) -> bool:
        """Tell whether the service must say the number: the account has one that was proved."""
        return self._accounts.has_number(person_id)

    def begin(
        self, interaction: Interaction, live: LiveSession, *, with_number: bool, return_url: str, origin: Origin
    ) -> Interaction:
        """Begin at the service; `return_url` is ours, and gets the secret. Raises LoginRefused or PageError."""
        person_id = holder_of(interaction, live)
        with_number = with_number or self.needs_number(person_id)
        self._raising.count(live, origin)
        departure = Departure()
        begun = self._verifier.begin(
            order=departure.attempt, return_url=departure.return_url(return_url), with_number=with_number
        )
        if isinstance(begun, Answer):
            raise self._raising.refuse(live, _METHOD, begun, origin)
        return self._away.park(interaction, departure, begun, with_number=with_number)

    def wants_code(self, interaction: Interaction, live: LiveSession) -> bool:
        """Tell whether the mobile must be shown before, so that the number can become the person's."""
        is_shown = "sms" in interaction.progress.amr or not self._accounts.can_ask
        return not is_shown and self._own_mobile.of(live.person_id) is not None

    def send_code(self, interaction: Interaction, live: LiveSession, *, locale: str, origin: Origin) -> Interaction:
        """Send a code to the person's mobile and park its other half; raises LoginRefused or PageError."""
        code = self._own_mobile.send(holder_of(interaction, live), "proofing_code", locale=locale, origin=origin)
        return self._interactions.save(interaction, scratch={CODE: code})

    def with_code(self, interaction: Interaction, live: LiveSession, typed: str, *, origin: Origin) -> Interaction:
        """Note that the mobile was shown; raises LoginRefused or PageError."""
        person_id, code = holder_of(interaction, live), interaction.scratch.get(CODE)
        if code is None or code["person_id"] != person_id:
            raise PageError(InteractionProblem.EXPIRED, detail="no code was sent")
        is_allowed = self._own_mobile.reserve(code)
        with self._database.transaction() as session:
            if not self._own_mobile.use(session, code, typed, is_allowed=is_allowed):
                self._raising.note_wrong_code(session, live, origin)
                raise LoginRefused(Refusal.CODE)
        return self._interactions.save(interaction, progress=interaction.progress.also("sms"), scratch={CODE: None})

    def begun(self, interaction: Interaction) -> Begun | None:
        """Return what was begun here, None where nothing was."""
        return self._away.begun(interaction)

    def come_back(self, interaction: Interaction, secret: str) -> Interaction:
        """Note that the browser which began came back from the service; raises PageError for any other."""
        return self._away.come_back(interaction, secret)

    def finish(
        self, interaction: Interaction, live: LiveSession, *, locale: str, origin: Origin
    ) -> tuple[Interaction, Recorded]:
        """Fetch the result and raise the person by it; raises LoginRefused or PageError.

        A result that is not there yet can be asked for again; every other ends what was begun.
        """
        holder_of(interaction, live)
        interaction, journey = self._away.take(interaction)
        attempt: str = journey["attempt"]
        result = self._verifier.fetch(journey["token"], order=attempt, with_number=journey["with_number"])
        if result.answer.outcome is not Outcome.MATCH or result.application_id is None:
            raise self._refuse(interaction, live, journey, result.answer, origin)
        asserted = self._read(result)
        if isinstance(asserted, Answer):
            told_as = Refusal.TOO_YOUNG if asserted.code == "local.too_young" else None
            raise self._raising.refuse(live, _METHOD, asserted, origin, told_as=told_as)
        proves = self._accounts.judge(interaction.progress, live, asserted)
        if isinstance(proves, Answer):
            raise self._refuse(interaction, live, journey, proves, origin)
        if proves.is_refused:
            answer = Answer(Outcome.MISMATCH, result.answer.provider, f"local.{proves}", result.answer.request_id)
            raise self._raising.refuse(live, _METHOD, answer, origin, told_as=_REFUSED[proves])
        evidence = self._evidence(attempt, result.answer, asserted, proves)
        presented = interaction.progress.amr
        recorded = self._raising.record(live, evidence, presented=presented, locale=locale, origin=origin)
        progress = interaction.progress.proved_by(_METHOD)
        if not set(progress.amr) <= set(live.amr):
            # The mobile is one more factor of this login, so the session is established anew.
            progress = progress.stepped_up(self._clock.now())
        return self._interactions.save(interaction, progress=progress), recorded

    def _refuse(
        self, interaction: Interaction, live: LiveSession, journey: dict[str, Any], answer: Answer, origin: Origin
    ) -> LoginRefused:
        refused = self._raising.refuse(live, _METHOD, answer, origin)
        if answer.outcome is Outcome.UNAVAILABLE:
            self._away.put_back(interaction, journey)
        return refused

    def _read(self, result: NetworkIdentityResult) -> Asserted | Answer:
        """Return what was asserted, parsed; an answer where a number came that nobody could be served by."""
        assert result.application_id is not None  # noqa: S101 - the caller looked
        if result.number is None or result.name is None:
            return Asserted(result.application_id)
        today = civil_date(self._clock.now())
        number, name = parse_number(result.number, today=today), clean_name(result.name)
        told = result.answer
        if not isinstance(number, Ok) or not isinstance(name, Ok):
            return Answer(Outcome.BAD_INPUT, told.provider, "local.number", told.request_id)
        if needs_guardian(number.value.birth_date, today):
            return Answer(Outcome.BAD_INPUT, told.provider, "local.too_young", told.request_id)
        return Asserted(result.application_id, number.value, name.value)

    def _evidence(self, attempt: str, answer: Answer, asserted: Asserted, proves: Proves) -> Evidence:
        """Return what counts of an assertion; the name does in any case, for the service said it of who came."""
        now = self._clock.now()
        return Evidence(
            handle=attempt,
            method=_METHOD,
            provider=answer.provider,
            code=answer.code,
            request_id=answer.request_id,
            number=asserted.number if proves is Proves.NUMBER_TOO else None,
            name=asserted.name,
            mobile=None,
            application_id=asserted.application_id,
            proved_at=now,
            valid_until=now + self._valid,
            keep_until=now + KEEP,
        )
