"""Chunks of files in which a line is a row."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from connectors.legacy.byte_source import open_bytes
from connectors.legacy.decoding import mark_length
from connectors.legacy.limits import Limits
from connectors.legacy.line_reader import LineReader
from connectors.legacy.rows import Chunk, Position, RowFault, chunk_of

#: Returns what came of a line, or None where it is no row, and how many characters it lost.
ReadLine = Callable[[bytes], tuple[list[str] | RowFault | None, int]]


def line_chunks(
    path: Path, limits: Limits, encoding: str, read: ReadLine, *, size: int, after: Position
) -> Iterator[Chunk]:
    """Yield what comes of the lines after that position, an overlong one as a fault."""
    with closing(open_bytes(path, limits)) as stream:
        reader = LineReader(stream, encoding=encoding, offset=after.offset, longest=limits.row_bytes)
        before = after.row
        while lines := reader.take(size):
            outcomes: list[list[str] | RowFault] = []
            lost = 0
            for line in lines:
                if len(line) > limits.row_bytes:
                    outcomes.append(RowFault.TOO_LONG)
                    continue
                outcome, lost_here = read(line)
                lost += lost_here
                if outcome is not None:
                    outcomes.append(outcome)
            chunk = chunk_of(outcomes, before=before, lost_characters=lost, offset=reader.offset)
            before = chunk.position.row
            yield chunk


def first_line(path: Path, limits: Limits, encoding: str) -> tuple[bytes, Position]:
    """Return the first line, b"" in an empty file, and the position after it."""
    with closing(open_bytes(path, limits)) as stream:
        begin = mark_length(stream.read(4), encoding)
        reader = LineReader(stream, encoding=encoding, offset=begin, longest=limits.row_bytes)
        lines = reader.take(1)
    return (lines[0] if lines else b""), Position(0, reader.offset)


def begin_of_text(path: Path, limits: Limits, encoding: str) -> Position:
    """Return the position after the byte order mark."""
    with closing(open_bytes(path, limits)) as stream:
        return Position(0, mark_length(stream.read(4), encoding))
