"""The conformance profile: throw-away data and open rules, so that any third-party suite can be run against it."""

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import yaml

from clients.client import AuthMethod
from idp.cli.seed import seed_house
from idp.config.load import load_settings, read_tree, use_only
from idp.config.settings import LimitSettings, Settings
from idp.core.clock import Clock
from idp.core.errors import ConfigError
from idp.house.build import build_house
from idp.house.conformance import LOGIN_NAME, PASSWORD, add_person
from idp.house.ground import create_keys, open_database
from idp.tokens.claims import STANDARD_SCOPES
from migrations import run as migrations

API_SCOPE = "api:write"
RESOURCES = ("urn:example:resource:jwt", "urn:example:resource:opaque")
_RESOURCE_SERVERS = [
    {"audience": audience, "scopes": [API_SCOPE], "token_format": audience.rpartition(":")[2]} for audience in RESOURCES
]
_LISTEN = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
#: Settings that a try-out never has: beside one of them somebody's real data may be near.
_PRODUCTION_SETTINGS = (
    ("database", "url", ("",)),
    ("short_lived", "url", ("",)),
    ("short_lived", "backend", ("sqlite",)),
    ("keys", "key_file", (None, "")),
    ("keys", "next_key_file", (None, "")),
    ("audit", "seal_key_file", (None, "")),
    ("audit", "heads_file", (None, "")),
    ("messaging", "sms", ("development",)),
)


@dataclass(frozen=True, slots=True)
class ConformanceOptions:
    """What `idp run --profile conformance` was given; `clients` is a seed file."""

    issuer: str
    listen: str
    tls_cert: Path | None = None
    tls_key: Path | None = None
    trust_ca: Path | None = None
    clients: Path | None = None


@contextmanager
def conformance_set_up(options: ConformanceOptions) -> Iterator[Settings]:
    """Give settings over fresh data in a temporary folder, which is removed at the end.

    This process and its children then read these settings alone. Raises ConfigError, also beside production
    settings.
    """
    refuse_beside_production()
    clients = _read_clients(options.clients)
    with tempfile.TemporaryDirectory(prefix="yihao-conformance-") as folder:
        file = Path(folder) / "config.yaml"
        file.write_text(yaml.safe_dump(_settings_tree(options, Path(folder)), allow_unicode=True), encoding="utf-8")
        ignored = use_only(file)
        settings = load_settings()
        _fill(settings, clients)
        click.echo(_banner(settings, file, ignored))
        yield settings


def refuse_beside_production() -> None:
    """Raise ConfigError where config.yaml or the environment holds anything of a production deployment."""
    tree = read_tree(may_be_missing=True)
    if tree.get("profile") == "production":
        raise _beside("profile")
    for section, name, harmless in _PRODUCTION_SETTINGS:
        values = tree.get(section)
        if isinstance(values, Mapping) and values.get(name, harmless[0]) not in harmless:
            raise _beside(f"{section}.{name}")


def _beside(key: str) -> ConfigError:
    return ConfigError(
        f"{key}: the conformance profile does not start beside production settings."
        " Start it in a folder, and with an environment, that has none."
    )


def _settings_tree(options: ConformanceOptions, folder: Path) -> dict[str, Any]:
    """Return what differs from the embedded defaults; all else is what ships."""
    host, port = _address(options.listen)
    if (options.tls_cert is None) != (options.tls_key is None):
        raise ConfigError("--tls-cert and --tls-key: give both, or neither where a front proxy ends TLS.")
    parts = urlsplit(options.issuer)
    if parts.scheme == "http" and (parts.hostname not in _LOOPBACK or options.tls_cert is not None):
        raise ConfigError("--issuer: http is for loopback without TLS. Use https.")
    return {
        "profile": "conformance",
        "issuer": options.issuer,
        "data_dir": str(folder),
        "server": {
            "host": host,
            "port": port,
            "threads": 4,
            "tls_cert_file": _absolute(options.tls_cert),
            "tls_key_file": _absolute(options.tls_key),
        },
        # A command's new key is noticed at once: one process serves, so it is published before it signs.
        "keys": {"reload_seconds": 1},
        "login": {"tries_before_lock": 100, "lock_seconds": 1},
        # A suite's browser expects the answer to a level that is not met, not the pages that lead up to it.
        "realname": {"provider": "none", "counter": False},
        "limits": dict.fromkeys(LimitSettings.model_fields, 0),
        "registration": {
            "dynamic": "open",
            "default_scope": [*STANDARD_SCOPES, API_SCOPE],
            "resources": list(RESOURCES),
        },
        "outbound": {"allow_loopback": True, "ca_file": _absolute(options.trust_ca)},
    }


def _address(listen: str) -> tuple[str, int]:
    found = _LISTEN.fullmatch(listen)
    if found is None:
        raise ConfigError("--listen: must be HOST:PORT, such as 127.0.0.1:8443 or [::1]:8443.")
    return found[1].strip("[]"), int(found[2])


def _absolute(path: Path | None) -> str | None:
    return None if path is None else str(path.resolve())


def _read_clients(file: Path | None) -> dict[str, Any]:
    """Return the seed file of --clients with this profile's rules where it names none."""
    if file is None:
        return {}
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"--clients: not readable as YAML or JSON in UTF-8 ({type(error).__name__}).") from None
    listed = document.get("clients", []) if isinstance(document, dict) else None
    if not isinstance(listed, list) or not all(isinstance(client, dict) for client in listed):
        raise ConfigError("--clients: must be a mapping with a list of clients.")
    return {**document, "clients": [_with_rules(client) for client in listed]}


def _with_rules(client: dict[str, Any]) -> dict[str, Any]:
    # The same as for clients that register themselves.
    return {
        "require_pkce": client.get("token_endpoint_auth_method") == AuthMethod.NONE,
        "assertion_audience": "legacy",
        "allowed_resources": list(RESOURCES),
        **client,
    }


def _fill(settings: Settings, clients: Mapping[str, Any]) -> None:
    database = open_database(settings)
    migrations.upgrade(database)
    database.close()
    create_keys(settings, Clock())
    house = build_house(settings)
    try:
        add_person(house)
        seed_house(house, {"resource_servers": _RESOURCE_SERVERS})
        seed_house(house, clients, clear_secrets=True)
    finally:
        house.close()


def _banner(settings: Settings, file: Path, ignored: tuple[str, ...]) -> str:
    lines = [
        "Conformance profile: a known password, open registration, data that is thrown away. Not for real people.",
        f"issuer:     {settings.issuer}",
        f"discovery:  {settings.issuer}/.well-known/openid-configuration",
        f"person:     {LOGIN_NAME} / {PASSWORD}",
        f"resources:  {' '.join(RESOURCES)} (scope {API_SCOPE})",
        f"data:       {settings.data_dir}",
        f"commands:   IDP_CONFIG={file} idp keys rotate-signing --algorithm ES256 --announce-seconds 0",
    ]
    if ignored:
        lines.append(f"ignored:    {' '.join(ignored)}")
    return "\n".join(lines)
