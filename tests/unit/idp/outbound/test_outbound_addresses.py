"""Which addresses may be reached, and how a URL is read."""

import ipaddress
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.outbound.addresses import is_allowed, resolve
from idp.outbound.refusal import OutboundReason, OutboundRefused
from idp.outbound.target import parse_target

ALWAYS_REFUSED = [
    "0.0.0.0",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "169.254.0.23",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "fe80::1",
    "fec0::1",
    "fd00:ec2::254",
    "ff02::1",
    "4000::1",
]
PRIVATE = ["10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fd12:3456::1"]
LOOPBACK = ["127.0.0.1", "127.255.255.254", "::1"]
PUBLIC = ["8.8.8.8", "172.32.0.1", "223.5.5.5", "2400:3200::1", "2001:4860:4860::8888"]


def allowed(text: str, *, loopback: bool = False, private: bool = False) -> bool:
    return is_allowed(ipaddress.ip_address(text), allow_loopback=loopback, allow_private=private)


@pytest.mark.parametrize("text", ALWAYS_REFUSED)
def test_special_addresses_are_refused_whatever_the_policy(text: str) -> None:
    """Metadata, mapped, translated, link-local and reserved addresses open with no flag (RFC 6890)."""
    assert not allowed(text, loopback=True, private=True)


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_are_allowed(text: str) -> None:
    """A public address needs no flag."""
    assert allowed(text)


@pytest.mark.parametrize("text", PRIVATE)
def test_private_addresses_need_their_flag(text: str) -> None:
    """RFC 1918 and RFC 4193 addresses open only with allow_private."""
    assert not allowed(text, loopback=True)
    assert allowed(text, private=True)


@pytest.mark.parametrize("text", LOOPBACK)
def test_loopback_needs_its_flag(text: str) -> None:
    """Loopback opens only with allow_loopback."""
    assert not allowed(text, private=True)
    assert allowed(text, loopback=True)


@given(st.ip_addresses(v=4))
def test_mapped_addresses_never_pass(address: ipaddress.IPv4Address) -> None:
    """No IPv4 address passes in IPv6 clothes: mapped, NAT64 or 6to4."""
    number = int(address)
    for disguised in (0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80):
        candidate = ipaddress.IPv6Address(disguised)
        assert not is_allowed(candidate, allow_loopback=True, allow_private=True)


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "127.1",
        "0177.0.0.1",
        "127.0.0.01",
        "1.2.3.4.5",
        "a.0x",
        "256.1.1.1",
    ],
)
def test_numbers_as_hosts_are_refused(host: str) -> None:
    """A host that ends in a number is a dotted quad or nothing."""
    with pytest.raises(OutboundRefused) as refused:
        parse_target(f"https://{host}/")
    assert refused.value.reason is OutboundReason.ADDRESS


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://a.example/", OutboundReason.SCHEME),
        ("file:///etc/passwd", OutboundReason.SCHEME),
        ("//a.example/", OutboundReason.SCHEME),
        ("https://good.example@evil.example/", OutboundReason.USERINFO),
        ("https://user:secret@a.example/", OutboundReason.USERINFO),
        ("https://@a.example/", OutboundReason.USERINFO),
        ("https://good.example\\@evil.example/", OutboundReason.MALFORMED),
        ("https://a.example\t/", OutboundReason.MALFORMED),
        ("https://a.example/\r\nX: y", OutboundReason.MALFORMED),
        ("https://a.example/ x", OutboundReason.MALFORMED),
        ("https://例子.example/", OutboundReason.MALFORMED),
        ("https://127。0。0。1/", OutboundReason.MALFORMED),
        ("https:///path", OutboundReason.MALFORMED),
        ("https://a..example/", OutboundReason.MALFORMED),
        ("https://a.example./", OutboundReason.MALFORMED),
        ("https://a.example:0/", OutboundReason.MALFORMED),
        ("https://a.example:/", OutboundReason.MALFORMED),
        ("https://a.example:65536/", OutboundReason.MALFORMED),
        ("https://a.example:8x/", OutboundReason.MALFORMED),
        ("https://%31%32%37.0.0.1/", OutboundReason.MALFORMED),
        ("https://[::1/", OutboundReason.MALFORMED),
        ("https://[fe80::1%25eth0]/", OutboundReason.ADDRESS),
        ("https://a.example/" + "x" * 4096, OutboundReason.MALFORMED),
        ("", OutboundReason.MALFORMED),
    ],
)
def test_tricky_urls_are_refused(url: str, reason: OutboundReason) -> None:
    """What two parsers might read differently is not read at all."""
    with pytest.raises(OutboundRefused) as refused:
        parse_target(url)
    assert refused.value.reason is reason


def test_a_url_is_taken_apart() -> None:
    """The fragment is dropped, the host lowered, a default port left out of the Host field."""
    target = parse_target("https://Portal.EXAMPLE/a/b?c=d#secret")
    assert (target.host, target.port, target.request_target) == ("portal.example", 443, "/a/b?c=d")
    assert target.host_header == "portal.example"
    assert parse_target("https://[::0001]:8443").host_header == "[::1]:8443"
    assert parse_target("https://a.example?q").request_target == "/?q"


@given(st.text(alphabet=st.characters(max_codepoint=0x2FF), max_size=40))
def test_reading_a_url_never_fails_otherwise(text: str) -> None:
    """Any text is read or refused, and no other error escapes."""
    for url in (text, f"https://{text}", f"https://a.example{text}"):
        try:
            target = parse_target(url)
        except OutboundRefused:
            continue
        assert "#" not in target.request_target


def test_a_literal_asks_no_resolver() -> None:
    """An address that is written out is used as it stands."""

    def resolver(_host: str, _port: int) -> list[str]:
        raise AssertionError

    assert resolve("127.0.0.1", 1, resolver=resolver, timeout_seconds=1) == [ipaddress.ip_address("127.0.0.1")]


def test_a_slow_resolver_is_given_up() -> None:
    """A name server that dawdles costs no more than the deadline."""
    release = threading.Event()

    def resolver(_host: str, _port: int) -> list[str]:
        release.wait(5)
        return []

    with pytest.raises(TimeoutError):
        resolve("slow.example", 1, resolver=resolver, timeout_seconds=0.05)
    release.set()
