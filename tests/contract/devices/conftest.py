"""A provider that answers over HTTP, for software of readers."""

import threading
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server
from werkzeug.wsgi import get_input_stream

from idp.house.build import House
from tests.support.process import free_port


@pytest.fixture
def overrides() -> dict[str, Any]:
    return {"issuer": f"http://127.0.0.1:{free_port()}"}


@pytest.fixture
def served(house: House, app: Flask) -> Iterator[House]:
    """The house, answering at its issuer."""

    def with_end_of_input(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        # This server hands the socket itself over, which ends where the browser hangs up; the shipped one does not.
        environ["wsgi.input"] = get_input_stream(environ)
        return app(environ, start_response)

    port = int(house.settings.issuer.rpartition(":")[2])
    server = make_server("127.0.0.1", port, with_end_of_input, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield house
    server.shutdown()
    thread.join()
    server.server_close()
