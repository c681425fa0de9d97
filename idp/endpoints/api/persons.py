"""POST /api/v1/persons: an approved system asks for an account that the person activates themselves.

The answer is the same whoever is named; nobody is looked up here (see `idp.login.preparations`).
"""

from dataclasses import replace

from clients.client import Client
from clients.own_api import REGISTER
from idp.core.clock import Clock, civil_date
from idp.core.results import Ok
from idp.endpoints.api.body import ApiCall, read_document
from idp.endpoints.api.callers import Callers
from idp.endpoints.api.documents import PersonAccepted, PersonRequest
from idp.endpoints.api.idempotency import Idempotency
from idp.endpoints.api.problems import ApiProblem, MemberProblem, ProblemKind, Unfit
from idp.endpoints.api.purposes import clean_purpose
from idp.endpoints.api.quotas import DAY, HOUR, Asked, Quotas
from idp.login.preparations import Preparations, Wanted
from idp.persons.contact_numbers import parse_mobile
from idp.storage.engine import Database
from realname.documents.birth_date import needs_guardian
from realname.documents.names import clean_name
from realname.documents.parse import parse_number


class PersonsEndpoint:
    """Takes requests for accounts."""

    def __init__(
        self,
        *,
        callers: Callers,
        quotas: Quotas,
        idempotency: Idempotency,
        preparations: Preparations,
        database: Database,
        clock: Clock,
        locale: str,
        per_hour: int,
        per_number_per_day: int,
    ) -> None:
        self._callers = callers
        self._quotas = quotas
        self._idempotency = idempotency
        self._preparations = preparations
        self._database = database
        self._clock = clock
        self._locale = locale
        self._per_hour = per_hour
        self._per_number = per_number_per_day

    def answer(self, call: ApiCall) -> PersonAccepted:
        """1 who asks, 2 what, 3 was it asked before, 4 within the quotas, 5 take it.

        Raises OAuthError or ApiProblem.
        """
        client = self._callers.admit(call.authorization, REGISTER)
        document = read_document(call, PersonRequest)
        wanted = self._wanted(client, document)
        keyed = self._idempotency.read(client, call.idempotency_key, document.model_dump())
        with self._database.read() as session:
            earlier = self._idempotency.find(session, keyed)
        if earlier is not None:
            return PersonAccepted(request_id=earlier)
        self._quotas.count(client.client_id, Asked.REGISTRATION, most=self._per_hour, window_seconds=HOUR)
        about = f"{wanted.number.type} {wanted.number.canonical}"
        self._quotas.count(client.client_id, Asked.REGISTRATION, most=self._per_number, window_seconds=DAY, about=about)
        with self._database.transaction() as session:
            request_id = self._idempotency.begin(session, keyed, at=self._clock.now())
            if request_id is not None:
                # The audit knows the request by the name that the system was given.
                self._preparations.put(session, wanted, origin=replace(call.origin, request_id=request_id))
            else:
                request_id = self._idempotency.find(session, keyed)
        if request_id is None:
            raise ApiProblem(ProblemKind.KEY_REUSED)
        return PersonAccepted(request_id=request_id)

    def _wanted(self, client: Client, document: PersonRequest) -> Wanted:
        """Return what is wanted, parsed; raises ApiProblem with every member that is unfit."""
        today = civil_date(self._clock.now())
        number, name = parse_number(document.number, today=today), clean_name(document.name)
        mobile = parse_mobile(document.mobile)
        unfit = [
            MemberProblem(member, Unfit.INVALID)
            for member, parsed in (("number", number), ("name", name), ("mobile", mobile))
            if not isinstance(parsed, Ok)
        ]
        if isinstance(number, Ok) and needs_guardian(number.value.birth_date, today):
            # PIPL art. 31: a guardian opens the account, at a counter.
            unfit.append(MemberProblem("number", Unfit.TOO_YOUNG))
        if unfit or not (isinstance(number, Ok) and isinstance(name, Ok) and isinstance(mobile, Ok)):
            raise ApiProblem(ProblemKind.MEMBERS, *unfit)
        return Wanted(
            number=number.value,
            name=name.value,
            mobile=mobile.value,
            client_id=client.client_id,
            client_name=client.localized_name(self._locale.replace("_", "-")),
            purpose=clean_purpose(document.purpose),
        )
