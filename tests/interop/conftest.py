"""A provider in the conformance profile, and browsers of a person."""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.interop.certificates import Certificates, make_certificates
from tests.interop.conformance import IDP, Provider, SuiteBrowser, clean_environment
from tests.interop.relying_party_site import RelyingPartySite, serve_site
from tests.support.process import ServerProcess, free_port
from tests.support.tools import CHECKOUT


def documented(step: str) -> str:
    """Return the snippet of docs/conformance.md that is marked with `step`."""
    page = (CHECKOUT / "docs" / "conformance.md").read_text(encoding="utf-8")
    found = re.search(rf"^```[a-z]+ {step}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found.group(1)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A throw-away authority with a certificate for localhost."""
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Provider]:
    """The documented command on a free port, with the documented clients; one for the worker's whole run."""
    folder = tmp_path_factory.mktemp("conformance")
    (folder / "clients.yaml").write_text(documented("clients"), encoding="utf-8")
    for file in (certificates.ca, certificates.cert, certificates.key):
        shutil.copy(file, folder)
    port = str(free_port())
    command = shlex.split(documented("command").replace("\\\n", " ").replace("8443", port))
    started = start(folder, certificates, issuer=f"https://localhost:{port}", arguments=command[1:])
    yield started
    started.process.stop()
    started.http.close()


def start(folder: Path, certificates: Certificates, *, issuer: str, arguments: list[str]) -> Provider:
    """Start the command in `folder` and return when discovery answers; the caller stops it."""
    log = folder / "log"
    process = ServerProcess(
        [*IDP, *arguments],
        log=log,
        is_ready=lambda: _answers(issuer, certificates),
        identity={"cwd": folder, "env": clean_environment()},
    )
    process.start()
    return Provider(issuer, certificates, log, process)


@pytest.fixture
def suite_browser(provider: Provider) -> Iterator[SuiteBrowser]:
    """A browser of alice without cookies."""
    browser = SuiteBrowser(provider)
    yield browser
    browser.close()


@pytest.fixture
def site(certificates: Certificates) -> Iterator[RelyingPartySite]:
    """A relying party's server with a certificate of the throw-away authority."""
    with serve_site(certificates) as serving:
        yield serving


def _answers(issuer: str, certificates: Certificates) -> bool:
    with requests.Session() as http:
        http.trust_env = False
        try:
            url = f"{issuer}/.well-known/openid-configuration"
            return http.get(url, verify=str(certificates.ca), timeout=5).ok
        except requests.RequestException:
            return False
