"""Writes idp/persons/data/common_passwords.txt: well-known passwords and what people append to them.

Deterministic, without any list from outside: words, keyboard walks, pinyin phrases and dates, expanded in
the ways that published rankings show. It is no collection of breached passwords; an operator who has one
names it beside this file. Run from the repository: python scripts/make_password_blocklist.py
"""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "idp" / "persons" / "data" / "common_passwords.txt"

#: Shorter ones are refused by their length and would only make the file longer.
MIN_LENGTH, MAX_LENGTH = 8, 24

ENGLISH = """
password passw0rd p@ssword p@ssw0rd pa55word admin administrator root welcome letmein iloveyou monkey dragon
master superman batman sunshine princess football baseball basketball soccer hockey shadow michael jordan
jennifer jessica charlie daniel thomas ashley nicole hunter ranger buster harley george robert andrew
matthew joshua william hello helloworld freedom whatever trustno1 starwars computer internet login access
secret changeme default guest test testing tester user username qwerty flower summer winter spring autumn
cheese cookie banana orange apple chocolate peanut pepper ginger tigger snoopy pokemon naruto minecraft
google facebook samsung iphone android huawei xiaomi nokia microsoft windows linux oracle mysql server
system manager security database network service support office company student teacher doctor police
forever lovely lovelove angel family friend friends mother father brother sister baby babygirl sweet honey
sexy loveyou iloveu killer gangster money success happy lucky diamond silver golden phoenix eagle tiger lion
"""

PINYIN = """
woaini woaini520 woaiwo woaiwojia woaizhongguo woaibaobao woaimama woaibaba woshishui woshini woshiwo nihao
nihaoma zhongguo zhonghua zhongguoren beijing shanghai guangzhou shenzhen chengdu chongqing tianjin wuhan
hangzhou nanjing xian xizang lasa neimenggu xinjiang qinghai yunnan guizhou sichuan guangdong guangxi fujian
zhejiang jiangsu shandong henan hebei hunan hubei hainan jiangxi anhui shanxi shaanxi liaoning jilin ningxia
gansu heilongjiang hohhot huhehaote zhengfu zhengwu shebao yibao gongjijin shuiwu minzheng gongan shenfen
shenfenzheng mima wodemima mimashi mima123 denglu yonghu guanliyuan ceshi xitong fuwu pingtai yihao baobao
laopo laogong mama baba baobei qinai aini wanan zaoan meimei gege jiejie didi wangwei liwei zhangwei liuwei
lina wangfang liqiang zhangmin lijing wangjing liujing zhangjing wanglei lilei hanmeimei liming xiaoming
xiaohong xiaowang xiaoli xiaozhang tiantian kuaile xingfu pingan jiankang facai gongxifacai dajiahao asdasd
tianxia wudi taobao zhifubao alipay weixin weibo tencent baidu alibaba caonima wocao niubi shabi
"""

WALKS = """
qwertyuiop qwertyuio qwerty qwertyui asdfghjkl asdfghjk asdfgh zxcvbnm zxcvbn poiuytrewq lkjhgfdsa mnbvcxz
qazwsxedc qazwsx qazwsxedcrfv wsxedcrfv edcrfvtgb 1qaz2wsx 1qaz2wsx3edc 1qaz2wsx3edc4rfv 1q2w3e4r 1q2w3e4r5t
1q2w3e4r5t6y 1q2w3e q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 qweasd qweasdzxc qwe123 qwe123qwe 123qwe 123qweasd
123qweasdzxc qweqwe asdasd zxczxc 1234qwer qwer1234 asdf1234 zxcv1234 asdf zaq12wsx zaq1xsw2 xsw21qaz
!qaz2wsx !qaz@wsx 1qaz!qaz 2wsx@wsx qaz123wsx qazxsw qazxswedc qazxcvbnm 147258369 147852369 963852741
159357 741852963 789456123 123456789 987654321 1234567890 0987654321 0123456789 12345678 87654321 123123123
123321 123456 654321 1234567 123454321 1234554321 112233 11223344 1122334455 112233445566 445566 778899
123123 666666 888888 66666666 88888888 5201314 1314520 52013145201314 7758521 7758258 521521 520520 5211314
1314521 abc123 abcd1234 a1b2c3d4 a1b2c3d4e5 aa123456 a123456 a12345678 a123456789 qq123456 q123456 w123456
z123456 abc123456 abcd123456 abcdef123456 abcdefg123 abcdefgh asd123 asd123456 zxc123 zxc123456 wang123
li123456 as123456 ab123456 aaa111 aaaa1111 abcabc 123abc 123456abc 123456789a 123456789abc 12345678a
1234567890a 123456aa 123456a 123456q 123456qq 123456qwe 123456qwerty qwerty123456 admin888 admin666 root123
test1234 user1234
"""

SUFFIXES = """
1 12 123 1234 12345 123456 1234567 12345678 123456789 1234567890 0 00 000 007 01 02 11 111 1111 22 222 33
333 66 666 6666 666666 77 88 888 8888 888888 99 999 9999 100 101 110 119 120 168 1688 188 520 521 1314
5201314 1314520 a aa abc abcd ! !! !!! @ # . !@# !@#$ @123 @1234 @12345 @123456 #123 _123 .123 -123 123!
1234! 123456! 123. 123@ 123# @163.com @qq.com 163 qq qwe qwer qwerty asd asdf zxc love
"""

PREFIXES = "1 12 123 1234 12345 123456 520 1314 a aa abc my the i wo wode new 111 666 888"

YEARS = [str(year) for year in range(1950, 2028)]
MONTHS = [f"{month:02d}" for month in range(1, 13)]

_LEET = str.maketrans({"a": "@", "o": "0", "s": "$", "i": "1", "e": "3"})


def expansions() -> Iterator[str]:
    """Yield every candidate, unsorted and with repetitions."""
    english, pinyin, walks = ENGLISH.split(), PINYIN.split(), WALKS.split()
    bases, suffixes = english + pinyin + walks, SUFFIXES.split()
    yield from bases
    yield from (base + suffix for base, suffix in product(bases, suffixes))
    yield from (prefix + base for prefix, base in product(PREFIXES.split(), bases))
    yield from (base + year for base, year in product(english + pinyin, YEARS[35:]))
    yield from (base + "@" + year for base, year in product(english[:10] + pinyin[:30], YEARS[70:]))
    yield from (base + base for base in bases)
    yield from (base[::-1] for base in bases)
    yield from (base.translate(_LEET) + suffix for base, suffix in product(english, ["", "1", "12", "123"]))
    yield from dates()


def dates() -> Iterator[str]:
    """Yield birthdays as people type them around a letter or two; every day would be a longer file."""
    for year, month, day in product(YEARS[10:60], MONTHS, ("01", "15")):
        yield from (f"{year}{month}{day}", f"a{year}{month}{day}", f"aa{year}{month}{day}")
    for year, (before, after) in product(YEARS, [("a", ""), ("", "a"), ("ab", "ab"), ("love", "love")]):
        yield f"{before}{year}{after}"


def main() -> None:
    """Write the file, sorted, each entry once, in lower case."""
    words = {word.lower() for word in expansions()}
    kept = sorted(word for word in words if MIN_LENGTH <= len(word) <= MAX_LENGTH)
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text("".join(f"{word}\n" for word in kept), encoding="utf-8")


if __name__ == "__main__":
    main()
