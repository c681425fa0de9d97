"""Which encoding a file is in: by its mark, by where its zero bytes stand, or by what most of its lines are."""

import codecs
from dataclasses import dataclass

from connectors.legacy.layout import Encoding
from connectors.legacy.refusal import SourceProblem, SourceRefused

_MARKS = (
    (codecs.BOM_UTF8, Encoding.UTF_8),
    (codecs.BOM_UTF16_LE, Encoding.UTF_16_LE),
    (codecs.BOM_UTF16_BE, Encoding.UTF_16_BE),
    (b"\x84\x31\x95\x33", Encoding.GB18030),
)
# Every ASCII character is a zero byte in UTF-16; a stray one elsewhere is damage.
_ZEROS_OF_UTF_16 = 0.05


@dataclass(frozen=True, slots=True)
class EncodingGuess:
    """An encoding, and the share of lines with more than ASCII that are sound in it (1 where there is none)."""

    encoding: Encoding
    share: float


def guess_encoding(head: bytes, samples: list[bytes]) -> EncodingGuess:
    """Return the encoding of a file by its first bytes and blocks from all over it.

    UTF-8 is hardly ever met by chance, so it wins where most lines are sound in it; the rest is read as GB18030.
    Raises SourceRefused where that fails for most lines too.
    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return EncodingGuess(encoding, 1.0)
    zeros = _guess_by_zeros(head)
    if zeros is not None:
        return EncodingGuess(zeros, 0.9)
    lines = [line for block in samples for line in _whole_lines(block) if not line.isascii()]
    if not lines:
        return EncodingGuess(Encoding.UTF_8, 1.0)
    for encoding in (Encoding.UTF_8, Encoding.GB18030):
        share = sum(_is_sound(line, encoding) for line in lines) / len(lines)
        if share > 0.5:
            return EncodingGuess(encoding, share)
    raise SourceRefused(SourceProblem.ENCODING)


def _guess_by_zeros(head: bytes) -> Encoding | None:
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) <= _ZEROS_OF_UTF_16 * len(head) / 2 or min(even, odd) > max(even, odd) / 4:
        return None
    return Encoding.UTF_16_LE if odd > even else Encoding.UTF_16_BE


def _whole_lines(block: bytes) -> list[bytes]:
    """Return the lines of a block but for the last, which may be cut; a block without a break is one."""
    lines = block.split(b"\n")
    return lines[:-1] or lines


def _is_sound(line: bytes, encoding: Encoding) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
