"""The documents of the mapping API, in and out."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from idp.endpoints.api.documents import AnswerDocument, RequestDocument
from idp.linking.changes import ChangeKind
from idp.linking.vocabulary import LinkState

MOST_AT_ONCE = 1_000

_System = Annotated[
    str, Field(min_length=1, max_length=40, description="The code of the older system.", examples=["shebao"])
]
_Sub = Annotated[
    str, Field(min_length=1, max_length=255, description="The `sub` by which this client knows the person.")
]
_Account = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        description="The account's own reference, as the system's files have it.",
        examples=["A000017"],
    ),
]
_State = Annotated[
    LinkState,
    Field(description="active, or suspended: serve nobody by a suspended one.", examples=["active"]),
]
_Cursor = Annotated[str, Field(max_length=40, description="Where to go on; opaque.", examples=["12.0"])]


class SubjectsRequest(RequestDocument):
    """A question which accounts of a system these people have."""

    system: _System
    subs: list[_Sub] = Field(min_length=1, max_length=MOST_AT_ONCE)


class AccountOfSubject(AnswerDocument):
    """One account of the system."""

    account: _Account
    state: _State
    main: bool = Field(description="Whether the person chose it as the main one among several.")
    since: datetime


class SubjectAccounts(AnswerDocument):
    """A person with their accounts of the system."""

    sub: _Sub
    replaced_by: str | None = Field(
        description="The `sub` to use from now on, after two persons turned out to be one; null otherwise."
    )
    accounts: list[AccountOfSubject]


class SubjectsAnswer(AnswerDocument):
    """Those of the people asked for that have accounts here; the others are not known, or have none."""

    subjects: list[SubjectAccounts]


class AccountsRequest(RequestDocument):
    """A question whose these accounts of a system are."""

    system: _System
    accounts: list[_Account] = Field(min_length=1, max_length=MOST_AT_ONCE)


class OwnedAccount(AnswerDocument):
    """An account, and whose it is."""

    account: _Account
    sub: _Sub
    state: _State
    since: datetime


class AccountsAnswer(AnswerDocument):
    """Those of the accounts asked for that are somebody's."""

    accounts: list[OwnedAccount]


class ChangesRequest(RequestDocument):
    """A question what changed since a cursor."""

    system: _System
    cursor: _Cursor | None = Field(default=None, description="As the last answer gave it; without one, from the start.")
    limit: int = Field(default=MOST_AT_ONCE, ge=1, le=MOST_AT_ONCE)


class AccountChange(AnswerDocument):
    """One change of one account."""

    kind: ChangeKind = Field(
        description=(
            "linked, resumed: serve this person by it. suspended, unlinked: serve nobody by it. not_theirs: whom the "
            "account names says that it is not theirs; look at it."
        )
    )
    account: _Account
    sub: str | None = Field(description="Whose it is or was; null for not_theirs.")
    at: datetime


class ChangesAnswer(AnswerDocument):
    """What changed, oldest first; ask again with the cursor, at once where `more` is true."""

    changes: list[AccountChange]
    cursor: _Cursor
    more: bool


class SignUpRequest(RequestDocument):
    """An account that the system has just opened for somebody who is logged in to it from here."""

    system: _System
    account: _Account
    login: str = Field(default="", max_length=200, description="The login name that the account has, if it has one.")
    id_token: str = Field(
        min_length=1, max_length=8_192, description="The ID token of that login, issued to this client."
    )

    def __repr__(self) -> str:
        """Say nothing of it."""
        return "SignUpRequest(…)"


class SignUpAnswer(AnswerDocument):
    """What became of the account."""

    account: _Account
    state: LinkState = Field(
        description="active: it is this person's. proposed: they are asked, and have to prove themself first."
    )
