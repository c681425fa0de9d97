"""The steps about the person's own mobile: keep one that somebody else proved, or give another one."""

from typing import Any

from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.core.errors import LoginRefused, PageError
from idp.core.results import Ok
from idp.login.interaction import Interaction, InteractionProblem, Interactions
from idp.login.mobile_in_use import offered
from idp.login.new_mobile import NewMobile
from idp.login.one_time_codes import OneTimeCodes
from idp.login.refusal import Refusal
from idp.login.released_mobiles import ReleasedMobiles
from idp.persons.contact_numbers import parse_mobile
from idp.storage.engine import Database

#: Where the parked half of the code lies in the interaction.
PARKED = "new_mobile"


class MobileStep:
    """Asks who proved themselves here about their mobile, before a session begins; it adds no proof."""

    def __init__(
        self,
        *,
        database: Database,
        interactions: Interactions,
        codes: OneTimeCodes,
        new: NewMobile,
        releases: ReleasedMobiles,
        clock: Clock,
    ) -> None:
        self._database = database
        self._interactions = interactions
        self._codes = codes
        self._new = new
        self._releases = releases
        self._clock = clock

    def keep(self, interaction: Interaction, *, origin: Origin) -> tuple[Interaction, bool]:
        """Object to the release; False beside the interaction where it was too late."""
        kept = self._releases.keep(_person_of(interaction), by="login", origin=origin)
        return self.put_off(interaction) if kept else interaction, kept

    def put_off(self, interaction: Interaction) -> Interaction:
        """Go on without an answer; the next login asks again."""
        return self._interactions.save(interaction, progress=interaction.progress.about_mobile())

    def send(self, interaction: Interaction, typed: str, *, locale: str, origin: Origin) -> Interaction:
        """Send a code to another number; raises LoginRefused for no mobile, or too many codes."""
        person_id, parsed = _person_of(interaction), parse_mobile(typed)
        if not isinstance(parsed, Ok):
            raise LoginRefused(Refusal.MOBILE)
        self._new.count(parsed.value)
        with self._database.transaction() as session:
            parked = self._new.send(session, person_id, parsed.value, session_id=None, locale=locale, origin=origin)
        return self._interactions.save(interaction, scratch={PARKED: parked})

    def submit(self, interaction: Interaction, typed: str, *, locale: str, origin: Origin) -> Interaction:
        """Bind the number; raises LoginRefused. One that another account has is offered for release."""
        person_id, parked = _person_of(interaction), interaction.scratch.get(PARKED)
        if parked is None or parked["person_id"] != person_id:
            raise LoginRefused(Refusal.CODE, detail="no code was sent")
        with self._database.transaction() as session:
            allowed = self._codes.reserve(session, parked)
        is_right = self._codes.is_right(parked, typed) and allowed
        with self._database.transaction() as session:
            if not is_right or not self._codes.use(session, parked):
                self._note_refusal(session, person_id, "wrong_code", origin)
                raise LoginRefused(Refusal.CODE)
            is_bound = self._new.bind(session, person_id, parked["mobile"], locale=locale, origin=origin)
            if not is_bound:
                self._note_refusal(session, person_id, "mobile_taken", origin)
        scratch: dict[str, Any] = {PARKED: None}
        if not is_bound:
            return self._interactions.save(interaction, scratch=scratch | offered(parked["mobile"]))
        return self._interactions.save(interaction, progress=interaction.progress.about_mobile(), scratch=scratch)

    def _note_refusal(self, session: Session, person_id: str, reason: str, origin: Origin) -> None:
        record(
            session,
            Event.CONTACT_CHANGED,
            at=self._clock.now(),
            outcome=Outcome.REFUSED,
            reason=reason,
            person_id=person_id,
            origin=origin,
        )


def _person_of(interaction: Interaction) -> str:
    """Return who proved themselves here and has no session of it yet."""
    progress = interaction.progress
    if progress.person_id is None or progress.session_id is not None:
        raise PageError(InteractionProblem.EXPIRED, detail="nobody proved anything")
    return progress.person_id
