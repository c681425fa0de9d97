"""A made-up population: rows of a register's file, and questions about them whose answers are known."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

# Nobody born then was alive when numbers of 18 characters came in.
_FIRST_BIRTH = date(1851, 1, 1)
_PER_DAY = 1_000
_WEIGHTS = [2**power % 11 for power in range(17, 0, -1)]  # GB 11643-1999
_CHARACTERS = "10X98765432"
_FAMILY_NAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
_GIVEN_NAMES = "明芳伟娜敏静丽强磊军洋勇艳杰娟涛超秀霞平刚桂英华玉兰海燕文辉云峰"
#: The answer about somebody who is not in the register.
UNKNOWN = b"no_record register.no_record\n"

_HEADER = "number,name,household,mobiles\n"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as a line, and the line that must answer it."""

    line: bytes
    answer: bytes


def number_at(place: int) -> str:
    """Return the number at that place: well formed, all different, nobody's."""
    digits = f"110105{_FIRST_BIRTH + timedelta(days=place // _PER_DAY):%Y%m%d}{place % _PER_DAY:03d}"
    rest = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % 11
    return digits + _CHARACTERS[rest]


def name_at(place: int) -> str:
    """Return the name at that place."""
    families, givens = len(_FAMILY_NAMES), len(_GIVEN_NAMES)
    rest, family = divmod(place, families)
    return _FAMILY_NAMES[family] + _GIVEN_NAMES[rest % givens] + _GIVEN_NAMES[rest // givens % givens]


def write_file(path: Path, count: int) -> None:
    """Write a register of `count` people."""
    with path.open("w", encoding="utf-8") as file:
        file.write(_HEADER)
        for place in range(count):
            file.write(f"{number_at(place)},{name_at(place)},h{place // 3},160{place:08d}\n")


def questions(count: int, seed: int) -> Iterator[Asked]:
    """Yield questions about people drawn at random: of a hundred, five have another's name, five are unknown."""
    draw = random.Random(seed)
    while True:
        place, kind = draw.randrange(count), draw.random()
        if kind < 0.9:
            name, answer = name_at(place), b"match register.match\n"
        elif kind < 0.95:
            name, answer = name_at(place + 1), b"mismatch register.other_name\n"
        else:
            place += count
            name, answer = name_at(place), UNKNOWN
        yield Asked(f"{number_at(place)},{name}\n".encode(), answer)
