"""A population register for tests: entries from the cells of a row, and questions as somebody types them."""

from datetime import date

from idp.core.results import Ok
from idp.house.build import House
from realname.documents.document_number import DocumentNumber
from realname.documents.parse import parse_number
from realname.providers.answer import Answer
from realname.providers.question import Question
from realname.providers.register.entries import Change
from realname.providers.register.entry import Entry
from realname.providers.register.reading import read_entry

TODAY = date(2026, 3, 2)
NUMBER, OTHER_NUMBER = "11010519491231002X", "440308199901101512"
NAME, MOBILE = "欧阳测试", "+8613712345678"


def number_of(text: str) -> DocumentNumber:
    """Return the parsed number."""
    parsed = parse_number(text, today=TODAY)
    assert isinstance(parsed, Ok)
    return parsed.value


def entry_of(number: str = NUMBER, name: str = NAME, **cells: str) -> Entry:
    """Return the entry that a row with these cells says."""
    entry = read_entry({"number": number, "name": name, **cells}, today=TODAY)
    assert isinstance(entry, Entry), entry
    return entry


def put(house: House, *entries: Entry) -> list[Change]:
    """Put entries in, in one transaction."""
    with house.ground.database.transaction() as session:
        return [each.change for each in house.register.entries.put(session, entries)]


def ask(house: House, number: str = NUMBER, name: str = NAME, mobile: str | None = None) -> Answer:
    """Ask the register."""
    return house.register.verifier.verify(Question(number_of(number), name, mobile))


def code_of(house: House, number: str = NUMBER, name: str = NAME, mobile: str | None = None) -> str:
    """Return outcome and code of an answer."""
    answer = ask(house, number, name, mobile)
    return f"{answer.outcome} {answer.code}"
