"""A short readable name for the browser or app behind a User-Agent header; a hint, never a proof."""

#: The longest label; every name below is far shorter.
MAX_LABEL_LENGTH = 60

# Longer headers are read no further than this.
_MAX_READ = 512

# In this order: almost every browser also claims to be Safari and Chrome, so the particular comes first.
_BROWSERS = (
    ("wxwork", "WeCom"),
    ("micromessenger", "WeChat"),
    ("alipayclient", "Alipay"),
    ("dingtalk", "DingTalk"),
    ("weibo", "Weibo"),
    ("qqbrowser", "QQ Browser"),
    (" qq/", "QQ"),
    ("ucbrowser", "UC Browser"),
    ("huaweibrowser", "Huawei Browser"),
    ("miuibrowser", "Mi Browser"),
    ("vivobrowser", "vivo Browser"),
    ("heytapbrowser", "OPPO Browser"),
    ("samsungbrowser", "Samsung Internet"),
    ("qihu", "360 Browser"),
    ("metasr", "Sogou Browser"),
    ("edg/", "Edge"),
    ("edga/", "Edge"),
    ("edgios/", "Edge"),
    ("opr/", "Opera"),
    ("firefox/", "Firefox"),
    ("fxios/", "Firefox"),
    ("crios/", "Chrome"),
    ("chrome/", "Chrome"),
    ("safari/", "Safari"),
    ("trident/", "Internet Explorer"),
    ("msie ", "Internet Explorer"),
)

_SYSTEMS = (
    ("openharmony", "HarmonyOS"),
    ("harmonyos", "HarmonyOS"),
    ("iphone", "iPhone"),
    ("ipad", "iPad"),
    ("android", "Android"),
    ("windows", "Windows"),
    ("cros ", "ChromeOS"),
    ("mac os x", "macOS"),
    ("uos", "UOS"),
    ("kylin", "Kylin"),
    ("linux", "Linux"),
)


def label_of(user_agent: str | None) -> str:
    """Return such as "Chrome · Windows", or "" where nothing is recognised; never raises.

    Only names of this file come out, never a piece of the header, which anybody may fill.
    """
    text = (user_agent or "")[:_MAX_READ].lower()
    parts = [name for name in (_first(text, _BROWSERS), _first(text, _SYSTEMS)) if name]
    return " · ".join(parts)[:MAX_LABEL_LENGTH]


def _first(text: str, marks: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in marks if mark in text), "")
