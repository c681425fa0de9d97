"""What a clerk does at a counter, one method an act. Each checks again who acts on which visit."""

from connectors.devices.card_reading import CardReading
from connectors.devices.enrolment import DeviceRecord
from connectors.devices.readings import Readings
from idp.audit.events import Event
from idp.audit.log import Origin
from idp.core.clock import Clock
from idp.core.errors import LoginRefused
from idp.login.counter.card_standing import CardStanding
from idp.login.counter.clerks import Clerks
from idp.login.counter.newcomers import Newcomers
from idp.login.counter.scrutiny import Scrutiny
from idp.login.counter.seen import Seen
from idp.login.counter.trail import Trail
from idp.login.counter.visit import Presented, Visit, Visits, VisitState
from idp.login.refusal import Refusal
from idp.storage.engine import Database
from realname.proofing.counter import Circumstances, doubts_of
from realname.proofing.method import WORTH, Method

#: The states in which the first clerk has the visit in hand.
_IN_HAND = frozenset({VisitState.ADMITTED, VisitState.READ})


class Desk:
    """Carries out what clerks do; every method raises LoginRefused, which changed nothing but the audit."""

    #: The identity level that a visit leads to.
    ial = WORTH[Method.COUNTER].ial

    def __init__(
        self,
        *,
        database: Database,
        visits: Visits,
        clerks: Clerks,
        readings: Readings,
        scrutiny: Scrutiny,
        newcomers: Newcomers,
        cards: CardStanding,
        clock: Clock,
    ) -> None:
        self._visits = visits
        self._clerks = clerks
        self._readings = readings
        self._scrutiny = scrutiny
        self._newcomers = newcomers
        self._cards = cards
        self._clock = clock
        self._trail = Trail(database=database, clock=clock)

    def readers(self, clerk: str) -> tuple[DeviceRecord, ...]:
        """Return the readers of the departments in which somebody is a clerk; empty for who is none."""
        return self._clerks.readers(clerk)

    def admit(self, clerk: str, code: str, device_id: str, *, origin: Origin) -> Visit:
        """Take over the visit whose code a citizen shows; a second clerk gets the one that waits for them."""
        device = self._clerks.reader(clerk, device_id)
        visit = self._visits.by_code(code)
        if visit is None:
            self._trail.refused(None, clerk, device.office, "wrong_code", origin)
            raise LoginRefused(Refusal.COUNTER_CODE)
        if visit.person_id == clerk:
            self._trail.refused(visit, clerk, device.office, "own", origin)
            raise LoginRefused(Refusal.COUNTER_OWN)
        if visit.clerk == clerk:
            return visit
        if visit.state is VisitState.SECOND:
            return self._second_of(clerk, visit)
        if visit.state is not VisitState.WAITING:
            raise LoginRefused(Refusal.COUNTER_MOVED)
        return self._begin(visit, clerk, device, origin)

    def newcomer(self, clerk: str, device_id: str, *, origin: Origin) -> Visit:
        """Begin a visit of somebody who has no account; they will open it themselves, on their own phone."""
        device = self._clerks.reader(clerk, device_id)
        return self._begin(self._visits.open("", "", ""), clerk, device, origin)

    def find(self, clerk: str, visit_id: str) -> Visit:
        """Return a visit that the clerk has in hand, or has to look at as the second; as far as its card is read."""
        visit = self._visits.find(visit_id)
        if visit is None:
            raise LoginRefused(Refusal.COUNTER_MOVED)
        if visit.clerk != clerk:
            return self._second_of(clerk, visit)
        self._clerks.require(clerk, visit.department_id)
        return self._with_card(visit)

    def ask_for_card(self, clerk: str, visit_id: str) -> Visit:
        """Ask the reader for the card that lies on it now; an older reading counts no longer."""
        visit = self._in_hand(clerk, visit_id)
        assert visit.device_id is not None  # noqa: S101 - admitted with one
        reading_id = self._readings.ask(visit.device_id)
        return self._save(visit, state=VisitState.ADMITTED, reading_id=reading_id, card=None, card_problem=None)

    def circumstances(self, clerk: str, visit: Visit) -> Circumstances:
        """Return what is known beside the card; raises StoreUnavailable where the register cannot be asked now."""
        assert visit.card is not None and visit.clerk is not None  # noqa: S101 - the callers looked
        return self._scrutiny.circumstances(visit.person_id, clerk, visit.card)

    def sign(self, clerk: str, visit_id: str, seen: Seen, *, origin: Origin) -> Visit:
        """Sign that the person at the counter is the card's holder; with a doubt open a second clerk has to look."""
        visit = self._in_hand(clerk, visit_id)
        if visit.state is not VisitState.READ or visit.card is None:
            raise LoginRefused(Refusal.COUNTER_MOVED)
        circumstances = self.circumstances(clerk, visit)
        self._refuse_related(clerk, visit, circumstances.shares_household, origin)
        doubts = doubts_of(circumstances, level=self.ial)
        seen.require_note(doubts)
        name = seen.whole_name(visit.card, doubts)
        card = self._cards.asked(visit.card, name)
        if card.answer != visit.card.answer:
            # Kept before anything else can be refused: about one card the authority is asked once.
            visit = self._save(visit, card=card)
            doubts = doubts_of(self.circumstances(clerk, visit), level=self.ial)
            seen.require_note(doubts)
        signed = self._save(
            visit,
            state=VisitState.SECOND if doubts else VisitState.SIGNED,
            name=name,
            comparison=seen.comparison,
            doubts=tuple(sorted(doubts)),
            note=seen.note,
            mobile=seen.parsed_mobile() if visit.is_newcomer else None,
            compared_at=self._clock.now(),
        )
        self._trail.done(Event.COUNTER_COMPARED, signed, clerk, origin)
        return self._expect(signed, origin)

    def second(self, clerk: str, visit_id: str, *, origin: Origin) -> Visit:
        """Sign as the second clerk, who saw the person, the card and what the first one wrote."""
        visit = self.find(clerk, visit_id)
        if visit.state is not VisitState.SECOND or visit.card is None:
            raise LoginRefused(Refusal.COUNTER_MOVED)
        if visit.clerk == clerk:
            raise LoginRefused(Refusal.COUNTER_SAME_CLERK)
        self._refuse_related(clerk, visit, self._scrutiny.lives_with(clerk, visit.card), origin)
        signed = self._save(visit, state=VisitState.SIGNED, second=clerk, second_at=self._clock.now())
        self._trail.done(Event.COUNTER_SECONDED, signed, clerk, origin)
        return self._expect(signed, origin)

    def refuse(self, clerk: str, visit_id: str, *, origin: Origin) -> Visit:
        """Refuse a visit: the person is not the card's holder, or the clerk is not sure."""
        visit = self.find(clerk, visit_id)
        if visit.state not in _IN_HAND | {VisitState.SECOND}:
            raise LoginRefused(Refusal.COUNTER_MOVED)
        return self._refused(visit, clerk, "not_the_holder", origin)

    def _begin(self, visit: Visit, clerk: str, device: DeviceRecord, origin: Origin) -> Visit:
        begun = self._save(
            visit,
            state=VisitState.ADMITTED,
            clerk=clerk,
            device_id=device.id,
            department_id=device.department_id,
            office=device.office,
        )
        self._trail.done(Event.COUNTER_ADMITTED, begun, clerk, origin)
        return begun

    def _expect(self, visit: Visit, origin: Origin) -> Visit:
        """Tell a newcomer's phone, once everybody signed; a citizen with an account decides on their own screen."""
        if not visit.is_newcomer or visit.state is not VisitState.SIGNED:
            return visit
        assert visit.card is not None and visit.mobile is not None  # noqa: S101 - signed with both
        self._newcomers.expect(visit, self._scrutiny.number_of(visit.card), visit.mobile, origin=origin)
        return self._save(visit, state=VisitState.DONE)

    def _in_hand(self, clerk: str, visit_id: str) -> Visit:
        visit = self.find(clerk, visit_id)
        if visit.clerk != clerk or visit.state not in _IN_HAND:
            raise LoginRefused(Refusal.COUNTER_MOVED)
        return visit

    def _second_of(self, clerk: str, visit: Visit) -> Visit:
        """Return a visit that waits for somebody else than the first clerk, to who may be that."""
        is_theirs = visit.state is VisitState.SECOND or visit.second == clerk
        if not is_theirs or visit.person_id == clerk:
            raise LoginRefused(Refusal.COUNTER_MOVED)
        self._clerks.require(clerk, visit.department_id)
        return visit

    def _with_card(self, visit: Visit) -> Visit:
        """Put the card into the visit once the reader has read it."""
        if visit.state is not VisitState.ADMITTED or visit.reading_id is None or visit.card_problem is not None:
            return visit
        result = self._readings.result(visit.reading_id)
        if result is None:
            return visit
        if isinstance(result, CardReading):
            read = self._save(visit, state=VisitState.READ, card=presented(result))
        else:
            read = self._save(visit, card_problem=str(result))
        self._readings.take(visit.reading_id)  # the visit has it now
        return read

    def _refuse_related(self, clerk: str, visit: Visit, shares_household: bool | None, origin: Origin) -> None:
        assert visit.card is not None  # noqa: S101 - the callers looked
        if self._scrutiny.is_own(clerk, visit.card):
            self._refused(visit, clerk, "own", origin)
            raise LoginRefused(Refusal.COUNTER_OWN)
        if shares_household:
            self._refused(visit, clerk, "household", origin)
            raise LoginRefused(Refusal.COUNTER_HOUSEHOLD)

    def _refused(self, visit: Visit, clerk: str, reason: str, origin: Origin) -> Visit:
        refused = self._save(visit, state=VisitState.REFUSED, refusal=reason)
        self._trail.refused(refused, clerk, refused.office, reason, origin)
        return refused

    def _save(self, visit: Visit, **changes: object) -> Visit:
        saved = self._visits.save(visit, **changes)
        if saved is None:
            raise LoginRefused(Refusal.COUNTER_MOVED)
        return saved


def presented(reading: CardReading) -> Presented:
    """Return of a card that was read what clerks go on with."""
    card = reading.card
    return Presented(
        reading_id=reading.reading_id,
        number=card.number.canonical,
        number_type=card.number.type,
        name=card.name,
        name_may_be_cut=card.name_may_be_cut,
        has_private_use=card.has_private_use,
        valid_from=card.valid_from.isoformat(),
        valid_until=card.valid_until.isoformat() if card.valid_until is not None else None,
        digest=reading.evidence_digest,
    )
