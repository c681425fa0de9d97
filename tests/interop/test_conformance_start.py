"""Starting the conformance profile: beside nothing of production, over http on loopback only."""

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from idp.cli.conformance import ConformanceOptions, conformance_set_up
from idp.cli.main import cli
from idp.core.errors import ConfigError
from tests.interop.certificates import Certificates
from tests.interop.conformance import IDP, SuiteBrowser, answer_of, clean_environment
from tests.interop.conftest import start
from tests.support.process import free_port
from tests.support.tools import CHECKOUT

ISSUER = "https://id.example.gov.cn"
LISTEN = "127.0.0.1:9"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to start in, where temporary data would lie too; what is set in the environment is undone."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(os, "environ", clean_environment())
    return tmp_path


def set_up(**options: Any) -> None:
    with conformance_set_up(ConformanceOptions(**{"issuer": ISSUER, "listen": LISTEN, **options})):
        pytest.fail("the profile was set up")


def temporary_data(folder: Path) -> list[Path]:
    return list(folder.glob("yihao-conformance-*"))


@pytest.mark.parametrize(
    ("name", "value", "key"),
    [
        ("IDP_PROFILE", "production", "profile"),
        ("IDP_DATABASE__URL", "postgresql://db.example.gov.cn/yihao", "database.url"),
        ("IDP_SHORT_LIVED__URL", "redis://redis.example.gov.cn/0", "short_lived.url"),
        ("IDP_SHORT_LIVED__BACKEND", "redis", "short_lived.backend"),
        ("IDP_KEYS__KEY_FILE", "/run/secrets/kek", "keys.key_file"),
        ("IDP_AUDIT__SEAL_KEY_FILE", "/run/secrets/seal", "audit.seal_key_file"),
        ("IDP_MESSAGING__SMS", "tencent", "messaging.sms"),
    ],
)
def test_refusal_beside_production_environment(folder: Path, name: str, value: str, key: str) -> None:
    """The key is named and the value is not; nothing is left."""
    os.environ[name] = value
    with pytest.raises(ConfigError, match=rf"^{key}: .*production settings") as refused:
        set_up()
    assert f" {value}" not in str(refused.value).replace("production settings", "")
    assert temporary_data(folder) == []


@pytest.mark.parametrize("settings", ["profile: production", "database: {url: 'postgresql://db.example.gov.cn/yihao'}"])
def test_refusal_beside_production_file(folder: Path, settings: str) -> None:
    """A config.yaml of production in the folder is refused, and so is one that IDP_CONFIG names."""
    (folder / "config.yaml").write_text(settings)
    with pytest.raises(ConfigError, match="production settings"):
        set_up()
    os.environ["IDP_CONFIG"] = str((folder / "config.yaml").rename(folder / "other.yaml"))
    with pytest.raises(ConfigError, match="production settings"):
        set_up()
    os.environ["IDP_CONFIG"] = "unreadable.yaml"
    (folder / "unreadable.yaml").write_text("profile: [")
    with pytest.raises(ConfigError, match="YAML"):
        set_up()


def test_refusal_by_the_command(folder: Path) -> None:
    """The command ends with one line on standard error and starts nothing."""
    arguments = [*IDP, "run", "--profile", "conformance", "--issuer", ISSUER, "--listen", LISTEN]
    environment = {**clean_environment(), "IDP_PROFILE": "production", "TMPDIR": str(folder)}
    done = subprocess.run(arguments, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("idp: profile: ")
    assert len(done.stderr.splitlines()) == 1
    assert temporary_data(folder) == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--issuer", ISSUER], "--issuer goes with --profile conformance only"),
        (["--tls-cert", __file__], "--tls-cert goes with --profile conformance only"),
        (["--profile", "conformance", "--issuer", ISSUER], "--issuer and --listen"),
        (["--profile", "production"], "'production' is not"),
        (["--profile", "conformance", "--clients", "no-such-file"], "does not exist"),
    ],
)
def test_misused_options(arguments: list[str], says: str) -> None:
    """Options that do not belong together are a usage error, before anything else is done."""
    done = CliRunner().invoke(cli, ["run", *arguments])
    assert done.exit_code == 2
    assert says in done.output


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"listen": "9"}, "--listen: must be HOST:PORT"),
        ({"listen": "127.0.0.1:70000"}, "server.port"),
        ({"tls_cert": Path("server.pem")}, "--tls-cert and --tls-key"),
        ({"issuer": "http://id.example.gov.cn"}, "http is for loopback"),
        ({"issuer": f"{ISSUER}/"}, "^issuer: "),
        ({"clients": Path("list.yaml")}, "a list of clients"),
        ({"clients": Path("broken.yaml")}, "not readable as YAML or JSON"),
        ({"clients": Path("bad.yaml")}, "clients: bad: redirect_uris"),
    ],
)
def test_unfit_options(folder: Path, options: dict[str, Any], says: str) -> None:
    """Values that cannot be used are refused with their option's name, and leave no data."""
    (folder / "list.yaml").write_text("[]")
    (folder / "broken.yaml").write_text("{")
    (folder / "bad.yaml").write_text("clients: [{client_id: bad, client_secret: x}]")
    with pytest.raises(ConfigError, match=says):
        set_up(**options)
    assert temporary_data(folder) == []


def test_every_option_is_documented() -> None:
    """docs/conformance.md names each option of the profile."""
    page = (CHECKOUT / "docs" / "conformance.md").read_text(encoding="utf-8")
    options = {name for option in cli.commands["run"].params for name in option.opts}
    assert {name for name in options if f"`{name}`" not in page and f"{name} conformance" not in page} == {
        "--with-worker",
        "--seed",  # of a try-out, as demo/run.py does
    }


def test_http_on_loopback(tmp_path: Path, certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    """An http issuer on loopback serves a login; the data is gone when it has stopped."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    arguments = ["run", "--profile", "conformance", "--issuer", issuer, "--listen", f"127.0.0.1:{port}"]
    provider = start(tmp_path, certificates, issuer=issuer, arguments=arguments)
    browser = SuiteBrowser(provider)
    try:
        assert len(temporary_data(tmp_path)) == 1
        redirect_uri = "http://localhost:9/callback"
        client: dict[str, Any] = provider.register(redirect_uris=[redirect_uri])
        query = f"response_type=code&client_id={client['client_id']}&redirect_uri={redirect_uri}&scope=openid"
        assert "code" in answer_of(browser.authorize(f"{provider.issuer}/oauth/authorize?{query}"))
    finally:
        browser.close()
        provider.http.close()
        provider.process.stop()
    assert temporary_data(tmp_path) == []
