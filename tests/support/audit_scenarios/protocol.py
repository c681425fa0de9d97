"""What clients ask for: tokens, revocation, registration."""

from typing import Any

from tests.support.api_v1 import PATHS, System, approved
from tests.support.audit_scenarios.stage import Act, Scenarios, Stage
from tests.support.card_readers import enrolled_reader, invitation, unknown_reader
from tests.support.relying_party import parameters_of

scenarios = Scenarios()


def registered(stage: Stage) -> tuple[str, dict[str, str], dict[str, Any]]:
    document = {
        "client_name": "Registered Portal",
        "redirect_uris": ["https://portal.example.gov.cn/callback"],
        "scope": "openid profile",
    }
    answer = stage.http.post("/oauth/register", json=document).get_json()
    header = {"Authorization": "Bearer " + answer["registration_access_token"]}
    return "/oauth/register/" + answer["client_id"], header, {**document, "client_id": answer["client_id"]}


@scenarios.of("POST /oauth/token", "authorization_code.redeemed")
def code(stage: Stage) -> Act:
    party, person = stage.client(), stage.register()
    browser = stage.at_login(party)
    browser.log_in(person)
    return lambda: party.redeem(stage.http, parameters_of(browser.location)["code"])


@scenarios.of("POST /oauth/token", "authorization_code.replayed")
def replayed_code(stage: Stage) -> Act:
    party, person = stage.client(), stage.register()
    browser = stage.at_login(party)
    browser.log_in(person)
    value = parameters_of(browser.location)["code"]
    party.redeem(stage.http, value)
    return lambda: party.redeem(stage.http, value)


@scenarios.of("POST /oauth/token", "refresh_token.used")
def refresh(stage: Stage) -> Act:
    party, person = stage.client(), stage.register()
    token = stage.tokens(party, person, scope="openid offline_access")["refresh_token"]
    return lambda: party.token(stage.http, grant_type="refresh_token", refresh_token=token)


@scenarios.of("POST /oauth/token", "refresh_token.replayed")
def replayed_refresh(stage: Stage) -> Act:
    party, person = stage.client(), stage.register()
    token = stage.tokens(party, person, scope="openid offline_access")["refresh_token"]
    party.token(stage.http, grant_type="refresh_token", refresh_token=token)
    stage.clock.advance(seconds=60)
    return lambda: party.token(stage.http, grant_type="refresh_token", refresh_token=token)


@scenarios.of("POST /oauth/token", "request.refused")
def wrong_secret(stage: Stage) -> Act:
    party = stage.client()
    party.client_secret = "wrong"
    return lambda: party.token(stage.http, grant_type="client_credentials")


@scenarios.of("POST /oauth/introspect", "request.refused")
def introspect_by_nobody(stage: Stage) -> Act:
    party = stage.client()
    party.client_secret = "wrong"
    return lambda: stage.http.post("/oauth/introspect", data={"token": "x"}, headers=party.basic())


@scenarios.of("POST /oauth/userinfo", "request.refused")
def userinfo_with_no_token_of_ours(stage: Stage) -> Act:
    return lambda: stage.http.post("/oauth/userinfo", headers={"Authorization": "Bearer nonsense"})


@scenarios.of("POST /oauth/revoke", "token.revoked refresh_token")
def revoke_refresh(stage: Stage) -> Act:
    party, person = stage.client(), stage.register()
    token = stage.tokens(party, person, scope="openid offline_access")["refresh_token"]
    return lambda: stage.http.post("/oauth/revoke", data={"token": token}, headers=party.basic())


@scenarios.of("POST /oauth/revoke", "token.revoked access_token")
def revoke_access(stage: Stage) -> Act:
    party, person = stage.client(), stage.register()
    token = stage.tokens(party, person)["access_token"]
    return lambda: stage.http.post("/oauth/revoke", data={"token": token}, headers=party.basic())


@scenarios.of("POST registration.register", "client.registered")
def register(stage: Stage) -> Act:
    return lambda: registered(stage)


@scenarios.of("PUT registration.update", "client.updated")
def update(stage: Stage) -> Act:
    path, header, document = registered(stage)
    return lambda: stage.http.put(path, json={**document, "client_name": "Another Name"}, headers=header)


@scenarios.of("DELETE registration.delete", "client.deleted")
def delete(stage: Stage) -> Act:
    path, header, _ = registered(stage)
    return lambda: stage.http.delete(path, headers=header)


def system_of(stage: Stage) -> tuple[System, str]:
    """An approved system and a token of it."""
    system = approved(stage.house, stage.http)
    return system, system.token()


@scenarios.of("POST /api/v1/persons", "preparation.requested")
def prepare_person(stage: Stage) -> Act:
    system, token = system_of(stage)
    path = "/api/v1/persons"
    return lambda: system.post(path, {**PATHS[path], "mobile": stage.new_mobile()}, token=token)


@scenarios.of("POST /api/v1/verifications", "identity.verified")
def verify_person(stage: Stage) -> Act:
    system, token = system_of(stage)
    path = "/api/v1/verifications"
    return lambda: system.post(path, PATHS[path], token=token)


@scenarios.of("POST /api/v1/levels", "request.refused")
def read_level_by_nobody(stage: Stage) -> Act:
    system, _token = system_of(stage)
    return lambda: system.post("/api/v1/levels", {"sub": "x"}, token="nonsense")


@scenarios.of("POST /api/v1/devices", "device.enrolled")
def enrol_device(stage: Stage) -> Act:
    reader, code = unknown_reader(stage.house), invitation(stage.house)
    body = {"code": code, "public_jwk": reader.jwk, "proof": reader.proof(code)}
    return lambda: stage.http.post("/api/v1/devices", json=body)


@scenarios.of("POST /api/v1/devices/readings", "card.read")
def read_card(stage: Stage) -> Act:
    reader, readings = enrolled_reader(stage.house), stage.house.counter.readings
    assert reader.device is not None
    readings.ask(reader.device.id)
    wanted = readings.wanted(reader.device)
    assert wanted is not None
    body, headers = {"reading": reader.reading(wanted.nonce)}, {"Authorization": f"Bearer {reader.token()}"}
    return lambda: stage.http.post("/api/v1/devices/readings", json=body, headers=headers)
