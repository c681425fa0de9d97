"""The made-up people of these tests; the numbers are well formed and nobody's."""

from datetime import date

from demo.simulators.people import Person
from idp.core.results import Ok
from realname.documents.document_number import DocumentNumber
from realname.documents.parse import parse_number
from realname.providers.question import Question

TODAY = date(2026, 3, 1)

ZHANG = Person("110101199003071233", "张测试", "13900000001", "20200102", "20400102")
AI = Person("310101198512244561", "阿依古丽·测试", "13900000002", "20100505", "00000000")
RARE = Person("440301197906017893", "王𬭎测", "13900000003")  # U+2CB4E lies outside GBK
HMT = Person("810000198808081112", "陈测试", "13900000004")
PEOPLE = [ZHANG, AI, RARE, HMT]
QUIET = Person("11010519780517234X", "赵测试")  # whose mobile no source knows
UNKNOWN_NUMBER = "540101199202032229"
UNKNOWN_MOBILE = "+8613900000099"

#: What Alibaba's script says of a browser.
BROWSER = '{"deviceType": "h5", "ua": "Mozilla/5.0"}'
#: What must appear in no repr, log or error.
SECRETS = [text for person in PEOPLE for text in (person.number, person.name, person.mobile)] + [UNKNOWN_NUMBER]


def number(text: str) -> DocumentNumber:
    parsed = parse_number(text, today=TODAY)
    assert isinstance(parsed, Ok)
    return parsed.value


def question(person: Person = ZHANG, *, name: str = "", mobile: str | None = None) -> Question:
    return Question(number(person.number), name or person.name, mobile)


def mobile_question(person: Person = ZHANG, **changes: str) -> Question:
    return question(person, mobile=changes.pop("mobile", f"+86{person.mobile}"), **changes)
