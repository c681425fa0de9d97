"""Made-up cards: an encoder of the 256 bytes of text of each layout, after GA/T 490 and its successors.

It is written from the tables of fields in their order, so that it agrees with the parser's offsets only if both
are right.
"""

from dataclasses import dataclass, replace

#: Fields in order with their length in bytes; all layouts sum to 256.
_CITIZEN = (
    ("name", 30), ("sex", 2), ("nation", 4), ("birth", 16), ("address", 70), ("number", 36), ("office", 30),
    ("valid_from", 16), ("valid_until", 16), ("reserved", 28), ("flag", 2), ("end", 6),
)  # fmt: skip
_PERMIT = (
    ("name", 30), ("sex", 2), ("nation", 4), ("birth", 16), ("address", 70), ("number", 36), ("office", 30),
    ("valid_from", 16), ("valid_until", 16), ("permit", 18), ("issues", 4), ("reserved", 6), ("flag", 2), ("end", 6),
)  # fmt: skip
_FOREIGNER_2017 = (
    ("latin", 120), ("sex", 2), ("number", 30), ("nationality", 6), ("name", 30), ("valid_from", 16),
    ("valid_until", 16), ("birth", 16), ("version", 4), ("accepted_by", 8), ("flag", 2), ("end", 6),
)  # fmt: skip
_FOREIGNER_2023 = (
    ("name", 30), ("sex", 2), ("replacements", 4), ("birth", 16), ("latin", 70), ("number", 36), ("reserved", 30),
    ("valid_from", 16), ("valid_until", 16), ("latin_more", 22), ("nationality", 6), ("flag", 2), ("previous", 6),
)  # fmt: skip
_TABLES = {" ": _CITIZEN, "J": _PERMIT, "I": _FOREIGNER_2017, "Y": _FOREIGNER_2023}


@dataclass(frozen=True, slots=True)
class MadeUpCard:
    """What is written on a card; by default one without end of somebody who is no one."""

    number: str = "11010519491231002X"
    name: str = "张小明"
    sex: str = "2"
    birth: str = "19491231"
    valid_from: str = "20200101"
    valid_until: str = "长期"
    flag: str = " "
    latin: str = ""
    address: str = "北京市朝阳区假想街一号"
    nation: str = "01"
    office: str = "北京市公安局朝阳分局"
    nationality: str = ""
    replacements: str = ""
    previous: str = ""

    def but(self, **changed: str) -> "MadeUpCard":
        """Return the card with something else on it."""
        return replace(self, **changed)

    def block(self) -> bytes:
        """Return the text block of its chip."""
        parts = []
        for field, length in _TABLES[self.flag]:
            text = getattr(self, field, "")
            if field == "latin" and self.flag == "Y":
                text = text[:35]
            if field == "latin_more":
                text = self.latin[35:]
            raw = text.encode("utf-16-le", "surrogatepass")
            assert len(raw) <= length, (field, text)
            parts.append(raw + b" \0" * ((length - len(raw)) // 2))
        block = b"".join(parts)
        assert len(block) == 256
        return block


CITIZEN = MadeUpCard()
PERMIT = MadeUpCard(
    flag="J", number="810000199408230021", name="陳小文", birth="19940823", nation="", valid_until="20300101"
)
FOREIGNER_2017 = MadeUpCard(
    flag="I",
    number="KAZ110090123105",
    name="证件样本",
    latin="ZHENGJIAN, YANGBEN",
    birth="19901231",
    valid_from="20170301",
    valid_until="20270228",
    nationality="KAZ",
)
FOREIGNER_2023 = MadeUpCard(
    flag="Y",
    number="932682198501010017",
    name="",
    latin="ZHENGJIAN YANGBEN",
    birth="19850101",
    valid_from="20231201",
    valid_until="20331130",
    nationality="682",
    replacements="01",
    previous="001",
)
