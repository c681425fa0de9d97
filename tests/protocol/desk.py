"""A client at work with identity claims: a person who proved themself and agreed, and what is told of them."""

import json
from dataclasses import dataclass
from typing import Any

from realname.release.identity_claims import APPROVABLE
from tests.protocol.provider import Provider
from tests.support import proofed
from tests.support.houses import TestPerson
from tests.support.proofed import NAME, NUMBER
from tests.support.relying_party import FormBrowser, RelyingParty

SCOPE = "openid identity id_number age"
REGISTERED = f"{SCOPE} profile phone offline_access"
VERIFIED = {"verification": {"trust_framework": None}, "claims": {"real_name": None, "id_number": None}}
AGES = {"age_over_14": True, "age_over_16": True, "age_over_18": True, "age_over_60": True}
IDENTITY = {"real_name": NAME, "id_number_masked": NUMBER[0] + "*" * 16 + NUMBER[-1]}


def asking(*names: str, verified: Any = None) -> str:
    """Return a `claims` parameter for userinfo."""
    members: dict[str, Any] = dict.fromkeys(names)
    if verified is not None:
        members["verified_claims"] = verified
    return json.dumps({"userinfo": members})


@dataclass
class Desk:
    """A client and a browser of a person who proved themself; see `open_desk`."""

    provider: Provider
    person: TestPerson
    browser: FormBrowser
    party: RelyingParty
    proofing_id: str = ""

    def tokens(self, scope: str = SCOPE, **parameters: Any) -> dict[str, Any]:
        return self.provider.tokens(self.browser, self.party, scope=scope, **parameters)

    def userinfo(self, token: str) -> dict[str, Any]:
        response = self.provider.userinfo(token)
        assert response.status_code == 200, response.text
        body: dict[str, Any] = response.get_json()
        return body

    def told(self, scope: str = SCOPE, **parameters: Any) -> dict[str, Any]:
        """Return what userinfo says after a whole code flow, but for `sub`."""
        claims = self.userinfo(self.tokens(scope, **parameters)["access_token"])
        del claims["sub"]
        return claims


def open_desk(provider: Provider, *, days: int = 365) -> Desk:
    """Return a desk whose client is approved for everything, and whose person agreed to all of it."""
    person = provider.person(NAME)
    proofing_id = proofed.prove(provider.house, person.id, days=days)
    party = provider.client(scope=REGISTERED)
    proofed.approve(provider.house, party.client_id)
    proofed.agree(provider.house, person.id, party.client_id, *APPROVABLE, "identity", "age")
    return Desk(provider, person, provider.browser(person), party, proofing_id)
