"""`idp run` on PostgreSQL and Redis: several workers serve, count together, and stop without losing a request."""

import re
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from idp.config.settings import DatabaseSettings, Settings
from idp.core.clock import Clock
from idp.house.ground import create_keys
from tests.support.houses import prepare_postgres
from tests.support.postgres import conninfo
from tests.support.postgres_databases import MakeDatabase
from tests.support.provider_process import PATIENCE_SECONDS, ProviderProcess, wait_until
from tests.support.redis_fixtures import RedisSpace

WORKERS = 2


@pytest.fixture
def server(make_postgres_database: MakeDatabase, redis_space: RedisSpace, tmp_path: Path) -> Iterator[ProviderProcess]:
    """A running server with two workers, an https issuer and a proxy on this machine."""
    url = make_postgres_database(prepare_postgres)
    data = {"data_dir": str(tmp_path / "data"), "database": {"url": url}, "issuer": "https://id.example.gov.cn"}
    create_keys(Settings(data_dir=tmp_path / "data", database=DatabaseSettings(url=url)), Clock())
    store = {"backend": "redis", "url": redis_space.url, "prefix": redis_space.prefix}
    running = ProviderProcess(tmp_path, {**data, "short_lived": store}, workers=WORKERS)
    running.start_and_wait()
    yield running
    running.remove()


def _count(page: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} ([0-9.e+]+)$", page, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_workers_serve_and_count_together(server: ProviderProcess, tmp_path: Path) -> None:
    """Every request is in the metrics, whichever worker answered and whichever is asked for them."""
    asked = 60
    pids = {int(path.stem.rpartition("_")[2]) for path in (tmp_path / "data").rglob("counter_*.db")}
    for _ in range(asked):
        assert server.get("/oauth/jwks")[0] == 200
    pages = [server.get("/metrics")[1] for _ in range(6)]
    assert {_count(page, 'yihao_requests_total{endpoint="/oauth/jwks",status="200"}') for page in pages} == {asked}
    pids |= {int(path.stem.rpartition("_")[2]) for path in (tmp_path / "data").rglob("counter_*.db")}
    assert len(pids) == WORKERS


def test_pages_carry_what_https_asks_for(server: ProviderProcess) -> None:
    """Cookies with __Host- and Secure, and Strict-Transport-Security, over the real server."""
    status, _, headers = server.get("/login")
    cookies = headers.get_all("Set-Cookie")
    assert status == 303 and cookies
    assert all(line.startswith("__Host-") and "; Secure" in line for line in cookies)
    assert headers["Strict-Transport-Security"]
    assert server.get("/metrics", {"X-Forwarded-For": "203.0.113.9"})[0] == 404


def test_logs_are_lines_of_json(server: ProviderProcess) -> None:
    """Each request is a line; a query string is in none."""
    server.get("/login?login_hint=13800138000")
    lines = server.log.read_text().splitlines()
    assert lines and all(line.startswith("{") for line in lines), lines
    assert "13800138000" not in server.log.read_text()


def test_a_request_under_way_is_answered_when_the_server_stops(
    server: ProviderProcess, postgres_server: Any, tmp_path: Path
) -> None:
    """SIGTERM ends the listening at once and the process only after the last answer."""
    content = yaml.safe_load((tmp_path / "config.yaml").read_text())
    held, answers = psycopg.connect(conninfo(content["database"]["url"])), []
    # The request waits for this lock, for less than a statement may take.
    held.execute("LOCK TABLE signing_keys, wrapped_keys, clients IN ACCESS EXCLUSIVE MODE")
    path = "/oauth/authorize?client_id=nobody&redirect_uri=https://x.example/&response_type=code"
    asking = threading.Thread(target=lambda: answers.append(server.get(path)))
    asking.start()
    wait_until(lambda: _waiters(content["database"]["url"]) > 0)
    server.process.send_signal(signal.SIGTERM)
    wait_until(lambda: not server.listens())
    assert server.process.poll() is None and answers == []
    held.rollback()
    held.close()
    asking.join(PATIENCE_SECONDS)
    # 400 says that the client is unknown, 503 that the lock was not had in time: both are answers.
    assert [status in (400, 503) for status, _, _ in answers] == [True]
    assert server.process.wait(PATIENCE_SECONDS) == 0


def test_the_worker_stops_in_order(server: ProviderProcess) -> None:
    """`idp worker` ends by itself after SIGTERM, with code 0."""
    worker = server.run("worker")
    wait_until(lambda: "audit.sealed" in server.log.read_text() or worker.poll() is not None)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE_SECONDS) == 0, server.log.read_text()


def _waiters(url: str) -> int:
    with psycopg.connect(conninfo(url), autocommit=True) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) "
            "WHERE NOT granted AND datname = current_database()"
        ).fetchone()
    return int(row[0]) if row else 0
