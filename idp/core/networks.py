"""Lists of addresses and networks, as settings hold them: `10.0.0.5`, `10.0.0.0/8`, `fd00::/8`."""

import ipaddress
from collections.abc import Iterable

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# A list that covers more than so much of the address space names no proxies.
_WIDEST = {4: 8, 6: 16}


def parse_network(text: str) -> Network:
    """Return a network, or an address as a network of one; raises ValueError for any other text."""
    # strict: 10.0.0.5/8 is a slip, either of the address or of the length.
    return ipaddress.ip_network(text, strict=True)


def parse_address(text: str) -> Address:
    """Return an address, an IPv4 one also where it is written as IPv6; raises ValueError for any other text."""
    address = ipaddress.ip_address(text)
    if "%" in text:
        raise ValueError("an address with a zone names no host of others")
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


class Networks:
    """A list of networks to look addresses up in."""

    __slots__ = ("_known", "_networks")

    def __init__(self, texts: Iterable[str]) -> None:
        """Raise ValueError for a text that is neither an address nor a network."""
        self._networks = tuple(parse_network(text) for text in texts)
        self._known: dict[str, bool] = {}

    def __bool__(self) -> bool:
        return bool(self._networks)

    def __contains__(self, text: object) -> bool:
        """Tell whether an address is in the list; anything that is no address is not."""
        if not isinstance(text, str):
            return False
        known = self._known.get(text)
        if known is None:
            known = self._look_up(text)
            if len(self._known) < 1_000:  # few peers ask often, and many ask once
                self._known[text] = known
        return known

    @property
    def nearly_everything(self) -> tuple[str, ...]:
        """The networks of the list that cover a large part of all addresses, alone or side by side."""
        wide = []
        for version, widest in _WIDEST.items():
            of_version = [network for network in self._networks if network.version == version]
            wide += [str(each) for each in ipaddress.collapse_addresses(of_version) if each.prefixlen < widest]  # type: ignore[type-var]
        return tuple(wide)

    def _look_up(self, text: str) -> bool:
        try:
            address = parse_address(text)
        except ValueError:
            return False
        return any(address in network for network in self._networks)
