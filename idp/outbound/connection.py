"""A socket with one deadline and one size limit for all its reads and writes together."""

import io
import socket
import time
from typing import Any

from idp.outbound.refusal import OutboundReason, OutboundRefused


class Deadline:
    """A point in time by which everything must be done.

    Counted by the monotonic clock, not the house's: a step of the wall clock must neither cut a
    request short nor prolong it.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        """Return the seconds left, more than none; raises TimeoutError."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class DeadlineSocket:
    """What http.client needs of a socket; the owner of the real socket closes that one.

    A plain socket timeout starts anew with every byte, so a peer that drips could hold a worker
    for hours.
    """

    def __init__(self, sock: socket.socket, *, deadline: Deadline, max_bytes: int) -> None:
        self._sock = sock
        self._deadline = deadline
        self._max_bytes = max_bytes
        self.has_sent = False

    def sendall(self, data: bytes) -> None:
        """Write everything; raises TimeoutError or OSError."""
        self.has_sent = True
        view = memoryview(data)
        while view:
            self._sock.settimeout(self._deadline.remaining())
            view = view[self._sock.send(view) :]

    def makefile(self, mode: str) -> io.BufferedReader:
        """Return a reader over the answer."""
        return io.BufferedReader(_Reader(self._sock, deadline=self._deadline, max_bytes=self._max_bytes))

    def close(self) -> None:
        """Do nothing: http.client closes before the answer is read, trusting in the reader."""


class _Reader(io.RawIOBase):
    def __init__(self, sock: socket.socket, *, deadline: Deadline, max_bytes: int) -> None:
        self._sock = sock
        self._deadline = deadline
        self._left = max_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._deadline.remaining())
        count = self._sock.recv_into(buffer)
        self._left -= count
        if self._left < 0:
            # Counts header fields and chunk extensions too, which http.client would read on and on.
            raise OutboundRefused(OutboundReason.TOO_LARGE, request_sent=True)
        return count
