"""The rows of the table: what each asks of a provider, step by step."""

from collections.abc import Callable
from urllib.parse import quote

from bench.target import VERIFIER, Target
from bench.walker import Step

#: Names in the order of the table.
ALL_ROWS = ("discovery", "jwks", "client_credentials", "code_flow", "refresh", "userinfo", "introspection")
#: What the provider's books call the answers that must stand in them.
CODE_BOOKS, REFRESH_BOOKS = "authorization_code.redeemed", "refresh_token.used"

_TOKENS = {
    "access_token": ("body", r'"access_token":\s*"([^"]+)"'),
    "refresh_token": ("body", r'"refresh_token":\s*"([^"]+)"'),
}


def steps_of(row: str, target: Target) -> tuple[Step, ...]:
    """Return the steps of a row at that provider."""
    return _MAKERS[row](target)


def _get(target: Target, path: str, must: str, **headers: str) -> Step:
    return Step("GET", path, {"Host": f"127.0.0.1:{target.port}", "Accept": "*/*", **headers}, must=must)


def _form(target: Target, path: str, body: str, must: str, **more: object) -> Step:
    headers = {"Host": f"127.0.0.1:{target.port}", "Accept": "*/*", "Authorization": "{authorization}"}
    return Step("POST", path, headers, body, must=must, **more)  # type: ignore[arg-type]


def _discovery(target: Target) -> tuple[Step, ...]:
    return (_get(target, target.paths.discovery, '"token_endpoint"'),)


def _jwks(target: Target) -> tuple[Step, ...]:
    return (_get(target, target.paths.jwks, '"keys"'),)


def _client_credentials(target: Target) -> tuple[Step, ...]:
    return (_form(target, target.paths.token, "grant_type=client_credentials", '"access_token"'),)


def _code_flow(target: Target) -> tuple[Step, ...]:
    authorize = Step(
        "GET",
        target.authorize_path("{client_id}", "{redirect_uri}", "{unique}"),
        {"Host": f"127.0.0.1:{target.port}", "Accept": "*/*", "Cookie": "{cookie}"},
        statuses=(302, 303),
        # The code stays as it came: it goes into a form as it went into the address.
        captures={"code": ("location", r"[?&]code=([^&]+)")},
    )
    fields = f"redirect_uri={{redirect_uri}}&code_verifier={quote(VERIFIER)}"
    token = _form(
        target,
        target.paths.token,
        "grant_type=authorization_code&code={code}&" + fields,
        '"id_token"',
        captures=_TOKENS,
        books=CODE_BOOKS,
    )
    return authorize, token


def _refresh(target: Target) -> tuple[Step, ...]:
    body = "grant_type=refresh_token&refresh_token={refresh_token}"
    return (_form(target, target.paths.token, body, '"access_token"', captures=_TOKENS, books=REFRESH_BOOKS),)


def _userinfo(target: Target) -> tuple[Step, ...]:
    return (_get(target, target.paths.userinfo, '"name"', Authorization="Bearer {access_token}"),)


def _introspection(target: Target) -> tuple[Step, ...]:
    return (_form(target, target.paths.introspect, "token={access_token}", '"active":true'),)


_MAKERS: dict[str, Callable[[Target], tuple[Step, ...]]] = {
    "discovery": _discovery,
    "jwks": _jwks,
    "client_credentials": _client_credentials,
    "code_flow": _code_flow,
    "refresh": _refresh,
    "userinfo": _userinfo,
    "introspection": _introspection,
}
