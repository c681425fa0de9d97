"""A whole deployment of processes that a test may kill: web workers, outbox worker, PostgreSQL, Redis."""

import http.client
import json
import os
import random
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import redis
from pydantic import SecretStr

from idp.config.settings import DatabaseSettings, LimitSettings, Settings, ShortLivedSettings
from idp.core.errors import StoreUnavailable
from idp.house.build import House, build_house
from tests.support.houses import prepare_postgres
from tests.support.postgres import PrivatePostgres
from tests.support.process import ServerFailed, ServerProcess, free_port, is_running
from tests.support.redis_server import PrivateRedis
from tests.support.tools import CHECKOUT

WEB_WORKERS = 2


class Deployment:
    """Starts everything; `house` is one more house on the same stores, to look from inside."""

    def __init__(self, folder: Path, postgres: PrivatePostgres, short_lived: PrivateRedis, dice: random.Random) -> None:
        self.port = free_port()
        self.postgres, self.redis = postgres, short_lived
        self._dice = dice
        self._settings = Settings(
            data_dir=folder / "data",
            issuer=f"http://127.0.0.1:{self.port}",
            database=DatabaseSettings(url=SecretStr(postgres.url)),
            short_lived=ShortLivedSettings(backend="redis", url=SecretStr(short_lived.url)),
            limits=LimitSettings(login_per_minute=0, register_per_hour=0, codes_per_mobile_per_hour=0),
        )
        self._log = folder / "web.log"
        prepare_postgres(postgres.url)
        environment = self._environment(folder)
        command = [sys.executable, "-m", "idp.cli"]
        self._web = ServerProcess(
            [*command, "run", "--without-worker"],
            log=self._log,
            is_ready=self.is_ready,
            identity={"env": environment, "cwd": CHECKOUT},
        )
        self._web.start()
        self._outbox = ServerProcess(
            [*command, "worker"],
            log=folder / "worker.log",
            is_ready=lambda: True,
            identity={"env": environment, "cwd": CHECKOUT},
        )
        self._outbox.start()
        self.house: House = build_house(self._settings)

    def kill_web_worker(self) -> None:
        """Kill a web worker, the one that lives longest; its parent starts another."""
        workers = self._web_workers()
        if workers:
            os.kill(workers[0], signal.SIGKILL)
        if not is_running(self._web.pid):  # it gives up where workers die in quick succession
            self._web.start()

    def kill_outbox_worker(self) -> None:
        """Kill the worker of the outbox and start it again, as a supervisor would."""
        self._outbox.kill()
        self._outbox.start()

    def kill_redis(self) -> None:
        """Kill Redis; it comes back with its last snapshot, however old."""
        if self._dice.random() < 0.5:
            with redis.Redis.from_url(self.redis.url) as operator:
                operator.save()
        self._dice_pause()
        self.redis.kill()
        self.redis.start()

    def kill_postgres(self) -> None:
        """Kill PostgreSQL; it comes back through recovery."""
        self.postgres.kill()
        self.postgres.start()

    def is_ready(self) -> bool:
        """Tell whether requests can be served."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def look(self, read: Callable[[], object]) -> object:
        """Return what `read` finds through the own house, as soon as its stores answer."""
        for _ in range(600):
            try:
                return read()
            except StoreUnavailable:
                self._dice_pause()
        raise ServerFailed("the stores do not come back")

    def unexpected(self) -> set[str]:
        """Return the faults that the web workers logged, for the account of a failure."""
        found, plain = set(), []
        for line in self._log.read_text(errors="replace").splitlines():
            if line.startswith("{"):
                if '"unexpected"' in line:
                    found.add(str(json.loads(line).get("exception", line)).strip()[-1500:])
            elif line.strip():
                plain.append(line)
        return found | {"\n".join(plain[-60:])}

    def end(self) -> None:
        """Stop what runs."""
        self.house.close()
        workers = self._web_workers()
        self._outbox.kill()
        self._web.stop()
        for pid in workers:
            if is_running(pid):
                os.kill(pid, signal.SIGKILL)

    def _web_workers(self) -> list[int]:
        """Return the numbers of the web workers, the oldest first; the parent has other children too."""
        children = Path(f"/proc/{self._web.pid}/task/{self._web.pid}/children")
        try:
            listed = [int(pid) for pid in children.read_text().split()]
            return sorted(pid for pid in listed if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes())
        except OSError:
            return []

    def _dice_pause(self) -> None:
        """Let some instants pass, so that what follows comes at a random point."""
        signal.sigtimedwait([], self._dice.uniform(0.01, 0.2))

    def _environment(self, folder: Path) -> dict[str, str]:
        config = folder / "config.yaml"
        config.write_text("{}\n")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("IDP_")}
        settings = self._settings
        return kept | {
            "IDP_CONFIG": str(config),
            "IDP_DATA_DIR": str(settings.data_dir),
            "IDP_ISSUER": settings.issuer,
            "IDP_LOG_LEVEL": "WARNING",
            "IDP_SERVER__PORT": str(self.port),
            "IDP_SERVER__WORKERS": str(WEB_WORKERS),
            "IDP_DATABASE__URL": settings.database.url.get_secret_value(),
            "IDP_SHORT_LIVED__BACKEND": "redis",
            "IDP_SHORT_LIVED__URL": settings.short_lived.url.get_secret_value(),
            "IDP_LIMITS__LOGIN_PER_MINUTE": "0",
            "IDP_LIMITS__REGISTER_PER_HOUR": "0",
            "IDP_LIMITS__CODES_PER_MOBILE_PER_HOUR": "0",
        }
