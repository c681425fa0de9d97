"""Who may call the API: an approved system, by a token for it and of its own (RFC 6750, RFC 9068)."""

import pytest

from clients.own_api import LEVEL, MAPPING, REGISTER, SCOPES, SIGN_UP, VERIFY, audience_of
from clients.resources import ResourceServer
from idp.audit.events import Event
from idp.config.settings import RegistrationSettings
from idp.core.errors import ConfigError
from idp.core.oauth_errors import InvalidClientMetadata
from idp.house.build import House, build_house
from tests.protocol.provider import API, Provider
from tests.support.api_v1 import PATHS, System, approved, events_of
from tests.support.relying_party import make_client

_OF_PATH = {
    "/api/v1/persons": REGISTER,
    "/api/v1/verifications": VERIFY,
    "/api/v1/levels": LEVEL,
    "/api/v1/mapping/subjects": MAPPING,
    "/api/v1/mapping/accounts": MAPPING,
    "/api/v1/mapping/changes": MAPPING,
    "/api/v1/mapping/sign-ups": SIGN_UP,
}
#: Of an approved system that speaks for no older one.
_GOOD = dict.fromkeys(_OF_PATH, 422) | {
    "/api/v1/persons": 202,
    "/api/v1/verifications": 200,
    "/api/v1/levels": 404,
}


@pytest.mark.parametrize("path", PATHS)
def test_an_approved_system_is_let_in(system: System, path: str) -> None:
    """With the one scope of the address it is answered; nothing of the answer may be kept."""
    answer = system.post(path, PATHS[path], token=system.token(_OF_PATH[path]))
    assert answer.status_code == _GOOD[path], answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", PATHS)
def test_without_a_token_nobody_is(system: System, path: str) -> None:
    """401 with a challenge that names no error where nothing was shown (RFC 6750 §3.1), one where it is no good."""
    nothing = system.http.post(path, json=PATHS[path])
    assert (nothing.status_code, nothing.mimetype) == (401, "application/problem+json")
    assert nothing.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    wrong = system.post(path, PATHS[path], token="nonsense")
    assert wrong.status_code == 401 and 'error="invalid_token"' in wrong.headers["WWW-Authenticate"]
    basic = system.http.post(path, json=PATHS[path], headers=system.party.basic())
    assert basic.status_code == 401


@pytest.mark.parametrize("path", PATHS)
def test_a_token_for_another_audience_is_refused(house: House, provider: Provider, path: str) -> None:
    """One audience each (RFC 9068 §4), also where the other API has a scope of the same name."""
    provider.api(API, scopes=SCOPES)
    party = make_client(
        house, grant_types=["client_credentials"], redirect_uris=[], response_types=[], scope=" ".join(sorted(SCOPES)),
        policy={"allowed_resources": (API,)},
    )  # fmt: skip
    house.api.approvals.approve(party.client_id, SCOPES)
    system = System(house, provider.http, party)
    assert system.post(path, PATHS[path], token=system.token(resource=API)).status_code == 401
    assert system.post(path, PATHS[path]).status_code == _GOOD[path]


@pytest.mark.parametrize("path", PATHS)
def test_a_token_without_the_scope_is_refused(system: System, path: str) -> None:
    """403 insufficient_scope (RFC 6750 §3.1)."""
    others = SCOPES - {_OF_PATH[path]}
    answer = system.post(path, PATHS[path], token=system.token(*sorted(others)))
    assert (answer.status_code, answer.get_json()["type"]) == (403, "urn:yihao:problem:insufficient-scope")
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


def test_a_token_of_a_person_is_refused(house: House, provider: Provider) -> None:
    """The API is for systems by themselves: a login gives a token for it, but nothing can be done with that."""
    system = approved(house, provider.http, scope="openid profile")
    audience = audience_of(provider.issuer)
    code = provider.code(provider.browser(provider.person()), system.party, scope=f"openid {VERIFY}", resource=audience)
    token = system.party.redeem(provider.http, code, resource=audience).get_json()["access_token"]
    assert provider.claims_of(token, typ="at+jwt")["aud"] == audience
    answer = system.post("/api/v1/verifications", PATHS["/api/v1/verifications"], token=token)
    assert (answer.status_code, answer.get_json()["type"]) == (403, "urn:yihao:problem:insufficient-scope")


@pytest.mark.parametrize("path", PATHS)
def test_what_was_taken_back_is_gone_at_once(house: House, provider: Provider, path: str) -> None:
    """A token from before a withdrawal, or before the client was disabled, is worth nothing after it."""
    withdrawn, disabled, narrowed = (approved(house, provider.http) for _ in range(3))
    tokens = {each.client_id: each.token() for each in (withdrawn, disabled, narrowed)}
    house.api.approvals.withdraw(withdrawn.client_id)
    house.protocol.administration.disable(disabled.client_id)
    house.api.approvals.approve(narrowed.client_id, SCOPES - {_OF_PATH[path]})
    for system, status in ((withdrawn, 403), (disabled, 401), (narrowed, 403)):
        assert system.post(path, PATHS[path], token=tokens[system.client_id]).status_code == status


def test_an_api_out_of_service_refuses_everybody(house: House, system: System) -> None:
    """The resource server that an operator disabled lets nobody in, not even by an earlier token."""
    token = system.token()
    house.protocol.resources.update(
        ResourceServer(audience=audience_of(house.settings.issuer), name="API", scopes=SCOPES, is_active=False)
    )
    for path, document in PATHS.items():
        assert system.post(path, document, token=token).status_code == 401


def test_only_administration_approves(house: House, provider: Provider) -> None:
    """A scope that a client merely registered gives no token; public clients and those that manage themselves none."""
    approved(house, provider.http)
    hopeful = make_client(house, grant_types=["client_credentials"], redirect_uris=[], response_types=[], scope=VERIFY)
    audience = audience_of(provider.issuer)
    for resource in (audience, None):
        answer = hopeful.token(provider.http, grant_type="client_credentials", resource=resource)
        assert answer.status_code == 400, answer.text
    public = make_client(house, token_endpoint_auth_method="none")
    created = house.protocol.administration.create(
        {"client_name": "x", "redirect_uris": ["https://x.example.gov.cn/cb"]}, registration_token_hash="h" * 43
    )
    for client_id in (public.client_id, created.client.client_id):
        with pytest.raises(InvalidClientMetadata):
            house.api.approvals.approve(client_id, SCOPES)
    with pytest.raises(InvalidClientMetadata):
        house.api.approvals.approve(hopeful.client_id, {"person:everything"})


def test_nobody_approves_themselves_by_the_settings(house: House) -> None:
    """A start that would give the API to whoever registers is refused."""
    taken = RegistrationSettings(dynamic="open", resources=(audience_of(house.settings.issuer),))
    with pytest.raises(ConfigError, match=r"registration\.resources"):
        build_house(house.settings.model_copy(update={"registration": taken}))


def test_the_scopes_of_another_release_are_brought_up_to_date(house: House, provider: Provider) -> None:
    """An API that was registered with other scopes gets them all with the next approval."""
    audience = audience_of(house.settings.issuer)
    house.protocol.resources.create(ResourceServer(audience=audience, name="API", scopes=frozenset({"person:old"})))
    assert approved(house, provider.http).verify().status_code == 200
    server = house.protocol.resources.find(audience)
    assert server is not None and server.scopes == SCOPES


def test_refusals_are_counted(house: House, system: System) -> None:
    """Who showed no good token is counted by kind and minute like everywhere else."""
    system.post("/api/v1/persons", PATHS["/api/v1/persons"], token="nonsense")
    rows = events_of(house, Event.REQUEST_REFUSED)
    assert [row.reason for row in rows] == ["api invalid_token"]
