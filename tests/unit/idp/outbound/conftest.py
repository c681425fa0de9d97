"""Local servers that answer as they are told, and a throwaway certificate authority."""

import contextlib
import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Handler = Callable[[socket.socket], None]


@dataclass
class LocalServer:
    """A listening socket, what was received on it, and the event that ends lingering handlers."""

    listener: socket.socket
    handler: Handler
    context: ssl.SSLContext | None
    stopped: threading.Event
    received: list[bytes] = field(default_factory=list)

    @property
    def port(self) -> int:
        return self.listener.getsockname()[1]

    def url(self, path: str = "/") -> str:
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.port}{path}"

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), connection:
                self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        if self.context is not None:
            with self.context.wrap_socket(connection, server_side=True) as secured:
                self._answer(secured)
        else:
            self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        request = b""
        while b"\r\n\r\n" not in request:
            piece = connection.recv(65536)
            if not piece:
                return
            request += piece
        head, _, body = request.partition(b"\r\n\r\n")
        expected = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                expected = int(line.partition(b":")[2])
        while len(body) < expected:
            body += connection.recv(65536)
        self.received.append(head + b"\r\n\r\n" + body)
        self.handler(connection)


@pytest.fixture
def serve() -> Iterator[Callable[..., LocalServer]]:
    """Start servers that answer with bytes, or by a handler, until the test is over."""
    stopped = threading.Event()
    servers: list[tuple[LocalServer, threading.Thread]] = []

    def start(answer: bytes | Handler, *, context: ssl.SSLContext | None = None) -> LocalServer:
        handler = answer if callable(answer) else lambda connection: connection.sendall(answer)
        listener = socket.create_server(("127.0.0.1", 0))
        server = LocalServer(listener, handler, context, stopped)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        servers.append((server, thread))
        return server

    yield start
    stopped.set()
    for server, thread in servers:
        # Closing alone does not wake a thread that waits in accept.
        with contextlib.suppress(OSError):
            server.listener.shutdown(socket.SHUT_RDWR)
        server.listener.close()
        thread.join(5)


@dataclass(frozen=True)
class Authority:
    """A certificate authority that lives as long as one test."""

    key: ec.EllipticCurvePrivateKey
    name: x509.Name
    folder: Path

    @property
    def ca_file(self) -> str:
        return str(self.folder / "ca.pem")

    def server_context(self, *names: str, expired: bool = False) -> ssl.SSLContext:
        """Return a server's TLS context with a certificate for these names and addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        alternatives: list[x509.GeneralName] = []
        for name in names:
            try:
                alternatives.append(x509.IPAddress(ipaddress.ip_address(name)))
            except ValueError:
                alternatives.append(x509.DNSName(name))
        certificate = (
            _builder(self.name, x509.Name([]), key, expired=expired)
            .add_extension(x509.SubjectAlternativeName(alternatives), critical=True)
            .sign(self.key, hashes.SHA256())
        )
        path = self.folder / f"{'-'.join(names).replace(':', '_')}.pem"
        path.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


def _builder(
    issuer: x509.Name, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, expired: bool = False
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    end = now - datetime.timedelta(days=1) if expired else now + datetime.timedelta(days=1)
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=2))
        .not_valid_after(end)
    )


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Throwaway CA")])
    certificate = (
        _builder(name, name, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (tmp_path / "ca.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return Authority(key, name, tmp_path)
