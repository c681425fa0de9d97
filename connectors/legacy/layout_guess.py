"""The likely layout of a text file, kind by kind, from what its beginning looks like."""

import re
from dataclasses import dataclass
from io import BytesIO
from itertools import islice

from connectors.legacy.decoding import mark_length
from connectors.legacy.delimiter_guess import DelimiterGuess, guess_delimiter
from connectors.legacy.encoding_guess import EncodingGuess
from connectors.legacy.header import names_without_header
from connectors.legacy.json_lines import read_object
from connectors.legacy.layout import Encoding, Kind, Layout
from connectors.legacy.ldif import value_of
from connectors.legacy.ldif_entries import Entry, LdifEntries
from connectors.legacy.limits import Limits
from connectors.legacy.refusal import SourceProblem, SourceRefused
from connectors.legacy.width_guess import guess_widths

# Of the rows: below the first another kind is asked, below the second there is none.
_SURE, _LIKELY = 0.8, 0.5
_LOOKED_AT = 1000
_LDIF_BEGIN = re.compile(r"\s*(?:#[^\n]*\n\s*)*(?:version:|dn:)", re.IGNORECASE)
_LDIF_NAME = re.compile(r"^([A-Za-z][A-Za-z0-9.;_-]*):", re.MULTILINE)
#: Tells of each entry what the next one says as well.
_OF_THE_DIRECTORY = frozenset({"objectclass"})
# Web pages and other markup, JSON that is one document.
_OTHER = re.compile(r"\s*[<\[{]")


@dataclass(frozen=True, slots=True)
class Look:
    """What was read of a file: its first bytes, their whole lines as text, and the encoding."""

    head: bytes
    text: str
    encoding: EncodingGuess

    @property
    def body(self) -> bytes:
        """The first bytes without a byte order mark."""
        return self.head[mark_length(self.head, self.encoding.encoding) :]


def is_json_lines(look: Look) -> bool:
    """Tell whether the first line is an object."""
    return read_object(look.text.lstrip().partition("\n")[0].strip()) is not None


def is_ldif(look: Look) -> bool:
    """Tell whether the file begins as a directory's."""
    return _LDIF_BEGIN.match(look.text) is not None


def guess_json_lines(look: Look) -> tuple[Layout, float]:
    """Return the layout by the names that the first objects have; one that some lack is optional."""
    lines = [line.strip() for line in islice(look.text.split("\n"), _LOOKED_AT) if line.strip()]
    found = [names for line in lines if (names := read_object(line)) is not None]
    header = tuple(dict.fromkeys(name for names in found for name in names))
    optional = tuple(name for name in header if not all(name in names for names in found))
    layout = Layout(Kind.JSON_LINES, header, encoding=look.encoding.encoding, optional=optional, has_header=False)
    return layout, look.encoding.share * len(found) / len(lines)


def guess_ldif(look: Look, limits: Limits) -> tuple[Layout, float]:
    """Return the layout by the attributes that the first entries have, but for those that are no text."""
    if look.encoding.encoding not in (Encoding.UTF_8, Encoding.GB18030):
        raise SourceRefused(SourceProblem.ENCODING)
    encoding, spelled = look.encoding.encoding, {name.lower(): name for name in _LDIF_NAME.findall(look.text)}
    names: dict[str, None] = {}
    no_text: set[str] = set()
    entries = LdifEntries(BytesIO(look.body), limits, offset=0, wanted=None)
    for entry in entries.take(_LOOKED_AT):
        for name, sign, raw in entry.values if isinstance(entry, Entry) else ():
            names.setdefault(name)
            try:
                (value_of(sign, raw) or b"").decode(encoding)
            except UnicodeDecodeError:
                no_text.add(name)
    header = tuple(spelled.get(name, name) for name in names if name not in no_text | _OF_THE_DIRECTORY)
    return Layout(Kind.LDIF, header, encoding=encoding, has_header=False), look.encoding.share


def guess_table(look: Look) -> tuple[Layout, float]:
    """Return the layout of delimited text or of lines of fixed width; raises SourceRefused for neither."""
    if _OTHER.match(look.text):
        raise SourceRefused(SourceProblem.UNKNOWN_KIND)
    delimited = guess_delimiter(look.text)
    if delimited is None or delimited.share < _SURE:
        fixed = _guess_fixed(look)
        if fixed is not None:
            return fixed
    if delimited is None or delimited.share < _LIKELY:
        raise SourceRefused(SourceProblem.UNKNOWN_KIND)
    return _delimited(look, delimited), look.encoding.share * delimited.share


def _delimited(look: Look, guess: DelimiterGuess) -> Layout:
    return Layout(
        kind=Kind.DELIMITED,
        header=names_without_header(guess.width),
        encoding=look.encoding.encoding,
        delimiter=guess.delimiter,
        quote=guess.quote,
        has_header=False,
    )


def _guess_fixed(look: Look) -> tuple[Layout, float] | None:
    if look.encoding.encoding not in (Encoding.UTF_8, Encoding.GB18030):
        return None
    lines = look.body.split(b"\n")
    guess = guess_widths(lines[:-1][:_LOOKED_AT] or lines)
    if guess is None:
        return None
    layout = Layout(
        Kind.FIXED_WIDTH,
        names_without_header(len(guess.widths)),
        encoding=look.encoding.encoding,
        has_header=False,
        widths=guess.widths,
    )
    # Half: two columns that are always full look like one.
    return layout, look.encoding.share * guess.share / 2
