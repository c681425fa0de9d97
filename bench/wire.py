"""Reading HTTP/1.1 answers from a stream of bytes (RFC 9112): no more of it than a provider sends."""

from dataclasses import dataclass


class WireError(Exception):
    """What came is no answer that this reader knows."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with its raw head and body."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        """Return a header's value, or an empty text."""
        return _header(self.head, name.lower().encode()).decode("latin-1")


class AnswerReader:
    """Cuts answers out of what a connection gives."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Answer | None:
        """Take bytes and return an answer once it is whole; raises WireError."""
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = bytes(self._buffer[: end + 2])
        status = _status(head)
        if _header(head, b"transfer-encoding").lower() == b"chunked":
            body, used = _chunks(self._buffer, end + 4)
        else:
            length = _header(head, b"content-length") or b"0"
            if not length.isdigit():
                raise WireError("a length that is no number")
            used = end + 4 + int(length)
            body = bytes(self._buffer[end + 4 : used]) if used <= len(self._buffer) else None
        if body is None:
            return None
        del self._buffer[:used]
        return Answer(status, head, body)


def _status(head: bytes) -> int:
    version, _, rest = head.partition(b" ")
    if not version.startswith(b"HTTP/1.") or not rest[:3].isdigit():
        raise WireError("no status line")
    return int(rest[:3])


def _header(head: bytes, name: bytes) -> bytes:
    lowered = head.lower()
    start = lowered.find(b"\r\n" + name + b":")
    if start < 0:
        return b""
    start += len(name) + 3
    return head[start : head.index(b"\r\n", start)].strip()


def _chunks(buffer: bytearray, start: int) -> tuple[bytes | None, int]:
    """Return the joined chunks and where they end (§7.1); None where they are not whole yet."""
    body = bytearray()
    while True:
        line_end = buffer.find(b"\r\n", start)
        if line_end < 0:
            return None, 0
        try:
            size = int(bytes(buffer[start:line_end]).partition(b";")[0], 16)
        except ValueError:
            raise WireError("a chunk without a size") from None
        after = line_end + 2 + size + 2
        if len(buffer) < after:
            return None, 0
        if size == 0:
            return bytes(body), after
        body += buffer[line_end + 2 : line_end + 2 + size]
        start = after
