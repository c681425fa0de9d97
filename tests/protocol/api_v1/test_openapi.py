"""/api/v1/openapi.json says what the API does: its addresses, its documents, its refusals (OpenAPI 3.1)."""

import json
import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from clients.own_api import PATH, SCOPES
from idp.endpoints.api.openapi import DOCUMENT_PATH
from idp.house.build import House
from idp.web.door import Door
from tests.protocol.provider import Provider
from tests.support.api_v1 import DEVICE_PATHS, PATHS, PERSON, System
from tests.support.json_schema import faults, resolve
from tests.support.legacy import add_system

_HTTP_METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}


@pytest.fixture
def document(provider: Provider) -> dict[str, Any]:
    answer = provider.http.get(DOCUMENT_PATH)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    return dict(answer.get_json())


def assert_described(document: dict[str, Any], path: str, answer: TestResponse) -> None:
    """Hold an answer to what the document says of its status: media type, headers and members."""
    described = document["paths"][path]["post"]["responses"]
    assert str(answer.status_code) in described, answer.status_code
    response = described[str(answer.status_code)]
    [(media_type, content)] = response["content"].items()
    assert answer.mimetype == media_type
    assert faults(answer.get_json(), content["schema"], document) == [], answer.text
    for name in response.get("headers", {}):
        assert name in answer.headers


def test_it_names_the_addresses_that_there_are(house: House, document: dict[str, Any]) -> None:
    """Every address of the door below /api/v1 stands in it with its methods, and no other."""
    routes = Door(house, lambda _environ, _start: [])._routes
    served = {
        path: {method.lower() for method in methods}
        for path, methods in routes.items()
        if path.startswith(PATH) and path != DOCUMENT_PATH
    }
    told = {path: set(item) & _HTTP_METHODS for path, item in document["paths"].items()}
    assert told == served and {*PATHS, *DEVICE_PATHS} == set(served)


def test_it_hangs_together(document: dict[str, Any], provider: Provider) -> None:
    """Each reference leads somewhere, each schema is used, and the scopes are those that can be approved."""
    assert document["openapi"].startswith("3.1")
    references = set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(document)))
    for reference in references:
        resolve(reference, document)
    assert {reference.rpartition("/")[2] for reference in references} == set(document["components"]["schemas"])
    schemes = document["components"]["securitySchemes"]
    assert {name for item in document["paths"].values() for each in item["post"]["security"] for name in each} == set(
        schemes
    )
    flow = schemes["clientCredentials"]["flows"]["clientCredentials"]
    assert set(flow["scopes"]) == SCOPES
    assert flow["tokenUrl"] == provider.http.get("/.well-known/openid-configuration").get_json()["token_endpoint"]
    names = [item["post"]["operationId"] for item in document["paths"].values()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("path", PATHS)
def test_answers_are_what_it_says(provider: Provider, system: System, document: dict[str, Any], path: str) -> None:
    """The accepted answer and every refusal that can be met here, held to their schemas."""
    described = document["paths"][path]["post"]
    assert faults(PATHS[path], described["requestBody"]["content"]["application/json"]["schema"], document) == []
    good = PATHS[path]
    if path == "/api/v1/levels":
        tokens = provider.tokens(provider.browser(provider.person()), system.party, scope="openid")
        good = {"sub": provider.claims_of(tokens["id_token"])["sub"]}
    if path.startswith("/api/v1/mapping/"):
        tokens = provider.tokens(provider.browser(provider.person()), system.party, scope="openid")
        good = good | ({"id_token": tokens["id_token"]} if "id_token" in good else {})
        add_system(provider.house)
        with provider.house.ground.database.transaction() as session:
            provider.house.api.mapping.speakers.allow(session, "shebao", system.client_id, events_uri=None)
    accepted = system.post(path, good)
    assert accepted.status_code < 300
    met = {accepted.status_code}
    others = sorted(SCOPES - set(described["security"][0]["clientCredentials"]))
    for answer in (
        accepted,
        system.post(path, data="{"),
        system.http.post(path, json=good),
        system.post(path, good, token=system.token(*others)),
        system.http.get(path),
        system.post(path, data="x" * 70_000),
        system.post(path, data="x", content_type="text/plain"),
        system.post(path, {**good, "more": 1}),
    ):
        assert_described(document, path, answer)
        met.add(answer.status_code)
    assert met >= {400, 401, 403, 405, 413, 415, 422}


def test_what_its_schemas_refuse_is_refused(system: System, document: dict[str, Any]) -> None:
    """A body that is not what the schema says gets 422, so nobody who keeps to the schema is surprised."""
    schema = document["paths"]["/api/v1/persons"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    for changed in ({"number": 1}, {"number": ""}, {"name": "长" * 201}, {"more": "x"}, {"purpose": None}):
        body = {**PERSON, **changed}
        assert faults(body, schema, document) != []
        assert_described(document, "/api/v1/persons", answer := system.post("/api/v1/persons", body))
        assert answer.status_code == 422
    for name in PERSON:
        body = {other: value for other, value in PERSON.items() if other != name}
        assert faults(body, schema, document) != []
        assert system.post("/api/v1/persons", body).get_json()["errors"] == [{"member": name, "reason": "missing"}]


def test_the_key_is_described(system: System, document: dict[str, Any]) -> None:
    """The header that preparing needs stands in it as required, and nowhere else."""
    for path, item in document["paths"].items():
        parameters = item["post"].get("parameters", [])
        assert [each["name"] for each in parameters if each["required"]] == (
            ["Idempotency-Key"] if path == "/api/v1/persons" else []
        )
    [parameter] = document["paths"]["/api/v1/persons"]["post"]["parameters"]
    assert faults("a-key", parameter["schema"], document) == []
    for key in ("", "a b", "k" * 129):
        assert faults(key, parameter["schema"], document) != []
