"""What Alibaba's script may have said of a browser, and what is not handed on to the service."""

import json

import pytest

from realname.providers.aliyun_device import is_browser

TOLD = {"bioMetaInfo": "4.1.0:2916352,0", "deviceType": "web", "ua": "Mozilla/5.0 (X11; 测试)", "guardToken": ""}


@pytest.mark.parametrize("kind", ["web", "h5", "H5"])
def test_what_the_script_says_is_handed_on(kind: str) -> None:
    """A browser on a computer or on a phone, with whatever else the script tells."""
    assert is_browser(json.dumps(TOLD | {"deviceType": kind}))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "undefined",
        "[object Object]",
        "null",
        "[]",
        '"h5"',
        "{",
        "{}",
        '{"deviceType": null}',
        '{"deviceType": ["h5"]}',
        '{"deviceType": "ios"}',
        "[" * 4_000,
        '{"deviceType": "h5", "ua": "\ud800"}x',
    ],
)
def test_anything_else_is_not(text: str) -> None:
    """Nothing, no JSON, no object, no browser, or nested without end: none of it raises, none is sent."""
    assert not is_browser(text)


def test_its_length_is_bounded() -> None:
    """It goes into the address of a question; 4,096 characters pass, one more does not."""
    short = json.dumps(TOLD | {"guardToken": ""})
    longest = json.dumps(TOLD | {"guardToken": "x" * (4_096 - len(short))})
    assert len(longest) == 4_096 and is_browser(longest)
    assert not is_browser(longest.replace("xx", "xxx", 1))
