"""Identity claims for a client: what was asked for, approved, consented to and is proved, all at this instant.

Told by userinfo and introspection, never in an ID token: those travel in addresses as hints (architecture,
decision 9).
"""

import json
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from clients.client import Client
from clients.consents import granted_names
from idp.audit.releases import ReleaseTraces
from idp.core.clock import Clock, civil_date
from idp.keys.models import PersonKey
from idp.persons.proved_identity import ProvedIdentities, ProvedIdentity, proved_columns
from idp.sessions.models import SsoSession
from idp.storage.base import UtcDateTime
from idp.storage.statements import Statement, Statements
from idp.tokens.code import day_of
from idp.tokens.family_states import FamilyState
from idp.tokens.models import TokenGrant
from realname.release.identity_claims import PROVED_SCOPES, VERIFIED_CLAIMS, claims_covered
from realname.release.values import tagged_values, values_of
from realname.release.verified_claims import answer_verified_claims

#: Where a grant keeps what was asked for by name, beside the places of OpenID Connect Core §5.5.
PLACE = "identity"


@dataclass(frozen=True, slots=True)
class AskedIdentity:
    """Identity claims that a request asks for: by scope, by name, which may carry a language tag, and verified."""

    scopes: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    verified: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None

    def __bool__(self) -> bool:
        """Tell whether anything is asked for."""
        return bool(self.scopes or self.names or self.verified)

    @property
    def items(self) -> frozenset[str]:
        """What the person must have consented to, each by itself; a scope stands for the claims that it covers."""
        return self.scopes | (_names_in(self.names, self.verified) - claims_covered(self.scopes))


def asked_identity(scope: Iterable[str], claims: Mapping[str, Any]) -> AskedIdentity:
    """Return what a scope and the claims that a grant keeps ask for."""
    scopes = frozenset(scope)
    # Core §5.5: claims are asked for by name beside openid. A token narrowed to less asks for its scopes alone.
    kept = (claims.get(PLACE) or {}) if "openid" in scopes else {}
    return AskedIdentity(
        scopes=scopes.intersection(PROVED_SCOPES),
        names=frozenset(kept.get("names", ())),
        verified=kept.get(VERIFIED_CLAIMS),
    )


def _names_in(names: Iterable[str], verified: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None) -> set[str]:
    """Return the claims behind names and `verified_claims`, asked for or answered, without language tags."""
    elements = [verified] if isinstance(verified, Mapping) else verified or []
    inside = [name for element in elements for name in element["claims"]]
    found = {name.partition("#")[0] for name in (*names, *inside)}
    return found | {VERIFIED_CLAIMS} if elements else found


class IdentityClaims:
    """Answers with identity claims, at the price of one statement."""

    def __init__(
        self, *, statements: Statements, identities: ProvedIdentities, traces: ReleaseTraces, clock: Clock
    ) -> None:
        self._statements = statements
        self._identities = identities
        self._traces = traces
        self._clock = clock

    def of(self, state: FamilyState, client: Client, asked: AskedIdentity, *, endpoint: str) -> dict[str, Any]:
        """Return the claims that may be told now, and trace that they were; raises PersonErased.

        What may not be told is left out, without a word why (OpenID Connect Core §5.3.2, IDA §5.7.2).
        """
        if not asked or not client.approved_claims:
            return {}
        now, person_id = self._clock.now(), state.person_id
        parameters = {
            "person_id": person_id,
            "client_id": client.client_id,
            "now": now,
            "issue_day": day_of(state.family_id),
            "family_id": state.family_id,
        }
        rows = self._statements.read(_READ, parameters)
        if not rows:
            return {}
        granted = frozenset(name for (name,) in json.loads(rows[0].granted or "[]"))
        allowed = client.approved_claims.keys() & (granted | claims_covered(granted))
        if not allowed:
            return {}
        identity = self._identities.of_row(person_id, rows[0], today=civil_date(now))
        told = self._told(identity, asked, allowed)
        if told:
            names = _names_in(told, told.get(VERIFIED_CLAIMS))
            self._traces.note(
                endpoint, person_id=person_id, actor=state.actor_person, client_id=client.client_id, claims=names
            )
        return told

    def _told(self, identity: ProvedIdentity, asked: AskedIdentity, allowed: Set[str]) -> dict[str, Any]:
        values = values_of(identity.proved)
        wanted = claims_covered(asked.scopes) | asked.names
        plain = {name: tagged_values(values, name) for name in sorted(wanted) if name.partition("#")[0] in allowed}
        told: dict[str, Any] = {name: value for name, value in plain.items() if value is not None}
        if asked.verified is not None and VERIFIED_CLAIMS in allowed:
            verified = answer_verified_claims(
                asked.verified, identity.proved, identity.proofings, allowed=allowed, now=self._clock.now()
            )
            if verified is not None:
                told[VERIFIED_CLAIMS] = verified
        return told


def _select(*, is_postgresql: bool) -> sa.Select[Any]:
    person_id = sa.bindparam("person_id", type_=sa.String())
    client_id = sa.bindparam("client_id", type_=sa.String())
    now = sa.bindparam("now", type_=UtcDateTime())
    is_vouched = (
        sa.exists()
        .where(TokenGrant.issue_day == sa.bindparam("issue_day", type_=sa.Date()))
        .where(TokenGrant.family_id == sa.bindparam("family_id", type_=sa.String()))
        .where(SsoSession.id == TokenGrant.session_id, SsoSession.is_vouched)
    )
    return sa.select(
        *proved_columns(person_id, now, is_vouched=is_vouched, is_postgresql=is_postgresql),
        granted_names(person_id, client_id, is_postgresql=is_postgresql).label("granted"),
    ).where(PersonKey.person_id == person_id)


_READ = Statement(_select(is_postgresql=False), _select(is_postgresql=True))
