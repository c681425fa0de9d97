"""Served pages: the samples, and the real application in Chinese and English."""

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from idp.config.settings import LocaleSettings
from tests.support.page_app import bare_app
from tests.support.site import Site, prepare, serving

logging.getLogger("werkzeug").setLevel(logging.ERROR)


@pytest.fixture(scope="session")
def samples_url() -> Iterator[str]:
    """Where this worker's sample pages are served."""
    server = make_server("127.0.0.1", 0, bare_app(), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/sample"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def site_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of this worker's deployment."""
    folder = tmp_path_factory.mktemp("site") / "data"
    prepare(folder)
    return folder


@pytest.fixture(scope="session")
def site(site_folder: Path) -> Iterator[Site]:
    """The real application, Chinese first and English beside it."""
    with serving(site_folder, LocaleSettings()) as running:
        yield running
