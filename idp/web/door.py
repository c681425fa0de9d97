"""The door for programs: the protocol's endpoints that show no page, answered before Flask.

They read no cookie and render nothing, so sessions, forms, languages and templates would only cost; a token
request is the hottest thing that a provider does. What the door does not know goes on to Flask.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import structlog

from clients import own_api
from idp.audit.log import Origin
from idp.core.errors import StoreUnavailable
from idp.core.ids import new_id
from idp.core.oauth_errors import InvalidRequest, MissingToken, OAuthError, ServerError, TemporarilyUnavailable
from idp.endpoints.api.problems import ApiProblem, ProblemKind
from idp.endpoints.parameters import parse_form, parse_urlencoded
from idp.endpoints.token import BackChannelCall
from idp.house.build import House
from idp.web.api_routes import ApiRoutes, problem_answer
from idp.web.cors import ALLOWED_HEADERS, MAX_AGE_SECONDS, OPEN_HEADERS, OPEN_PATHS
from idp.web.environ import ENDPOINT, ERROR, GRANT
from idp.web.program_answers import NO_STORE, Answer, Headers, error_answer, json_answer
from idp.web.refusal_counts import count_refusal
from idp.web.silent_authorize import SilentAuthorize

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WsgiApplication = Callable[[Environ, StartResponse], Iterable[bytes]]
Handler = Callable[[Environ, str], Answer]

_log = structlog.get_logger("idp.door")
_METADATA_CACHE = "public, max-age=300"
_AUTHORIZE = "/oauth/authorize"
_API = f"{own_api.PATH}/"
_COMMON: Headers = [
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
]


class Door:
    """A WSGI application in front of another one."""

    def __init__(self, house: House, inner: WsgiApplication) -> None:
        self._protocol = house.protocol
        self._signing_keys = house.ground.signing_keys
        self._counting = house.ground.counting
        self._max_body = house.settings.server.max_body_bytes
        self._inner = inner
        self._silent = SilentAuthorize(house)
        self._rendered: tuple[Any, Answer] | None = None
        metadata = json_answer(house.protocol.metadata, cache=_METADATA_CACHE)
        self._common = [*_COMMON]
        if house.settings.https:
            self._common.append(("Strict-Transport-Security", "max-age=31536000"))
        self._routes: Mapping[str, Mapping[str, Handler]] = {
            "/.well-known/openid-configuration": {"GET": lambda _environ, _id: metadata},
            "/.well-known/oauth-authorization-server": {"GET": lambda _environ, _id: metadata},
            "/oauth/jwks": {"GET": self._jwks},
            "/oauth/token": {"POST": self._token},
            "/oauth/userinfo": {"GET": self._userinfo, "POST": self._userinfo},
            "/oauth/introspect": {"POST": self._introspect},
            "/oauth/revoke": {"POST": self._revoke},
            **ApiRoutes(house.api, counting=self._counting, max_body_bytes=self._max_body).routes,
        }

    @property
    def paths(self) -> frozenset[str]:
        """The paths that are answered here."""
        return frozenset(self._routes)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, or hand on what is not the door's."""
        path = environ.get("PATH_INFO", "")
        methods = self._routes.get(path)
        method, request_id = environ["REQUEST_METHOD"], new_id()
        if methods is not None:
            answer: Answer | None = self._answer(methods, method, path, environ, request_id)
        elif path.startswith(_API):
            answer = problem_answer(ApiProblem(ProblemKind.NOT_FOUND), environ)
        else:
            answer = self._silently(environ) if path == _AUTHORIZE and method == "GET" else None
        if answer is None:
            return self._inner(environ, start_response)
        headers = [*answer.headers, ("X-Request-Id", request_id), *self._common]
        if answer.status != 204:  # RFC 9110 §8.6: an answer without content has no length either
            headers.append(("Content-Length", str(len(answer.body))))
        if path in OPEN_PATHS:
            headers += OPEN_HEADERS
        start_response(answer.status_line, headers)
        return [] if method == "HEAD" else [answer.body]

    def _answer(
        self, methods: Mapping[str, Handler], method: str, path: str, environ: Environ, request_id: str
    ) -> Answer:
        handler = methods.get("GET" if method == "HEAD" else method)
        if handler is None:
            return _without_handler(methods, method, path, environ)
        try:
            return handler(environ, request_id)
        except OAuthError as error:
            _log.info("oauth.refused", error=error.error, detail=error.detail, path=path, request_id=request_id)
            count_refusal(self._counting, error, path, Origin(request_id=request_id, channel="portal"))
            return _refuse(error, path, environ)
        except StoreUnavailable as error:
            _log.error("store.unavailable", problem=str(error), request_id=request_id)
            return _refuse(TemporarilyUnavailable(), path, environ)
        except Exception:
            _log.exception("unexpected", path=path, request_id=request_id)
            return _refuse(ServerError(), path, environ)

    def _silently(self, environ: Environ) -> Answer | None:
        try:
            answer = self._silent.answer(environ)
            if answer is not None:
                environ[ENDPOINT] = "oauth.authorize"  # the view that others get their answer from
            return answer
        except Exception as error:
            # The ordinary way meets it too, and has a page for it.
            _log.info("door.not_silent", problem=type(error).__name__)
            return None

    def _jwks(self, _environ: Environ, _request_id: str) -> Answer:
        keys = self._signing_keys.jwks()
        if self._rendered is None or self._rendered[0] is not keys:
            self._rendered = (keys, json_answer(keys, cache=_METADATA_CACHE))
        return self._rendered[1]

    def _token(self, environ: Environ, request_id: str) -> Answer:
        call = self._call(environ, request_id)
        answer = json_answer(self._protocol.token.answer(call).as_json())
        environ[GRANT] = call.body
        return answer

    def _introspect(self, environ: Environ, request_id: str) -> Answer:
        return json_answer(self._protocol.introspect.answer(self._call(environ, request_id)))

    def _revoke(self, environ: Environ, request_id: str) -> Answer:
        self._protocol.revoke.answer(self._call(environ, request_id))
        return json_answer({})  # RFC 7009 §2.2 asks for no body, but some libraries read nothing but JSON

    def _userinfo(self, environ: Environ, _request_id: str) -> Answer:
        answer = self._protocol.userinfo.answer(self._bearer_token(environ))
        if answer.signed is None:
            return json_answer(answer.claims)
        headers = [("Content-Type", "application/jwt"), *NO_STORE]
        return Answer(200, headers, answer.signed.encode())

    def _call(self, environ: Environ, request_id: str) -> BackChannelCall:
        return BackChannelCall(
            body=self._body(environ),
            content_type=environ.get("CONTENT_TYPE"),
            query=environ.get("QUERY_STRING", "").encode("latin-1", "replace"),
            authorization=environ.get("HTTP_AUTHORIZATION"),
            origin=Origin(request_id=request_id, channel="portal"),
        )

    def _body(self, environ: Environ) -> bytes:
        """Return the body; raises InvalidRequest for one that is longer than any request of ours."""
        # Read one byte more than allowed: a length that lies, or a chunked body, is caught alike.
        body: bytes = environ["wsgi.input"].read(self._max_body + 1)
        if len(body) > self._max_body:
            raise InvalidRequest("The request body is too long.")
        return body

    def _bearer_token(self, environ: Environ) -> str:
        """Return the access token from the header or a form body (RFC 6750 §2.1, §2.2); never the query."""
        query = environ.get("QUERY_STRING", "")
        if query and "access_token" in parse_urlencoded(query.encode("latin-1", "replace")):
            raise InvalidRequest("An access token must not be sent in the query.")
        in_body = None
        if environ["REQUEST_METHOD"] == "POST" and (body := self._body(environ)):
            in_body = parse_form(body, environ.get("CONTENT_TYPE"), b"").get("access_token")
        scheme, _, credentials = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        in_header = credentials.strip() if scheme.lower() == "bearer" else ""
        if in_header and in_body:  # §2: one way only
            raise InvalidRequest("The access token was sent more than once.")
        found = in_header or in_body
        if not found:
            raise MissingToken()
        return found


def _refuse(error: OAuthError, path: str, environ: Environ) -> Answer:
    environ[ERROR] = error.error
    return error_answer(error, path)


def _without_handler(methods: Mapping[str, Handler], method: str, path: str, environ: Environ) -> Answer:
    """Answer a preflight (Fetch standard §3.2.2), or say which methods there are (RFC 9110 §15.5.6)."""
    allowed = ", ".join(sorted({*methods, "OPTIONS"}))
    if method != "OPTIONS" and path.startswith(_API):
        return problem_answer(ApiProblem(ProblemKind.METHOD), environ, headers=[("Allow", allowed)])
    if method != "OPTIONS":
        members = {"error": "invalid_request", "error_description": "The method is not allowed here."}
        return json_answer(members, status=405, headers=[("Allow", allowed)])
    headers = [("Allow", allowed), ("Cache-Control", "no-store")]
    if path in OPEN_PATHS:
        headers += [
            ("Access-Control-Allow-Methods", ", ".join(sorted(methods))),
            ("Access-Control-Allow-Headers", ALLOWED_HEADERS),
            ("Access-Control-Max-Age", str(MAX_AGE_SECONDS)),
        ]
    return Answer(204, headers, b"")
