"""The page on which a person pretends to hold their face before a camera; it says that it is a simulator."""

from html import escape

from demo.simulators.face_sessions import Choice, FaceSession

_STYLE = """
body{font:1.1rem/1.6 system-ui,sans-serif;max-width:38rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
.notice{border:3px solid #8a4b00;background:#fff6e5;padding:.75rem 1rem}
button,input,select{font:inherit;min-height:44px;width:100%;margin:.35rem 0;padding:.4rem .75rem;box-sizing:border-box}
button{text-align:left;border:2px solid #1a4f8a;background:#fff;color:#1a4f8a;border-radius:.3rem;cursor:pointer}
button:focus-visible,input:focus-visible,select:focus-visible{outline:3px solid #8a4b00;outline-offset:2px}
""".strip()

_CHOICES = (
    (Choice.PASS, "本人，通过", "It is me: pass"),
    (Choice.NOT_ALIKE, "不是同一个人", "Not alike: another person's face"),
    (Choice.ATTACK, "疑似攻击（照片、屏幕、面具）", "Looks like an attack: a picture, a screen, a mask"),
    (Choice.CANCEL, "取消", "Cancel"),
)


def face_page(session: FaceSession, *, service: str) -> str:
    """Return the page with the four ends that a comparison can have."""
    again = ""
    if session.asks_again:
        again = (
            '<p><label for="number">公民身份号码 <span lang="en">Citizen number</span></label>'
            '<input id="number" name="number" autocomplete="off" required></p>'
            '<p><label for="name">姓名 <span lang="en">Name</span></label>'
            '<input id="name" name="name" autocomplete="off" required></p>'
        )
    buttons = "".join(
        f'<button name="choice" value="{choice}"{" formnovalidate" if choice is Choice.CANCEL else ""}>'
        f'{chinese}<br><span lang="en">{english}</span></button>'
        for choice, chinese, english in _CHOICES
    )
    return simulator_page(
        "人脸核验（模拟）",
        f'<p>在真实服务中，此处会打开摄像头。请选择结果：<br><span lang="en">The real service would open the camera '
        f"here. Choose what comes of it:</span></p>"
        f'<form method="post" action="/face/{escape(session.page)}">'
        f'<input type="hidden" name="token" value="{escape(session.form_token)}">{again}{buttons}</form>',
        service=service,
    )


def face_notice(chinese: str, english: str, *, service: str) -> str:
    """Return a page that only says something."""
    return simulator_page(chinese, f'<p lang="en">{escape(english)}</p>', service=service)


def simulator_page(title: str, content: str, *, service: str) -> str:
    """Return a page of a simulator, which says of itself what it is."""
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>"
        f'<p class="notice"><strong>这是 {escape(service)} 的模拟器，不是真实服务。</strong><br>'
        f'<span lang="en">This is a simulator of {escape(service)}, not the real service.</span></p>'
        f"<h1>{escape(title)}</h1>{content}</main></body></html>"
    )
