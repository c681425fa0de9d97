"""The OpenAPI 3.1 document of the API, made once from the classes of its documents and from `OPERATIONS`.

`OPERATIONS` is also what the routes are made from, so that the document cannot name another address than serves.
"""

from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from clients.own_api import PATH
from idp.endpoints.api.documents import Problem
from idp.endpoints.api.operations import OPERATIONS, Access, Operation

DOCUMENT_PATH = f"{PATH}/openapi.json"
_SCHEMAS = "#/components/schemas/"
#: Of the interface, not of the software: the first part changes with the path.
_VERSION = "1.0.0"
_COMMON = {
    400: "Not one JSON object, a repeated member, a parameter in the query, or a header that cannot be read.",
    405: "Another method than POST.",
    413: "The body is too long.",
    500: "An unexpected condition was met; X-Request-Id names it.",
    503: "The service is busy. Send the same request again after Retry-After.",
}
_WITH_BODY = {
    415: "Another content type than application/json.",
    422: "Members are missing, unknown or unfit.",
}
_OF_ACCESS = {
    Access.SYSTEM: {
        401: "No access token, or one that is not good for this API.",
        403: "A token without the scope, of a client that is not approved for it, or of a person.",
        429: "The quota of this system is used up; Retry-After says for how long.",
    },
    Access.DEVICE: {
        401: "No token of a device, one that was used or is too old, or one of a device that was ended.",
        429: "This device asks too often; Retry-After says for how long to wait.",
    },
    Access.INVITATION: {429: "This address asks too often; Retry-After says for how long to wait."},
}


def openapi_document(issuer: str) -> dict[str, Any]:
    """Return the document."""
    scopes = {each.scope: each.summary for each in OPERATIONS if each.access is Access.SYSTEM}
    flow = {"tokenUrl": f"{issuer}/oauth/token", "scopes": scopes}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Yihao: registration, verification and devices",
            "version": _VERSION,
            "description": (
                "For systems that administration approved, and for enrolled devices. Systems get access tokens from "
                f"the token endpoint by client_credentials with resource={issuer}{PATH}; devices sign their own. "
                "Problems are those of RFC 9457."
            ),
        },
        "servers": [{"url": issuer}],
        "paths": {each.path: {"post": _operation(each)} for each in OPERATIONS},
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                Access.SYSTEM.value: {"type": "oauth2", "flows": {"clientCredentials": flow}},
                Access.DEVICE.value: {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "device+jwt",
                    "description": (
                        "A JWT that the device signs with its own key (ES256, typ device+jwt): iss is its device_id, "
                        f"aud is {issuer}, iat and exp are at most 60 seconds apart, jti is new in each."
                    ),
                },
            },
        },
    }


@cache
def _schemas() -> dict[str, Any]:
    models = [model for each in OPERATIONS for model in (each.takes, each.gives) if model is not None] + [Problem]
    _, schemas = models_json_schema([(model, "validation") for model in models], ref_template=_SCHEMAS + "{model}")
    definitions: dict[str, Any] = schemas["$defs"]
    return definitions


def _operation(operation: Operation) -> dict[str, Any]:
    with_body = _WITH_BODY if operation.takes is not None else {}
    refusals = {**_COMMON, **with_body, **_OF_ACCESS[operation.access], **dict(operation.refusals)}
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": operation.description,
        "security": _security(operation),
        "responses": _answers(operation)
        | {str(status): _refusal(status, refusals[status]) for status in sorted(refusals)},
    }
    if operation.takes is not None:
        described["requestBody"] = {"required": True, "content": _content("application/json", operation.takes)}
    if operation.is_idempotent:
        described["parameters"] = [_idempotency_key()]
    return described


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    if operation.access is Access.INVITATION:
        return []
    return [{operation.access.value: [operation.scope] if operation.scope else []}]


def _answers(operation: Operation) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    if operation.gives is not None:
        content = _content("application/json", operation.gives)
        answers[str(operation.status)] = {"description": operation.gives.__doc__, "content": content}
    if operation.nothing:
        answers["204"] = {"description": operation.nothing}
    return answers


def _refusal(status: int, text: str) -> dict[str, Any]:
    refusal: dict[str, Any] = {"description": text, "content": _content("application/problem+json", Problem)}
    header = {401: "WWW-Authenticate", 403: "WWW-Authenticate", 405: "Allow", 429: "Retry-After", 503: "Retry-After"}
    if status in header:
        refusal["headers"] = {header[status]: {"schema": {"type": "string"}}}
    return refusal


def _idempotency_key() -> dict[str, Any]:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": (
            "Random, one for each request, and the same where a request is sent again because its answer was lost: "
            "for a day it is answered as before and carried out once."
        ),
        "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[\\x21-\\x7e]+$"},
    }


def _content(media_type: str, model: type[BaseModel]) -> dict[str, Any]:
    return {media_type: {"schema": {"$ref": _SCHEMAS + model.__name__}}}
