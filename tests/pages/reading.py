"""What a page says, as a reader meets it: every text and spoken attribute that is meant to be translated."""

import re
from typing import Any

from playwright.sync_api import Page

# What the walks themselves put on the pages: people's names, masked or not, and the browser's.
_DATA = re.compile(r"王[小*]红?|Chrome · Linux")
_WORD = re.compile(r"[A-Za-z]{2,}|[\u4e00-\u9fff]")
_COLLECT = """() => {
  const spoken = [
    "alt", "aria-label", "title", "placeholder", "data-toggle-show", "data-toggle-hide", "data-wait-text"];
  // A part with a language of its own is a name; numbers, times and addresses are no texts.
  const quiet = "[translate=no], time, script, style, body [lang], .message-text, input[type=hidden]";
  const texts = [document.title];
  for (const element of document.body.querySelectorAll("*")) {
    if (element.closest(quiet)) continue;
    for (const name of spoken) if (element.hasAttribute(name)) texts.push(element.getAttribute(name));
    for (const node of element.childNodes)
      if (node.nodeType === Node.TEXT_NODE && node.data.trim()) texts.push(node.data.trim());
  }
  return texts;
}"""
_OVERFLOW = """() => {
  const root = document.documentElement;
  return Math.max(root.scrollWidth - root.clientWidth, document.body.scrollWidth - root.clientWidth);
}"""


def untranslated(page: Page) -> list[str]:
    """Return the texts of the page that hold words which did not go through a translation."""
    page.wait_for_load_state()
    texts: list[str] = page.evaluate(_COLLECT)
    return [text for text in texts if _WORD.search(_without_translations(text))]


def problems(page: Page, *, language: str, direction: str) -> list[str]:
    """Return what is wrong with the page in a pseudo-locale: language, direction, words, width."""
    found = [f"not translated: {text}" for text in untranslated(page)]
    root: dict[str, Any] = page.evaluate("() => ({lang: document.documentElement.lang, dir: document.dir})")
    if root != {"lang": language, "dir": direction}:
        found.append(f"root: {root}")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        beyond = page.evaluate(_OVERFLOW)
        if beyond > 0:
            found.append(f"{beyond} px too wide at {width}")
    return found


def _without_translations(text: str) -> str:
    before = ""
    while before != text:
        before, text = text, re.sub(r"⟦[^⟦⟧]*⟧", "", text)
    return _DATA.sub("", text)
