"""The smaller cells of a legacy row, each read as far as it says something certain."""

import re
from collections.abc import Mapping
from datetime import date

from idp.core.results import Ok
from idp.linking.vocabulary import SourceState
from idp.persons.contact_numbers import parse_mobile
from realname.documents.document_number import Sex

_PLAIN_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_NOTE = re.compile(r"\s*[(（].{0,10}[)）]\s*$")
_FORM_FILLERS = frozenset({"13800138000", "13812345678", "13912345678", "13512345678", "18812345678", "15012345678"})
_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.年]?([0-9]{1,2})[-/.月]?([0-9]{1,2})(?:日?(?:[ T].*)?|[0-9]{6}Z?)")
_YEAR_LAST = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})(?: .*)?")
# Forms that must be filled in are filled in with these.
_NO_BIRTHS = frozenset({date(1900, 1, 1), date(1970, 1, 1), date(1899, 12, 30)})

# GB/T 2261.1 and words; 0 and 9 are unknown there, and some systems number otherwise.
SEXES: Mapping[str, Sex] = {
    **dict.fromkeys(("1", "男", "男性", "m", "M", "male"), Sex.MALE),
    **dict.fromkeys(("2", "女", "女性", "f", "F", "female"), Sex.FEMALE),
}

#: What older systems write of an account that is not in use, or whose holder died; anything else is in use.
STATE_WORDS: Mapping[str, SourceState] = {
    **dict.fromkeys(
        ("死亡", "已死亡", "亡故", "已故", "去世", "已去世", "身故", "deceased", "dead", "died"), SourceState.DECEASED
    ),
    **dict.fromkeys(
        ("注销", "已注销", "销户", "已销户", "停用", "禁用", "冻结", "已冻结", "封存", "失效", "无效", "锁定", "终止"),
        SourceState.INACTIVE,
    ),
    **dict.fromkeys(
        ("disabled", "inactive", "locked", "closed", "deleted", "cancelled", "suspended", "false"), SourceState.INACTIVE
    ),
}


_ALIVE_WORDS = frozenset(
    {"", "0", "n", "no", "否", "无", "false", "正常", "健在", "在世", "null", "-", "\\n", "未死亡", "生存"}
)


def says_dead(text: str) -> bool:
    """Tell whether a cell that is about nothing but death says so: yes, or the day of it."""
    return text.strip().lower() not in _ALIVE_WORDS


def read_mobile(text: str) -> str | None:
    """Return the mobile in its E.164 form; None for a landline, for what stands for none, and for nothing."""
    if not text:
        return None
    if _PLAIN_MOBILE.fullmatch(text) is None:
        parsed = parse_mobile(_NOTE.sub("", text).strip("'\ufeff\u200b\t ")) if len(text) < 60 else None
        if not isinstance(parsed, Ok):
            return None
        text = parsed.value.removeprefix("+86")
    # Eight equal figures at its end are a form filler's, as is 138 0000 0000.
    if text[3:] == text[3] * 8 or text in _FORM_FILLERS:
        return None
    return "+86" + text


def speaks_against(text: str, birth: date) -> bool:
    """Tell whether a birth date as some system writes it is certainly another day."""
    days = _days(text.strip())
    return bool(days) and birth not in days and not days & _NO_BIRTHS


def _days(text: str) -> set[date]:
    """Return the days that the text may mean."""
    if found := _YEAR_FIRST.fullmatch(text):
        orders = [(found[1], found[2], found[3])]
    elif found := _YEAR_LAST.fullmatch(text):
        orders = [(found[3], found[1], found[2]), (found[3], found[2], found[1])]
    else:
        return set()
    days = set()
    for year, month, day in orders:
        try:
            days.add(date(int(year), int(month), int(day)))
        except ValueError:
            continue
    return days
