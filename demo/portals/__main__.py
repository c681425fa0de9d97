"""Serve one portal on loopback: `python -m demo.portals --help`."""

import argparse
import logging
import signal
import threading
from pathlib import Path
from types import FrameType

from werkzeug.serving import WSGIRequestHandler, make_server

from demo.portals.app import create_portal
from demo.portals.settings import PortalKind, PortalSettings

HOST = "127.0.0.1"


class QuietHandler(WSGIRequestHandler):
    """Logs method, path and status; a query string may hold a code or an ID token."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write one line without the query string."""
        self.log("info", "%s %s %s", self.command, self.path.partition("?")[0], code)


def main() -> None:
    """Serve until SIGTERM or SIGINT, then finish the requests under way and return."""
    parser = argparse.ArgumentParser(prog="python -m demo.portals", description=__doc__)
    parser.add_argument("--kind", type=PortalKind, choices=list(PortalKind), required=True)
    parser.add_argument("--client-id", required=True)
    parser.add_argument("--secret-file", type=Path, required=True, help="a file that holds the client secret")
    parser.add_argument("--issuer", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--other-url", required=True, help="the neighbour portal")
    options = parser.parse_args()
    settings = PortalSettings(
        kind=options.kind,
        client_id=options.client_id,
        client_secret=options.secret_file.read_text(encoding="utf-8").strip(),
        issuer=options.issuer,
        base_url=f"http://{HOST}:{options.port}",
        other_url=options.other_url,
    )
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    # Threads, because the back channel comes in while a browser's logout is under way; one
    # process, because the sessions are its memory.
    server = make_server(HOST, options.port, create_portal(settings), threaded=True, request_handler=QuietHandler)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        # shutdown() waits for the serving loop, which is the very thread that runs this handler.
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server.serve_forever()
    server.server_close()


if __name__ == "__main__":
    main()
