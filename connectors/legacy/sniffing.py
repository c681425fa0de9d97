"""What kind of file something is: looked at, never believed by its name."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from io import BufferedReader
from pathlib import Path

from connectors.legacy.byte_source import open_bytes
from connectors.legacy.decoding import decode, mark_length
from connectors.legacy.delimiter_guess import first_row_names_columns, guess_delimiter
from connectors.legacy.encoding_guess import EncodingGuess, guess_encoding
from connectors.legacy.header import names_of, names_without_header
from connectors.legacy.layout import Kind, Layout
from connectors.legacy.limits import DEFAULT_LIMITS, Limits
from connectors.legacy.opening import open_file
from connectors.legacy.refusal import SourceProblem, SourceRefused

#: So many rows are shown and looked at.
SAMPLE_ROWS = 100

_HEAD = 1 << 18
_SPREAD, _SPREAD_BLOCK = 16, 1 << 15
_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NO_TEXT = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"SQLite format 3", b"PGDMP", b"\x7fELF", b"MZ")


@dataclass(frozen=True, slots=True)
class Sniffed:
    """A file's likely layout, to be shown with `sample` and corrected.

    `confidence` is 1 where the format says so itself, and otherwise the share of what was looked at that fits.
    `choices` are the tables of a dump or the sheets of a workbook, the chosen one first.
    """

    layout: Layout
    confidence: float
    sample: tuple[tuple[str, ...], ...] = field(repr=False)
    lost_characters: int
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Look:
    """What was read of a file: its first bytes, text of them without a cut line, and the encoding."""

    head: bytes
    text: str
    encoding: EncodingGuess


def sniff(path: Path, *, limits: Limits = DEFAULT_LIMITS) -> Sniffed:
    """Return how the file is built; raises SourceRefused for what is no such file.

    Reads the first quarter of a megabyte and, of a file that is not packed, blocks from all over it.
    """
    if path.stat().st_size == 0:
        raise SourceRefused(SourceProblem.EMPTY)
    look = _look(path, limits)
    return _sniff_delimited(path, look, limits)


def _look(path: Path, limits: Limits) -> _Look:
    with closing(open_bytes(path, limits)) as stream:
        head = stream.read(_HEAD)
        if not head:
            raise SourceRefused(SourceProblem.EMPTY)
        if head.startswith(_COMPOUND_FILE):
            raise SourceRefused(SourceProblem.OLD_SPREADSHEET)
        if head.startswith(_NO_TEXT):
            raise SourceRefused(SourceProblem.UNKNOWN_KIND)
        samples = [head]
        if len(head) == _HEAD and isinstance(stream, BufferedReader):
            samples += _from_all_over(stream, path.stat().st_size)
    encoding = guess_encoding(head, samples)
    text, _ = decode(head[mark_length(head, encoding.encoding) :], encoding.encoding)
    if len(head) == _HEAD and "\n" in text:
        text = text[: text.rindex("\n")]
    return _Look(head, text, encoding)


def _from_all_over(stream: BufferedReader, size: int) -> Iterator[bytes]:
    """Yield blocks of a plain file, for its head may hold no more than ASCII."""
    for part in range(1, _SPREAD):
        stream.seek(size * part // _SPREAD)
        # What comes before the first break may be a cut line.
        yield stream.read(_SPREAD_BLOCK).partition(b"\n")[2]


def _sniff_delimited(path: Path, look: _Look, limits: Limits) -> Sniffed:
    guess = guess_delimiter(look.text)
    if guess is None:
        raise SourceRefused(SourceProblem.UNKNOWN_KIND)
    layout = Layout(
        kind=Kind.DELIMITED,
        header=names_without_header(guess.width),
        encoding=look.encoding.encoding,
        delimiter=guess.delimiter,
        quote=guess.quote,
        has_header=False,
    )
    sampled = _sampled(path, layout, look.encoding.share * guess.share, limits)
    if sampled.sample and first_row_names_columns(sampled.sample):
        named = replace(layout, header=names_of(sampled.sample[0]), has_header=True)
        sampled = replace(sampled, layout=named, sample=sampled.sample[1:])
    return sampled


def _sampled(path: Path, layout: Layout, confidence: float, limits: Limits) -> Sniffed:
    chunk = next(open_file(path, layout, limits=limits).chunks(size=SAMPLE_ROWS), None)
    rows = tuple(tuple(row) for row in chunk.rows) if chunk is not None else ()
    lost = chunk.lost_characters if chunk is not None else 0
    return Sniffed(layout, confidence, rows, lost)
