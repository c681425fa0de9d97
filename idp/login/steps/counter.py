"""The step at a service hall: the person shows a code, a clerk reads their card, the person says that it is theirs.

The clerk picks no account: it is the one of who logged in to this very interaction, on a device of their own.
"""

from datetime import timedelta

from idp.audit.log import Origin
from idp.core.clock import Clock, seconds
from idp.core.errors import LoginRefused, PageError
from idp.login.counter.evidence import evidence_of_visit
from idp.login.counter.visit import Visit, Visits, VisitState
from idp.login.interaction import Interaction, InteractionProblem, Interactions
from idp.login.raising import Raising, holder_of
from idp.login.refusal import Refusal
from idp.persons.roles import Role, roles_of
from idp.sessions.service import LiveSession
from idp.storage.engine import Database
from realname.proofing.evidence import Recorded
from realname.proofing.method import WORTH, Method

#: Where the id of a visit lies in the interaction.
PARKED = "counter"
#: Where it lies that the person wants the counter and none of the other ways.
CHOSEN = "at_counter"
_KEEP = timedelta(days=1)


class CounterStep:
    """Opens a visit for who is logged in, and records what clerks signed once the person agrees."""

    #: The identity level that it leads to.
    ial = WORTH[Method.COUNTER].ial

    def __init__(
        self,
        *,
        database: Database,
        interactions: Interactions,
        visits: Visits,
        raising: Raising,
        clock: Clock,
        valid_days: int,
        presence_seconds: int,
    ) -> None:
        self._database = database
        self._interactions = interactions
        self._visits = visits
        self._raising = raising
        self._clock = clock
        self._valid = timedelta(days=valid_days)
        self._presence_seconds = presence_seconds

    def open(self, interaction: Interaction, live: LiveSession) -> tuple[Interaction, Visit]:
        """Open a visit, or return the one that is open; raises PageError for who did not log in here."""
        person_id = holder_of(interaction, live)
        visit = self.visit_of(interaction)
        if visit is not None and visit.state is not VisitState.REFUSED:
            return interaction, visit
        visit = self._visits.open(person_id, live.id, interaction.id)
        return self._interactions.save(interaction, scratch={PARKED: visit.id}), visit

    def visit_of(self, interaction: Interaction) -> Visit | None:
        """Return the visit of this very login, None where there is none or it is over."""
        visit_id: str | None = interaction.scratch.get(PARKED)
        visit = self._visits.find(visit_id) if visit_id is not None else None
        return visit if visit is not None and visit.interaction_id == interaction.id else None

    def accept(
        self, interaction: Interaction, live: LiveSession, *, locale: str, origin: Origin
    ) -> tuple[Interaction, Recorded]:
        """Record what was signed, once; raises LoginRefused or PageError."""
        visit = self._signed(interaction, live)
        # Closed before it is recorded: of two who agree at once one finds nothing.
        interaction = self._interactions.save(interaction, scratch={PARKED: None})
        if not self._visits.close(visit):
            raise LoginRefused(Refusal.COUNTER_MOVED)
        self._refuse_former_clerk(visit)
        now = self._clock.now()
        evidence = evidence_of_visit(visit, at=now, valid=self._valid, keep=_KEEP)
        if evidence is None:
            raise PageError(InteractionProblem.EXPIRED, detail="a visit without a card")
        recorded = self._raising.record(
            live,
            evidence,
            presented=interaction.progress.amr,
            present_until=now + seconds(self._presence_seconds),
            locale=locale,
            origin=origin,
        )
        progress = interaction.progress.proved_by(Method.COUNTER)
        return self._interactions.save(interaction, progress=progress), recorded

    def decline(self, interaction: Interaction, live: LiveSession, *, origin: Origin) -> Interaction:
        """Drop what was signed: it is not about this person. Nothing of it stays but a trace."""
        visit = self._signed(interaction, live)
        if self._visits.close(visit):
            self._raising.note_declined(live, Method.COUNTER, origin)
        return self._interactions.save(interaction, scratch={PARKED: None})

    def _signed(self, interaction: Interaction, live: LiveSession) -> Visit:
        person_id, visit = holder_of(interaction, live), self.visit_of(interaction)
        if visit is None or visit.state is not VisitState.SIGNED:
            raise LoginRefused(Refusal.COUNTER_MOVED)
        if (visit.person_id, visit.session_id) != (person_id, live.id):
            raise PageError(InteractionProblem.EXPIRED, detail="the visit is another login's")
        return visit

    def _refuse_former_clerk(self, visit: Visit) -> None:
        """Raise LoginRefused where one of the clerks lost the role between signing and now."""
        with self._database.read() as session:
            for clerk in filter(None, (visit.clerk, visit.second)):
                held = roles_of(session, clerk)
                if not any(each.role is Role.CLERK and each.department_id == visit.department_id for each in held):
                    raise LoginRefused(Refusal.COUNTER_MOVED, detail="a clerk is none any more")
