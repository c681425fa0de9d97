"""The API for approved systems and devices over HTTP: JSON in, JSON or a problem (RFC 9457) out; no cookie is read."""

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from pydantic import BaseModel

from idp.audit.counting import Counting
from idp.audit.log import Origin
from idp.core.errors import StoreUnavailable
from idp.core.oauth_errors import (
    InsufficientScope,
    InvalidToken,
    MissingToken,
    OAuthError,
    ServerError,
    TemporarilyUnavailable,
)
from idp.endpoints.api.body import ApiCall
from idp.endpoints.api.openapi import DOCUMENT_PATH
from idp.endpoints.api.operations import (
    ENROL,
    MAPPED_ACCOUNTS,
    MAPPED_SUBJECTS,
    MAPPING_CHANGES,
    PREPARE,
    READ_LEVEL,
    READING,
    SIGNED_UP,
    VERIFICATION,
    WANTED,
    Operation,
)
from idp.endpoints.api.problems import ApiProblem, ProblemKind, oauth_problem
from idp.house.api import Api
from idp.web.environ import ERROR
from idp.web.program_answers import NO_STORE, Answer, Headers, json_answer
from idp.web.refusal_counts import count_refusal

_log = structlog.get_logger("idp.api")
_PROBLEM_TYPE = "application/problem+json"
_DOCUMENT_CACHE = "public, max-age=300"
_REALM = 'Bearer realm="api"'

Environ = dict[str, Any]
Handler = Callable[[Environ, str], Answer]


class ApiRoutes:
    """The API's handlers; none of them raises."""

    def __init__(self, api: Api, *, counting: Counting, max_body_bytes: int) -> None:
        self._counting = counting
        self._max_body = max_body_bytes
        document = json_answer(api.document, cache=_DOCUMENT_CACHE)
        self.routes: Mapping[str, Mapping[str, Handler]] = {
            DOCUMENT_PATH: {"GET": lambda _environ, _id: document},
            PREPARE.path: {"POST": self._handler(PREPARE, api.persons.answer)},
            VERIFICATION.path: {"POST": self._handler(VERIFICATION, api.verifications.answer)},
            READ_LEVEL.path: {"POST": self._handler(READ_LEVEL, api.levels.answer)},
            MAPPED_SUBJECTS.path: {"POST": self._handler(MAPPED_SUBJECTS, api.mapping.subjects.answer)},
            MAPPED_ACCOUNTS.path: {"POST": self._handler(MAPPED_ACCOUNTS, api.mapping.accounts.answer)},
            MAPPING_CHANGES.path: {"POST": self._handler(MAPPING_CHANGES, api.mapping.changes.answer)},
            SIGNED_UP.path: {"POST": self._handler(SIGNED_UP, api.mapping.sign_ups.answer)},
            ENROL.path: {"POST": self._handler(ENROL, api.devices.answer)},
            WANTED.path: {"POST": self._handler(WANTED, api.wanted.answer)},
            READING.path: {"POST": self._handler(READING, api.readings.answer)},
        }

    def _handler(self, operation: Operation, answer: Callable[[ApiCall], BaseModel | None]) -> Handler:
        def handle(environ: Environ, request_id: str) -> Answer:
            try:
                given = answer(self._call(environ, request_id))
                if given is None:
                    return Answer(204, NO_STORE, b"")
                return json_answer(given.model_dump(mode="json"), status=operation.status)
            except ApiProblem as problem:
                _log.info("api.refused", problem=problem.name, path=operation.path, request_id=request_id)
                return problem_answer(problem, environ)
            except OAuthError as error:
                _log.info(
                    "oauth.refused",
                    error=error.error,
                    detail=error.detail,
                    path=operation.path,
                    request_id=request_id,
                )
                count_refusal(self._counting, error, operation.path, _origin(request_id))
                return _oauth_answer(error, environ)
            except StoreUnavailable as error:
                _log.error("store.unavailable", problem=str(error), request_id=request_id)
                return _oauth_answer(TemporarilyUnavailable(), environ)
            except Exception:
                _log.exception("unexpected", path=operation.path, request_id=request_id)
                return _oauth_answer(ServerError(), environ)

        return handle

    def _call(self, environ: Environ, request_id: str) -> ApiCall:
        # One byte more than allowed: a length that lies, or a chunked body, is caught alike.
        body: bytes = environ["wsgi.input"].read(self._max_body + 1)
        if len(body) > self._max_body:
            raise ApiProblem(ProblemKind.TOO_LARGE)
        return ApiCall(
            body=body,
            content_type=environ.get("CONTENT_TYPE"),
            query=environ.get("QUERY_STRING", ""),
            authorization=environ.get("HTTP_AUTHORIZATION"),
            idempotency_key=environ.get("HTTP_IDEMPOTENCY_KEY"),
            origin=_origin(request_id),
            peer=environ.get("REMOTE_ADDR", ""),
        )


def problem_answer(problem: ApiProblem, environ: Environ, *, headers: Headers | None = None) -> Answer:
    """Return the answer that tells of a problem."""
    environ[ERROR] = problem.name
    more = [*(headers or ())]
    if problem.retry_after_seconds is not None:
        more.append(("Retry-After", str(problem.retry_after_seconds)))
    return _as_problem(json_answer(problem.as_json(), status=problem.status, headers=more))


def _oauth_answer(error: OAuthError, environ: Environ) -> Answer:
    environ[ERROR] = error.error
    return _as_problem(json_answer(oauth_problem(error), status=error.status, headers=_oauth_headers(error)))


def _oauth_headers(error: OAuthError) -> Headers:
    """Say how to do better: by which token (RFC 6750 §3), or when."""
    if isinstance(error, TemporarilyUnavailable):
        return [("Retry-After", str(error.retry_after_seconds))]
    if isinstance(error, MissingToken):  # RFC 6750 §3.1: told no error, only what to show
        return [("WWW-Authenticate", _REALM)]
    if isinstance(error, InvalidToken | InsufficientScope):
        return [("WWW-Authenticate", f'{_REALM}, error="{error.error}"')]
    return []


def _as_problem(answer: Answer) -> Answer:
    headers = [(name, _PROBLEM_TYPE if name == "Content-Type" else value) for name, value in answer.headers]
    return Answer(answer.status, headers, answer.body)


def _origin(request_id: str) -> Origin:
    return Origin(request_id=request_id, channel="api")
