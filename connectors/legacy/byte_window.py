"""A window that moves over a byte stream, for grammars whose pieces are no lines."""

from connectors.legacy.byte_source import ByteStream

_BLOCK = 1 << 20


class ByteWindow:
    """Some bytes of a file: `data`, of which those before `at` are done with, and what `extend` adds."""

    def __init__(self, stream: ByteStream, offset: int) -> None:
        stream.seek(offset)
        self._stream = stream
        self._base = offset
        self.data = b""
        self.at = 0

    @property
    def offset(self) -> int:
        """The byte of the file at which `at` stands."""
        return self._base + self.at

    def extend(self) -> bool:
        """Let go of what is done with and add a block; False at the end of the file."""
        block = self._stream.read(_BLOCK)
        if not block:
            return False
        self._base += self.at
        self.data = self.data[self.at :] + block
        self.at = 0
        return True

    def has(self, length: int) -> bool:
        """See that so many bytes are there from `at` on; False where the file ends before them."""
        while len(self.data) - self.at < length:
            if not self.extend():
                return False
        return True

    def go_to(self, offset: int) -> None:
        """Move to a byte of the file."""
        self._stream.seek(offset)
        self._base, self.data, self.at = offset, b"", 0
