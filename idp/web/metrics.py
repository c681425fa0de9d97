"""Prometheus metrics of all worker processes: counted here, served on /metrics to listed addresses.

Labels are words of ours: endpoints, status codes, error codes, grant types. What a client sends is never one.
"""

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote_plus

from flask import Flask, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from idp.core.errors import StoreUnavailable
from idp.core.networks import Networks
from idp.house.build import House
from idp.house.metrics_folder import FOLDER_VARIABLE
from idp.house.vital_signs import outbox, unsealed_since
from idp.web.context import is_session_started
from idp.web.environ import ENDPOINT, ERROR, GRANT, UNKNOWN_HOP

_PATH = "/metrics"
_OTHER = "other"
_STEPS = (
    "login.password",
    "login.code",
    "login.totp",
    "login.recovery_code",
    "login.passkey",
    "staff.code",
    "staff.totp",
)
_OUTCOMES = {303: "accepted", 302: "accepted", 422: "refused", 429: "limited"}
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_GRANT_TYPE = re.compile(rb"(?:^|&)grant_type=([^&]{1,100})")

_requests = Counter("yihao_requests", "Requests answered.", ["endpoint", "status"])
_durations = Histogram("yihao_request_seconds", "Time to the answer.", ["endpoint"], buckets=_SECONDS)
_refusals = Counter("yihao_refusals", "Requests refused, by error code.", ["endpoint", "error"])
_tokens = Counter("yihao_tokens_issued", "Token responses, by grant type.", ["grant_type"])
_login_steps = Counter("yihao_login_steps", "Login forms, by step and outcome.", ["step", "outcome"])
_sessions = Counter("yihao_sessions_started", "Logins completed.")

Environ = dict[str, Any]
StartResponse = Callable[..., Any]


class Metrics:
    """A WSGI application around the whole; `paths` are answered before Flask and are their own endpoints."""

    def __init__(self, house: House, inner: Callable[..., Iterable[bytes]], *, paths: Iterable[str] = ()) -> None:
        self._house = house
        self._inner = inner
        self._readers = Networks(house.settings.server.metrics_from)
        self._paths = frozenset(paths)
        # As the body spells them, so that nothing is decoded per request.
        self._grants = {quote_plus(each).encode(): each for each in house.protocol.token.grant_types}
        self._grants |= {each.encode(): each for each in house.protocol.token.grant_types}
        self._count: dict[tuple[str, str], Callable[..., None]] = {}
        self._observe: dict[str, Callable[..., None]] = {}
        self._issued: dict[str, Callable[..., None]] = {}

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer for the metrics, or hand on and count."""
        path = environ.get("PATH_INFO", "")
        if path == _PATH and self._may_read(environ):
            return self._answer(start_response)
        began, status = time.perf_counter(), "500"

        def remember(line: str, *arguments: Any) -> Any:
            nonlocal status
            status = line[:3]
            return start_response(line, *arguments)

        try:
            return self._inner(environ, remember)
        finally:
            endpoint = path if path in self._paths else environ.get(ENDPOINT) or _OTHER
            self._take(endpoint, status, time.perf_counter() - began)
            if (error := environ.get(ERROR)) is not None:
                _refusals.labels(endpoint, error).inc()
            if (body := environ.get(GRANT)) is not None:
                self._count_tokens(self._grant_type(body))

    def _take(self, endpoint: str, status: str, seconds: float) -> None:
        # Looking a label up costs more than counting: what was found once is kept.
        count = self._count.get((endpoint, status))
        if count is None:
            count = self._count[endpoint, status] = _requests.labels(endpoint, status).inc
        observe = self._observe.get(endpoint)
        if observe is None:
            observe = self._observe[endpoint] = _durations.labels(endpoint).observe
        count()
        observe(seconds)

    def _count_tokens(self, grant_type: str) -> None:
        count = self._issued.get(grant_type)
        if count is None:
            count = self._issued[grant_type] = _tokens.labels(grant_type).inc
        count()

    def _grant_type(self, body: bytes) -> str:
        found = _GRANT_TYPE.search(body)
        return self._grants.get(found[1], _OTHER) if found else _OTHER

    def _may_read(self, environ: Environ) -> bool:
        """Tell whether a listed address asks; behind a proxy that is not listed, nobody knows who does."""
        return not environ.get(UNKNOWN_HOP) and environ.get("REMOTE_ADDR", "") in self._readers

    def _answer(self, start_response: StartResponse) -> Iterable[bytes]:
        registry = CollectorRegistry()
        if os.environ.get(FOLDER_VARIABLE):
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        else:
            for metric in (_requests, _durations, _refusals, _tokens, _login_steps, _sessions):
                registry.register(metric)
        registry.register(_Gauges(self._house))
        body = generate_latest(registry)
        headers = [("Content-Type", CONTENT_TYPE_LATEST), ("Content-Length", str(len(body)))]
        start_response("200 OK", [*headers, ("Cache-Control", "no-store")])
        return [body]


class _Gauges(Collector):
    """What is asked of the database when somebody looks, not kept by processes."""

    def __init__(self, house: House) -> None:
        self._database = house.ground.database
        self._clock = house.ground.clock

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the gauges; without a database there are none, and the rest is still served."""
        now = self._clock.now()
        try:
            found, since = outbox(self._database, at=now), unsealed_since(self._database)
        except StoreUnavailable:
            return
        due = (now - found.due_since).total_seconds() if found.due_since else 0
        unsealed = (now - since).total_seconds() if since else 0
        yield GaugeMetricFamily("yihao_outbox_waiting", "Deliveries that wait.", found.waiting)
        yield GaugeMetricFamily("yihao_outbox_dead", "Deliveries that were given up.", found.dead)
        yield GaugeMetricFamily("yihao_outbox_overdue_seconds", "How long the longest delivery has been due.", due)
        yield GaugeMetricFamily("yihao_audit_unsealed_seconds", "Age of the oldest unsealed audit row.", unsealed)


def init_metrics(app: Flask) -> None:
    """Let the pages tell what only they know: the endpoint, and how a login form went."""

    @app.after_request
    def tell(response: Response) -> Response:
        endpoint = request.endpoint
        request.environ[ENDPOINT] = endpoint
        if request.method == "POST" and endpoint in _STEPS and response.status_code in _OUTCOMES:
            _login_steps.labels(endpoint, _OUTCOMES[response.status_code]).inc()
        if is_session_started():
            _sessions.inc()
        return response
