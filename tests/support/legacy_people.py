"""Made-up accounts of an older system, with the errors that such systems have; nobody's numbers and mobiles."""

import random
from collections.abc import Callable

from realname.documents.check_character import mod_11_2

#: The fields of an account, in the order of the files; the names are those of `idp.linking.columns.Field`.
FIELDS = (
    "reference",
    "name",
    "number",
    "mobile",
    "gender",
    "birth_date",
    "address",
    "organisation",
    "password",
    "salt",
    "registered_at",
)
_NAMES = ("王伟", "李秀英", "张敏", "刘洋", "陈思雨", "欧阳娜娜", "买买提·吐尔逊", "古丽娜尔·艾力", "赵子轩", "周𬭎")
_FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
_ERRORS_OF_NUMBERS: tuple[Callable[[str], str], ...] = (
    lambda number: number.lower(),
    lambda number: f" {number}",
    lambda number: f"{number[:6]} {number[6:14]} {number[14:]}",
    lambda number: f"{number}\u3000",
    lambda number: f"'{number}",
    lambda number: number.translate(_FULL_WIDTH),
    lambda number: number[:6] + number[8:17],
    lambda number: number[:4] + "*" * 10 + number[14:],
    lambda number: f"{float(number[:17]) * 10:.5E}",
    lambda number: "111111111111111111",
    lambda number: "E12345678",
    lambda number: "",
    lambda number: "无",
)
_ERRORS_OF_NAMES: tuple[Callable[[str], str], ...] = (
    lambda name: f"{name[0]} {name[1:]}",
    lambda name: f"{name[0]}\u3000{name[1:]}",
    lambda name: name.replace("·", "•"),
    lambda name: name.replace("·", "."),
    lambda name: f"{name}(本人)",
    lambda name: f"{name[:-1]}\ue005",
    lambda name: f"{name[:-1]}?",
    lambda name: "ZHANG SAN",
    lambda name: "張偉",
    lambda name: "",
)
_ERRORS_OF_MOBILES: tuple[Callable[[str], str], ...] = (
    lambda mobile: f"+86{mobile}",
    lambda mobile: f"{mobile[:3]}-{mobile[3:7]}-{mobile[7:]}",
    lambda mobile: f"{mobile}(家)",
    lambda mobile: "0571-81234567",
    lambda mobile: "-",
    lambda mobile: "",
)
# What the grammars of the formats stumble over.
_ADDRESSES = (
    "浙江省测试市东区人民路{}号",
    "浙江省测试市西区,和平路{}号|后门",
    "测试市“南区”'建设路'{}号",
    '测试市 "北区"\t文化路{}号',
    "测试市中区\\学院路{}号\\",
    "测试市新区解放路{}号),('x",
    "测试市东区{}号\nINSERT INTO `members` VALUES ('1')",
    " {}号",
)


def made_up_accounts(count: int, *, seed: int = 1) -> list[dict[str, str]]:
    """Return so many accounts, the same ones for the same seed."""
    chance = random.Random(seed)
    return [_account(place, chance) for place in range(count)]


def _account(place: int, chance: random.Random) -> dict[str, str]:
    year, month, day = chance.randrange(1940, 2015), chance.randrange(1, 13), chance.randrange(1, 29)
    # The county code is not allocated, so nobody has such a number.
    digits = f"3399{chance.randrange(1, 90):02d}{year}{month:02d}{day:02d}{chance.randrange(1, 999):03d}"
    number, mobile = digits + mod_11_2(digits), f"154{chance.randrange(10**8):08d}"
    name = chance.choice(_NAMES)
    is_company = chance.random() < 0.1
    account = {
        "reference": f"GR{place:08d}",
        "name": name,
        "number": number,
        "mobile": mobile,
        "gender": "1" if int(digits[16]) % 2 else "2",
        "birth_date": f"{year}{month:02d}{day:02d}",
        "address": "",
        "organisation": "测试华达有限公司" if is_company else "",
        "password": f"{chance.getrandbits(128):032x}",
        "salt": f"{chance.getrandbits(24):06x}"[:5] + "k",
        "registered_at": f"20{chance.randrange(3, 25):02d}-{month:02d}-{day:02d}",
    }
    if chance.random() < 0.25:
        account["number"] = chance.choice(_ERRORS_OF_NUMBERS)(number)
    if chance.random() < 0.25:
        account["name"] = chance.choice(_ERRORS_OF_NAMES)(name)
    if chance.random() < 0.25:
        account["mobile"] = chance.choice(_ERRORS_OF_MOBILES)(mobile)
    address = chance.choice(_ADDRESSES[:1]) if chance.random() < 0.6 else chance.choice(_ADDRESSES)
    account["address"] = address.format(chance.randrange(1, 999))
    return account
