"""The step in which a guardian says for whom they act now: themself, or a child."""

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from idp.audit.events import Event, Outcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock, civil_date
from idp.core.errors import LoginRefused
from idp.login.interaction import Interaction, Interactions
from idp.login.refusal import Refusal
from idp.persons import mandates
from idp.persons.directory import Directory
from idp.persons.mandates import Guardianship
from idp.sessions.service import LiveSession
from idp.storage.engine import Database
from realname.documents.birth_date import civil_age
from realname.documents.masking import mask_name

#: The handle of oneself among the choices; no mandate's id is that short.
ONESELF = "self"


@dataclass(frozen=True, slots=True)
class Ward:
    """A child as the page shows them, masked; `handle` names the mandate.

    The age tells brothers and sisters apart, whose masked names may be one.
    """

    handle: str
    masked_name: str = field(repr=False)
    masked_number: str = field(repr=False)
    age: int | None = field(repr=False)


class PartyStep:
    """Offers the children for whom a person may act towards clients, and takes the choice; it adds no proof."""

    def __init__(self, *, database: Database, interactions: Interactions, directory: Directory, clock: Clock) -> None:
        self._database = database
        self._interactions = interactions
        self._directory = directory
        self._clock = clock

    def wards(self, live: LiveSession) -> tuple[Ward, ...]:
        """Return the children, each once, in the order in which they were added."""
        with self._database.read() as session:
            return tuple(self._shown(session, each) for each in self._held(session, live))

    def choose(self, interaction: Interaction, live: LiveSession, handle: str, *, origin: Origin) -> Interaction:
        """Keep for whom the person acts; raises LoginRefused for whatever was not among the choices."""
        party = live.person_id
        if handle != ONESELF:
            with self._database.transaction() as session:
                chosen = next((each for each in self._held(session, live) if each.id == handle), None)
                if chosen is None:
                    self._refuse(session, interaction, live, origin)
                    raise LoginRefused(Refusal.PARTY, detail="no mandate of theirs that stands")
            party = chosen.minor_id
        progress = interaction.progress.acting_for(party, chooser=live.person_id)
        return self._interactions.save(interaction, progress=progress)

    def _shown(self, session: Session, held: Guardianship) -> Ward:
        profile = self._directory.profile(session, held.minor_id)
        number = self._directory.proved_number(session, held.minor_id)
        born = number.birth_date if number is not None else None
        age = civil_age(born, civil_date(self._clock.now())) if born is not None else None
        return Ward(held.id, mask_name(profile.full_name or ""), profile.number_masked or "", age)

    def _held(self, session: Session, live: LiveSession) -> Collection[Guardianship]:
        held = mandates.wards_of(session, live.person_id, at=self._clock.now())
        return {each.minor_id: each for each in held}.values()

    def _refuse(self, session: Session, interaction: Interaction, live: LiveSession, origin: Origin) -> None:
        record(
            session,
            Event.MANDATE_USED,
            at=self._clock.now(),
            outcome=Outcome.REFUSED,
            reason="no_mandate",
            person_id=live.person_id,
            client_id=interaction.request.client_id if interaction.request else None,
            session_id=live.id,
            origin=origin,
        )
