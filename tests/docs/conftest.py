"""A provider as `make run` starts it, on a free port with data of its own, and applications beside it."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.docs.person import Person
from tests.docs.snippets import ROOT, snippet
from tests.support.process import ServerProcess, free_port

_IDP = Path(sys.executable).parent / "idp"
_SEED = """
people:
  - {login_name: zhangsan, name: 张三, number: 11010519491231002X, mobile: "+8613800138001", password: haidian-lake-58}
"""
_PASSWORD = "haidian-lake-58"


@dataclass(frozen=True, slots=True)
class Running:
    """A provider that answers, and how to call its command."""

    issuer: str
    data: Path
    environment: dict[str, str]


@dataclass(frozen=True, slots=True)
class Registered:
    """What the page's environment block holds, with real values."""

    app_url: str
    environment: dict[str, str]


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The provider, with one made-up person."""
    folder = tmp_path_factory.mktemp("provider")
    port = free_port()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("IDP_")}
    running = Running(
        issuer=f"http://127.0.0.1:{port}",
        data=folder / "data",
        environment=clean
        | {
            "IDP_DATA_DIR": str(folder / "data"),
            "IDP_ISSUER": f"http://127.0.0.1:{port}",
            "IDP_SERVER__PORT": str(port),
        },
    )
    (folder / "seed.yaml").write_text(_SEED, "utf-8")
    for command in (["migrate"], ["keys", "init"], ["seed", str(folder / "seed.yaml")]):
        subprocess.run([_IDP, *command], cwd=ROOT, env=running.environment, check=True, capture_output=True)
    command = [str(_IDP), "run"]
    server = _server(command, running.environment, ROOT, folder / "output", f"{running.issuer}/readyz")
    yield running
    server.stop()


def run_step(provider: Running, step: str, names: dict[str, str]) -> dict[str, str]:
    """Run a command of the page on the provider and return what it told, line by line.

    `names` are put into its text where they begin with an address, and into its environment otherwise.
    """
    command = snippet("integration.md", step=step)
    command = command.replace("IDP_DATA_DIR=var/demo ", "").replace(".venv/bin/idp", str(_IDP))
    for name, value in names.items():
        command = command.replace(name, value) if name.startswith("http") else command
    environment = provider.environment | names
    answer = subprocess.run(
        ["bash", "-euc", command], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    ).stdout
    return dict(line.split(": ", 1) for line in answer.splitlines() if ": " in line)


@pytest.fixture
def registered(provider: Running) -> Registered:
    """A client that the page's own command registered for a free port."""
    app_url = f"http://127.0.0.1:{free_port()}"
    told = run_step(provider, "register", {"http://127.0.0.1:8080": app_url})
    names = re.findall(r"export ([A-Z_]+)=", snippet("integration.md", step="environment"))
    values = {
        "ISSUER": provider.issuer,
        "CLIENT_ID": told["client_id"],
        "CLIENT_SECRET": told["client_secret"],
        "APP_URL": app_url,
    }
    assert set(names) == set(values)
    return Registered(app_url, {**os.environ, **values, "NO_PROXY": "127.0.0.1"})


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Write a snippet into a folder of its own and start it; it is ended after the test."""
    started = []

    def begin(name: str, command: list[str], url: str, environment: dict[str, str]) -> None:
        (tmp_path / name).write_text(snippet("integration.md", file=name), "utf-8")
        started.append(_server(command, environment, tmp_path, tmp_path / f"{name}.log", url))

    yield begin
    for each in reversed(started):
        each.stop()


@pytest.fixture
def person() -> Person:
    """Zhang San at a browser."""
    return Person(login_name="zhangsan", password=_PASSWORD)


def _server(command: list[str], environment: dict[str, str], folder: Path, log: Path, url: str) -> ServerProcess:
    """Return a started server that answers at `url`."""
    server = ServerProcess(
        command, log=log, is_ready=lambda: _answers(url), identity={"cwd": folder, "env": environment}
    )
    server.start()
    return server


def _answers(url: str) -> bool:
    with requests.Session() as http:
        http.trust_env = False  # a proxy of the environment does not lead to loopback
        try:
            return http.get(url, timeout=5, allow_redirects=False).status_code < 500
        except requests.RequestException:
            return False
