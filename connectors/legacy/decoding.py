"""Bytes to text in the encodings of older systems; what no encoding has is counted, never guessed."""

import codecs

LOST = "\ufffd"

_MARKS = {"utf-8": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}


def mark_length(head: bytes, encoding: str) -> int:
    """Return how many bytes the byte order mark takes with which a file begins."""
    mark = _MARKS.get(encoding, b"\x84\x31\x95\x33")  # GB 18030 spells it in four
    return len(mark) if head.startswith(mark) else 0


def decode(raw: bytes, encoding: str) -> tuple[str, int]:
    """Return the text, and how many characters of it are U+FFFD because their bytes are none of the encoding."""
    try:
        return raw.decode(encoding), 0
    except UnicodeDecodeError:
        text = raw.decode(encoding, "replace")
        # U+FFFD that the source wrote itself was lost by somebody else.
        own = raw.decode(encoding, "ignore").count(LOST)
        return text, text.count(LOST) - own


def without_surrogates(text: str) -> tuple[str, int]:
    """Return the text with U+FFFD for lone surrogates, which JSON can spell and no encoding has, and their number."""
    if text.isascii():
        return text, 0
    try:
        text.encode()
    except UnicodeEncodeError:
        kept = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return kept, kept.count(LOST) - text.count(LOST)
    return text, 0
