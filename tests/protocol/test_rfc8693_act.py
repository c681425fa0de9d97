"""The `act` claim (RFC 8693 §4.1): who acts for the subject, in every token and answer, as long as they may."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from idp.audit.events import Event
from idp.audit.models import AuditEvent
from idp.outbox.worker import Worker
from idp.persons.models import Proofing
from idp.persons.vocabulary import PersonStatus
from idp.tokens.models import TokenGrant
from realname.release.identity_claims import APPROVABLE
from tests.protocol.provider import API, EMBEDDED, Provider
from tests.protocol.test_backchannel_logout import OK, Serve, log_out, logout_token, told_client
from tests.support import proofed
from tests.support.acting import (
    ONESELF,
    acting_client,
    choose,
    end_mandates,
    entrust,
    is_choosing,
    make_adult,
    make_ward,
    offered,
    set_status,
)
from tests.support.houses import TestPerson
from tests.support.relying_party import FormBrowser, RelyingParty, parameters_of
from tests.support.sent import audited
from tests.unit.idp.outbound.conftest import serve  # noqa: F401 - a fixture

OFFLINE = "openid profile offline_access"


@dataclass
class Family:
    """A guardian in their browser, a child, and a client that understands `act`."""

    provider: Provider
    parent: TestPerson
    child: TestPerson
    browser: FormBrowser
    party: RelyingParty

    def code(self, place: int = 1, party: RelyingParty | None = None, **parameters: Any) -> str:
        """Return a code for the choice at that place, 0 for oneself; what it asks of the child was agreed to."""
        party = party or self.party
        proofed.agree(self.provider.house, self.child.id, party.client_id, "profile", "offline_access", "housing.read")
        self.browser.open(party.authorize_path(**parameters))
        choose(self.browser, place)
        return parameters_of(self.browser.location)["code"]

    def tokens(self, place: int = 1, party: RelyingParty | None = None, **parameters: Any) -> dict[str, Any]:
        """Return the tokens of a whole code flow for that choice."""
        party = party or self.party
        answer = party.redeem(self.provider.http, self.code(place, party, **parameters))
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.get_json()
        return body

    def refresh(self, token: str, **parameters: Any) -> Any:
        """Exchange a refresh token and return the answer."""
        return self.party.token(self.provider.http, grant_type="refresh_token", refresh_token=token, **parameters)


@pytest.fixture
def family(provider: Provider) -> Family:
    return make_family(provider)


def make_family(provider: Provider, **metadata: Any) -> Family:
    parent = make_adult(provider.house, provider.person("张小明"))
    child = make_ward(provider.house, parent)
    return Family(provider, parent, child, provider.browser(parent), acting_client(provider.house, **metadata))


def test_every_token_names_the_subject_and_who_acts(family: Family) -> None:
    """`sub` is the child's, `act.sub` the guardian's own, of the client's sector; the login is the guardian's."""
    provider = family.provider
    own = provider.claims_of(family.tokens(0)["id_token"])
    assert "act" not in own
    tokens = family.tokens(scope=OFFLINE)
    id_token = provider.claims_of(tokens["id_token"])
    access = provider.claims_of(tokens["access_token"], typ="at+jwt")
    userinfo = provider.userinfo(tokens["access_token"]).get_json()
    introspected = provider.introspect(family.party, tokens["access_token"])
    refresh = provider.introspect(family.party, tokens["refresh_token"])
    for claims in (id_token, access, userinfo, introspected, refresh):
        assert claims["act"] == {"sub": own["sub"]}
        assert claims["sub"] == id_token["sub"] != own["sub"]
    assert (id_token["amr"], id_token["auth_time"]) == (own["amr"], own["auth_time"])
    assert id_token["acr"] == introspected["acr"] == own["acr"] == "urn:yihao:level:2"
    assert userinfo["name"] == family.child.name
    assert family.parent.id not in str(userinfo) and family.child.id not in str(userinfo)


def test_the_names_are_those_of_each_sector(family: Family) -> None:
    """Another sector knows both by other names (OpenID Connect Core §8.1); one and the same knows them alike."""
    provider = family.provider
    same = acting_client(provider.house)
    other = acting_client(provider.house, redirect_uris=["https://tax.example.gov.cn/callback"])
    named = []
    for party in (family.party, same, other):
        claims = provider.claims_of(family.tokens(party=party)["id_token"])
        named.append((claims["sub"], claims["act"]["sub"]))
    assert named[0] == named[1]
    assert len({*named[0], *named[2]}) == 4


@pytest.mark.parametrize("token_format", ["jwt", "opaque"])
def test_an_api_sees_both_by_its_own_names(provider: Provider, token_format: str) -> None:
    """An access token for an API carries `act` too, signed or opaque (RFC 9068 §2.2, RFC 7662 §2.2)."""
    server = provider.client(redirect_uris=["https://housing.example.gov.cn/callback"])
    provider.api(token_format=token_format, introspection_clients=(server.client_id,))
    family = make_family(provider, scope="openid housing.read", policy={"allowed_resources": (API,)})
    named = []
    for place in (0, 1):
        tokens = family.tokens(place, scope="openid housing.read", resource=API)
        told = provider.introspect(server, tokens["access_token"])
        named.append((told["sub"], told.get("act")))
        if token_format == "jwt":
            claims = provider.claims_of(tokens["access_token"], typ="at+jwt")
            assert (claims["sub"], claims.get("act")) == named[-1]
    (own, nobody), (child, actor) = named
    assert nobody is None and actor == {"sub": own} and child != own
    at_client = provider.claims_of(family.tokens(scope="openid")["id_token"])
    assert {at_client["sub"], at_client["act"]["sub"]} & {own, child} == set()


def test_a_signed_userinfo_answer_carries_it(provider: Provider) -> None:
    """As the plain one does (OpenID Connect Core §5.3.2)."""
    family = make_family(provider, userinfo_signed_response_alg="ES256")
    tokens = family.tokens()
    claims = provider.claims_of(provider.userinfo(tokens["access_token"]).text)
    assert claims["act"] == provider.claims_of(tokens["id_token"])["act"]


def test_a_refresh_keeps_it(family: Family) -> None:
    """Each fresh token names both again, and the session as before."""
    provider = family.provider
    first = family.tokens(scope=OFFLINE)
    before = provider.claims_of(first["id_token"])
    token = first["refresh_token"]
    for _ in range(2):
        answer = family.refresh(token).get_json()
        token = answer["refresh_token"]
        id_token = provider.claims_of(answer["id_token"])
        assert [id_token[name] for name in ("sub", "act", "sid")] == [before[name] for name in ("sub", "act", "sid")]
        assert provider.claims_of(answer["access_token"], typ="at+jwt")["act"] == before["act"]


def test_a_client_that_does_not_understand_it_learns_of_nobody_else(family: Family) -> None:
    """Nobody is asked there, and the answer is about whoever logged in; a client for staff never understands it."""
    provider = family.provider
    plain = provider.client()
    tokens = provider.tokens(family.browser, plain)
    claims = provider.claims_of(tokens["id_token"])
    assert "act" not in claims
    assert provider.userinfo(tokens["access_token"]).get_json()["name"] == family.parent.name
    assert claims["sub"] == provider.claims_of(family.tokens(0)["id_token"])["sub"]


def test_who_acts_for_nobody_is_not_asked(provider: Provider) -> None:
    """Nor pays for it: no statement is sent about mandates for somebody who was never proved, nor elsewhere."""
    party, person = acting_client(provider.house), provider.person()
    assert "act" not in provider.claims_of(provider.tokens(provider.browser(person), party)["id_token"])
    adult = make_adult(provider.house, provider.person("王小红"), 2)
    assert "act" not in provider.claims_of(provider.tokens(provider.browser(adult), party)["id_token"])


_ENDS: dict[str, Callable[[Family], object]] = {
    "mandate revoked": lambda family: end_mandates(family.provider.house, family.parent, family.child),
    "child suspended": lambda family: set_status(family.provider.house, family.child, PersonStatus.SUSPENDED),
    "child merged": lambda family: set_status(family.provider.house, family.child, PersonStatus.MERGED),
    "guardian suspended": lambda family: set_status(family.provider.house, family.parent, PersonStatus.SUSPENDED),
    "guardian no longer proved": lambda family: _unprove(family),
    "client no longer understands": lambda family: family.provider.house.protocol.administration.set_acting_for(
        family.party.client_id, False
    ),
}


def _unprove(family: Family) -> None:
    with family.provider.house.ground.database.transaction() as session:
        session.execute(
            sa.update(Proofing)
            .where(Proofing.person_id == family.parent.id)
            .values(revoked_at=family.provider.clock.now())
        )


@pytest.mark.parametrize("what", _ENDS)
def test_a_code_is_worth_nothing_once_it_ended(family: Family, what: str) -> None:
    """Between the choice and the redemption: invalid_grant, and no tokens."""
    code = family.code()
    _ENDS[what](family)
    answer = family.party.redeem(family.provider.http, code)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("what", _ENDS)
def test_every_use_of_a_token_asks_again(family: Family, what: str) -> None:
    """Userinfo, introspection and refresh refuse at once, and the guardian's own tokens stay as they were."""
    provider = family.provider
    own, tokens = family.tokens(0, scope=OFFLINE), family.tokens(scope=OFFLINE)
    assert provider.userinfo(tokens["access_token"]).status_code == 200
    _ENDS[what](family)
    assert provider.userinfo(tokens["access_token"]).status_code == 401
    for each in ("access_token", "refresh_token"):
        assert provider.introspect(family.party, tokens[each]) == {"active": False}
    answer = family.refresh(tokens["refresh_token"])
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_grant")
    if what != "guardian suspended":
        assert provider.userinfo(own["access_token"]).status_code == 200
        assert family.refresh(own["refresh_token"]).status_code == 200


def test_a_refresh_that_is_refused_ends_the_family(family: Family) -> None:
    """For good, with a trace that names both: what was revoked does not come back with a new mandate."""
    house, tokens = family.provider.house, family.tokens(scope=OFFLINE)
    end_mandates(house, family.parent, family.child)
    assert family.refresh(tokens["refresh_token"]).status_code == 400
    (row,) = audited(house, Event.TOKEN_REVOKED, family.child.id)
    assert (row.reason, row.actor_person, row.on_behalf_of) == ("mandate_ended", family.parent.id, family.child.id)
    entrust(house, family.parent, family.child)
    assert family.refresh(tokens["refresh_token"]).status_code == 400
    assert family.provider.userinfo(tokens["access_token"]).status_code == 401
    assert family.refresh(family.tokens(scope=OFFLINE)["refresh_token"]).status_code == 200


def test_it_ends_with_the_fourteenth_birthday_in_china(provider: Provider) -> None:
    """At midnight in Shanghai, for tokens that are out too; the guardian stays one until 18 and opens nothing by it."""
    family = make_family(provider)
    provider.clock.advance(seconds=1)
    young = make_ward(provider.house, family.parent, place=2, name="王大大", birth="20120305")
    proofed.agree(provider.house, young.id, family.party.client_id, "profile", "offline_access")
    provider.clock.instant = datetime(2026, 3, 4, 15, 59, 30, tzinfo=UTC)
    family.browser = provider.browser(family.parent)
    family.browser.open(family.party.authorize_path())
    assert len(offered(family.browser)) == 3
    tokens = family.tokens(2, scope=OFFLINE)
    assert provider.userinfo(tokens["access_token"]).get_json()["name"] == young.name
    code = family.code(2)
    provider.clock.instant = datetime(2026, 3, 4, 15, 59, 59, tzinfo=UTC)
    refreshed = family.refresh(tokens["refresh_token"]).get_json()
    assert family.party.redeem(provider.http, family.code(2)).status_code == 200
    provider.clock.instant = datetime(2026, 3, 4, 16, 0, tzinfo=UTC)
    assert provider.userinfo(refreshed["access_token"]).status_code == 401
    assert family.refresh(refreshed["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert family.party.redeem(provider.http, code).get_json()["error"] == "invalid_grant"
    family.browser.open(family.party.authorize_path())
    assert len(offered(family.browser)) == 2


def test_silence_is_an_answer_for_oneself(family: Family) -> None:
    """`prompt=none`: nobody can be asked, so nobody acts for another (OpenID Connect Core §3.1.2.1)."""
    provider = family.provider
    claims = provider.claims_of(provider.tokens(family.browser, family.party, prompt="none")["id_token"])
    assert "act" not in claims


def test_a_hint_names_for_whom(family: Family) -> None:
    """The client names the subject it knows, so nobody is asked, silent or not (Core §3.1.2.1, §5.5.1)."""
    provider = family.provider
    child, own = family.tokens()["id_token"], family.tokens(0)["id_token"]
    sub = provider.claims_of(child)["sub"]
    asked = json.dumps({"id_token": {"sub": {"value": sub}}})
    for parameters in (
        {"id_token_hint": child},
        {"id_token_hint": child, "prompt": "none"},
        {"claims": asked, "prompt": "none"},
    ):
        claims = provider.claims_of(provider.tokens(family.browser, family.party, **parameters)["id_token"])
        assert (claims["sub"], claims["act"]) == (sub, provider.claims_of(child)["act"])
    claims = provider.claims_of(provider.tokens(family.browser, family.party, id_token_hint=own)["id_token"])
    assert "act" not in claims


def test_a_hint_opens_nothing_that_is_not_there(family: Family) -> None:
    """Another's child, a mandate that ended, a client that does not understand `act`: login_required."""
    provider = family.provider
    child = family.tokens()["id_token"]
    silent = {"id_token_hint": child, "prompt": "none"}
    assert "code" in provider.answer(family.browser, family.party, **silent)
    stranger = provider.browser(make_adult(provider.house, provider.person("赵六"), 3))
    assert provider.answer(stranger, family.party, **silent)["error"] == "login_required"
    provider.house.protocol.administration.set_acting_for(family.party.client_id, False)
    assert provider.answer(family.browser, family.party, **silent)["error"] == "login_required"
    provider.house.protocol.administration.set_acting_for(family.party.client_id, True)
    end_mandates(provider.house, family.parent, family.child)
    assert provider.answer(family.browser, family.party, **silent)["error"] == "login_required"


def test_the_level_is_that_of_who_logged_in(family: Family) -> None:
    """A child proved more than its guardian lends no level; an essential one that the guardian lacks is refused."""
    provider = family.provider
    proofed.add_proofing(provider.house, family.child.id, level=4)
    tokens = family.tokens()
    assert provider.claims_of(tokens["id_token"])["acr"] == "urn:yihao:level:2"
    assert provider.introspect(family.party, tokens["access_token"])["acr"] == "urn:yihao:level:2"
    essential = '{"id_token": {"acr": {"essential": true, "value": "urn:yihao:level:%d"}}}'
    hint = {"id_token_hint": tokens["id_token"], "prompt": "none"}
    assert "code" in provider.answer(family.browser, family.party, claims=essential % 2, **hint)
    refused = provider.answer(family.browser, family.party, claims=essential % 4, **hint)
    assert refused["error"] in ("unmet_authentication_requirements", "interaction_required")


def test_identity_claims_are_the_childs_own(provider: Provider) -> None:
    """Approved, agreed to for the child, and proved of the child: the guardian's own consent gives nothing of it."""
    scope = "openid identity age"
    family = make_family(provider, scope=scope)
    house = provider.house
    proofed.approve(house, family.party.client_id)
    proofed.agree(house, family.parent.id, family.party.client_id, *APPROVABLE, "identity", "age")
    family.browser.open(family.party.authorize_path(scope=scope))
    choose(family.browser)
    # What they agreed to for themself does not count for the child.
    assert family.browser.path.endswith("/consent")
    proofed.agree(house, family.child.id, family.party.client_id, "identity", "age")
    tokens = family.tokens(scope=scope)
    for told in (
        provider.userinfo(tokens["access_token"]).get_json(),
        provider.introspect(family.party, tokens["access_token"]),
    ):
        assert told["real_name"] == family.child.name and told["age_over_18"] is False
    house.ground.releases.flush()
    rows = audited(house, Event.IDENTITY_RELEASED, family.child.id)
    assert {(row.actor_person, row.on_behalf_of) for row in rows} == {(family.parent.id, family.child.id)}
    assert audited(house, Event.IDENTITY_RELEASED, family.parent.id) == []


def test_of_a_child_everything_is_agreed_to(provider: Provider) -> None:
    """Also at a client that is excused from asking people: below 14 all data is sensitive (PIPL art. 28, 31)."""
    family = make_family(provider)
    for place, is_asked in ((0, False), (1, True)):
        family.browser.open(family.party.authorize_path())
        choose(family.browser, place)
        assert family.browser.path.endswith("/consent") is is_asked
    assert 'name="granted" value="profile"' in family.browser.text.replace('id="granted-profile" ', "")
    family.browser.submit({"decision": "allow"})
    assert family.browser.path.endswith("/consent")
    family.browser.submit({"decision": "allow", "granted": "profile"})
    assert "code" in parameters_of(family.browser.location)


def test_the_record_keeps_both(family: Family) -> None:
    """Family, redemption, refresh and choice name who acted and for whom; what one does for oneself names nobody."""
    house = family.provider.house
    family.refresh(family.tokens(scope=OFFLINE)["refresh_token"])
    family.tokens(0)
    both = (family.parent.id, family.child.id)
    with house.ground.database.read() as session:
        rows = session.execute(
            sa.select(TokenGrant.person_id, TokenGrant.actor_person, TokenGrant.on_behalf_of).order_by(
                TokenGrant.actor_person
            )
        )
        assert {tuple(row) for row in rows} == {(family.child.id, *both), (family.parent.id, None, None)}
        events = (Event.CODE_REDEEMED, Event.TOKEN_REFRESHED, Event.MANDATE_USED)
        told = session.execute(
            sa.select(AuditEvent.event, AuditEvent.person_id).where(
                AuditEvent.event.in_(events),
                AuditEvent.actor_person == family.parent.id,
                AuditEvent.on_behalf_of == family.child.id,
            )
        )
        assert {tuple(row) for row in told} == {
            *((event, family.child.id) for event in events),
            (Event.MANDATE_USED, family.parent.id),
        }


def test_logout_reaches_the_client_in_each_name(
    provider: Provider,
    worker: Worker,
    serve: Serve,  # noqa: F811
) -> None:
    """One session of the guardian, and a `sid` for each of whom the client was told (Back-Channel Logout §2.4)."""
    server, elsewhere = serve(OK), serve(OK)
    party = told_client(provider, server, policy={"require_consent": False, "acting_for": True})
    parent = make_adult(provider.house, provider.person())
    family = Family(provider, parent, make_ward(provider.house, parent), provider.browser(parent), party)
    other = told_client(provider, elsewhere, "tax")
    ours = [provider.claims_of(family.tokens(place)["id_token"]) for place in (1, 0, 1)]
    theirs = provider.claims_of(provider.tokens(family.browser, other)["id_token"])
    assert ours[0]["sid"] == ours[2]["sid"] != ours[1]["sid"]
    log_out(family.browser)
    while worker.run_once():
        pass
    told = [provider.claims_of(logout_token(each), typ="logout+jwt") for each in server.received]
    assert {(each["sub"], each["sid"]) for each in told} == {(each["sub"], each["sid"]) for each in ours}
    assert len(told) == 2
    (only,) = [provider.claims_of(logout_token(each), typ="logout+jwt") for each in elsewhere.received]
    assert (only["sub"], only["sid"]) == (theirs["sub"], theirs["sid"])


def test_a_client_logs_out_by_the_token_of_a_child(family: Family) -> None:
    """Its `id_token_hint` is of this very session, so nobody is asked (RP-Initiated Logout §2); then all tokens end."""
    provider = family.provider
    tokens = family.tokens()
    family.browser.open(f"/oauth/logout?id_token_hint={tokens['id_token']}")
    assert "/logout/" not in family.browser.path
    assert provider.userinfo(tokens["access_token"]).status_code == 401


@EMBEDDED
def test_discovery_names_it(provider: Provider) -> None:
    """`act` is among the claims (OpenID Connect Discovery §3)."""
    metadata = provider.http.get("/.well-known/openid-configuration").get_json()
    assert "act" in metadata["claims_supported"]


def test_the_choice_is_made_on_the_page_alone(family: Family) -> None:
    """A made-up handle, another's mandate and a person's id are refused alike, and then nothing was chosen."""
    provider = family.provider
    other = make_adult(provider.house, provider.person("赵六"), 4)
    theirs = make_ward(provider.house, other, place=5)
    elsewhere = provider.browser(other)
    elsewhere.open(family.party.authorize_path())
    foreign = offered(elsewhere)[1]
    family.browser.open(family.party.authorize_path())
    for handle in (foreign, theirs.id, family.child.id, "x", ""):
        assert family.browser.submit({"party": handle}).status_code == 422
        assert is_choosing(family.browser)
    refusals = [row for row in audited(provider.house, Event.MANDATE_USED, family.parent.id) if row.reason]
    assert {row.reason for row in refusals} == {"no_mandate"} and len(refusals) == 4
    family.browser.submit({"party": ONESELF})
    assert "code" in parameters_of(family.browser.location)


def test_another_browser_cannot_choose(family: Family) -> None:
    """The parked login belongs to the browser that began it, also for who is logged in as the same person elsewhere."""
    family.browser.open(family.party.authorize_path())
    path, handle = family.browser.path, offered(family.browser)[1]
    elsewhere = family.provider.browser(family.parent)
    elsewhere.open(family.party.authorize_path())
    assert elsewhere.submit({"party": handle}, path).status_code == 400
    assert 'name="party"' not in elsewhere.text
    family.browser.open(path)
    assert is_choosing(family.browser)
    family.browser.submit({"party": handle})
    assert family.browser.path.endswith("/consent")
