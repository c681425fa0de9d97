"""Identity claims by introspection (RFC 7662 §2.2): what the login asked of userinfo, to the same client alone."""

from collections.abc import Callable
from typing import Any

import pytest

from idp.audit.events import Event
from realname.release.identity_claims import APPROVABLE
from tests.protocol.desk import AGES, REGISTERED, SCOPE, VERIFIED, Desk, asking
from tests.protocol.provider import API
from tests.support import proofed
from tests.support.proofed import NAME, NUMBER
from tests.support.sent import audited

ASKED = asking("birthdate", "real_name#zh-Hans-CN", verified=VERIFIED)


def introspected(desk: Desk, token: str) -> dict[str, Any]:
    """Return the identity claims that the desk's client is told of a token, which has to be active."""
    told = desk.provider.introspect(desk.party, token)
    assert told["active"] is True
    return {name: value for name, value in told.items() if name.partition("#")[0] in APPROVABLE}


def test_it_tells_what_userinfo_tells(desk: Desk) -> None:
    """By scope, by name and verified (IDA §5.3-5.4); a login that asked for none of it is told none."""
    token = desk.tokens(claims=ASKED)["access_token"]
    told = introspected(desk, token)
    assert (told["birthdate"], told["real_name#zh-Hans-CN"]) == ("1949-12-31", NAME)
    assert told["verified_claims"]["claims"] == {"real_name": NAME, "id_number": NUMBER}
    userinfo = desk.userinfo(token)
    del userinfo["sub"]
    assert told == userinfo
    assert introspected(desk, desk.tokens("openid profile")["access_token"]) == {}


_ENDED: dict[str, Callable[[Desk], object]] = {
    "approval": lambda desk: desk.provider.house.protocol.approvals.withdraw(
        desk.party.client_id, ["verified_claims", "birthdate"]
    ),
    "consent": lambda desk: [
        proofed.approve(desk.provider.house, desk.party.client_id, name, purpose="办理社会保险转移接续")
        for name in ("verified_claims", "birthdate")
    ],
    "proofing": lambda desk: proofed.revoke(desk.provider.house, desk.proofing_id),
}


@pytest.mark.parametrize("ended", _ENDED)
def test_each_condition_is_looked_at_when_it_is_told(desk: Desk, ended: str) -> None:
    """Approval, the person's consent to this purpose, and the proofing, for a token that is out."""
    token = desk.tokens("openid", claims=asking("birthdate", verified=VERIFIED))["access_token"]
    assert introspected(desk, token).keys() == {"birthdate", "verified_claims"}
    _ENDED[ended](desk)
    assert introspected(desk, token) == {}


def test_a_resource_server_learns_none_even_if_it_may_have_them_itself(desk: Desk) -> None:
    """Its own approval and consent are for its own logins; by a token for an API not even the client is told."""
    provider, house = desk.provider, desk.provider.house
    server = provider.client(scope=REGISTERED)
    provider.api(introspection_clients=(server.client_id,))
    party = provider.api_client(scope=f"{REGISTERED} housing.read")
    for client in (server, party):
        proofed.approve(house, client.client_id)
        proofed.agree(house, desk.person.id, client.client_id, *APPROVABLE, "identity", "age")
    asked = {"scope": "openid housing.read", "claims": ASKED}
    for_api = provider.tokens(desk.browser, party, resource=API, **asked)["access_token"]
    for client in (server, party):
        assert introspected(Desk(provider, desk.person, desk.browser, client), for_api) == {}
    own = Desk(provider, desk.person, desk.browser, party)
    for_userinfo = own.tokens("openid", claims=ASKED)["access_token"]
    assert "verified_claims" in introspected(own, for_userinfo)
    assert provider.introspect(server, for_userinfo) == {"active": False}


def test_a_token_narrowed_to_less_than_openid_tells_its_scopes_alone(desk: Desk) -> None:
    """Claims by name stand beside openid (Core §5.5)."""
    tokens = desk.tokens(f"{SCOPE} offline_access", claims=ASKED)
    refresh, found = tokens["refresh_token"], []
    for scope in ("openid age", "age"):
        answer = desk.party.token(
            desk.provider.http, grant_type="refresh_token", refresh_token=refresh, scope=scope
        ).get_json()
        refresh = answer["refresh_token"]
        found.append(introspected(desk, answer["access_token"]).keys())
    assert found == [{*AGES, "birthdate", "real_name#zh-Hans-CN", "verified_claims"}, AGES.keys()]


def test_it_is_traced_as_a_release(desk: Desk) -> None:
    """With the names of the claims, those inside verified_claims too, and no value; nothing told leaves no trace."""
    for scope, claims in (("openid profile", None), ("openid", ASKED)):
        parameters = {"claims": claims} if claims else {}
        desk.provider.introspect(desk.party, desk.tokens(scope, **parameters)["access_token"])
    desk.provider.house.ground.releases.flush()
    (row,) = audited(desk.provider.house, Event.IDENTITY_RELEASED, desk.person.id)
    assert (row.reason, row.client_id, row.count) == ("introspect", desk.party.client_id, 1)
    assert (row.details or {})["claims"] == ["birthdate", "id_number", "real_name", "verified_claims"]
    assert NUMBER not in str(row.details) and NAME not in str(row.details)


def test_who_asked_for_none_pays_for_none(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """One statement for an approved client's token without identity claims, one more with them."""
    statements = desk.provider.house.ground.statements
    sent: list[Any] = []
    real = statements.read
    tokens = [desk.tokens("openid profile")["access_token"], desk.tokens("openid", claims=ASKED)["access_token"]]
    desk.provider.introspect(desk.party, tokens[0])  # whatever is remembered afterwards
    monkeypatch.setattr(
        type(statements),
        "read",
        lambda _self, statement, parameters: (sent.append(statement), real(statement, parameters))[1],
    )
    counts = []
    for token in tokens:
        sent.clear()
        desk.provider.introspect(desk.party, token)
        counts.append(len(sent))
    assert counts == [1, 2]
