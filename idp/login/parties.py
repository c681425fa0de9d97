"""Reading for whom a person may act towards a client, and what was granted for that one."""

from dataclasses import dataclass, replace

from clients import consents
from clients.client import Client
from idp.core.clock import Clock
from idp.login.next_step import PersonFacts
from idp.login.party import party_of
from idp.login.progress import Progress
from idp.login.request import Demands
from idp.persons import mandates
from idp.storage.engine import Database
from realname.proofing.guardianship import LEAST_IAL


@dataclass(frozen=True, slots=True)
class Party:
    """Whom an answer is about, None where that must be asked; `facts` are the holder's, with that one's consents."""

    person_id: str | None
    facts: PersonFacts


class Parties:
    """Reads parties; costs nothing but where a client understands `act` and whoever is logged in was proved."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def of(
        self, demands: Demands, progress: Progress, holder_id: str, facts: PersonFacts, client: Client | None
    ) -> Party:
        """Return whom the holder of a session answers for."""
        # A login that carries no proof of who somebody is carries no mandate of theirs either.
        if client is None or not client.acting_for or facts.ial < LEAST_IAL:
            return Party(holder_id, facts)
        if "none" in demands.prompt and demands.hint_person in (None, holder_id):
            return Party(holder_id, facts)
        with self._database.read() as session:
            held = mandates.wards_of(session, holder_id, at=self._clock.now())
            facts = replace(facts, wards=tuple(dict.fromkeys(each.minor_id for each in held)))
            person_id = party_of(demands, progress, holder_id, facts.wards)
            if person_id not in (None, holder_id):
                facts = replace(facts, granted=consents.granted(session, person_id, client.client_id))
        return Party(person_id, facts)
