"""Whatever arrives, the answer is clean: no fault of ours, nothing kept, nothing told in clear.

ASVS 10 and RFC 6749 §5.2 say what is refused; this says that nothing else ever happens.
"""

import json
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from idp.core.logs import redact
from idp.storage.base import Base
from tests.protocol.provider import EMBEDDED, Provider, bearer, form, query

pytestmark = EMBEDDED
PROGRAMS = ["/oauth/token", "/oauth/introspect", "/oauth/revoke", "/oauth/userinfo", "/oauth/register"]
PEOPLE = ["/oauth/authorize", "/oauth/logout", "/oauth/authorize/parked", "/logout/parked", "/oauth/register/x"]
NUMBER, SECRET = "11010519491231002X", "a-secret-that-nobody-may-see-0123456789"

_NAMES = st.sampled_from(
    [
        "client_id", "client_secret", "redirect_uri", "response_type", "scope", "state", "nonce", "claims", "prompt",
        "code", "code_verifier", "grant_type", "refresh_token", "resource", "token", "id_token_hint", "max_age",
        "client_assertion", "client_assertion_type", "access_token", "post_logout_redirect_uri", "response_mode",
    ]
)  # fmt: skip
_PIECES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [
            b"%00", b"%ff", b"%", b"%zz", b"\xff\xfe", b"[" * 600, b'{"a":' * 300, b"a" * 17_000, b"openid", b"code",
            b"authorization_code", b"none", b"%0d%0aX: y", b"..", b"eyJhbGciOiJub25lIn0.e30.", b"%F0%9F%98%80",
        ]
    ),
)  # fmt: skip
_BODIES = st.one_of(
    st.binary(max_size=200),
    st.lists(st.tuples(_NAMES, _PIECES), max_size=6).map(
        lambda pairs: b"&".join(name.encode() + b"=" + value for name, value in pairs)
    ),
)
_HEADERS = st.dictionaries(
    st.sampled_from(
        ["HTTP_AUTHORIZATION", "HTTP_COOKIE", "HTTP_ACCEPT_LANGUAGE", "HTTP_USER_AGENT", "HTTP_HOST", "HTTP_ORIGIN",
         "HTTP_X_FORWARDED_FOR", "HTTP_REFERER", "CONTENT_TYPE"]
    ),
    st.one_of(
        st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")),
        st.sampled_from(
            ["Basic ====", "Basic " + "A" * 6_000, "Bearer \xff", "Bearer a.b.c", "yihao_session=\x00", "a=" * 300]
        ),
    ),
    max_size=3,
)  # fmt: skip


def is_clean(response: TestResponse) -> None:
    """Hold an answer to what every answer is: no fault of ours, JSON, a page or a redirect, and no trace."""
    assert response.status_code < 500, response.text
    text = response.get_data(as_text=True)
    assert "Traceback" not in text and "sqlalchemy" not in text.lower()
    if response.status_code >= 400 and response.request.method != "HEAD":
        assert "no-store" in response.headers["Cache-Control"]
        if response.mimetype == "application/json":
            assert set(json.loads(text)) <= {"error", "error_description"}
        else:
            assert response.mimetype == "text/html"


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    path=st.sampled_from(PROGRAMS + PEOPLE),
    method=st.sampled_from(["GET", "POST", "POST", "PUT", "HEAD", "OPTIONS", "DELETE"]),
    raw_query=_BODIES,
    body=_BODIES,
    headers=_HEADERS,
    is_form=st.booleans(),
)
def test_no_bytes_bring_it_down(
    provider: Provider, path: str, method: str, raw_query: bytes, body: bytes, headers: dict[str, str], is_form: bool
) -> None:
    """Arbitrary bytes in query, body and headers of every endpoint end in a clean answer."""
    if is_form:
        headers = {**headers, "CONTENT_TYPE": "application/x-www-form-urlencoded"}
    environ: dict[str, Any] = {"QUERY_STRING": raw_query.decode("latin-1"), "CONTENT_LENGTH": str(len(body)), **headers}
    response = provider.app.test_client().open(
        path, method=method, input_stream=BytesIO(body), environ_overrides=environ
    )
    is_clean(response)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(values=st.dictionaries(_NAMES, st.text(max_size=60), max_size=5))
def test_odd_values_of_a_known_client_end_cleanly(provider: Provider, values: dict[str, str]) -> None:
    """Text of any kind in the parameters of a registered client: an answer or an error of OAuth, not a fault."""
    if "party" not in _KNOWN or _KNOWN["provider"] is not provider:
        _KNOWN.update(provider=provider, party=provider.client(), browser=provider.browser(provider.person()))
    party, browser = _KNOWN["party"], _KNOWN["browser"]
    encodable = {name: value.encode("utf-8", "replace").decode() for name, value in values.items()}
    is_clean(browser.client.get(party.authorize_path(**{**encodable, "client_id": party.client_id})))
    is_clean(party.token(provider.http, **{"grant_type": "authorization_code", **encodable}))


_KNOWN: dict[str, Any] = {}


def test_paths_of_any_bytes_end_cleanly(provider: Provider) -> None:
    """NUL, invalid UTF-8 and traversal in a path are not found, or refused (never a fault)."""
    paths = ["/oauth/authorize/%00", "/oauth/register/%00", "/logout/%ff", "/i/%00/login", "/i/x/continue"]
    paths += ["/static/../../etc/passwd", "/oauth//token", "/%2e%2e/", "/oauth/token/", "/" + "x" * 5_000]
    for path in paths:
        response = provider.http.get(path)
        is_clean(response)
        assert response.status_code in (400, 401, 403, 404), path


def test_what_was_refused_wrote_nothing(provider: Provider) -> None:
    """A refused request leaves no row but the audit's and no parked request."""
    party = provider.client()
    provider.userinfo("x")  # a process notes its own keys at its first use
    before = _rows(provider)
    for path in ("/oauth/token", "/oauth/introspect", "/oauth/revoke"):
        form(provider.http, path, query(grant_type="password", token="x"), **party.basic())
        form(provider.http, path, b"\xff", **party.basic())
        form(provider.http, path, query(client_id="nobody"))
    form(provider.http, "/oauth/authorize", query(client_id="nobody"))
    provider.http.get(party.authorize_path(redirect_uri="https://evil.example"))
    provider.http.get(party.authorize_path(scope="unknown"))
    provider.userinfo("x")
    assert _rows(provider) == before


def test_nothing_secret_is_logged(provider: Provider) -> None:
    """Secrets and numbers in any place of a request reach no log line, refused or accepted."""
    party = provider.client()
    browser = provider.browser(provider.person("秘密人"))
    with capture_logs(processors=[redact]) as lines:
        tokens = provider.tokens(browser, party, login_hint=NUMBER, state=SECRET)
        provider.userinfo(tokens["access_token"])
        provider.userinfo(SECRET)
        party.token(provider.http, grant_type="refresh_token", refresh_token=SECRET)
        party.token(provider.http, grant_type="authorization_code", code=SECRET, code_verifier=SECRET)
        provider.http.post("/oauth/token", data={"client_id": NUMBER, "client_secret": SECRET, "grant_type": "x"})
        provider.http.get(f"/oauth/userinfo?access_token={SECRET}")
        provider.http.get(party.authorize_path(redirect_uri=f"https://x.example/{NUMBER}", login_hint=NUMBER))
        provider.http.get(party.authorize_path(client_id=NUMBER))
        provider.http.get(f"/oauth/register/{NUMBER}", headers=bearer(SECRET))
        provider.http.get(f"/oauth/authorize/{NUMBER}?x={SECRET}")
        provider.http.get(f"/{NUMBER}")
    logged = json.dumps(lines, default=str, ensure_ascii=False)
    assert lines
    for secret in (NUMBER, SECRET, "秘密人", party.client_secret, tokens["access_token"], tokens["refresh_token"]):
        assert str(secret) not in logged


def test_a_fault_of_ours_tells_only_its_kind(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where we do fail, programs get server_error and people a page, neither with a trace."""

    def fail(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError(SECRET)

    party = provider.client()
    monkeypatch.setattr(type(provider.house.protocol.token), "answer", fail)
    monkeypatch.setattr(type(provider.house.protocol.authorize), "trust", fail)
    program = party.token(provider.http, grant_type="refresh_token", refresh_token="x")
    assert (program.status_code, program.get_json()["error"]) == (500, "server_error")
    page = provider.http.get(party.authorize_path())
    assert page.status_code == 500 and page.mimetype == "text/html"
    for response in (program, page):
        assert SECRET not in response.text and "RuntimeError" not in response.text
        assert response.headers["Cache-Control"] == "no-store"


def _rows(provider: Provider) -> dict[str, int]:
    tables = [table for table in Base.metadata.sorted_tables if not table.name.startswith("audit")]
    with provider.house.ground.database.read() as session:
        return {
            table.name: session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for table in tables
            if sa.inspect(session.connection()).has_table(table.name)
        }
