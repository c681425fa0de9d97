"""Lines of a byte stream, with the byte at which each batch ends and with bounds on what is held."""

from connectors.legacy.byte_source import ByteStream

_BLOCK = 1 << 20
#: A batch ends after so many bytes, however many lines were asked for.
_BATCH_BYTES = 16 << 20
_NEWLINES = {"utf-16-le": b"\n\0", "utf-16-be": b"\0\n"}


class LineReader:
    """Gives lines without their line break; a line feed ends one, for no older encoding has it inside a character.

    A line of more than `longest` bytes is given cut to `longest + 1`, and the rest of it passed over.
    """

    def __init__(self, stream: ByteStream, *, encoding: str, offset: int, longest: int) -> None:
        stream.seek(offset)
        self._stream = stream
        self._newline = _NEWLINES.get(encoding, b"\n")
        self._longest = longest
        self._offset = offset
        self._lines: list[bytes] = []
        self._next = 0
        self._tail = b""
        # Bytes that the last of `_lines` has in the file beyond its own and a line break.
        self._uncounted = 0

    @property
    def newline(self) -> bytes:
        """The bytes that end a line."""
        return self._newline

    @property
    def offset(self) -> int:
        """The byte after the last line that was taken."""
        return self._offset

    def take(self, most: int) -> list[bytes]:
        """Return the next lines, at most so many; none at the end of the file."""
        taken: list[bytes] = []
        room = _BATCH_BYTES
        while len(taken) < most and room > 0 and (self._next < len(self._lines) or self._fill()):
            part = self._lines[self._next : self._next + most - len(taken)]
            self._next += len(part)
            size = sum(map(len, part)) + len(part) * len(self._newline)
            if self._next == len(self._lines):
                size += self._uncounted
                self._uncounted = 0
            self._offset += size
            room -= size
            taken += part
        return taken

    def _fill(self) -> bool:
        lines: list[bytes] = []
        while not lines:
            block = self._stream.read(_BLOCK)
            if not block:
                if not self._tail:
                    return False
                lines, self._tail = [self._tail], b""
                self._uncounted = -len(self._newline)
                break
            *lines, self._tail = self._split(self._tail + block)
            if len(self._tail) > self._longest:
                lines.append(self._tail[: self._longest + 1])
                self._uncounted = self._pass_over_rest() - self._longest - 1
        self._lines, self._next = lines, 0
        return True

    def _pass_over_rest(self) -> int:
        """Read to the end of the line that `_tail` begins, and return its length."""
        length = len(self._tail)
        while block := self._stream.read(_BLOCK):
            first = self._split(block)[0]
            length += len(first)
            if len(first) < len(block):
                self._tail = block[len(first) + len(self._newline) :]
                return length
        self._tail = b""
        return length - len(self._newline)  # the end of the file, without a line break

    def _split(self, data: bytes) -> list[bytes]:
        pieces = data.split(self._newline)
        if len(self._newline) == 1 or not any(len(piece) & 1 for piece in pieces[:-1]):
            return pieces
        # Between two bytes of neighbouring characters a line break may seem to stand.
        whole: list[bytes] = []
        for piece in pieces:
            if whole and len(whole[-1]) & 1:
                whole[-1] += self._newline + piece
            else:
                whole.append(piece)
        return whole
