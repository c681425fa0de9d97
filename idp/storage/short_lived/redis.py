"""The backend for production: Redis or Valkey."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from idp.core.clock import Clock
from idp.core.errors import StoreUnavailable
from idp.core.ids import new_id
from idp.storage.short_lived.backend import Epoch
from idp.storage.short_lived.redis_line import RedisLine
from idp.storage.silence import Silence

# KEYS[1], ARGV: expected, new value
_UPDATE = (
    "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL') return 1 end return 0"
)
# KEYS[1], ARGV: seconds
_INCREMENT = "local n = redis.call('INCR', KEYS[1]) if n == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end return n"
# KEYS[1]: the marker; ARGV: id and beginning of a new epoch. A server's run_id changes with every start, so
# a snapshot brings back a marker of another server; its master_replid changes where a replica takes over.
# A stand-in that tells neither is known by its marker alone.
_EPOCH = """
local function told(section, pattern)
  local info = redis.pcall('INFO', section)
  return type(info) == 'string' and string.match(info, pattern) or ''
end
local server = told('server', 'run_id:(%x+)') .. ' ' .. told('replication', 'master_replid:(%x+)')
local kept = redis.call('HMGET', KEYS[1], 'server', 'id', 'since')
if kept[1] == server and kept[2] and kept[3] then return {kept[2], kept[3]} end
redis.call('HSET', KEYS[1], 'server', server, 'id', ARGV[1], 'since', ARGV[2])
return {ARGV[1], ARGV[2]}
"""
# A restart is noticed at once, by its new connection; a flush or a changed master within this time.
_RECHECK_SECONDS = 5
_PATIENCE_SECONDS = 2


@dataclass(frozen=True, slots=True)
class _Seen:
    """An epoch, which connection was the newest when it was asked for, and when that was."""

    epoch: Epoch
    newest: object
    at: float


class RedisBackend:
    """One key per entry; scripts where one command is not enough."""

    def __init__(self, url: str, *, clock: Clock, prefix: str = "yihao:") -> None:
        # No retries: a command whose answer was lost may have been carried out, and a second `take` would
        # then tell an honest client that its code was used.
        self._client = _client(url, redis_connect_func=self._connected)
        self._url = url
        self._silence = Silence("redis", answers=self._answers)
        self._clock = clock
        self._prefix = prefix
        self._newest: object = None
        self._threads = threading.local()
        self._lock = threading.Lock()
        self._open: list[RedisLine] = []
        self._seen: _Seen | None = None
        self._update = self._client.register_script(_UPDATE)
        self._increment = self._client.register_script(_INCREMENT)
        self._enter_epoch = self._client.register_script(_EPOCH)

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """See Backend.put."""
        with _reachable(self._silence):
            self._command("SET", self._prefix + key, value, "EX", seconds)

    def get(self, key: str) -> bytes | None:
        """See Backend.get."""
        with _reachable(self._silence):
            return _bytes(self._command("GET", self._prefix + key))

    def take(self, key: str) -> bytes | None:
        """See Backend.take."""
        with _reachable(self._silence):
            return _bytes(self._command("GETDEL", self._prefix + key))

    def update(self, key: str, expected: bytes, value: bytes) -> bool:
        """See Backend.update."""
        with _reachable(self._silence):
            return bool(self._update(keys=[self._prefix + key], args=[expected, value]))

    def add_once(self, key: str, value: bytes, seconds: int) -> bool:
        """See Backend.add_once."""
        with _reachable(self._silence):
            # The marker comes with the answer: a flush a moment ago forgot what was seen before it.
            pipeline = self._client.pipeline(transaction=True)
            pipeline.set(self._prefix + key, value, ex=seconds, nx=True)
            pipeline.hget(self._marker, "id")
            added, epoch_id = pipeline.execute()
        seen = self._seen
        if seen is not None and seen.epoch.id.encode() != epoch_id:
            self._seen = None
        return bool(added)

    def delete(self, key: str) -> None:
        """See Backend.delete."""
        with _reachable(self._silence):
            self._client.delete(self._prefix + key)

    def increment(self, key: str, seconds: int) -> int:
        """See Backend.increment."""
        with _reachable(self._silence):
            return int(self._increment(keys=[self._prefix + key], args=[seconds]))

    def epoch(self) -> Epoch:
        """See Backend.epoch."""
        # The newest connection is looked at first: one made from here on may lead to another server.
        newest, seen, now = self._newest, self._seen, time.monotonic()
        if seen is not None and seen.newest is newest and now - seen.at < _RECHECK_SECONDS:
            return seen.epoch
        with _reachable(self._silence):
            found = self._enter_epoch(keys=[self._marker], args=[new_id(), self._clock.now().timestamp()])
        epoch = Epoch(found[0].decode(), datetime.fromtimestamp(float(found[1]), UTC))
        self._seen = _Seen(epoch, newest, now)
        return epoch

    def ping(self) -> None:
        """See Backend.ping."""
        with _reachable(self._silence):
            self._client.ping()

    def close(self) -> None:
        """See Backend.close."""
        self._silence.close()
        with self._lock:
            for line in self._open:
                line.close()
            self._open.clear()
        self._client.close()

    def _command(self, *arguments: bytes | str | int) -> Any:
        """Run one command on this thread's own line."""
        line: RedisLine | None = getattr(self._threads, "line", None)
        if line is None:
            line = self._threads.line = RedisLine(self._client.connection_pool.make_connection())
            with self._lock:
                self._open.append(line)
        return line.command(*arguments)

    def _answers(self) -> bool:
        with _client(self._url) as client:
            try:
                client.ping()
            except redis.TimeoutError:
                return False
            except (redis.RedisError, OSError):
                return True  # a refusal is an answer
        return True

    @property
    def _marker(self) -> str:
        return self._prefix + "epoch"

    def _connected(self, connection: Any) -> None:
        """Greet the server as the library would, and remember that it may be another one than before."""
        connection.on_connect()
        self._newest = object()


def _client(url: str, **options: Any) -> "redis.Redis":
    return redis.Redis.from_url(
        url,
        socket_timeout=_PATIENCE_SECONDS,
        socket_connect_timeout=_PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
        **options,
    )


@contextmanager
def _reachable(silence: Silence) -> Iterator[None]:
    if silence.holds:
        raise StoreUnavailable("redis: silent")
    try:
        yield
    except redis.TimeoutError:
        silence.begin()
        raise StoreUnavailable("redis: no answer") from None
    except (redis.RedisError, OSError) as error:
        raise StoreUnavailable(f"redis: {type(error).__name__}") from None


def _bytes(value: object) -> bytes | None:
    return value if isinstance(value, bytes) else None
