"""Whether a browser may be sent to the address that a service gave."""

from idp.outbound.fetcher import OutboundRefused
from idp.outbound.target import parse_target


def is_fit(url: str, *, scheme: str) -> bool:
    """Tell whether it is an absolute address, and no less protected than the service's own (`scheme`)."""
    try:
        target = parse_target(url)
    except OutboundRefused:
        return False
    return target.scheme in ("https", scheme)
