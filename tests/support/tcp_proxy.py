"""A way to a server that can fall silent: it goes on taking connections and bytes, and hands nothing on."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from sqlalchemy import make_url

_CHUNK = 65_536


@dataclass(slots=True)
class _Gates:
    """What must be open for bytes to pass, to the server and from it."""

    to_server: threading.Event = field(default_factory=threading.Event)
    from_server: threading.Event = field(default_factory=threading.Event)

    def open(self) -> None:
        self.to_server.set()
        self.from_server.set()


class TcpProxy:
    """Leads from `url` to the server on loopback that has the address given."""

    def __init__(self, server_url: str) -> None:
        server = make_url(server_url)
        self._server_port = server.port
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.url = server.set(port=port).render_as_string(hide_password=False)
        self._gates = self._opened()
        self._kept = [self._gates]
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._run(self._accept)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self.close()

    def be_silent(self, *, answers_only: bool = False) -> None:
        """Hand nothing on any more, or only what goes to the server; new connections are taken all the same."""
        if not answers_only:
            self._gates.to_server.clear()
        self._gates.from_server.clear()

    def speak(self) -> None:
        """Hand on again, what was held back first."""
        self._gates.open()

    def forget(self) -> None:
        """Never hand on anything of the present connections again, without closing them; new ones work."""
        self.be_silent()
        self._gates = self._opened()
        self._kept.append(self._gates)

    def close(self) -> None:
        """Close everything."""
        _shut(self._listener)  # wakes who accepts
        self._threads[0].join()
        for each in self._sockets:
            _shut(each)
        for gates in self._kept:
            gates.open()
        for thread in self._threads:
            thread.join()
        for each in (self._listener, *self._sockets):
            each.close()

    def _opened(self) -> _Gates:
        gates = _Gates()
        gates.open()
        return gates

    def _run(self, act: Callable[..., None], *arguments: object) -> None:
        self._threads.append(threading.Thread(target=act, args=arguments, daemon=True))
        self._threads[-1].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._sockets.append(client)
                try:
                    server = socket.create_connection(("127.0.0.1", self._server_port))
                except OSError:
                    _shut(client)  # the server is gone, and so says the way to it
                    continue
                self._sockets.append(server)
                self._run(_pump, client, server, self._gates.to_server)
                self._run(_pump, server, client, self._gates.from_server)


def _pump(source: socket.socket, sink: socket.socket, gate: threading.Event) -> None:
    with suppress(OSError):
        while data := source.recv(_CHUNK):
            gate.wait()
            sink.sendall(data)
    gate.wait()
    _shut(sink)


def _shut(each: socket.socket) -> None:
    with suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
