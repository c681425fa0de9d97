"""XML read event by event from outside: no document type, so no entities; bounded depth and bounded pieces."""

from collections.abc import Iterator
from typing import Protocol
from xml.parsers import expat

from connectors.legacy.byte_source import ByteStream
from connectors.legacy.refusal import SourceProblem, SourceRefused

_BLOCK = 1 << 16
_DEEPEST = 64
# expat holds a tag until it is whole.
_LONGEST_TAG = 1 << 20


class XmlHandler(Protocol):
    """Who is told of the events; names come without prefix."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, text: str) -> None:
        """Some text, perhaps not all that stands in one place."""


def walk(stream: ByteStream, handler: XmlHandler) -> Iterator[None]:
    """Feed the handler, pausing after each block; raises SourceRefused for what is not read."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_declarations
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise SourceRefused(SourceProblem.BROKEN)
        handler.start(name[name.find(":") + 1 :], attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        handler.end(name[name.find(":") + 1 :])

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = handler.text
    fed = 0
    while block := stream.read(_BLOCK):
        _parse(parser, block, is_last=False)
        fed += len(block)
        if fed - parser.CurrentByteIndex > _LONGEST_TAG:
            raise SourceRefused(SourceProblem.BROKEN)
        yield
    _parse(parser, b"", is_last=True)
    yield


def read_small(stream: ByteStream, handler: XmlHandler) -> None:
    """Feed the handler with all of a part that is small by its nature."""
    for _ in walk(stream, handler):
        pass


def _parse(parser: expat.XMLParserType, block: bytes, *, is_last: bool) -> None:
    try:
        parser.Parse(block, is_last)
    except (expat.ExpatError, ValueError, LookupError):  # the two last: an encoding that nobody knows
        raise SourceRefused(SourceProblem.BROKEN) from None


def _refuse_declarations(*_: object) -> None:
    raise SourceRefused(SourceProblem.XML_DECLARATIONS)
