"""The texts of messages: signed, complete, short enough, and never asking for a code."""

import pytest

from idp.web.message_texts import TEMPLATES, render_message

_PARAMETERS = {
    "code": "482913",
    "minutes": "5",
    "time": "2026-03-05 12:00",
    "device": "Windows · Edge",
    "name": "欧阳**",
    "mobile": "138****5678",
    "until": "2026-03-08 12:00",
    "reference": "G*********1",
    "client": "x" * 22,
    "office": "示例区政务服务中心",
    "system": "示例市人力资源和社会保障局社会保险网上服务平台统一认证接口",
    "link": "https://id.example.gov.cn/mobile/keep?token=" + "x" * 43,
}
# Goes by mail: people learn not to follow links in an SMS.
_BY_MAIL = {"mobile_release_started"}
# Two parts of a long Chinese SMS (3GPP TS 23.040: 67 characters each).
_MOST = 134


@pytest.mark.parametrize("template", sorted(TEMPLATES))
def test_chinese_texts_are_signed_and_fit(template: str) -> None:
    """Each text starts with the signature, is filled in and fits two parts of an SMS."""
    text = render_message(template, _PARAMETERS, "zh_CN")
    assert text.startswith("【一号】")
    assert "%(" not in text
    assert template in _BY_MAIL or (len(text) <= _MOST and "http" not in text)


@pytest.mark.parametrize("template", [name for name in sorted(TEMPLATES) if name.endswith("_code")])
def test_codes_come_with_a_warning(template: str) -> None:
    """A text that carries a code says for how long, and that nobody asks for it."""
    assert "482913" in render_message(template, _PARAMETERS, "zh_CN")
    assert "请勿告诉任何人" in render_message(template, _PARAMETERS, "zh_CN")
    assert "Tell nobody" in render_message(template, _PARAMETERS, "en")


def test_other_languages_fall_back_to_english() -> None:
    """A locale without translations gets the English source."""
    assert render_message("login_code", _PARAMETERS, "bo").startswith("[Yihao] 482913 is your code")


def test_unknown_templates_and_missing_parameters_are_refused() -> None:
    """A wrong name or a gap is an error, never a text with holes."""
    with pytest.raises(KeyError):
        render_message("nonsense", _PARAMETERS, "zh_CN")
    with pytest.raises(KeyError):
        render_message("login_code", {"code": "482913"}, "zh_CN")
