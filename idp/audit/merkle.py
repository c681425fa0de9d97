"""Merkle tree hashing (RFC 6962 §2.1), leaf by leaf, holding one hash per level."""

from collections.abc import Callable

Digest = Callable[[bytes], bytes]


class MerkleTree:
    """Takes leaves in order and gives the root of those taken so far."""

    def __init__(self, digest: Digest) -> None:
        self._digest = digest
        self._full: list[tuple[int, bytes]] = []  # complete subtrees, the largest first: size and hash
        self.size = 0

    def add(self, data: bytes) -> None:
        """Append a leaf."""
        # §2.1: different prefixes, so that no node can be passed off as a leaf.
        node, width = self._digest(b"\x00" + data), 1
        while self._full and self._full[-1][0] == width:
            node = self._digest(b"\x01" + self._full.pop()[1] + node)
            width *= 2
        self._full.append((width, node))
        self.size += 1

    def root(self) -> bytes:
        """Return the hash of the whole; the hash of nothing where no leaf was taken."""
        if not self._full:
            return self._digest(b"")
        node = self._full[-1][1]
        for _, left in reversed(self._full[:-1]):
            node = self._digest(b"\x01" + left + node)
        return node
