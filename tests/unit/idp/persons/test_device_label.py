"""Readable names of devices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.persons.device_label import MAX_LABEL_LENGTH, label_of

_CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"
_PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/116.0 Mobile Safari/537.36"


@pytest.mark.parametrize(
    ("header", "label"),
    [
        (_CHROME, "Chrome · Windows"),
        (_CHROME + " Edg/130.0", "Edge · Windows"),
        (_PHONE, "Chrome · Android"),
        (_PHONE + " MicroMessenger/8.0", "WeChat · Android"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari · iPhone",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox · Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/17 Safari/605", "Safari · macOS"),
        ("Mozilla/5.0 (Phone; OpenHarmony 5.0) ArkWeb/4 HuaweiBrowser/5", "Huawei Browser · HarmonyOS"),
        ("curl/8.0", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_common_headers_are_named(header, label):
    """Browsers and systems in use here are named, what is unknown is not guessed."""
    assert label_of(header) == label


@given(st.text(max_size=600))
def test_no_header_raises_or_shines_through(header):
    """Whatever a browser sends, the label is short and holds nothing of the header itself."""
    label = label_of("<script>" + header)
    assert len(label) <= MAX_LABEL_LENGTH
    assert "<" not in label
