"""Our provider as it ships: two web processes, PostgreSQL, Redis, a full house; all by the `idp` command."""

import sys
from collections.abc import Mapping
from pathlib import Path

from bench.children import Child, clean_environment, listens, run, start
from bench.rows import ALL_ROWS
from bench.stores import Postgres, Redis
from bench.target import BenchClient, Paths, Target

ROOT = Path(__file__).resolve().parent.parent
WORKERS = 2
# As idp/cli/made_up.py makes them; a login that fails would show at once that they differ.
_PASSWORD = "made-up-willow-bridge-31"
_SECRET_FILE = "made-up-clients.secret"
_SEED_SECONDS_EACH = 0.05
_PATHS = Paths(
    discovery="/.well-known/openid-configuration",
    jwks="/oauth/jwks",
    authorize="/oauth/authorize",
    token="/oauth/token",
    userinfo="/oauth/userinfo",
    introspect="/oauth/introspect",
)


def environment_of(data: Path, postgres: Postgres, redis: Redis, port: int) -> dict[str, str]:
    """Return the settings: the shipped ones but for addresses and places."""
    return clean_environment(
        {
            "IDP_CONFIG": str(ROOT / "config.yaml"),
            "IDP_DATA_DIR": str(data),
            "IDP_DATABASE__URL": postgres.url,
            "IDP_SHORT_LIVED__BACKEND": "redis",
            "IDP_SHORT_LIVED__URL": redis.url,
            "IDP_SERVER__WORKERS": str(WORKERS),
            "IDP_SERVER__PORT": str(port),
            "IDP_ISSUER": f"http://127.0.0.1:{port}",
        }
    )


def idp(environment: Mapping[str, str], *arguments: str, seconds: float = 120) -> str:
    """Run an `idp` command and return what it printed; raises BenchFailed."""
    command = [sys.executable, "-m", "idp.cli", *arguments]
    return run(f"idp {arguments[0]}", command, seconds=seconds, environment=environment, folder=ROOT)


def fill(environment: Mapping[str, str], *, people: int, clients: int) -> None:
    """Bring tables, keys, people and clients in; what is there already stays."""
    idp(environment, "migrate")
    idp(environment, "keys", "init")
    seconds = 120 + (people + clients) * _SEED_SECONDS_EACH
    idp(environment, "seed", "--made-up-people", str(people), "--made-up-clients", str(clients), seconds=seconds)


def start_ours(environment: Mapping[str, str], log: Path) -> Child:
    """Start the web processes and return them when they answer; the outbox worker has nothing to do here."""
    command = [sys.executable, "-m", "idp.cli", "run", "--without-worker"]
    port = int(environment["IDP_SERVER__PORT"])
    return start("idp run", command, log=log, is_ready=lambda: listens(port), environment=environment, folder=ROOT)


def our_clients(data: Path, count: int) -> tuple[BenchClient, ...]:
    """Return the made-up clients with their secret."""
    secret = (data / _SECRET_FILE).read_text(encoding="ascii").strip()
    return tuple(
        BenchClient(f"made-up-{place:05d}", secret, f"https://service-{place:05d}.example/callback")
        for place in range(count)
    )


def our_target(child: Child, port: int, clients: tuple[BenchClient, ...], databases: tuple[Child, ...]) -> Target:
    """Return what is measured."""
    return Target(
        name="yihao",
        port=port,
        paths=_PATHS,
        clients=clients,
        server=child.pid,
        databases=tuple(each.pid for each in databases),
        rows=frozenset(ALL_ROWS),
        person=lambda place: (f"made-up-{place:07d}", _PASSWORD),
        has_books=True,
    )
