"""The OpenAPI 3.1 document of the API, made once from the classes of its documents and from `OPERATIONS`.

`OPERATIONS` is also what the routes are made from, so that the document cannot name another address than serves.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from clients.own_api import LEVEL, PATH, REGISTER, VERIFY
from idp.endpoints.api.documents import (
    Level,
    LevelRequest,
    PersonAccepted,
    PersonRequest,
    Problem,
    Verification,
    VerificationRequest,
)

DOCUMENT_PATH = f"{PATH}/openapi.json"
_SCHEMAS = "#/components/schemas/"
#: Of the interface, not of the software: the first part changes with the path.
_VERSION = "1.0.0"
_SECURITY = "clientCredentials"
_COMMON = {
    400: "Not one JSON object, a repeated member, a parameter in the query, or a header that cannot be read.",
    401: "No access token, or one that is not good for this API.",
    403: "A token without the scope, of a client that is not approved for it, or of a person.",
    405: "Another method than POST.",
    413: "The body is too long.",
    415: "Another content type than application/json.",
    422: "Members are missing, unknown or unfit.",
    429: "The quota of this system is used up; Retry-After says for how long.",
    500: "An unexpected condition was met; X-Request-Id names it.",
    503: "The service is busy. Send the same request again after Retry-After.",
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One question that a system can put, by POST."""

    name: str
    path: str
    scope: str
    summary: str
    description: str
    takes: type[BaseModel]
    gives: type[BaseModel]
    status: int = 200
    is_idempotent: bool = False
    refusals: tuple[tuple[int, str], ...] = ()


PREPARE = Operation(
    name="preparePerson",
    path=f"{PATH}/persons",
    scope=REGISTER,
    summary="Ask for an account for somebody",
    description=(
        "Prepares an account at identity level 1 without any credential. The person is told by a message to the "
        "mobile, and activates it by opening an account with this mobile and this number. Where the mobile has an "
        "account nothing is changed. The answer is the same in all cases, and never says whether there was one."
    ),
    takes=PersonRequest,
    gives=PersonAccepted,
    status=202,
    is_idempotent=True,
    refusals=((422, "Members are missing, unknown or unfit, or the Idempotency-Key was used with another request."),),
)
VERIFICATION = Operation(
    name="verifyPerson",
    path=f"{PATH}/verifications",
    scope=VERIFY,
    summary="Ask whether number, name and mobile belong to one person",
    description=(
        "Asks the authoritative source. Purpose, time and this system are kept, and shown to the person where the "
        "number is verified here; number and name are not kept."
    ),
    takes=VerificationRequest,
    gives=Verification,
)
READ_LEVEL = Operation(
    name="readLevel",
    path=f"{PATH}/levels",
    scope=LEVEL,
    summary="Ask for the present level of a person",
    description="Answers about people who have a consent to this client that stands, or a login at it that lives.",
    takes=LevelRequest,
    gives=Level,
    refusals=((404, "Nobody whom this client may be told of is known to it by this sub."),),
)
OPERATIONS = (PREPARE, VERIFICATION, READ_LEVEL)


def openapi_document(issuer: str) -> dict[str, Any]:
    """Return the document."""
    scopes = {each.scope: each.summary for each in OPERATIONS}
    flow = {"tokenUrl": f"{issuer}/oauth/token", "scopes": scopes}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Yihao: registration and verification",
            "version": _VERSION,
            "description": (
                "For systems that administration approved. Access tokens come from the token endpoint by "
                f"client_credentials with resource={issuer}{PATH}. Problems are those of RFC 9457."
            ),
        },
        "servers": [{"url": issuer}],
        "paths": {each.path: {"post": _operation(each)} for each in OPERATIONS},
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {_SECURITY: {"type": "oauth2", "flows": {"clientCredentials": flow}}},
        },
    }


@cache
def _schemas() -> dict[str, Any]:
    models = [model for each in OPERATIONS for model in (each.takes, each.gives)] + [Problem]
    _, schemas = models_json_schema([(model, "validation") for model in models], ref_template=_SCHEMAS + "{model}")
    definitions: dict[str, Any] = schemas["$defs"]
    return definitions


def _operation(operation: Operation) -> dict[str, Any]:
    refusals = {**_COMMON, **dict(operation.refusals)}
    given = {"description": operation.gives.__doc__, "content": _content("application/json", operation.gives)}
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": operation.description,
        "security": [{_SECURITY: [operation.scope]}],
        "requestBody": {"required": True, "content": _content("application/json", operation.takes)},
        "responses": {str(operation.status): given}
        | {str(status): _refusal(status, refusals[status]) for status in sorted(refusals)},
    }
    if operation.is_idempotent:
        described["parameters"] = [_idempotency_key()]
    return described


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
