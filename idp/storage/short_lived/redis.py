"""The backend for production: Redis or Valkey."""

from collections.abc import Iterator
from contextlib import contextmanager

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from idp.core.errors import StoreUnavailable

# KEYS[1], ARGV: expected, new value
_UPDATE = (
    "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL') return 1 end return 0"
)
# KEYS[1], ARGV: seconds
_INCREMENT = "local n = redis.call('INCR', KEYS[1]) if n == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end return n"


class RedisBackend:
    """One key per entry; scripts where one command is not enough."""

    def __init__(self, url: str, *, prefix: str = "yihao:") -> None:
        # No retries: a command whose answer was lost may have been carried out, and a second `take` would
        # then tell an honest client that its code was used.
        self._client = redis.Redis.from_url(
            url,
            socket_timeout=2,
            socket_connect_timeout=2,
            retry=Retry(NoBackoff(), 0),
            health_check_interval=0,
        )
        self._prefix = prefix
        self._update = self._client.register_script(_UPDATE)
        self._increment = self._client.register_script(_INCREMENT)

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """See Backend.put."""
        with _reachable():
            self._client.set(self._prefix + key, value, ex=seconds)

    def get(self, key: str) -> bytes | None:
        """See Backend.get."""
        with _reachable():
            return _bytes(self._client.get(self._prefix + key))

    def take(self, key: str) -> bytes | None:
        """See Backend.take."""
        with _reachable():
            return _bytes(self._client.getdel(self._prefix + key))

    def update(self, key: str, expected: bytes, value: bytes) -> bool:
        """See Backend.update."""
        with _reachable():
            return bool(self._update(keys=[self._prefix + key], args=[expected, value]))

    def add_once(self, key: str, value: bytes, seconds: int) -> bool:
        """See Backend.add_once."""
        with _reachable():
            return bool(self._client.set(self._prefix + key, value, ex=seconds, nx=True))

    def delete(self, key: str) -> None:
        """See Backend.delete."""
        with _reachable():
            self._client.delete(self._prefix + key)

    def increment(self, key: str, seconds: int) -> int:
        """See Backend.increment."""
        with _reachable():
            return int(self._increment(keys=[self._prefix + key], args=[seconds]))

    def ping(self) -> None:
        """See Backend.ping."""
        with _reachable():
            self._client.ping()

    def close(self) -> None:
        """See Backend.close."""
        self._client.close()


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except redis.RedisError as error:
        raise StoreUnavailable(f"redis: {type(error).__name__}") from None


def _bytes(value: object) -> bytes | None:
    return value if isinstance(value, bytes) else None
