"""What two clerks do about one matter, one method an act. Each checks again who acts on which matter.

Before the second clerk confirmed, neither learns anything: whom it is about is looked up only then, and whatever was
typed is answered alike. Afterwards both are told what came of it, for they have to tell whoever stands before them;
they are staff, they are two, and the audit has both.
"""

from dataclasses import dataclass, field
from typing import Any

from connectors.devices.card_reading import CardReading
from connectors.devices.readings import Readings
from idp.audit.events import Event
from idp.audit.events import Outcome as AuditOutcome
from idp.audit.log import Origin, record
from idp.core.clock import Clock, civil_date
from idp.core.errors import LoginRefused, StoreUnavailable
from idp.core.results import Ok
from idp.crypto.blind_index import keyed_digest
from idp.crypto.encoding import encode_fields
from idp.crypto.keyring import Keyring
from idp.login.counter.card_standing import CardStanding, details_of
from idp.login.counter.carrying_out import CarryingOut
from idp.login.counter.clerks import Clerks, at_counter
from idp.login.counter.desk import presented
from idp.login.counter.matter import (
    LIFE_SECONDS,
    Matter,
    MatterKind,
    MatterState,
    Named,
    NamedAccount,
    Outcome,
    ParkedMatters,
)
from idp.login.counter.matter_board import MatterBoard
from idp.login.counter.visit import Presented
from idp.login.refusal import Refusal
from idp.login.two_persons import Decision
from idp.storage.engine import Database
from realname.documents.names import clean_name
from realname.documents.parse import parse_number

_IN_HAND = frozenset({MatterState.OPEN, MatterState.PROPOSED})


@dataclass(frozen=True, slots=True)
class Typed:
    """What the first clerk types: what the matter rests on, and who is named in it."""

    words: str = field(repr=False)
    named: Named | None = None
    guardian: Named | None = None
    account: NamedAccount | None = None


class Matters:
    """Carries out what clerks do; every method raises LoginRefused, which changed nothing but the audit."""

    def __init__(
        self,
        *,
        database: Database,
        parked: ParkedMatters,
        board: MatterBoard,
        clerks: Clerks,
        readings: Readings,
        cards: CardStanding,
        carrying_out: CarryingOut,
        keyring: Keyring,
        clock: Clock,
    ) -> None:
        self._database = database
        self._parked = parked
        self._board = board
        self._clerks = clerks
        self._readings = readings
        self._cards = cards
        self._carrying_out = carrying_out
        self._keyring = keyring
        self._clock = clock

    def begin(self, clerk: str, device_id: str, kind: MatterKind, typed: Typed, *, origin: Origin) -> Matter:
        """Open a matter at one of the clerk's readers; where no card belongs to it, it is proposed with this."""
        device = self._clerks.reader(clerk, device_id)
        if not typed.words.strip():
            raise LoginRefused(Refusal.MATTER_WORDS)
        named = self._clean(typed.named, Refusal.NUMBER, Refusal.MATTER_NAME) if kind.names_somebody else None
        if kind.names_account and (typed.account is None or not (typed.account.system and typed.account.reference)):
            raise LoginRefused(Refusal.MATTER_ACCOUNT)
        guardian_refusals = Refusal.MATTER_GUARDIAN_NUMBER, Refusal.MATTER_GUARDIAN_NAME
        matter = self._parked.open(
            kind=kind,
            proposed_by=clerk,
            department_id=device.department_id,
            office=device.office,
            device_id=device.id,
            words=typed.words.strip(),
            until=self._clock.epoch() + LIFE_SECONDS,
            named=named,
            account=typed.account if kind.names_account else None,
            guardian=self._clean(typed.guardian, *guardian_refusals) if kind.names_guardian else None,
        )
        self._board.note(matter.department_id, matter.id)
        return matter if kind.needs_card else self._propose(matter, origin)

    def find(self, clerk: str, matter_id: str) -> Matter:
        """Return a matter that the clerk proposes, or may look at as the second; as far as its card is read."""
        return self._of(clerk, self._parked.find(matter_id))

    def by_code(self, clerk: str, code: str) -> Matter | None:
        """Return the matter whose code a colleague told the clerk; None where no matter has the code."""
        matter = self._parked.by_code(code)
        return self._of(clerk, matter) if matter is not None else None

    def ask_for_card(self, clerk: str, matter_id: str) -> Matter:
        """Ask the reader for the card that lies on it now; an older reading counts no longer."""
        matter = self._open(clerk, matter_id)
        if not matter.kind.needs_card:
            raise LoginRefused(Refusal.MATTER_OVER)
        reading_id = self._readings.ask(matter.device_id)
        return self._save(matter, reading_id=reading_id, card=None, card_problem=None)

    def propose(self, clerk: str, matter_id: str, *, origin: Origin) -> Matter:
        """Propose what the clerk saw: the person before them is the card's holder, and the documents say this."""
        matter = self._open(clerk, matter_id)
        if matter.card is None:
            raise LoginRefused(Refusal.MATTER_OVER)
        # Half a name would be another one to the authority. What it denies, the second clerk reads and settles.
        card = matter.card if matter.card.name_may_be_cut else self._cards.asked(matter.card, matter.card.name)
        return self._propose(matter, origin, card=card)

    def decide(self, clerk: str, matter_id: str, *, origin: Origin) -> Matter:
        """Confirm as the second clerk, and have it carried out; once, however many confirm at the same moment."""
        matter = self.find(clerk, matter_id)
        if matter.proposed_by == clerk:
            self._audit(Event.MATTER_REFUSED, matter, clerk, origin, reason=Refusal.COUNTER_SAME_CLERK)
            raise LoginRefused(Refusal.COUNTER_SAME_CLERK)
        if matter.state is not MatterState.PROPOSED:
            raise LoginRefused(Refusal.MATTER_OVER)
        if not self._clerks.is_clerk(matter.proposed_by, matter.department_id):
            self._audit(Event.MATTER_REFUSED, matter, clerk, origin, reason=Refusal.MATTER_ALONE)
            raise LoginRefused(Refusal.MATTER_ALONE)
        # Taken before anything is done: whoever confirms later finds it decided.
        taken = self._save(matter, state=MatterState.DECIDED, second=clerk)
        decision = Decision(matter.proposed_by, clerk, matter.office, self._evidence(matter))
        try:
            by = at_counter(clerk, matter.office, origin)
            outcome = self._carrying_out.carry_out(taken, decision, origin=by)
        except StoreUnavailable:
            self._save(taken, state=MatterState.PROPOSED, second=None)
            raise
        reason = None if outcome is Outcome.DONE else outcome
        self._audit(Event.MATTER_DECIDED, taken, clerk, origin, reason=reason, proposed_by=matter.proposed_by)
        return self._save(taken, outcome=outcome)

    def refuse(self, clerk: str, matter_id: str, *, origin: Origin) -> Matter:
        """End a matter before it is decided: the first clerk takes it back, or the second is not convinced."""
        matter = self.find(clerk, matter_id)
        if matter.state not in _IN_HAND:
            raise LoginRefused(Refusal.MATTER_OVER)
        is_second = clerk != matter.proposed_by
        refused = self._save(matter, state=MatterState.REFUSED, second=clerk if is_second else None)
        reason = "not_convinced" if is_second else "taken_back"
        self._audit(Event.MATTER_REFUSED, refused, clerk, origin, reason=reason)
        return refused

    def _of(self, clerk: str, matter: Matter | None) -> Matter:
        """Return the matter to who may see it: the two clerks, and before there is a second one, any of theirs."""
        # The store's own clock may be another one.
        if matter is None or matter.until <= self._clock.epoch():
            raise LoginRefused(Refusal.MATTER_OVER)
        self._clerks.require(clerk, matter.department_id)
        if matter.proposed_by == clerk:
            return self._with_card(matter)
        if matter.state is MatterState.PROPOSED or matter.second == clerk:
            return matter
        raise LoginRefused(Refusal.MATTER_OVER)

    def _open(self, clerk: str, matter_id: str) -> Matter:
        matter = self.find(clerk, matter_id)
        if matter.proposed_by != clerk or matter.state is not MatterState.OPEN:
            raise LoginRefused(Refusal.MATTER_OVER)
        return matter

    def _propose(self, matter: Matter, origin: Origin, *, card: Presented | None = None) -> Matter:
        proposed = self._save(matter, state=MatterState.PROPOSED, card=card)
        told = {"evidence": self._evidence(proposed), **details_of(card)}
        self._audit(Event.MATTER_PROPOSED, proposed, matter.proposed_by, origin, **told)
        return proposed

    def _with_card(self, matter: Matter) -> Matter:
        """Put the card into the matter once the reader has read it."""
        is_read = matter.card is not None or matter.card_problem is not None
        if matter.state is not MatterState.OPEN or matter.reading_id is None or is_read:
            return matter
        result = self._readings.result(matter.reading_id)
        if result is None:
            return matter
        if isinstance(result, CardReading):
            read = self._save(matter, card=presented(result))
        else:
            read = self._save(matter, card_problem=str(result))
        self._readings.take(matter.reading_id)  # the matter has it now
        return read

    def _clean(self, typed: Named | None, number_refusal: Refusal, name_refusal: Refusal) -> Named:
        """Return number and name as the house writes them; raises LoginRefused where they are none."""
        parsed = parse_number(typed.number if typed else "", today=civil_date(self._clock.now()))
        if not isinstance(parsed, Ok):
            raise LoginRefused(number_refusal)
        name = clean_name(typed.name if typed else "")
        if not isinstance(name, Ok):
            raise LoginRefused(name_refusal)
        return Named(parsed.value.canonical, name.value)

    def _evidence(self, matter: Matter) -> str:
        """Return the keyed digest of all that the clerks saw."""
        people = [part for each in (matter.named, matter.guardian) if each for part in (each.number, each.name)]
        people += [matter.account.system, matter.account.reference] if matter.account else []
        card = matter.card.digest if matter.card is not None else ""
        return keyed_digest(self._keyring, "counter matter", encode_fields(matter.kind, matter.words, card, *people))

    def _save(self, matter: Matter, **changes: Any) -> Matter:
        saved = self._parked.save(matter, **changes)
        if saved is None:
            raise LoginRefused(Refusal.MATTER_OVER)
        return saved

    def _audit(
        self, event: Event, matter: Matter, clerk: str, origin: Origin, *, reason: str | None = None, **details: Any
    ) -> None:
        """Write a row about no person: those about somebody are the rules' own."""
        with self._database.transaction() as session:
            record(
                session,
                event,
                at=self._clock.now(),
                outcome=AuditOutcome.REFUSED if reason is not None else AuditOutcome.SUCCESS,
                reason=reason,
                origin=at_counter(clerk, matter.office, origin),
                details={"matter": matter.id, "kind": matter.kind, **details},
            )
