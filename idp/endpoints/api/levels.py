"""POST /api/v1/levels: the present level of a person whom a system knows by its own `sub`."""

from clients.own_api import LEVEL
from idp.audit.events import Event
from idp.audit.reading import ReadCounts
from idp.endpoints.api.body import ApiCall, read_document
from idp.endpoints.api.callers import Callers
from idp.endpoints.api.documents import Level, LevelRequest
from idp.endpoints.api.problems import ApiProblem, ProblemKind
from idp.endpoints.api.quotas import MINUTE, Asked, Quotas
from idp.tokens.client_levels import ClientLevels


class LevelsEndpoint:
    """Answers which level a person has."""

    def __init__(
        self, *, callers: Callers, quotas: Quotas, levels: ClientLevels, reads: ReadCounts, per_minute: int
    ) -> None:
        self._callers = callers
        self._quotas = quotas
        self._levels = levels
        self._reads = reads
        self._per_minute = per_minute

    def answer(self, call: ApiCall) -> Level:
        """Return the level; raises OAuthError or ApiProblem, the same one for everybody who is not to be told of."""
        client = self._callers.admit(call.authorization, LEVEL)
        document = read_document(call, LevelRequest)
        self._quotas.count(client.client_id, Asked.LEVEL, most=self._per_minute, window_seconds=MINUTE)
        found = self._levels.of(client, document.sub)
        if found is None:
            raise ApiProblem(ProblemKind.NOT_FOUND)
        self._reads.note(Event.LEVEL_READ, client.client_id, person_id=found.person_id, origin=call.origin)
        return Level(sub=document.sub, ial=found.ial, acr=found.acr)
