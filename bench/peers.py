"""The peer: npm's oidc-provider with its Redis adapter, installed from a lock file that names no address."""

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from bench.children import BenchFailed, Child, clean_environment, free_port, listens, run, start
from bench.rows import ALL_ROWS
from bench.servers import ROOT
from bench.stores import Redis
from bench.target import BenchClient, Paths, Target

_SOURCE = ROOT / "bench" / "peer"
_FILES = ("package.json", "package-lock.json", ".npmrc", "server.mjs")
_PATHS = Paths(
    discovery="/.well-known/openid-configuration",
    jwks="/jwks",
    authorize="/auth",
    token="/token",
    userinfo="/me",
    introspect="/token/introspection",
)


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to configure the peer, and the rows that it is measured in."""

    name: str
    environment: tuple[tuple[str, str], ...]
    rows: frozenset[str]


# The first is what the package does by itself; the others do what ours does: signed access tokens, and a new
# refresh token with every use.
VARIANTS = (
    Variant("oidc-provider", (), frozenset(ALL_ROWS)),
    Variant(
        "oidc-provider, JWT access tokens",
        (("PEER_JWT", "1"),),
        frozenset({"client_credentials", "code_flow", "refresh"}),
    ),
    Variant("oidc-provider, rotating", (("PEER_ROTATE", "1"),), frozenset({"refresh"})),
)


def install(folder: Path) -> str:
    """Install the peer below `folder` where it is not there yet and return its version; raises BenchFailed."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise BenchFailed("Node and npm are needed for the peer; --alone measures without it")
    folder.mkdir(parents=True, exist_ok=True)
    lock = folder / "package-lock.json"
    is_fresh = lock.exists() and lock.read_bytes() == (_SOURCE / "package-lock.json").read_bytes()
    for name in _FILES:
        shutil.copyfile(_SOURCE / name, folder / name)
    if not (is_fresh and (folder / "node_modules" / ".package-lock.json").exists()):
        run("npm ci", [npm, "ci", "--no-audit", "--no-fund"], seconds=300, folder=folder)
    package = json.loads((folder / "node_modules" / "oidc-provider" / "package.json").read_text("utf-8"))
    return str(package["version"])


def start_peer(
    variant: Variant, *, folder: Path, logs: Path, redis: Redis, clients: tuple[BenchClient, ...]
) -> tuple[Child, Target]:
    """Start one variant and return it with what is measured; raises BenchFailed."""
    port, label = free_port(), re.sub(r"[^a-z]+", "-", variant.name.lower())
    listed = logs / f"{label}-clients.json"
    listed.touch(mode=0o600)
    listed.write_text(json.dumps([[client.id, client.secret, client.redirect_uri] for client in clients]))
    given = {"PEER_PORT": str(port), "PEER_REDIS": redis.url, "PEER_CLIENTS": str(listed), "PEER_PREFIX": label}
    environment = clean_environment({"NODE_ENV": "production", **given, **dict(variant.environment)})
    child = start(
        variant.name,
        [shutil.which("node") or "node", "server.mjs"],
        log=logs / f"{label}.log",
        is_ready=lambda: listens(port),
        environment=environment,
        folder=folder,
    )
    target = Target(
        name=variant.name,
        port=port,
        paths=_PATHS,
        clients=clients,
        server=child.pid,
        databases=(redis.child.pid,),
        rows=variant.rows,
        person=lambda place: (f"person-{place}", ""),
    )
    return child, target
