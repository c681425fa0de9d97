"""What masked text still shows."""

import pytest
from hypothesis import given

from realname.documents.masking import mask_mobile, mask_name, mask_number
from realname.documents.names import MIDDLE_DOTS, NAME_SPACES, TSHEGS
from tests.unit.realname.documents.numbers import any_text

SEPARATORS = MIDDLE_DOTS + NAME_SPACES + TSHEGS


@pytest.mark.parametrize(
    ("number", "masked", "strictly"),
    [
        ("11010519491231002X", "110105********002X", "1****************X"),
        ("KAZ110090123105", "K*************5", "K*************5"),
        ("H12345678", "H*******8", "H*******8"),
        ("12", "1*", "1*"),
        ("1", "*", "*"),
        ("", "", ""),
    ],
)
def test_numbers(number: str, masked: str, strictly: str) -> None:
    """Eighteen characters keep six and four; strictly, and for others, the first and the last stay."""
    assert mask_number(number) == masked
    assert mask_number(number, strict=True) == strictly


@pytest.mark.parametrize(
    ("mobile", "masked"),
    [
        ("13800001234", "138****1234"),
        ("+8613800001234", "138****1234"),
        ("13800001234\n", "1**********\n"),
        ("+85291234567", "+**********7"),
        ("", ""),
    ],
)
def test_mobiles(mobile: str, masked: str) -> None:
    """Mainland numbers keep three and four figures; others the first and the last character."""
    assert mask_mobile(mobile) == masked


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("", ""),
        ("张", "*"),
        ("张三", "张*"),
        ("张小三", "张*三"),
        ("欧阳娜娜", "欧**娜"),
        ("\U00020bb7\U00030edd三", "\U00020bb7*三"),
        ("\U00020bb7三", "\U00020bb7*"),
        ("邉\U000e0101小三", "邉\U000e0101*三"),
        ("买买提·吐尔逊", "买买提·***"),
        ("阿依古丽•买买提•尼亚孜", "阿依古丽•***•***"),
        ("扎西.顿珠", "扎西.**"),
        ("张　三", "张　*"),
        ("扎西·", "扎*"),
        ("བཀྲ་ཤིས་", "བཀྲ་**་"),
        ("བཀྲ", "བ*"),
        ("ئەخمەت تۇرسۇن", "ئەخمەت ******"),
        ("Zhang San", "Zhang ***"),
        ("e\u0301lan", "e\u0301**n"),
    ],
)
def test_names(name: str, masked: str) -> None:
    """First and last letter, or the first part, stay; a letter keeps its marks."""
    assert mask_name(name) == masked


@given(any_text)
def test_any_text_can_be_masked_and_never_comes_back_whole(text: str) -> None:
    """Old data of any kind can be masked; at least one letter is starred."""
    letters = [char for char in text if char not in SEPARATORS]
    assert not letters or "*" in mask_name(text)
    assert not text or ("*" in mask_number(text) and "*" in mask_mobile(text))
