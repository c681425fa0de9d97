"""For which identity claims a client is approved, and for what purpose (PIPL art. 6, 17).

Only our administration approves: a client brings no such thing along when it registers.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from clients import consents
from clients.administration import ClientAdministration, Details
from clients.client import Client
from clients.models import ClientRow
from idp.audit.log import NOWHERE, Origin
from idp.core.oauth_errors import InvalidClientMetadata
from realname.release.identity_claims import APPROVABLE, IDENTITY_CLAIMS, claims_covered

MAX_PURPOSE_LENGTH = 200


class ClaimApprovals:
    """Approves clients for identity claims, and takes approvals back.

    Both end, in the same transaction, what people consented to under another purpose: they are asked anew.
    """

    def __init__(self, *, administration: ClientAdministration) -> None:
        self._administration = administration

    def approve(self, client_id: str, names: Collection[str], purpose: str, *, origin: Origin = NOWHERE) -> Client:
        """Let the client ask for claims, named by themselves or by a scope, for one purpose that people are shown.

        Raises InvalidClientMetadata or ClientChangeRefused.
        """
        told = dict.fromkeys(claims_named(names), check_purpose(purpose))
        return self._change(client_id, "claims_approved", lambda before: {**before, **told}, origin)

    def withdraw(self, client_id: str, names: Collection[str], *, origin: Origin = NOWHERE) -> Client:
        """Refuse the claims from now on; raises as `approve` does."""
        ended = claims_named(names)
        return self._change(
            client_id,
            "claims_withdrawn",
            lambda before: {name: purpose for name, purpose in before.items() if name not in ended},
            origin,
        )

    def replace(self, client_id: str, approved: Mapping[str, str], *, origin: Origin = NOWHERE) -> Client:
        """Approve exactly these, claims or scopes with the purpose of each; raises as `approve` does."""
        purposes = {name: check_purpose(text) for each, text in approved.items() for name in claims_named([each])}
        return self._change(client_id, "claims_approved", lambda _: purposes, origin)

    def _change(
        self, client_id: str, what: str, become: Callable[[Mapping[str, str]], dict[str, str]], origin: Origin
    ) -> Client:
        def act(session: Session, row: ClientRow, now: datetime) -> Details:
            before = row.approved_claims or {}
            after = become(before)
            row.approved_claims = after or None
            touched = items_touched(before, after)
            ended = consents.end_items(session, client_id, touched, at=now) if touched else 0
            return {"approved_claims": dict(sorted(after.items())), "consent_items_ended": ended}

        return self._administration.change(client_id, what, act, origin=origin)


def claims_named(names: Iterable[str]) -> frozenset[str]:
    """Return the claims that names of claims and of scopes stand for; raises InvalidClientMetadata."""
    wanted = frozenset(names)
    scopes = {claim.scope for claim in IDENTITY_CLAIMS.values()}
    if not wanted or wanted - APPROVABLE - scopes:
        raise InvalidClientMetadata("There is no identity claim or scope of that name.")
    return (wanted & APPROVABLE) | claims_covered(wanted)


def check_purpose(purpose: str) -> str:
    """Return the text that people are shown; raises InvalidClientMetadata where it says nothing."""
    text = " ".join(purpose.split())
    if not 4 <= len(text) <= MAX_PURPOSE_LENGTH or not text.isprintable():
        raise InvalidClientMetadata("A purpose needs between 4 and 200 characters.")
    return text


def purposes_of(item: str, approved: Mapping[str, str]) -> tuple[str, ...]:
    """Return the purposes of a consent item, a claim or a scope; none where it is no identity item."""
    claims = claims_covered([item]) or {item}
    return tuple(dict.fromkeys(approved[name] for name in sorted(claims) if name in approved))


def items_touched(before: Mapping[str, str], after: Mapping[str, str]) -> frozenset[str]:
    """Return the consent items, claims and scopes, that said something else before."""
    changed = {name for name in before if after.get(name) != before[name]}
    # A scope's text tells the purposes of all its claims.
    scopes = {IDENTITY_CLAIMS[name].scope for name in changed & IDENTITY_CLAIMS.keys()}
    return frozenset(changed | {scope for scope in scopes if scope is not None})
