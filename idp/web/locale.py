"""Which language a page speaks, which way it runs, and how instants are written in it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from flask import Flask, Response, current_app, g, request
from flask_babel import Babel, format_date, format_time, get_locale

TRANSLATIONS = Path(__file__).parent / "translations"
COOKIE = "yihao_locale"
_COOKIE_SECONDS = 31_536_000
_MOST_WANTED = 10
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,4}")
# Each language in its own name and script; Babel names the others.
_OWN_NAMES = {
    "zh_CN": "中文",
    "en": "English",
    "bo_CN": "བོད་ཡིག",
    "bo": "བོད་ཡིག",
    "mn_Mong_CN": "ᠮᠣᠩᠭᠣᠯ",
    "mn_Mong": "ᠮᠣᠩᠭᠣᠯ",
}


@dataclass(frozen=True, slots=True)
class LocaleChoice:
    """One entry of the language switch."""

    code: str
    lang: str
    name: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class LocaleSettings:
    """The languages of this installation, best first, and the one that is used when nothing fits."""

    supported: tuple[str, ...]
    default: str


def init_locale(app: Flask, supported: Sequence[str], default: str) -> None:
    """Install Flask-Babel, the template globals and the filters; raises ValueError on an odd default."""
    if default not in supported:
        raise ValueError(f"default locale {default} is not among the supported ones")
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(TRANSLATIONS))
    app.extensions["yihao_locale"] = LocaleSettings(tuple(supported), default)
    # People read Chinese civil time wherever the server stands.
    Babel(app, default_locale=default, default_timezone="Asia/Shanghai", locale_selector=_select_parsed)
    app.jinja_env.filters["instant"] = _instant
    app.jinja_env.filters["day"] = _day
    app.jinja_env.filters["isolated"] = _isolated
    app.context_processor(_page_context)


def select_locale() -> str:
    """Return the locale for this request: ui_locales of the parked request, cookie, browser, default.

    OIDC Core §3.1.2.1: `ui_locales` is a list of BCP 47 tags in order of preference, never an error.
    """
    settings = _settings()
    wanted: list[str] = []
    ui_locales = g.get("ui_locales") or ()
    wanted += ui_locales.split() if isinstance(ui_locales, str) else ui_locales
    wanted.append(request.cookies.get(COOKIE, ""))
    wanted += list(request.accept_languages.values())
    return negotiate(wanted, settings.supported) or settings.default


def _select_parsed() -> Locale:
    return _parsed(select_locale())


@cache
def _parsed(code: str) -> Locale:
    """Return the locale of a configured code; without the cache Babel searches all its names, several times a page."""
    return Locale.parse(code)


def negotiate(wanted: Iterable[str], supported: Sequence[str]) -> str | None:
    """Return the first supported locale that serves a wanted tag; scripts are never mixed up."""
    for tag in list(wanted)[:_MOST_WANTED]:
        if not _TAG.fullmatch(tag):
            continue
        for code in supported:
            if code.lower() == tag.replace("-", "_").lower():
                return code
        for code in supported:
            if _language_and_script(code) == _language_and_script(tag):
                return code
    return None


def set_locale_cookie(response: Response, locale: str, *, secure: bool) -> None:
    """Remember `locale` for a year if it is a supported one; anything else is ignored."""
    if locale in _settings().supported:
        response.set_cookie(
            COOKIE, locale, max_age=_COOKIE_SECONDS, secure=secure, httponly=True, samesite="Lax", path="/"
        )


def local_path(candidate: str) -> str:
    """Return `candidate` if it is a path of ours that a redirect may lead to, otherwise "/"."""
    # "//host" and "/\host" are other hosts to a browser, and control characters are stripped by it.
    if not candidate.startswith("/") or candidate.startswith("//") or len(candidate) > 2048:
        return "/"
    if "\\" in candidate or any(ord(c) <= 0x20 or ord(c) == 0x7F for c in candidate):
        return "/"
    return candidate


def text_direction() -> str:
    """Return "rtl" or "ltr" for this request; vertical scripts are ltr and turned by the style sheet."""
    locale = get_locale()
    return "rtl" if locale is not None and locale.text_direction == "rtl" else "ltr"


def language_tag() -> str:
    """Return the BCP 47 tag of this request's language."""
    return current_code().replace("_", "-")


def current_code() -> str:
    """Return the code, as configured, of this request's language."""
    settings = _settings()
    current = get_locale()
    for code in settings.supported:
        if current is not None and _parsed(code) == current:
            return code
    return settings.default


def _language_and_script(tag: str) -> tuple[str, str]:
    """Return language and script of a tag, the script of Chinese told from the region if unnamed."""
    parts = tag.replace("-", "_").split("_")
    language = parts[0].lower()
    script = next((p.title() for p in parts[1:] if len(p) == 4 and p.isalpha()), "")
    if language == "zh" and not script:
        script = "Hant" if {p.upper() for p in parts[1:]} & {"TW", "HK", "MO"} else "Hans"
    return language, script


def _own_name(code: str) -> str:
    try:
        return _OWN_NAMES.get(code) or Locale.parse(code).get_display_name() or code
    except (UnknownLocaleError, ValueError):
        return code


def _page_context() -> dict[str, object]:
    current = current_code()
    choices = [
        LocaleChoice(code, code.replace("_", "-"), _own_name(code), code == current) for code in _settings().supported
    ]
    # A page that answered a POST is reached again by its own address; its query is part of it, unless it is of
    # bytes that no address of ours holds.
    query = request.query_string
    here = f"{request.path}?{query.decode('ascii')}" if query and query.isascii() else request.path
    return {
        "html_lang": current.replace("_", "-"),
        "html_dir": text_direction(),
        "locale_choices": choices,
        "here": local_path(here),
    }


def _settings() -> LocaleSettings:
    settings: LocaleSettings = current_app.extensions["yihao_locale"]
    return settings


def _instant(value: datetime) -> str:
    # Minutes are enough for people, and the month is written out: 3/5 reads differently by country.
    return f"{format_date(value, 'medium')} {format_time(value, 'short')}"


def _day(value: datetime) -> str:
    return str(format_date(value, "long", rebase=True))


def _isolated(number: str) -> str:
    """Keep a masked number in its own order inside a right-to-left sentence (Unicode UAX #9 §2.4)."""
    return f"\u2066{number}\u2069"
