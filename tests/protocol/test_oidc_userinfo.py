"""OpenID Connect Core §5.3: userinfo, plain and signed."""

import json

from idp.persons.vocabulary import SOURCE_SELF, AttributeName
from tests.protocol.provider import EMBEDDED, Provider, bearer
from tests.support.relying_party import RelyingParty

pytestmark = EMBEDDED


def test_scopes_decide_which_claims_come(provider: Provider) -> None:
    """`sub` always and equal to the ID token's (§5.3.2), the others by scope (§5.4); never a document number."""
    person = provider.person("张小明", email="zhang@example.gov.cn", email_verified=True)
    browser, party = provider.browser(person), provider.client()
    for scope, names in (
        ("openid", {"sub"}),
        ("openid profile", {"sub", "name", "updated_at"}),
        ("openid phone", {"sub", "phone_number", "phone_number_verified"}),
        ("openid email", {"sub", "email", "email_verified"}),
    ):
        tokens = provider.tokens(browser, party, scope=scope)
        response = provider.userinfo(tokens["access_token"])
        assert response.mimetype == "application/json" and response.headers["Cache-Control"] == "no-store"
        claims = response.get_json()
        assert set(claims) == names
        assert claims["sub"] == provider.claims_of(tokens["id_token"])["sub"]


def test_claims_asked_for_by_name_come_too(provider: Provider) -> None:
    """The `claims` parameter adds to the scopes (§5.5), but never what no registered scope covers."""
    asked = json.dumps({"userinfo": {"phone_number": {"essential": True}, "given_name": None, "password": None}})
    browser = provider.browser(provider.person())
    for scope, has_phone in (("openid phone", True), ("openid", False)):
        party = provider.client(scope=scope)
        claims = provider.userinfo(provider.tokens(browser, party, scope="openid", claims=asked)["access_token"])
        assert ("phone_number" in claims.get_json()) == has_phone
        assert "password" not in claims.get_json()


def test_a_client_may_have_it_signed(provider: Provider) -> None:
    """A JWT with issuer and audience, in the registered algorithm (§5.3.2)."""
    browser = provider.browser(provider.person())
    for algorithm in ("ES256", "RS256"):
        party = provider.client(userinfo_signed_response_alg=algorithm)
        tokens = provider.tokens(browser, party)
        response = provider.http.post("/oauth/userinfo", headers=bearer(tokens["access_token"]))
        assert response.mimetype == "application/jwt"
        claims = provider.claims_of(response.text, algorithm=algorithm)
        assert claims["aud"] == party.client_id and claims["name"] == "张小明"


def test_a_narrowed_token_gives_less(provider: Provider) -> None:
    """What a refresh left out is not told with that token (§5.4)."""
    party = provider.client()
    tokens = provider.tokens(provider.browser(provider.person()), party)
    less = party.token(
        provider.http, grant_type="refresh_token", refresh_token=tokens["refresh_token"], scope="openid"
    ).get_json()
    assert set(provider.userinfo(less["access_token"]).get_json()) == {"sub"}


def test_it_follows_what_is_known_now(provider: Provider) -> None:
    """Claims are read when asked for, not when the token was made (§5.3.2)."""
    person, party = provider.person(), provider.client()
    token = provider.tokens(provider.browser(person), party)["access_token"]
    attributes = provider.house.people.attributes
    before = provider.userinfo(token).get_json()
    with provider.house.ground.database.transaction() as session:
        attributes.set(
            session, person.id, AttributeName.NICKNAME, "小明", source=SOURCE_SELF, level=1, at=provider.clock.now()
        )
    after = provider.userinfo(token).get_json()
    assert "nickname" not in before and after["nickname"] == "小明"


def test_other_methods_are_refused(provider: Provider) -> None:
    """GET and POST (§5.3.1); HEAD answers as GET does."""
    party: RelyingParty = provider.client()
    head = bearer(provider.tokens(provider.browser(provider.person()), party)["access_token"])
    assert provider.http.head("/oauth/userinfo", headers=head).status_code == 200
    for method in ("PUT", "DELETE", "PATCH"):
        assert provider.http.open("/oauth/userinfo", method=method, headers=head).status_code == 405
