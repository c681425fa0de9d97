"""Identity claims by scope and by name (OpenID Connect Core §5.4-5.5): proof, approval, consent, each at the call."""

from collections.abc import Callable
from typing import Any

import pytest

from clients.consents import list_for
from idp.audit.events import Event
from idp.audit.log import NOWHERE
from idp.core.clock import civil_date
from idp.core.results import Ok
from idp.persons.vocabulary import SOURCE_SELF, AttributeName, IdentifierState
from realname.documents.parse import parse_number
from realname.release.identity_claims import APPROVABLE, IDENTITY_CLAIMS
from tests.protocol.desk import AGES, IDENTITY, REGISTERED, SCOPE, VERIFIED, Desk, asking, open_desk
from tests.protocol.provider import API, EMBEDDED, Provider, bearer
from tests.support import proofed
from tests.support.account_centre import holder_of
from tests.support.proofed import NAME, NUMBER
from tests.support.sent import audited


def test_scopes_give_their_claims_at_userinfo(desk: Desk) -> None:
    """Each scope its own (Core §5.4): age tells no birth date, identity no whole number."""
    assert desk.told() == {**IDENTITY, **AGES, "id_number": NUMBER}
    assert desk.told("openid age") == AGES
    assert desk.told("openid identity") == IDENTITY
    assert desk.told("openid") == {}


def test_claims_by_name(desk: Desk) -> None:
    """Single claims need no scope (Core §5.5); with a language tag a name comes in its script (§5.2)."""
    asked = asking("birthdate", "gender", "nationality", "age_over_18", "real_name#zh-Hans-CN", "real_name#bo")
    assert desk.told("openid", claims=asked) == {
        "age_over_18": True,
        "birthdate": "1949-12-31",
        "gender": "female",
        "nationality": "CHN",
        "real_name#zh-Hans-CN": NAME,
    }


def test_introspection_tells_the_client_itself(desk: Desk) -> None:
    """By the scope of its own token (decision 9), beside the level of now; nobody else who may look at it."""
    token = desk.tokens()["access_token"]
    told = desk.provider.introspect(desk.party, token)
    assert {name: told[name] for name in IDENTITY_CLAIMS if name in told} == {**IDENTITY, **AGES, "id_number": NUMBER}
    assert told["acr"].endswith(":2")
    other = desk.provider.client(scope=REGISTERED)
    proofed.approve(desk.provider.house, other.client_id)
    assert desk.provider.introspect(other, token) == {"active": False}


def test_a_resource_server_learns_none(provider: Provider) -> None:
    """A token for an API carries its scopes alone, and who introspects it there is told nothing of the person."""
    person = provider.person(NAME)
    proofed.prove(provider.house, person.id)
    server = provider.client(scope="openid")
    provider.api(introspection_clients=(server.client_id,))
    party = provider.api_client(scope=f"{SCOPE} housing.read")
    proofed.approve(provider.house, party.client_id)
    proofed.agree(provider.house, person.id, party.client_id, "identity", "id_number", "age")
    tokens = provider.tokens(provider.browser(person), party, scope=f"{SCOPE} housing.read", resource=API)
    for asking_client in (server, party):
        told = provider.introspect(asking_client, tokens["access_token"])
        assert told["active"] is True and told["scope"] == "housing.read"
        assert not APPROVABLE & told.keys()


def test_a_scope_needs_registration_and_approval(desk: Desk) -> None:
    """invalid_scope without either (RFC 6749 §4.1.2.1); with one claim of a scope not approved, it is not the scope."""
    provider, house = desk.provider, desk.provider.house
    unregistered = provider.client(scope="openid profile")
    proofed.approve(house, unregistered.client_id)
    unapproved = provider.client(scope=REGISTERED)
    partly = provider.client(scope=REGISTERED)
    proofed.approve(house, partly.client_id, "real_name", "id_number")
    for party in (unregistered, unapproved, partly):
        assert provider.answer(desk.browser, party, scope="openid identity")["error"] == "invalid_scope"
    proofed.agree(house, desk.person.id, partly.client_id, "id_number")
    assert "code" in provider.answer(desk.browser, partly, scope="openid id_number")


def test_a_name_that_is_not_approved_is_not_given_and_not_asked_about(desk: Desk) -> None:
    """Such a claim is ignored (Core §5.5): no page, no error, no value; one that is approved comes."""
    party = desk.provider.client(scope="openid")
    proofed.approve(desk.provider.house, party.client_id, "age_over_18")
    proofed.agree(desk.provider.house, desk.person.id, party.client_id, "age_over_18")
    other = Desk(desk.provider, desk.person, desk.browser, party)
    asked = asking("age_over_18", "id_number", "real_name", verified=VERIFIED)
    assert other.told("openid", claims=asked) == {"age_over_18": True}


def test_without_consent_the_person_is_asked(desk: Desk) -> None:
    """Also where the client is excused from consent to other things; each identity item by itself."""
    person = desk.provider.person(NAME)
    browser = desk.provider.browser(person)
    asked: list[dict[str, Any]] = [{"scope": SCOPE}, {"scope": "openid", "claims": asking("birthdate")}]
    asked.append({"scope": "openid", "claims": asking(verified=VERIFIED)})
    for parameters in asked:
        silent = desk.provider.answer(browser, desk.party, prompt="none", **parameters)
        assert silent["error"] == "consent_required"
    assert "code" in desk.provider.answer(browser, desk.party, prompt="none", scope="openid profile")


def test_a_withdrawn_consent_ends_it_at_once(desk: Desk) -> None:
    """The token dies with the consent; one item that ended leaves the others."""
    house, token = desk.provider.house, desk.tokens()["access_token"]
    proofed.approve(house, desk.party.client_id, "id_number", purpose="办理社会保险转移接续")
    # Another purpose than the one that was agreed to: asked anew, and until then not told (PIPL art. 14).
    assert desk.userinfo(token).keys() == {"sub", *IDENTITY, *AGES}
    assert desk.provider.answer(desk.browser, desk.party, scope="openid id_number", prompt="none")["error"] == (
        "consent_required"
    )
    with house.ground.database.read() as session:
        (consent,) = list_for(session, desk.person.id)
    assert house.login.account.applications.withdraw(holder_of(house, desk.person), consent.id, origin=NOWHERE)
    assert desk.provider.userinfo(token).status_code == 401
    assert desk.provider.introspect(desk.party, token) == {"active": False}


def test_a_withdrawn_approval_ends_it_at_once(desk: Desk) -> None:
    """For tokens that are out as well."""
    token = desk.tokens()["access_token"]
    assert desk.userinfo(token)["id_number"] == NUMBER
    desk.provider.house.protocol.approvals.withdraw(desk.party.client_id, ["id_number", "age"])
    assert desk.userinfo(token).keys() == {"sub", *IDENTITY}


_UNDONE: dict[str, tuple[Callable[[Desk], object], set[str]]] = {
    "expired": (lambda desk: desk.provider.clock.advance(seconds=120), set()),
    "revoked": (lambda desk: proofed.revoke(desk.provider.house, desk.proofing_id), set()),
    "disputed": (lambda desk: _end_number(desk, IdentifierState.DISPUTED), {"real_name"}),
    "former": (lambda desk: _end_number(desk, IdentifierState.FORMER), {"real_name"}),
}


def _end_number(desk: Desk, state: IdentifierState) -> None:
    proofed.end_number(desk.provider.house, desk.person.id, state)


@pytest.mark.parametrize("how", _UNDONE)
def test_what_is_proved_is_looked_at_when_it_is_told(provider: Provider, how: str) -> None:
    """The level is that of the call: an expired or revoked proofing, a disputed number tell no more."""
    desk = open_desk(provider, days=1)
    provider.clock.advance(hours=23, minutes=59)
    provider.log_in(desk.browser, desk.person)
    token = desk.tokens(claims=asking(verified=VERIFIED))["access_token"]
    assert desk.userinfo(token).keys() == {"sub", "verified_claims", "id_number", *IDENTITY, *AGES}
    undo, left = _UNDONE[how]
    undo(desk)
    told = desk.userinfo(token)
    assert told.keys() - {"sub", "verified_claims"} == left
    assert told.get("verified_claims", {}).get("claims", {}).keys() == left
    # And introspection alike.
    assert provider.introspect(desk.party, token).keys() & IDENTITY_CLAIMS.keys() == left


def test_a_number_that_is_only_claimed_is_never_told(desk: Desk) -> None:
    """Level 3 by another way, a typed number and a typed name: nothing of either."""
    provider = desk.provider
    parsed = parse_number("440308199901101512", today=civil_date(provider.clock.now()))
    assert isinstance(parsed, Ok)
    person = provider.person("王小红", number=parsed.value)
    proofed.add_proofing(provider.house, person.id, level=3, method="network_identity")
    proofed.agree(provider.house, person.id, desk.party.client_id, *APPROVABLE, "identity", "age")
    other = Desk(provider, person, provider.browser(person), desk.party)
    assert other.told(SCOPE, claims=asking("birthdate", "real_name", verified=VERIFIED)) == {}
    assert desk.told() != {}


def test_an_approved_client_never_gets_it_as_typed(desk: Desk) -> None:
    """`birthdate` of the profile scope is the person's own word; who is approved for the proved one gets no other."""
    house, provider = desk.provider.house, desk.provider
    with house.ground.database.transaction() as session:
        house.people.attributes.set(
            session,
            desk.person.id,
            AttributeName.BIRTHDATE,
            "2001-01-01",
            source=SOURCE_SELF,
            level=1,
            at=provider.clock.now(),
        )
    ordinary = Desk(provider, desk.person, desk.browser, provider.client(scope="openid profile"))
    assert ordinary.told("openid profile")["birthdate"] == "2001-01-01"
    assert "birthdate" not in desk.told("openid profile")
    assert desk.told("openid profile", claims=asking("birthdate"))["birthdate"] == "1949-12-31"


def test_it_may_be_signed(desk: Desk) -> None:
    """A signed answer holds the same (Core §5.3.2)."""
    party = desk.provider.client(scope=REGISTERED, userinfo_signed_response_alg="ES256")
    proofed.approve(desk.provider.house, party.client_id)
    proofed.agree(desk.provider.house, desk.person.id, party.client_id, "id_number")
    token = desk.provider.tokens(desk.browser, party, scope="openid id_number")["access_token"]
    response = desk.provider.http.get("/oauth/userinfo", headers=bearer(token))
    assert desk.provider.claims_of(response.text)["id_number"] == NUMBER


def test_a_refreshed_and_narrowed_token_gives_less(desk: Desk) -> None:
    """What a refresh left out is not told with that token (Core §5.4)."""
    tokens = desk.tokens(f"{SCOPE} offline_access")
    less = desk.party.token(
        desk.provider.http, grant_type="refresh_token", refresh_token=tokens["refresh_token"], scope="openid age"
    ).get_json()
    assert desk.userinfo(less["access_token"]).keys() == {"sub", *AGES}


def test_each_release_is_traced_with_the_names_of_the_claims(desk: Desk) -> None:
    """Per person and client, with names and no values; an answer without identity claims is none."""
    house = desk.provider.house
    token = desk.tokens(claims=asking("birthdate", verified=VERIFIED))["access_token"]
    plain = desk.tokens("openid profile")["access_token"]
    for _ in range(2):
        desk.userinfo(token)
        desk.userinfo(plain)
    desk.provider.introspect(desk.party, desk.tokens("openid age")["access_token"])
    assert audited(house, Event.IDENTITY_RELEASED, desk.person.id) == []
    house.ground.releases.flush()
    rows = {row.reason: row for row in audited(house, Event.IDENTITY_RELEASED, desk.person.id)}
    assert rows.keys() == {"userinfo", "introspect"}
    found = rows["userinfo"]
    assert (found.client_id, found.count) == (desk.party.client_id, 2) and found.details is not None
    names = {*IDENTITY, *AGES, "id_number", "birthdate", "verified_claims"}
    assert set(found.details["claims"]) == names
    assert (rows["introspect"].details or {})["claims"] == sorted(AGES)
    assert NUMBER not in str([row.details for row in rows.values()])


def test_an_ordinary_answer_costs_what_it_did(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """One statement without identity claims, also for a client that may have them; two with them."""
    statements: list[Any] = []
    real = desk.provider.house.ground.statements.read
    tokens = [desk.tokens(scope)["access_token"] for scope in ("openid profile", SCOPE)]
    monkeypatch.setattr(
        type(desk.provider.house.ground.statements),
        "read",
        lambda _self, statement, parameters: (statements.append(statement), real(statement, parameters))[1],
    )
    for token, count in zip(tokens, (1, 2), strict=True):
        statements.clear()
        desk.userinfo(token)
        assert len(statements) == count


@EMBEDDED
def test_no_client_approves_itself(provider: Provider) -> None:
    """What a registration brings along about approvals is dropped (RFC 7591 §2)."""
    party = provider.client(scope=REGISTERED, approved_claims={"id_number": "因为我想要"})
    found = provider.house.protocol.clients.find(party.client_id)
    assert found is not None and found.approved_claims == {}
    assert "approved_claims" not in found.metadata
