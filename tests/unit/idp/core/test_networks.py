"""Lists of addresses and networks are read strictly."""

import pytest

from idp.core.networks import Networks, parse_address, parse_network


@pytest.mark.parametrize("text", ["*", "", "10.0.0.5/8", "10.0.0", "0", "localhost", "10.0.0.0/33", " 10.0.0.1"])
def test_other_texts_are_no_networks(text: str) -> None:
    """A wildcard, a name or a network with host bits is refused."""
    with pytest.raises(ValueError):
        parse_network(text)


def test_addresses_are_found_in_their_networks() -> None:
    """An address is in the list when one of the networks holds it, also when it is written as IPv6."""
    networks = Networks(["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"])
    for inside in ("10.1.2.3", "192.0.2.7", "::ffff:10.1.2.3", "2001:db8::1"):
        assert inside in networks
        assert inside in networks
    for outside in ("11.0.0.1", "192.0.2.8", "2001:db9::1", "", "x", None, "10.1.2.3 "):
        assert outside not in networks
    assert not Networks([])


@pytest.mark.parametrize("text", ["", "unknown", "1.2.3.4:80", "[::1]", "fe80::1%eth0", "01.2.3.4"])
def test_other_texts_are_no_addresses(text: str) -> None:
    """Only a plain address is one."""
    with pytest.raises(ValueError):
        parse_address(text)


@pytest.mark.parametrize(
    ("texts", "wide"),
    [
        (["0.0.0.0/0"], ("0.0.0.0/0",)),
        (["0.0.0.0/1", "128.0.0.0/1"], ("0.0.0.0/0",)),
        (["::/0"], ("::/0",)),
        (["10.0.0.0/8", "192.168.0.0/16", "fd00::/16"], ()),
    ],
)
def test_lists_that_hold_nearly_everybody_are_told(texts: list[str], wide: tuple[str, ...]) -> None:
    """Networks that are everything together are as bad as one that is."""
    assert Networks(texts).nearly_everything == wide
