"""What stands in the name column of a legacy row: a name, perhaps with notes beside it, or none to match by."""

import re
from dataclasses import dataclass, field

from idp.core.results import Ok
from idp.linking.row_numbers import MISSING_WORDS
from realname.documents.names import clean_name, name_match_key

_DEAD = "已故|故|亡|死亡|去世|亡故|已死亡|已去世"
_SELF = "本人|户主|先生|女士|小姐|同志|男|女"
_OTHERS = "父|母|父亲|母亲|子|儿子|女儿|妻|夫|妻子|丈夫|代|代办|监护人|配偶|孙|孙女|爷爷|奶奶|家属|亲属"
_BRACKETED = re.compile(r"\s*[(（\[【<]([^)）\]】>]{0,20})[)）\]】>]?\s*$")
# Without brackets only what no name ends with.
_BARE_NOTE = re.compile(rf"(?<=..)({'已故|死亡|去世|亡故|已死亡|已去世|本人|先生|女士|小姐|同志'})$")
_TRAILING = re.compile(r"(?<=.)[0-9０-９*＊#_\s]+$")
_LOST = frozenset("?？□■○●�*＊#")
_LATIN = re.compile(r"[A-Za-z][A-Za-z .,'’-]*")
_CJK_ONLY = re.compile(r"[\u3400-\u9fff]+")
_ORGANISATION = re.compile(
    r".{2,}(?:公司|集团|工厂|合作社|委员会|居委会|村委会|事务所|协会|工作室|商行|经营部|服务部|门市部|办事处|银行|医院|学校"
    r"|小学|中学|大学|幼儿园|研究院|研究所|俱乐部|联合会|基金会|有限合伙)(?:[(（].*[)）])?|.{4,}(?:厂|店|局|中心|超市)"
)
_TEST = re.compile(
    r"测试.*|.*测试(?:账号|账户|用户|数据)?[0-9]*|test.*|admin.*|demo.*|系统管理员|管理员|临时(?:用户|账号)?|系统", re.I
)
_EXAMPLES = frozenset({"张三", "李四", "王五", "赵六"})

# A plain name: two to four ideographs that end like a name. Its match key is the name itself.
_PLAIN = re.compile(r"[\u3400-\u9fff]{2,4}")
_NOT_PLAIN_ENDS = frozenset(
    re.findall(
        "..",
        "已故死亡去世亡故本人先生女士小姐同志公司集团测试学校医院银行工厂协会商行小学中学大学"
        "不详未知暂无没有系统临时中心超市理员用户账号",
    )
)
# UTF-8 read as GBK begins with a character of the lead bytes E4-E9, which is where its ideographs begin.
_MOJIBAKE_FIRST = frozenset(
    char
    for lead in range(0xE4, 0xEA)
    for trail in range(0x80, 0xC0)
    for char in bytes((lead, trail)).decode("gb18030", "ignore")
)


@dataclass(frozen=True, slots=True)
class NameRead:
    """What a cell says: the name to match by, if any, and what was noted beside it."""

    name: str | None = field(default=None, repr=False)
    is_deceased: bool = False
    is_doubtful: bool = False  # noted as somebody else's
    is_latin: bool = False  # pinyin, or the name of a foreigner
    is_organisation: bool = False
    is_test: bool = False
    is_example: bool = False  # of handbooks, and of some people


def is_plain(text: str) -> bool:
    """Tell whether the cell is a name as it should be, whose match key is itself and beside which nothing is noted."""
    return (
        _PLAIN.fullmatch(text) is not None
        and text[-2:] not in _NOT_PLAIN_ENDS
        and text not in _EXAMPLES
        and text[0] not in _MOJIBAKE_FIRST
        and not text.startswith("测试")
    )


def read_name(text: str) -> NameRead:
    """Return what the cell of a name says; never raises."""
    name = text.strip().strip("\ufeff\u200b\u3000'")
    if name.lower() in MISSING_WORDS:
        return NameRead()
    if _ORGANISATION.fullmatch(name):
        return NameRead(is_organisation=True)
    name, dead, doubtful = _without_notes(name)
    if _TEST.fullmatch(name):
        return NameRead(is_test=True)
    cleaned = clean_name(name)
    if not isinstance(cleaned, Ok) or not name_match_key(name) or _LOST & set(name) or is_mojibake(name):
        return NameRead(is_deceased=dead, is_doubtful=doubtful)
    return NameRead(
        cleaned.value,
        is_deceased=dead,
        is_doubtful=doubtful,
        is_latin=_LATIN.fullmatch(name) is not None,
        is_example=name in _EXAMPLES,
    )


def is_mojibake(name: str) -> bool:
    """Tell whether the name is UTF-8 that somebody read as GBK."""
    if not name or name[0] not in _MOJIBAKE_FIRST:
        return False
    # What was no pair of bytes at the end was cut or replaced.
    raw = name.rstrip("?\ufffd").encode("gb18030", "ignore")
    for cut in range(3):
        try:
            found = raw[: -cut or None].decode()
        except UnicodeDecodeError:
            continue
        return _CJK_ONLY.match(found) is not None
    return False


def _without_notes(name: str) -> tuple[str, bool, bool]:
    """Return the name without what is noted beside it, whether that says dead, and whether it says somebody else's."""
    dead = doubtful = False
    while True:
        bracketed, bare = _BRACKETED.search(name), _BARE_NOTE.search(name)
        note = bracketed or bare
        if note is None or note.start() == 0:
            break
        word = note[1].strip()
        dead = dead or re.fullmatch(_DEAD, word) is not None
        known = re.fullmatch(f"{_DEAD}|{_SELF}", word) is not None
        doubtful = doubtful or (bool(word) and not known)
        name = name[: note.start()]
    return _TRAILING.sub("", name), dead, doubtful
