"""The portals' words in Chinese and English."""

from typing import Final

LANGUAGES: Final = {"zh": "zh-CN", "en": "en"}

_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "title_service": ("政务服务门户", "Service Portal"),
    "title_appointments": ("办事预约", "Appointments"),
    "tagline_service": ("一次登录，办成所有事", "Log in once, get everything done"),
    "tagline_appointments": ("先约后办，到厅即办", "Book ahead, no waiting at the hall"),
    "demo_note": (
        "演示站点：数据均为虚构，由“一号”统一登录。",
        "Demonstration site: all data is invented. Login by Yihao.",
    ),
    "skip": ("跳到正文", "Skip to content"),
    "nav": ("主导航", "Main navigation"),
    "home": ("首页", "Home"),
    "me": ("我的信息", "My information"),
    "log_in": ("统一登录", "Log in"),
    "log_out": ("退出登录", "Log out"),
    "switch_language": ("English", "中文"),
    "greeting": ("您好，{name}", "Hello, {name}"),
    "greeting_nameless": ("您好，欢迎办事", "Hello and welcome"),
    "mobile": ("手机号码", "Mobile"),
    "name": ("姓名", "Name"),
    "level": ("登录方式", "Signed in with"),
    "silently": (
        "已通过统一登录自动进入，无需再次输入密码",
        "Logged in silently: no password asked",
    ),
    "level_needed": (
        "这项服务需要 {wanted} 级身份，您本次登录为 {level} 级。"
        "可以在统一登录平台核验身份，也可以携带身份证到政务服务大厅办理。",
        "This service asks for level {wanted}; you are logged in at level {level}. "
        "You raise it at the provider, or with your ID card at a service hall.",
    ),
    "level_raise": ("去核验身份", "Verify who I am"),
    "from_level": ("{level} 级起", "from level {level}"),
    "services": ("热门服务", "Popular services"),
    "services_hint_out": ("登录后即可办理", "Log in to use them"),
    "consent_needed": (
        "您已在统一登录平台登录。首次使用本站需您授权一次，请点击“统一登录”。",
        "You are logged in at the provider. This site needs your consent once: choose “Log in”.",
    ),
    "provider_away": (
        "统一登录平台暂时无法访问，请稍后再试。",
        "The login provider cannot be reached. Please try again later.",
    ),
    "invite_service": (
        "登录后可查询社保、公积金、医保，办理更多事项。",
        "Log in to look up social insurance, housing fund and medical insurance.",
    ),
    "invite_appointments": (
        "选择大厅和时间，姓名与手机号自动填好。",
        "Choose a hall and a time. Your name and mobile are already filled in.",
    ),
    "neighbour_service": ("去政务服务门户", "To the service portal"),
    "neighbour_appointments": ("去办事预约", "To appointments"),
    "claims_title": ("本站得到的信息", "What this site was told"),
    "claims_lead": (
        "以下是统一登录平台告诉本站的全部信息，以及每一项的来源。",
        "Everything that the provider told this site, and where each item came from.",
    ),
    "label": ("项目", "Item"),
    "value": ("内容", "Value"),
    "source": ("来源", "Source"),
    "technical": ("技术信息（登录方式、会话与令牌）", "Technical part (login, session and token)"),
    "source_id_token": ("ID 令牌", "ID token"),
    "source_userinfo": ("用户信息端点", "userinfo"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "for_person": ("办理人：{name}", "For: {name}"),
    "result_title": ("查询结果（示例）", "Result (sample)"),
    "back_home": ("返回首页", "Back to the home page"),
    "step_hall": ("选择办事大厅", "Choose a hall"),
    "hall": ("办事大厅", "Hall"),
    "when": ("预约时间", "When"),
    "step_date": ("选择日期", "Choose a date"),
    "step_time": ("选择时段", "Choose a time"),
    "step_person": ("预约人", "Who comes"),
    "prefilled": ("由统一登录平台提供", "Provided by the login provider"),
    "not_told": ("未提供", "not told"),
    "book": ("提交预约", "Book"),
    "booked": ("预约成功", "Your appointment is booked"),
    "booking_number": ("预约编号", "Booking number"),
    "booked_lead": ("请携带有效身份证件按时到厅。", "Please come on time and bring your identity card."),
    "logged_out": ("您已退出登录", "You are logged out"),
    "logged_out_lead": (
        "本站的登录已结束；在统一登录平台确认退出后，其他站点也会一并退出。",
        "Your login here has ended. Where you confirmed it at the provider, the other sites ended too.",
    ),
    "logout_half": (
        "本站的登录已结束，但未能通知统一登录平台，其他站点可能仍处于登录状态。",
        "Your login here has ended, but the provider could not be told: other sites may still be logged in.",
    ),
    "error_title": ("登录没有完成", "The login did not complete"),
    "error_code": ("错误代码", "Error code"),
    "try_again": ("重新登录", "Try again"),
    "page_missing": ("页面不存在", "There is no such page"),
    "page_missing_lead": ("请检查网址，或返回首页。", "Check the address or return to the home page."),
    "form_wrong": (
        "请选择列表中的大厅、日期和时段。",
        "Choose a hall, a date and a time from the lists.",
    ),
    "choose": ("请选择", "Please choose"),
}

_CLAIMS: Final[dict[str, tuple[str, str]]] = {
    "sub": ("用户标识（本站专用）", "Subject (for this site only)"),
    "name": ("姓名", "Name"),
    "preferred_username": ("登录名", "Login name"),
    "phone_number": ("手机号码", "Mobile number"),
    "phone_number_verified": ("手机号码已验证", "Mobile number verified"),
    "birthdate": ("出生日期", "Date of birth"),
    "gender": ("性别", "Gender"),
    "locale": ("语言", "Language"),
    "zoneinfo": ("时区", "Time zone"),
    "updated_at": ("资料更新时间", "Profile updated at"),
    "verified_claims": ("经核验的身份", "Verified identity"),
    "acr": ("认证等级", "Authentication level"),
    "amr": ("认证方式", "Authentication methods"),
    "auth_time": ("登录时间", "Logged in at"),
    "sid": ("会话标识", "Session"),
    "iss": ("签发方", "Issuer"),
    "aud": ("接收方", "Audience"),
    "azp": ("被授权方", "Authorized party"),
    "iat": ("签发时间", "Issued at"),
    "exp": ("失效时间", "Expires at"),
    "nonce": ("一次性随机数", "Nonce"),
    "jti": ("令牌编号", "Token id"),
    "at_hash": ("访问令牌摘要", "Access token hash"),
}

#: RFC 8176 §2, as far as a person knows the thing.
_METHODS: Final[dict[str, tuple[str, str]]] = {
    "pwd": ("密码", "password"),
    "otp": ("一次性口令", "one-time code"),
    "sms": ("短信验证码", "text message"),
    "hwk": ("安全密钥", "security key"),
    "swk": ("设备密钥", "device key"),
    "pop": ("通行密钥", "passkey"),
    "pin": ("PIN 码", "PIN"),
    "face": ("人脸", "face"),
    "sc": ("证件卡", "smart card"),
    "mfa": ("多因素", "several factors"),
}

#: What a person can do about each error code.
_ADVICE: Final[dict[str, tuple[str, str]]] = {
    "access_denied": (
        "您取消了登录或授权。如需继续，请重新登录并同意授权。",
        "You cancelled the login or did not consent. To go on, log in again and agree.",
    ),
    "mismatching_state": (
        "这次登录不是从本浏览器发起的，或者等待时间过长。请允许 Cookie，从首页重新登录。",
        "This login was not started in this browser, or it took too long. Allow cookies and start again.",
    ),
    "issuer_mismatch": (
        "回应并非来自约定的登录平台，本站已拒绝。请检查门户配置中的签发方地址。",
        "The answer did not come from the agreed provider and was refused. Check the portal's issuer.",
    ),
    "provider_unreachable": (
        "统一登录平台没有应答。请确认它正在运行，然后重试。",
        "The login provider did not answer. Make sure that it is running and try again.",
    ),
    "invalid_id_token": (
        "登录凭证未通过校验，本站已拒绝。请重新登录；若反复出现，请联系管理员。",
        "The ID token did not verify and was refused. Log in again; if it persists, tell the administrator.",
    ),
    "userinfo_mismatch": (
        "两处信息不属于同一人，本站已拒绝。请联系管理员。",
        "ID token and userinfo name different people; refused. Please tell the administrator.",
    ),
    "invalid_client": (
        "登录平台不认识本站的客户端或密钥。请重新运行演示，使双方登记一致。",
        "The provider does not accept this client or its secret. Start the demo anew to register both alike.",
    ),
    "invalid_grant": (
        "授权码已使用或已过期，请重新登录。",
        "The code was used or expired. Log in again.",
    ),
    "temporarily_unavailable": ("登录平台繁忙，请稍后再试。", "The provider is busy. Try again shortly."),
}
_ADVICE_OTHERWISE: Final = (
    "请重新登录；若反复出现，请把错误代码告知管理员。",
    "Log in again; if it persists, tell the administrator the error code.",
)


class Texts:
    """The words of one language."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else "zh"
        self._column = 1 if self.language == "en" else 0

    def __call__(self, key: str, **values: str) -> str:
        """Return the text of this key with its places filled; raises KeyError for an unknown key."""
        return _TEXTS[key][self._column].format(**values)

    @property
    def tag(self) -> str:
        """Return the language tag for `lang` and `ui_locales`."""
        return LANGUAGES[self.language]

    @property
    def other_language(self) -> str:
        """Return the language that the switch leads to."""
        return "zh" if self.language == "en" else "en"

    def pick(self, pair: tuple[str, str]) -> str:
        """Return this language's half of a (Chinese, English) pair."""
        return pair[self._column]

    def claim(self, name: str) -> str:
        """Return the label of a claim, or its own name where there is none."""
        return self.pick(_CLAIMS.get(name, (name, name)))

    def method(self, name: str) -> str:
        """Return the word for an authentication method with its own name, or just the name."""
        return f"{self.pick(_METHODS[name])} ({name})" if name in _METHODS else name

    def advice(self, error: str) -> str:
        """Return what to do about an error code."""
        return self.pick(_ADVICE.get(error, _ADVICE_OTHERWISE))
