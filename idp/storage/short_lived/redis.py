"""The backend for production: Redis or Valkey; one server, a master that sentinels name, or a cluster."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha1
from typing import Any
from zlib import crc32

import redis
from redis.exceptions import NoScriptError, RedisClusterException, SlotNotCoveredError

from idp.core.clock import Clock
from idp.core.errors import ConfigError, StoreUnavailable
from idp.core.ids import new_id
from idp.storage.short_lived.backend import Epoch
from idp.storage.short_lived.redis_client import check_address, close_client, close_idle, is_cluster, open_client
from idp.storage.short_lived.redis_line import RedisLine
from idp.storage.silence import Silence


@dataclass(frozen=True, slots=True)
class _Script:
    """A script, and the name that servers know it by once it ran."""

    text: str
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", sha1(self.text.encode(), usedforsecurity=False).hexdigest())


# KEYS[1], ARGV: expected, new value
_UPDATE = _Script(
    "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL') return 1 end return 0"
)
# KEYS[1], ARGV: seconds
_INCREMENT = _Script(
    "local n = redis.call('INCR', KEYS[1]) if n == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end return n"
)
# KEYS[1]: the entry, KEYS[2]: the marker; ARGV: value, seconds
_ADD_ONCE = _Script(
    "local added = redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2], 'NX') and 1 or 0 "
    "return {added, redis.call('HGET', KEYS[2], 'id')}"
)
# KEYS[1]: the marker; ARGV: id and beginning of a new epoch. A server's run_id changes with every start, so
# a snapshot brings back a marker of another server; its master_replid changes where a replica takes over.
# A stand-in that tells neither is known by its marker alone.
_EPOCH = _Script("""
local function told(section, pattern)
  local info = redis.pcall('INFO', section)
  return type(info) == 'string' and string.match(info, pattern) or ''
end
local server = told('server', 'run_id:(%x+)') .. ' ' .. told('replication', 'master_replid:(%x+)')
local kept = redis.call('HMGET', KEYS[1], 'server', 'id', 'since')
if kept[1] == server and kept[2] and kept[3] then return {kept[2], kept[3]} end
redis.call('HSET', KEYS[1], 'server', server, 'id', ARGV[1], 'since', ARGV[2])
return {ARGV[1], ARGV[2]}
""")
# In a cluster each entry lies in one of so many buckets: a slot of its own, with a marker of its own. So whatever
# becomes of a slot, lost, moved or taken over by a replica, becomes of the marker beside its entries as well.
_BUCKETS = 128
# A restart is noticed at once, by its new connection; a flush or a changed master within this time.
_RECHECK_SECONDS = 5
_PATIENCE_SECONDS = 2


@dataclass(frozen=True, slots=True)
class _Seen:
    """An epoch, which connection was the newest when it was asked for, which server told it, and when that was."""

    epoch: Epoch
    newest: object
    server: str
    at: float


class RedisBackend:
    """One key per entry; scripts where one command is not enough."""

    def __init__(self, url: str, *, clock: Clock, prefix: str = "yihao:") -> None:
        """Connect at the first call; raises ConfigError where the address is none."""
        check_address(url)
        self._url = url
        self._in_cluster = is_cluster(url)
        if self._in_cluster and "{" in prefix:
            raise ConfigError(
                "short_lived.prefix: holds a brace, which in a cluster decides about slots. Leave it out."
            )
        self._opened: Any = None
        self._opened_after = 0
        self._silence = Silence("redis", answers=self._answers)
        self._clock = clock
        self._prefix = prefix
        self._newest: object = None
        self._lock = threading.Lock()
        # As in `idp.storage.statements`: given back at the right and taken there.
        self._idle: deque[RedisLine] = deque()
        self._seen: dict[str, _Seen] = {}

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """See Backend.put."""
        with self._reachable():
            self._command("SET", self._name(key), value, "EX", seconds)

    def get(self, key: str) -> bytes | None:
        """See Backend.get."""
        with self._reachable():
            return _bytes(self._command("GET", self._name(key)))

    def take(self, key: str) -> bytes | None:
        """See Backend.take."""
        with self._reachable():
            return _bytes(self._command("GETDEL", self._name(key)))

    def update(self, key: str, expected: bytes, value: bytes) -> bool:
        """See Backend.update."""
        with self._reachable():
            return bool(self._run(_UPDATE, (self._name(key),), expected, value))

    def add_once(self, key: str, value: bytes, seconds: int) -> bool:
        """See Backend.add_once."""
        with self._reachable():
            # The marker comes with the answer: a flush a moment ago forgot what was seen before it.
            added, epoch_id = self._run(_ADD_ONCE, (self._name(key), self._marker(key)), value, seconds)
        seen = self._seen.get(self._marker(key))
        if seen is not None and seen.epoch.id.encode() != epoch_id:
            self._seen.pop(self._marker(key), None)
        return bool(added)

    def delete(self, key: str) -> None:
        """See Backend.delete."""
        with self._reachable():
            self._client.delete(self._name(key))

    def increment(self, key: str, seconds: int) -> int:
        """See Backend.increment."""
        with self._reachable():
            return int(self._run(_INCREMENT, (self._name(key),), seconds))

    def epoch(self, key: str) -> Epoch:
        """See Backend.epoch."""
        # The newest connection is looked at first: one made from here on may lead to another server.
        marker, newest, now = self._marker(key), self._newest, time.monotonic()
        seen = self._seen.get(marker)
        if (
            seen is not None
            and seen.newest is newest
            and now - seen.at < _RECHECK_SECONDS
            and seen.server == self._server(marker)
        ):
            return seen.epoch
        with self._reachable():
            found = self._run(_EPOCH, (marker,), new_id(), self._clock.now().timestamp())
        server = self._server(marker)
        epoch = Epoch(found[0].decode(), datetime.fromtimestamp(float(found[1]), UTC))
        self._seen[marker] = _Seen(epoch, newest, server, now)
        return epoch

    def ping(self) -> None:
        """See Backend.ping."""
        with self._reachable():
            _ping(self._client)

    def close(self) -> None:
        """See Backend.close."""
        self._silence.close()
        with self._lock:
            while self._idle:
                self._idle.pop().close()
            if self._opened is not None:
                close_client(self._opened)

    def _command(self, *arguments: bytes | str | int) -> Any:
        """Run one command on a line; in a cluster, where a line would not know to which server, without one."""
        if self._in_cluster:
            return self._client.execute_command(*arguments)
        ended = self._silence.ended
        try:
            line = self._idle.pop()
        except IndexError:
            line = RedisLine(self._client.connection_pool.make_connection())
            line.opened_after = ended
        if line.opened_after != ended:
            line.close()  # the command opens it anew
            line.opened_after = ended
        try:
            return line.command(*arguments)
        finally:
            self._idle.append(line)  # one that broke has closed itself

    def _answers(self) -> bool:
        try:
            client = open_client(self._url, patience_seconds=_PATIENCE_SECONDS)
            try:
                _ping(client)
            finally:
                close_client(client)
        except redis.TimeoutError:
            return False
        except (redis.RedisError, RedisClusterException, OSError):
            return True  # a refusal is an answer
        return True

    @property
    def _client(self) -> Any:
        ended = self._silence.ended
        if self._opened is None or self._opened_after != ended:
            with self._lock:
                if self._opened is None:
                    self._opened = open_client(self._url, patience_seconds=_PATIENCE_SECONDS, greet=self._connected)
                elif self._opened_after != ended:
                    close_idle(self._opened)
                self._opened_after = ended
        return self._opened

    def _run(self, script: _Script, names: tuple[str, ...], *arguments: bytes | str | float) -> Any:
        client = self._client
        try:
            return client.evalsha(script.digest, len(names), *names, *arguments)
        except NoScriptError:  # nothing was carried out, so this is no repetition
            return client.eval(script.text, len(names), *names, *arguments)

    def _name(self, key: str) -> str:
        return self._prefix + self._tag(key) + key

    def _marker(self, key: str) -> str:
        return self._prefix + self._tag(key) + "epoch"

    def _tag(self, key: str) -> str:
        """Return the part of a name that alone decides about its slot."""
        return f"{{{crc32(key.encode()) % _BUCKETS:02x}}}" if self._in_cluster else ""

    def _server(self, marker: str) -> str:
        """Return which server of a cluster holds the marker as far as was heard, empty where none does.

        A replica that took over may have been connected to before, but only a change of the map led there.
        """
        if not self._in_cluster:
            return ""
        client = self._client
        try:
            return str(client.nodes_manager.get_node_from_slot(client.keyslot(marker)).name)
        except SlotNotCoveredError:
            return ""

    @contextmanager
    def _reachable(self) -> Iterator[None]:
        silence = self._silence
        if silence.holds:
            raise StoreUnavailable("redis: silent")
        ended = silence.ended
        try:
            yield
        except redis.TimeoutError:
            silence.begin(ended)
            raise StoreUnavailable("redis: no answer") from None
        except (redis.RedisError, RedisClusterException, OSError) as error:
            raise StoreUnavailable(f"redis: {type(error).__name__}") from None

    def _connected(self, _connection: Any) -> None:
        """Remember that the server may be another one than before."""
        self._newest = object()


def _ping(client: Any) -> None:
    """Ask the server; in a cluster every one that holds a part of the entries."""
    if isinstance(client, redis.RedisCluster):
        client.ping(target_nodes=redis.RedisCluster.PRIMARIES)
    else:
        client.ping()


def _bytes(value: object) -> bytes | None:
    return value if isinstance(value, bytes) else None
