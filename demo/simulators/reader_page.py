"""The page on which one lays a made-up card on the simulated reader; it says that it is a simulator."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from html import escape

from demo.simulators.cards import Card

_STYLE = """
body{font:1.1rem/1.6 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
.notice{border:3px solid #8a4b00;background:#fff6e5;padding:.75rem 1rem}
.state{border-left:.4rem solid #1a4f8a;background:#eef4fb;padding:.75rem 1rem}
button,input{font:inherit;min-height:44px;width:100%;margin:.35rem 0;padding:.4rem .75rem;box-sizing:border-box}
button{text-align:left;border:2px solid #1a4f8a;background:#fff;color:#1a4f8a;border-radius:.3rem;cursor:pointer}
button[aria-pressed=true]{background:#1a4f8a;color:#fff}
button:focus-visible,input:focus-visible,a:focus-visible{outline:3px solid #8a4b00;outline-offset:2px}
fieldset{border:1px solid #767676;border-radius:.3rem;margin:1rem 0}
""".strip()


class State(Enum):
    """What the reader is doing, in Chinese and English."""

    IDLE = ("柜台没有请求读卡。", "The counter asks for no card.")
    NO_CARD = ("柜台请求读卡：请放上一张卡。", "The counter asks for a card: lay one on the reader.")
    READ = ("卡已读取，结果已签名并交给柜台。", "The card was read, and the signed result handed to the counter.")
    REFUSED = ("平台没有接受：", "The provider did not take it:")
    NOT_ENROLLED = ("读卡器尚未登记，或登记已被撤销：", "This reader is not enrolled, or its enrolment was ended:")
    UNREACHABLE = ("平台没有应答，稍后再试：", "The provider does not answer; trying again:")


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows."""

    state: State
    problem: str
    cards: Sequence[Card]
    lying: Card | None
    form_token: str
    thumbprint: str


#: The fields of the form in which a card is typed: name, Chinese, English, what stands there at first.
FIELDS = (
    ("number", "证件号码", "Document number", ""),
    ("name", "姓名", "Name", ""),
    ("latin_name", "外文姓名（外国人）", "Latin name (foreigners)", ""),
    ("valid_from", "有效期起（YYYYMMDD）", "Valid from", "20200101"),
    ("valid_until", "有效期止（YYYYMMDD 或 长期）", "Valid until (or 长期)", "长期"),
)


def reader_page(shown: Shown) -> str:
    """Return the page."""
    chinese, english = shown.state.value
    problem = f" <code>{escape(shown.problem)}</code>" if shown.problem else ""
    is_typed = shown.lying is not None and shown.lying not in shown.cards
    typed = _button("typed-again", f"手工录入的卡：{_title(shown.lying)}", "", is_on=True) if is_typed else ""
    return _document(
        f'<p class="state" role="status">{chinese}{problem}<br><span lang="en">{english}</span> '
        f'<a href="/">刷新 <span lang="en">Refresh</span></a></p>'
        f"<h2>读卡器上的卡 <span lang='en'>The card on the reader</span></h2>"
        f'<form method="post" action="/card">{_token(shown)}'
        f"{_button('none', '没有卡', 'None', is_on=shown.lying is None)}{typed}{_listed(shown)}</form>"
        f'<form method="post" action="/typed">{_token(shown)}<fieldset>'
        f'<legend>手工录入一张卡 <span lang="en">Type a card in</span></legend>{_inputs()}'
        f'<button>放上这张卡 <span lang="en">Lay it on the reader</span></button></fieldset></form>'
        f'<p><small>密钥指纹 <span lang="en">Thumbprint of the key</span>: '
        f"<code>{escape(shown.thumbprint)}</code></small></p>"
    )


def notice(chinese: str, english: str) -> str:
    """Return a page that only says something."""
    return _document(
        f'<p class="state">{chinese}<br><span lang="en">{english}</span></p><p><a href="/">返回 Back</a></p>'
    )


def _listed(shown: Shown) -> str:
    buttons = []
    for place, card in enumerate(shown.cards):
        chinese, english = card.note
        label = _title(card) + (f"，{escape(chinese)}" if chinese else "")
        buttons.append(_button(str(place), label, english, is_on=card == shown.lying))
    return "".join(buttons)


def _title(card: Card | None) -> str:
    return f"{escape(card.name or card.latin_name)} {escape(card.number)}" if card is not None else ""


def _button(value: str, chinese: str, english: str, *, is_on: bool) -> str:
    more = f'<br><span lang="en">{escape(english)}</span>' if english else ""
    return (
        f'<button name="card" value="{value}" aria-pressed="{"true" if is_on else "false"}">'
        f"{'▣ ' if is_on else ''}{chinese}{more}</button>"
    )


def _inputs() -> str:
    return "".join(
        f'<p><label for="{name}">{chinese} <span lang="en">{english}</span></label>'
        f'<input id="{name}" name="{name}" value="{value}" maxlength="60" autocomplete="off"></p>'
        for name, chinese, english, value in FIELDS
    )


def _token(shown: Shown) -> str:
    return f'<input type="hidden" name="token" value="{escape(shown.form_token)}">'


def _document(content: str) -> str:
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>读卡器（模拟）</title><style>{_STYLE}</style></head><body><main>"
        '<h1>读卡器（模拟） <span lang="en">Card reader (simulated)</span></h1>'
        '<p class="notice"><strong>这是身份证读卡器的模拟器，卡和人都是虚构的。</strong><br>'
        '<span lang="en">This is a simulator of a card reader; cards and people are made up.</span></p>'
        f"{content}</main></body></html>"
    )
