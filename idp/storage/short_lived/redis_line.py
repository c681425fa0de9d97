"""A line: a connection to Redis for one thread at a time, spoken to without the library's pool and wrappers.

They cost twice the command. The library still connects: addresses, TLS and authentication are its own.
"""

import select
from typing import Any

import hiredis
import redis

_NOTHING_YET = object()
_CHUNK = 65536


class RedisLine:
    """Sends one command at a time and reads its answer, in bytes."""

    __slots__ = ("_connection", "_poll", "_reader", "_socket", "opened_after")

    def __init__(self, connection: Any) -> None:
        """Take a connection of the library's, not yet connected, over for good."""
        self._connection = connection
        self._socket: Any = None
        #: How many silences had ended when it was last used; its owner's to write.
        self.opened_after = 0

    def command(self, *arguments: bytes | str | int) -> Any:
        """Return the answer; raises redis.RedisError or OSError, after which it may have been carried out."""
        if self._socket is None or self._poll.poll(0):
            self._connect()  # the server closed it, or something is left over: start afresh
        try:
            self._socket.sendall(hiredis.pack_command(arguments))  # type: ignore[arg-type] # its own hint is wrong
            answer = self._reader.gets()
            while answer is _NOTHING_YET:
                received = self._socket.recv(_CHUNK)
                if not received:
                    raise redis.ConnectionError("the server closed the connection")
                self._reader.feed(received)
                answer = self._reader.gets()
        except TimeoutError:
            self.close()
            raise redis.TimeoutError("no answer") from None
        except BaseException:
            # An answer that was cut off must never be read as the next command's.
            self.close()
            raise
        if isinstance(answer, hiredis.ReplyError):
            if str(answer).startswith("READONLY"):
                self.close()  # another server is the master now: the next command asks the sentinels which
            raise redis.ResponseError(str(answer))
        return answer

    def close(self) -> None:
        """Close the connection; the next command opens another one."""
        self._socket = None
        self._connection.disconnect()

    def _connect(self) -> None:
        self.close()
        self._connection.connect()
        # The library shows its socket nowhere else; its parser has read every answer by now.
        self._socket = self._connection._sock
        self._reader = hiredis.Reader(notEnoughData=_NOTHING_YET)
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN | select.POLLHUP)
