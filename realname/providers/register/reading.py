"""Reading a register's file: CSV with a header row, in UTF-8 or GB18030, one entry a row.

`Columns` says which there are. Several values of one cell stand with `|` between them. A row that is no entry is
told by its line, column and problem: nothing of its content leaves this module in words.
"""

import codecs
import csv
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import BinaryIO

from idp.core.errors import IdpError
from idp.core.results import Ok
from idp.persons.contact_numbers import parse_mobile
from realname.documents.document_number import DocumentNumber, Sex
from realname.documents.names import clean_name
from realname.documents.parse import parse_number
from realname.providers.register.entry import Entry

ENCODINGS = ("utf-8", "gb18030")
_CHUNK = 1 << 20
_DATE = re.compile(r"([0-9]{4})[-/]?([0-9]{2})[-/]?([0-9]{2})")
# GB/T 2261.1: 1 is male, 2 is female, 0 and 9 say that nobody said.
_SEXES = {"male": Sex.MALE, "female": Sex.FEMALE, "男": Sex.MALE, "女": Sex.FEMALE, "1": Sex.MALE, "2": Sex.FEMALE}
_SEX_UNKNOWN = frozenset({"", "0", "9"})
_MOST_VALUES, _LONGEST_KEY = 50, 100


class Column(StrEnum):
    """The columns of a file."""

    NUMBER = "number"
    NAME = "name"
    FORMER_NAMES = "former_names"
    BIRTH_DATE = "birth_date"
    SEX = "sex"
    VALID_FROM = "valid_from"
    VALID_UNTIL = "valid_until"
    DECEASED_ON = "deceased_on"
    GUARDIANS = "guardians"
    HOUSEHOLD = "household"
    MOBILES = "mobiles"


#: What files of the authorities call them.
_CHINESE = {
    "公民身份号码": Column.NUMBER,
    "证件号码": Column.NUMBER,
    "姓名": Column.NAME,
    "曾用名": Column.FORMER_NAMES,
    "出生日期": Column.BIRTH_DATE,
    "性别": Column.SEX,
    "有效期起": Column.VALID_FROM,
    "有效期止": Column.VALID_UNTIL,
    "死亡日期": Column.DECEASED_ON,
    "监护人证件号码": Column.GUARDIANS,
    "户号": Column.HOUSEHOLD,
    "手机号码": Column.MOBILES,
}


class FileRefused(IdpError):
    """The file cannot be read as a register; the text says why and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """Why a row is no entry: its column, empty where it is about the whole row, and the problem."""

    column: str
    problem: str


@dataclass(frozen=True, slots=True)
class Inspected:
    """What a first look at a file tells: its encoding and the SHA-256 of its bytes."""

    encoding: str
    sha256: str


def inspect(file: BinaryIO, encoding: str | None = None) -> Inspected:
    """Read the file once and return to its start; raises FileRefused where it is in neither encoding."""
    candidates = {name: codecs.getincrementaldecoder(name)() for name in ([encoding] if encoding else ENCODINGS)}
    digest = hashlib.sha256()
    while True:
        chunk = file.read(_CHUNK)
        digest.update(chunk)
        for name, decoder in list(candidates.items()):
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError:
                del candidates[name]
        if not candidates:
            raise FileRefused(f"the file is not in {encoding or 'UTF-8 or GB18030'}")
        if not chunk:
            break
    file.seek(0)
    return Inspected(next(iter(candidates)), digest.hexdigest())


def read_rows(lines: Iterable[str], *, today: date) -> Iterator[tuple[int, Entry | BadRow]]:
    """Yield the last line of each row with what it says; raises FileRefused for a header that is none."""
    reader = csv.reader(lines)
    columns = _read_header(reader)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield reader.line_num, BadRow("", "unreadable")
            continue
        if not cells:
            continue  # an empty line
        if len(cells) != len(columns):
            yield reader.line_num, BadRow("", "columns")
            continue
        yield reader.line_num, read_entry(dict(zip(columns, cells, strict=True)), today=today)


def read_entry(cells: Mapping[str, str], *, today: date) -> Entry | BadRow:
    """Return what the cells of one row, by their columns, say of a number."""
    number = parse_number(cells[Column.NUMBER], today=today)
    if not isinstance(number, Ok):
        return BadRow(Column.NUMBER, number.reason)
    try:
        return _read_rest(number.value, cells, today)
    except _Bad as bad:
        return bad.row


class _Bad(Exception):
    """A cell cannot be read; never leaves this module."""

    def __init__(self, column: str, problem: str) -> None:
        super().__init__(column)
        self.row = BadRow(column, problem)


def _read_rest(number: DocumentNumber, cells: Mapping[str, str], today: date) -> Entry:
    birth = _day(cells, Column.BIRTH_DATE, until=today)
    own = None if number.needs_review else number.birth_date
    if birth is not None and own is not None and birth != own:
        raise _Bad(Column.BIRTH_DATE, "other_than_number")  # columns shifted, more often than not
    died = _day(cells, Column.DECEASED_ON, until=today)
    if died is not None and (birth or own) is not None and died < (birth or own or died):
        raise _Bad(Column.DECEASED_ON, "before_birth")
    household = cells.get(Column.HOUSEHOLD, "").strip()
    if len(household) > _LONGEST_KEY or not household.isprintable():
        raise _Bad(Column.HOUSEHOLD, "characters")
    return Entry(
        number=number,
        name=_name(cells[Column.NAME], Column.NAME),
        former_names=tuple(_name(each, Column.FORMER_NAMES) for each in _several(cells, Column.FORMER_NAMES)),
        birth_date=birth or number.birth_date,
        sex=_sex(cells.get(Column.SEX, "").strip(), number),
        valid_from=_day(cells, Column.VALID_FROM),
        valid_until=_day(cells, Column.VALID_UNTIL),
        deceased_on=died,
        guardians=tuple(_guardian(each, today) for each in _several(cells, Column.GUARDIANS)),
        household=household or None,
        mobiles=tuple(_mobile(each) for each in _several(cells, Column.MOBILES)),
    )


def _read_header(reader: Iterator[list[str]]) -> list[Column]:
    try:
        cells = [cell.strip().lstrip("\ufeff").lower() for cell in next(reader)]
    except (StopIteration, csv.Error):
        raise FileRefused("the file has no header row") from None
    names = {**{column.value: column for column in Column}, **_CHINESE}
    columns = []
    for place, cell in enumerate(cells, start=1):
        if cell not in names:
            # Not quoted: where the header is missing, it is somebody's data.
            raise FileRefused(f"column {place} of the header row has no name that is known")
        columns.append(names[cell])
    if len(set(columns)) < len(columns):
        raise FileRefused("the header row names a column twice")
    if not {Column.NUMBER, Column.NAME} <= set(columns):
        raise FileRefused("the header row lacks the column number or name")
    return columns


def _several(cells: Mapping[str, str], column: Column) -> list[str]:
    text = cells.get(column)
    if not text:
        return []
    values = [value.strip() for value in text.split("|")]
    found = list(dict.fromkeys(value for value in values if value))
    if len(found) > _MOST_VALUES:
        raise _Bad(column, "too_many")
    return found


def _name(text: str, column: Column) -> str:
    name = clean_name(text)
    if not isinstance(name, Ok):
        raise _Bad(column, name.reason)
    return name.value


def _day(cells: Mapping[str, str], column: Column, *, until: date = date.max) -> date | None:
    text = cells.get(column)
    if not text or not (text := text.strip()):
        return None
    match = _DATE.fullmatch(text)
    try:
        day = date(*map(int, match.groups())) if match else None
    except ValueError:
        day = None
    if day is None or day > until:
        raise _Bad(column, "date")
    return day


def _sex(text: str, number: DocumentNumber) -> Sex | None:
    if text in _SEX_UNKNOWN:
        return number.sex
    if text.lower() not in _SEXES:
        raise _Bad(Column.SEX, "unknown_value")
    return _SEXES[text.lower()]


def _guardian(text: str, today: date) -> DocumentNumber:
    number = parse_number(text, today=today)
    if not isinstance(number, Ok):
        raise _Bad(Column.GUARDIANS, number.reason)
    return number.value


def _mobile(text: str) -> str:
    mobile = parse_mobile(text)
    if not isinstance(mobile, Ok):
        raise _Bad(Column.MOBILES, mobile.reason)
    return mobile.value
