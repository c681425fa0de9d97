"""The guarded fetcher and certificates (RFC 9525)."""

from pathlib import Path

import pytest

from idp.core.errors import ConfigError
from idp.outbound.fetcher import OutboundReason
from tests.unit.idp.outbound.calls import OK, make_fetcher, refusal


@pytest.mark.parametrize("name", ["127.0.0.1", "portal.example"])
def test_tls_is_verified_against_the_name_asked_for(serve, authority, name: str) -> None:
    """A certificate of the trusted authority for this name or address is accepted."""
    server = serve(OK, context=authority.server_context(name))
    fetcher = make_fetcher(lambda _host, _port: ["127.0.0.1"], ca_file=authority.ca_file, allow_http=False)
    assert fetcher.get(f"https://{name}:{server.port}/").body == b"hi"


def test_a_certificate_for_another_name_is_refused(serve, authority) -> None:
    """The certificate must be for the host in the URL (RFC 9525)."""
    server = serve(OK, context=authority.server_context("other.example"))
    fetcher = make_fetcher(lambda _host, _port: ["127.0.0.1"], ca_file=authority.ca_file)
    refused = refusal(lambda: fetcher.get(f"https://portal.example:{server.port}/"))
    assert (refused.reason, refused.request_sent) == (OutboundReason.TLS, False)


def test_an_expired_certificate_is_refused(serve, authority) -> None:
    """A certificate past its end is not accepted."""
    server = serve(OK, context=authority.server_context("127.0.0.1", expired=True))
    refused = refusal(lambda: make_fetcher(ca_file=authority.ca_file).get(server.url()))
    assert refused.reason is OutboundReason.TLS


def test_an_unknown_authority_is_refused(serve, authority) -> None:
    """Without ca_file only the system's authorities count."""
    server = serve(OK, context=authority.server_context("127.0.0.1"))
    refused = refusal(lambda: make_fetcher().get(server.url()))
    assert (refused.reason, refused.request_sent) == (OutboundReason.TLS, False)


def test_the_name_is_sent_as_sni(serve, authority) -> None:
    """The server learns the name before it chooses its certificate (RFC 6066 §3)."""
    context = authority.server_context("portal.example")
    seen: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: seen.append(name)
    server = serve(OK, context=context)
    fetcher = make_fetcher(lambda _host, _port: ["127.0.0.1"], ca_file=authority.ca_file)
    fetcher.get(f"https://portal.example:{server.port}/")
    assert seen == ["portal.example"]


def test_a_handshake_that_never_ends_is_given_up(serve) -> None:
    """A peer that does not speak TLS cannot hold the caller, and nothing was sent to it."""
    server = serve(lambda _connection: None)
    fetcher = make_fetcher(total_timeout_seconds=0.2)
    refused = refusal(lambda: fetcher.get(f"https://127.0.0.1:{server.port}/"))
    assert refused.reason is OutboundReason.TIMEOUT
    assert refused.request_sent is False


def test_unreadable_authorities_stop_the_start(tmp_path: Path) -> None:
    """A missing or empty CA file is found when the fetcher is built."""
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    for path in (empty, tmp_path / "missing.pem"):
        with pytest.raises(ConfigError, match="ca_file"):
            make_fetcher(ca_file=str(path))
