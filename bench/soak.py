"""Memory over many requests: the mixed rows again and again, and the workers' shares in between."""

from dataclasses import dataclass

from bench.cpu import worker_shares
from bench.measure import Prepared

_ROWS = ("code_flow", "refresh", "userinfo", "client_credentials", "introspection")
_SECONDS = 4.0
_SAMPLES = 10


@dataclass(frozen=True, slots=True)
class Sample:
    """The largest worker's memory in MiB after so many requests."""

    requests: int
    largest_mib: float


def soak(prepared: Prepared, requests: int) -> list[Sample]:
    """Send about so many requests and return the samples; ends early where requests get no answers."""
    first = prepared.books.requests
    samples = [Sample(0, _largest(prepared))]
    while (done := prepared.books.requests - first) < requests:
        for row in _ROWS:
            prepared.measure(row, _SECONDS)
        now = prepared.books.requests - first
        if now == done:
            break
        if now * _SAMPLES // requests > done * _SAMPLES // requests:
            samples.append(Sample(now, _largest(prepared)))
    return samples


def _largest(prepared: Prepared) -> float:
    return worker_shares(prepared.target.server)[0]
