"""A fetcher for local servers, and what it refused."""

from collections.abc import Callable, Sequence

import pytest

from idp.outbound.fetcher import Fetcher, OutboundPolicy, OutboundRefused

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: 1\r\nX-A: 2\r\n\r\nhi"


def make_fetcher(resolver: Callable[[str, int], Sequence[str]] | None = None, **changes: object) -> Fetcher:
    rules = {"allow_loopback": True, "allow_http": True, "total_timeout_seconds": 5.0, "max_bytes": 1000}
    policy = OutboundPolicy(**(rules | changes))
    return Fetcher(policy=policy) if resolver is None else Fetcher(policy=policy, resolver=resolver)


def refusal(call: Callable[[], object]) -> OutboundRefused:
    with pytest.raises(OutboundRefused) as refused:
        call()
    return refused.value
