"""The step that raises who is logged in: number and name, with the mobile that they hold where they can show it."""

from dataclasses import dataclass, field
from typing import Any

from idp.audit.log import Origin
from idp.core.clock import Clock, civil_date
from idp.core.errors import LoginRefused, PageError
from idp.core.ids import new_id
from idp.core.results import Ok
from idp.login.inquiry import Asked, Inquiry
from idp.login.interaction import Interaction, InteractionProblem, Interactions
from idp.login.own_mobile import OwnMobile
from idp.login.raising import Raising, holder_of
from idp.login.refusal import FieldRefusal, Refusal
from idp.persons.directory import Directory
from idp.sessions.service import LiveSession
from idp.storage.engine import Database
from realname.documents.birth_date import needs_guardian
from realname.documents.document_number import DocumentNumber
from realname.documents.names import clean_name
from realname.documents.parse import parse_number
from realname.proofing.evidence import Recorded
from realname.providers.question import Check, Question

#: Where what was typed lies in the interaction, sealed, until the service is asked.
PARKED = "proofing"


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form held."""

    number: str = field(repr=False)
    name: str = field(repr=False)


class ProofingStep:
    """Asks the source about the person who is logged in to this very interaction, and about nobody else."""

    def __init__(
        self,
        *,
        database: Database,
        interactions: Interactions,
        directory: Directory,
        own_mobile: OwnMobile,
        inquiry: Inquiry,
        raising: Raising,
        clock: Clock,
    ) -> None:
        self._database = database
        self._interactions = interactions
        self._directory = directory
        self._own_mobile = own_mobile
        self._inquiry = inquiry
        self._raising = raising
        self._clock = clock

    def check(self, person_id: str, typed: Typed) -> tuple[FieldRefusal, ...]:
        """Return what is wrong with the form, field by field; nothing is asked or counted."""
        refusals, number = [], self._number(typed.number)
        if number is None:
            refusals.append(FieldRefusal("number", Refusal.NUMBER))
        elif needs_guardian(number.birth_date, civil_date(self._clock.now())):
            refusals.append(FieldRefusal("number", Refusal.TOO_YOUNG))
        elif self._is_another(person_id, number):
            refusals.append(FieldRefusal("number", Refusal.NUMBER_DIFFERS))
        if not isinstance(clean_name(typed.name), Ok):
            refusals.append(FieldRefusal("name", Refusal.NAME))
        return tuple(refusals)

    def begin(
        self, interaction: Interaction, live: LiveSession, typed: Typed, *, locale: str, origin: Origin
    ) -> tuple[Interaction, Recorded | None]:
        """Park what was typed and send a code to the person's mobile, or ask at once where that is not needed.

        Returns what was recorded, None while the code is waited for. Raises LoginRefused or PageError.
        """
        person_id = holder_of(interaction, live)
        name = clean_name(typed.name)
        if self.check(person_id, typed) or not isinstance(name, Ok):
            raise LoginRefused(Refusal.NUMBER, detail="the form was not checked")
        parked: dict[str, Any] = {"number": typed.number, "name": name.value, "attempt": new_id()}
        mobile = self._own_mobile.of(person_id) if self._inquiry.can_ask(Check.MOBILE) else None
        if mobile is not None and "sms" not in interaction.progress.amr:
            parked["code"] = self._own_mobile.send(person_id, "proofing_code", locale=locale, origin=origin)
            return self._interactions.save(interaction, scratch={PARKED: parked}), None
        interaction = self._interactions.save(interaction, scratch={PARKED: parked})
        return self._ask(interaction, live, mobile, locale=locale, origin=origin)

    def resend(self, interaction: Interaction, live: LiveSession, *, locale: str, origin: Origin) -> Interaction:
        """Send another code; raises LoginRefused or PageError."""
        person_id, parked = holder_of(interaction, live), _parked(interaction)
        code = self._own_mobile.send(person_id, "proofing_code", locale=locale, origin=origin)
        return self._interactions.save(interaction, scratch={PARKED: {**parked, "code": code}})

    def with_code(
        self, interaction: Interaction, live: LiveSession, typed: str, *, locale: str, origin: Origin
    ) -> tuple[Interaction, Recorded]:
        """Check the code, then ask about number, name and mobile; raises LoginRefused or PageError."""
        person_id, parked = holder_of(interaction, live), _parked(interaction)
        code = parked.get("code")
        if code is None or code["person_id"] != person_id:
            raise PageError(InteractionProblem.EXPIRED, detail="no code was sent")
        is_allowed = self._own_mobile.reserve(code)
        with self._database.transaction() as session:
            if not self._own_mobile.use(session, code, typed, is_allowed=is_allowed):
                self._raising.note_wrong_code(session, live, origin)
                raise LoginRefused(Refusal.CODE)
        progress = interaction.progress.also("sms")
        interaction = self._interactions.save(interaction, progress=progress)
        return self._ask(interaction, live, code["mobile"], locale=locale, origin=origin)

    def without_mobile(
        self, interaction: Interaction, live: LiveSession, *, locale: str, origin: Origin
    ) -> tuple[Interaction, Recorded]:
        """Ask about number and name alone: the number stays claimed; raises LoginRefused or PageError."""
        holder_of(interaction, live)
        return self._ask(interaction, live, None, locale=locale, origin=origin)

    def put_off(self, interaction: Interaction) -> Interaction:
        """Go on as the person is; a client that cannot do without the level gets an error."""
        return self._interactions.save(
            interaction, progress=interaction.progress.without_proofing(), scratch={PARKED: None}
        )

    def _ask(
        self, interaction: Interaction, live: LiveSession, mobile: str | None, *, locale: str, origin: Origin
    ) -> tuple[Interaction, Recorded]:
        """Take what was parked, so that of two who go on at once one finds nothing, and ask about it."""
        parked = _parked(interaction)
        interaction = self._interactions.save(interaction, scratch={PARKED: None})
        number = self._number(parked["number"])
        if number is None:
            raise PageError(InteractionProblem.EXPIRED, detail="the parked number is none any more")
        asked = Asked(parked["attempt"], Question(number, parked["name"], mobile), interaction.progress.amr)
        recorded = self._inquiry.settle(live, asked, locale=locale, origin=origin)
        progress = interaction.progress.proved_by(recorded.method)
        if not set(progress.amr) <= set(live.amr):
            # The mobile is one more factor of this login, so the session is established anew.
            progress = progress.stepped_up(self._clock.now())
        return self._interactions.save(interaction, progress=progress), recorded

    def _number(self, typed: str) -> DocumentNumber | None:
        parsed = parse_number(typed, today=civil_date(self._clock.now()))
        return parsed.value if isinstance(parsed, Ok) else None

    def _is_another(self, person_id: str, number: DocumentNumber) -> bool:
        """Tell whether the account belongs to another number already: that one changes at a counter alone."""
        with self._database.read() as session:
            known = self._directory.current_number(session, person_id)
        return known is not None and (known.type, known.canonical) != (number.type, number.canonical)


def _parked(interaction: Interaction) -> dict[str, Any]:
    parked: dict[str, Any] | None = interaction.scratch.get(PARKED)
    if parked is None:
        raise PageError(InteractionProblem.EXPIRED, detail="nothing was typed, or it was asked about before")
    return parked
