"""The mapping API: an older system asks about its own accounts, follows what changes, and tells of new ones."""

from dataclasses import dataclass

from clients.client import Client
from clients.own_api import MAPPING, SIGN_UP
from idp.audit.events import Event, Outcome
from idp.audit.log import record
from idp.audit.reading import ReadCounts
from idp.core.clock import Clock
from idp.core.results import Refused
from idp.endpoints.api.body import ApiCall, read_document
from idp.endpoints.api.callers import Callers
from idp.endpoints.api.mapping_documents import (
    AccountChange,
    AccountOfSubject,
    AccountsAnswer,
    AccountsRequest,
    ChangesAnswer,
    ChangesRequest,
    OwnedAccount,
    SignUpAnswer,
    SignUpRequest,
    SubjectAccounts,
    SubjectsAnswer,
    SubjectsRequest,
)
from idp.endpoints.api.problems import ApiProblem, MemberProblem, ProblemKind, Unfit
from idp.endpoints.api.quotas import MINUTE, Asked, Quotas
from idp.linking.changes import BEGINNING, ChangeFeed, Cursor
from idp.linking.mapping import MappedSubject, Mapping, system_of
from idp.linking.sign_ups import NewAccount, SignUps
from idp.storage.engine import Database
from idp.tokens.shown_logins import ShownLogins
from idp.tokens.subjects import person_of
from realname.levels.level import LevelTable


@dataclass(frozen=True, slots=True)
class MappingDoor:
    """Who asks for which system: by a token, by what administration says of the client, and within its quota."""

    database: Database
    callers: Callers
    quotas: Quotas
    reads: ReadCounts
    per_minute: int

    def admit(self, call: ApiCall, scope: str) -> Client:
        """Return the client; raises OAuthError or ApiProblem."""
        client = self.callers.admit(call.authorization, scope)
        self.quotas.count(client.client_id, Asked.MAPPING, most=self.per_minute, window_seconds=MINUTE)
        return client

    def system(self, client: Client, code: str) -> int:
        """Return the system's number; raises ApiProblem, the same for one that is not there and one of others."""
        with self.database.read() as session:
            found = system_of(session, client.client_id, code)
        if found is None:
            raise ApiProblem(ProblemKind.MEMBERS, MemberProblem("system", Unfit.UNKNOWN))
        return found

    def note(self, client: Client, call: ApiCall) -> None:
        """Count what was read."""
        self.reads.note(Event.MAPPING_READ, client.client_id, origin=call.origin)


class SubjectsEndpoint:
    """POST /api/v1/mapping/subjects: which accounts these people have."""

    def __init__(self, *, door: MappingDoor, mapping: Mapping) -> None:
        self._door = door
        self._mapping = mapping

    def answer(self, call: ApiCall) -> SubjectsAnswer:
        """Return them; raises OAuthError or ApiProblem."""
        client = self._door.admit(call, MAPPING)
        document = read_document(call, SubjectsRequest)
        system = self._door.system(client, document.system)
        found = self._mapping.of_subjects(system, client.sector, document.subs)
        self._door.note(client, call)
        return SubjectsAnswer(subjects=[_subject(each) for each in found])


class AccountsEndpoint:
    """POST /api/v1/mapping/accounts: whose these accounts are."""

    def __init__(self, *, door: MappingDoor, mapping: Mapping) -> None:
        self._door = door
        self._mapping = mapping

    def answer(self, call: ApiCall) -> AccountsAnswer:
        """Return it; raises OAuthError or ApiProblem."""
        client = self._door.admit(call, MAPPING)
        document = read_document(call, AccountsRequest)
        system = self._door.system(client, document.system)
        found = self._mapping.of_references(system, client.sector, document.accounts)
        self._door.note(client, call)
        return AccountsAnswer(
            accounts=[
                OwnedAccount(account=each.reference, sub=each.sub, state=each.state, since=each.since) for each in found
            ]
        )


class ChangesEndpoint:
    """POST /api/v1/mapping/changes: what changed since a cursor."""

    def __init__(self, *, door: MappingDoor, feed: ChangeFeed) -> None:
        self._door = door
        self._feed = feed

    def answer(self, call: ApiCall) -> ChangesAnswer:
        """Return it; raises OAuthError or ApiProblem."""
        client = self._door.admit(call, MAPPING)
        document = read_document(call, ChangesRequest)
        after = BEGINNING if document.cursor is None else Cursor.parse(document.cursor)
        if after is None:
            raise ApiProblem(ProblemKind.MEMBERS, MemberProblem("cursor", Unfit.INVALID))
        system = self._door.system(client, document.system)
        news = self._feed.after(system, client.sector, after, limit=document.limit)
        self._door.note(client, call)
        return ChangesAnswer(
            changes=[
                AccountChange(kind=each.kind, account=each.reference, sub=each.sub, at=each.at) for each in news.changes
            ],
            cursor=str(news.cursor),
            more=news.more,
        )


class SignUpsEndpoint:
    """POST /api/v1/mapping/sign-ups: an account that was just opened at an older system."""

    def __init__(
        self,
        *,
        door: MappingDoor,
        sign_ups: SignUps,
        logins: ShownLogins,
        levels: LevelTable,
        database: Database,
        clock: Clock,
    ) -> None:
        self._door = door
        self._sign_ups = sign_ups
        self._logins = logins
        self._levels = levels
        self._database = database
        self._clock = clock

    def answer(self, call: ApiCall) -> SignUpAnswer:
        """Link it; raises OAuthError or ApiProblem."""
        client = self._door.admit(call, SIGN_UP)
        document = read_document(call, SignUpRequest)
        login = self._logins.read(document.id_token, client_id=client.client_id)
        if login is None:
            raise ApiProblem(ProblemKind.MEMBERS, MemberProblem("id_token", Unfit.INVALID))
        system = self._door.system(client, document.system)
        now = self._clock.now()
        with self._database.transaction() as session:
            person_id = person_of(session, client.sector, login.sub)
            if person_id is None:
                raise ApiProblem(ProblemKind.MEMBERS, MemberProblem("id_token", Unfit.INVALID))
            new = NewAccount(
                system_number=system,
                reference=document.account,
                login=document.login,
                person_id=person_id,
                level=(self._levels.parse_acr(login.acr) if login.acr else None) or 0,
                auth_time=login.auth_time,
            )
            taken = self._sign_ups.take(session, new, at=now)
            if isinstance(taken, Refused):
                raise ApiProblem(ProblemKind.ACCOUNT_KNOWN)
            record(
                session,
                Event.LEGACY_ACCOUNT_OPENED,
                at=now,
                outcome=Outcome.SUCCESS,
                person_id=person_id,
                client_id=client.client_id,
                origin=call.origin,
                details={"system": document.system, "state": taken.value},
            )
        return SignUpAnswer(account=document.account, state=taken.value)


def _subject(found: MappedSubject) -> SubjectAccounts:
    return SubjectAccounts(
        sub=found.sub,
        replaced_by=found.replaced_by,
        accounts=[
            AccountOfSubject(account=each.reference, state=each.state, main=each.is_main, since=each.since)
            for each in found.accounts
        ],
    )
