"""Made-up cards, and the 256 bytes of text that the chip of such a card would give.

Written from the published tables of fields (GA/T 490 and those for permits and foreigners' cards), apart from what
the provider reads them with. Whatever was typed becomes a block: that a card is impossible is the provider's to find.
"""

import hashlib
from dataclasses import dataclass

LONG_TERM = "长期"
_RESERVED = ""


@dataclass(frozen=True, slots=True)
class Card:
    """What is printed on a card; `note` says in Chinese and English why one would try it."""

    number: str
    name: str
    latin_name: str = ""
    valid_from: str = "20200101"
    valid_until: str = LONG_TERM
    note: tuple[str, str] = ("", "")

    @property
    def letter(self) -> str:
        """The letter of its layout: by the number, as the authorities give them out."""
        if self.number[:3].isalpha():
            return "I"
        if self.number.startswith("9"):
            return "Y"
        return "J" if self.number.startswith(("81", "82", "83")) else " "


def text_block(card: Card) -> bytes:
    """Return the text of the card's chip."""
    fields = {" ": _citizen, "J": _permit, "I": _foreigner_2017, "Y": _foreigner_2023}[card.letter](card)
    block = b"".join(_padded(text, length) for text, length in fields)
    if len(block) != 256:
        raise AssertionError("a layout does not sum to 256 bytes")
    return block


def photo_block(card: Card) -> bytes:
    """Return 1024 bytes in place of a picture, the same for the same card."""
    return hashlib.shake_256(f"made-up photo {card.number}".encode()).digest(1024)


def chip_serial(card: Card) -> str:
    """Return eight bytes in hex in place of a chip's serial."""
    return hashlib.sha256(f"made-up chip {card.number} {card.valid_until}".encode()).hexdigest()[:16]


def _citizen(card: Card) -> list[tuple[str, int]]:
    return [
        (card.name, 30), (_sex(card), 2), ("01", 4), (card.number[6:14], 16), ("虚构市假想路一号", 70),
        (card.number, 36), ("虚构市公安局", 30), (card.valid_from, 16), (card.valid_until, 16), (_RESERVED, 36),
    ]  # fmt: skip


def _permit(card: Card) -> list[tuple[str, int]]:
    return [
        (card.name, 30), (_sex(card), 2), (_RESERVED, 4), (card.number[6:14], 16), ("虚构市假想路二号", 70),
        (card.number, 36), ("虚构市公安局", 30), (card.valid_from, 16), (card.valid_until, 16),
        ("H12345678", 18), ("01", 4), (_RESERVED, 6), ("J", 2), (_RESERVED, 6),
    ]  # fmt: skip


def _foreigner_2017(card: Card) -> list[tuple[str, int]]:
    digits = card.number[7:13]
    # The old number names no century: nobody made up here was born before 1931.
    birth = ("19" if digits[:2] > "30" else "20") + digits
    return [
        (card.latin_name, 120), ("1", 2), (card.number, 30), (card.number[:3], 6), (card.name, 30),
        (card.valid_from, 16), (card.valid_until, 16), (birth, 16), ("01", 4), ("1100", 8), ("I", 2), (_RESERVED, 6),
    ]  # fmt: skip


def _foreigner_2023(card: Card) -> list[tuple[str, int]]:
    return [
        (card.name, 30), ("1", 2), ("01", 4), (card.number[6:14], 16), (card.latin_name[:35], 70), (card.number, 36),
        (_RESERVED, 30), (card.valid_from, 16), (card.valid_until, 16), (card.latin_name[35:], 22),
        (card.number[3:6], 6), ("Y", 2), ("001", 6),
    ]  # fmt: skip


def _sex(card: Card) -> str:
    return "1" if card.number[16:17] in "13579" and len(card.number) == 18 else "2"


def _padded(text: str, length: int) -> bytes:
    """Return the text in UTF-16LE, cut as a chip cuts it, to the last unit that fits."""
    raw = text.encode("utf-16-le", "surrogatepass")[:length]
    return raw + b" \0" * ((length - len(raw)) // 2)
