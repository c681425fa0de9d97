"""What kind of file something is: looked at, never believed by its name."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from io import BufferedReader
from pathlib import Path

from connectors.legacy.byte_source import ARCHIVES, ZIP, ByteStream, open_bytes
from connectors.legacy.dbf_header import is_dbf, read_header
from connectors.legacy.decoding import decode, mark_length
from connectors.legacy.delimiter_guess import first_row_names_columns
from connectors.legacy.encoding_guess import guess_encoding
from connectors.legacy.header import names_of, names_without_header
from connectors.legacy.layout import Encoding, Kind, Layout
from connectors.legacy.layout_guess import Look, guess_json_lines, guess_ldif, guess_table, is_json_lines, is_ldif
from connectors.legacy.limits import DEFAULT_LIMITS, Limits
from connectors.legacy.opening import open_file
from connectors.legacy.refusal import SourceProblem, SourceRefused
from connectors.legacy.sql_guess import columns_of, has_backslashes, is_sql_dump, tables_of
from connectors.legacy.workbook import is_workbook
from connectors.legacy.xlsx import first_rows

#: So many rows are shown and looked at.
SAMPLE_ROWS = 100

_HEAD = 1 << 18
_SPREAD, _SPREAD_BLOCK = 16, 1 << 15
_WITH_HEADER = frozenset({Kind.DELIMITED, Kind.FIXED_WIDTH, Kind.XLSX})
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


def sniff(path: Path, *, choice: str = "", limits: Limits = DEFAULT_LIMITS) -> Sniffed:
    """Return how the file is built; raises SourceRefused for what is no such file.

    Reads the first quarter of a megabyte and, of a file that is not packed, blocks from all over it; of an SQL dump
    the first gigabyte. `choice` is one of `Sniffed.choices`, for another table or sheet than the likely one.
    """
    if path.stat().st_size == 0:
        raise SourceRefused(SourceProblem.EMPTY)
    with path.open("rb") as file:
        is_zip = file.read(4) == ZIP
    if is_zip and is_workbook(path):
        return _sniff_workbook(path, choice, limits)
    with closing(open_bytes(path, limits)) as stream:
        head = stream.read(_HEAD)
        _refuse_others(head)
        if is_dbf(head):
            return _sniff_dbf(path, stream, limits)
        look = _look(head, stream, path.stat().st_size)
    if is_sql_dump(look.text.encode(errors="replace")):
        return _sniff_dump(path, look, choice, limits)
    if is_json_lines(look):
        layout, confidence = guess_json_lines(look)
    elif is_ldif(look):
        layout, confidence = guess_ldif(look, limits)
    else:
        layout, confidence = guess_table(look)
    return _named_by_first_row(_sampled(path, layout, confidence, limits))


def _refuse_others(head: bytes) -> None:
    if not head:
        raise SourceRefused(SourceProblem.EMPTY)
    if head.startswith(_COMPOUND_FILE):
        raise SourceRefused(SourceProblem.OLD_SPREADSHEET)
    if head.startswith((*_NO_TEXT, *ARCHIVES)):
        raise SourceRefused(SourceProblem.UNKNOWN_KIND)


def _look(head: bytes, stream: ByteStream, size: int) -> Look:
    samples = [head]
    if len(head) == _HEAD and isinstance(stream, BufferedReader):
        samples += _from_all_over(stream, size)
    guess = guess_encoding(head, samples)
    text, _ = decode(head[mark_length(head, guess.encoding) :], guess.encoding)
    if len(head) == _HEAD and "\n" in text:
        text = text[: text.rindex("\n")]
    return Look(head, text, guess)


def _from_all_over(stream: BufferedReader, size: int) -> Iterator[bytes]:
    """Yield blocks of a plain file, for its head may hold no more than ASCII."""
    for part in range(1, _SPREAD):
        stream.seek(size * part // _SPREAD)
        # What comes before the first break may be a cut line.
        yield stream.read(_SPREAD_BLOCK).partition(b"\n")[2]


def _sniff_workbook(path: Path, choice: str, limits: Limits) -> Sniffed:
    choices, rows = first_rows(path, choice, limits, most=SAMPLE_ROWS + 1)
    if not rows:
        raise SourceRefused(SourceProblem.NO_ROWS)
    width = max(map(len, rows))
    layout = Layout(Kind.XLSX, names_without_header(width), has_header=False, sheet=choices[0])
    sample = tuple((*row, *[""] * (width - len(row))) for row in rows)
    return _named_by_first_row(Sniffed(layout, 1.0, sample, 0, choices))


def _sniff_dbf(path: Path, stream: ByteStream, limits: Limits) -> Sniffed:
    stream.seek(0)
    table = read_header(stream, limits)
    encoding = table.code_page
    if encoding is None:
        length = table.record_length
        stream.seek(table.length)
        block = stream.read(length * SAMPLE_ROWS)
        records = [block[place : place + length] for place in range(0, len(block), length)]
        encoding = guess_encoding(b"", [b"\n".join([*records, b""])]).encoding
    return _sampled(path, Layout(Kind.DBF, table.names, encoding=encoding, has_header=False), 1.0, limits)


def _sniff_dump(path: Path, look: Look, choice: str, limits: Limits) -> Sniffed:
    encoding, backslashes = look.encoding.encoding, has_backslashes(look.head)
    if encoding not in (Encoding.UTF_8, Encoding.GB18030):
        raise SourceRefused(SourceProblem.ENCODING)
    tables = tables_of(path, encoding, limits)
    table = choice or next(iter(tables), "")
    header = columns_of(path, table, encoding, limits, backslashes=backslashes) if table in tables else ()
    if not header:
        raise SourceRefused(SourceProblem.TABLE)
    layout = Layout(Kind.SQL_DUMP, header, encoding=encoding, has_header=False, table=table, backslashes=backslashes)
    sampled = _sampled(path, layout, look.encoding.share, limits)
    return replace(sampled, choices=(table, *(name for name in tables if name != table)))


def _sampled(path: Path, layout: Layout, confidence: float, limits: Limits) -> Sniffed:
    chunk = next(open_file(path, layout, limits=limits).chunks(size=SAMPLE_ROWS + 1), None)
    if chunk is None:
        return Sniffed(layout, 0.0, (), 0)
    return Sniffed(layout, confidence, tuple(tuple(row) for row in chunk.rows), chunk.lost_characters)


def _named_by_first_row(sniffed: Sniffed) -> Sniffed:
    """Take the first row for the header, in kinds that have one, where it reads like names."""
    layout, sample = sniffed.layout, sniffed.sample
    if layout.kind not in _WITH_HEADER or not first_row_names_columns(sample):
        return replace(sniffed, sample=sample[:SAMPLE_ROWS])
    named = replace(layout, header=names_of(sample[0]), has_header=True)
    return replace(sniffed, layout=named, sample=sample[1:])
