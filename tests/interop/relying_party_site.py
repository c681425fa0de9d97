"""A relying party's own server over TLS: documents that the provider fetches, logout tokens that it posts."""

import json
import queue
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.interop.certificates import Certificates


@dataclass
class RelyingPartySite:
    """Where it is, what it answers by path (null elsewhere), and the bodies posted to it."""

    url: str
    documents: dict[str, Any] = field(default_factory=dict)
    posts: "queue.Queue[str]" = field(default_factory=queue.Queue)


@contextmanager
def serve_site(certificates: Certificates) -> Iterator[RelyingPartySite]:
    """Serve on a free port of loopback until the end of the block."""
    site = RelyingPartySite("")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(site))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificates.cert, certificates.key)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    site.url = f"https://localhost:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(site: RelyingPartySite) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(json.dumps(site.documents.get(self.path.partition("?")[0])).encode())

        def do_POST(self) -> None:
            site.posts.put(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self._answer(b"")

        def log_message(self, *_arguments: object) -> None:
            """Nothing is printed."""

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
