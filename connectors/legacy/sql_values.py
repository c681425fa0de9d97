"""Literals of SQL dumps as text."""

import re
from collections.abc import Callable

from connectors.legacy.decoding import decode

_MYSQL = {"0": "\0", "n": "\n", "r": "\r", "t": "\t", "b": "\b", "Z": "\x1a", "%": "\\%", "_": "\\_"}
_COPY = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_STRING = re.compile(rb"'(?:[^'\\]|\\.|'')*'", re.DOTALL)
_HEX = re.compile(rb"(?:0x([0-9A-Fa-f]+)|[xX]'([0-9A-Fa-f]*)')")
_QUOTES = b"'\""


class NoLiteral(Exception):
    """The value is an expression that only a database could compute."""


def reader_of(encoding: str, *, backslashes: bool) -> Callable[[bytes], tuple[str, int]]:
    """Return what gives a literal's text, NULL as "", and how many characters it lost; it may raise NoLiteral."""

    def read(value: bytes) -> tuple[str, int]:
        quote = value[:1]
        if quote == b"'" or quote == b'"':
            return unquote(value[1:-1], quote)
        if value[-1:] in _QUOTES or value[-1:] == b")":
            return read_prefixed(value)
        if value.upper() == b"NULL":
            return "", 0
        if match := _HEX.fullmatch(value):
            return _from_hex(match[1], encoding), 0
        return decode(value, encoding)

    def unquote(body: bytes, quote: bytes) -> tuple[str, int]:
        text, lost = decode(body, encoding)
        if quote in body:
            text = text.replace(quote.decode() * 2, quote.decode())
        if backslashes and b"\\" in body:
            text = _ESCAPE.sub(lambda match: _MYSQL.get(match[1], match[1]), text)
        return text, lost

    def read_prefixed(value: bytes) -> tuple[str, int]:
        if match := _HEX.fullmatch(value):
            return _from_hex(match[2], encoding), 0
        if value.endswith(b")"):
            # TO_DATE('…', '…'), CAST(N'…' AS …): what is meant is the first literal.
            found = _STRING.search(value)
            if found is None:
                raise NoLiteral
            return read(found.group())
        begin = min(place for quote in _QUOTES if (place := value.find(quote)) >= 0)
        return unquote(value[begin + 1 : -1], value[begin : begin + 1])

    return read


def copied(cell: str) -> str:
    """Return a cell of PostgreSQL's COPY without its escapes."""
    return "" if cell == "\\N" else _ESCAPE.sub(lambda match: _COPY.get(match[1], match[1]), cell)


def _from_hex(digits: bytes, encoding: str) -> str:
    """Return bytes written as digits: text where they are some, the digits otherwise."""
    try:
        text = bytes.fromhex(digits.decode()).decode(encoding)
    except ValueError:
        return digits.decode().lower()
    return text if text.isprintable() else digits.decode().lower()
