"""The real application on loopback for browser tests, with a client whose callback answers; embedded set-up only."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Request, Response

from idp.app import create_app
from idp.config.settings import LimitSettings, LocaleSettings, Settings
from idp.core.clock import Clock
from idp.house.build import House, build_house
from idp.house.ground import create_keys, open_database
from idp.outbox.queue import DeliveryKind
from migrations import run as migrations
from tests.support.relying_party import RelyingParty, make_client

NO_LIMITS = LimitSettings(login_per_minute=0, register_per_hour=0, codes_per_mobile_per_hour=0)
#: In the brackets of the pseudo-locales, so that it never counts as an untranslated word.
CLIENT_NAME = "⟦Portal⟧"


@dataclass(frozen=True, slots=True)
class Site:
    """A running provider and its client."""

    issuer: str
    house: House
    app: Flask
    party: RelyingParty

    def authorize_url(self, **parameters: Any) -> str:
        """Return the address of an authorization request."""
        return self.issuer + self.party.authorize_path(scope="openid profile phone", **parameters)

    def newest_code(self, mobile: str) -> str:
        """Return the code that was sent last to a mobile number."""
        for _at, payload in self.house.protocol.queue.recent(DeliveryKind.MESSAGE, most=50):
            if payload["to"].endswith(mobile):
                return str(payload["parameters"]["code"])
        raise AssertionError(f"nothing was sent to {mobile}")


def prepare(folder: Path) -> None:
    """Make the tables and keys of an embedded deployment in `folder`."""
    settings = Settings(data_dir=folder)
    database = open_database(settings)
    migrations.upgrade(database)
    database.close()
    create_keys(settings, Clock())


@contextmanager
def serving(folder: Path, locales: LocaleSettings, **sections: Any) -> Iterator[Site]:
    """Serve the deployment in `folder` on a free port in these languages, with further sections of its settings."""
    callback = _listen(_callback)
    server = make_server("127.0.0.1", 0, _nothing, threaded=True)
    issuer = f"http://127.0.0.1:{server.server_port}"
    house = build_house(Settings(data_dir=folder, issuer=issuer, limits=NO_LIMITS, locales=locales, **sections))
    server.app = app = create_app(house)
    _start(server)
    uri = f"http://127.0.0.1:{callback.server_port}/callback"
    party = make_client(
        house,
        client_name=CLIENT_NAME,
        redirect_uris=[uri],
        post_logout_redirect_uris=[uri],
        policy={"require_consent": True},
    )
    try:
        yield Site(issuer, house, app, party)
    finally:
        server.shutdown()
        callback.shutdown()
        server.server_close()
        callback.server_close()
        house.close()


@Request.application
def _callback(_request: Request) -> Response:
    return Response("<!doctype html><title>client</title><p id=client>client</p>", mimetype="text/html")


@Request.application
def _nothing(_request: Request) -> Response:
    return Response(status=503)


def _listen(application: Any) -> BaseWSGIServer:
    server = make_server("127.0.0.1", 0, application, threaded=True)
    _start(server)
    return server


def _start(server: BaseWSGIServer) -> None:
    threading.Thread(target=server.serve_forever, daemon=True).start()
