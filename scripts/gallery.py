"""Take a picture of every page with made-up data: `python scripts/gallery.py [name part …]`, into build/pictures.

Each page of the samples in each language and width, and a sheet that shows them all: index.html. With
--keep, the pictures that the README shows are renewed in docs/pictures as well.
"""

import argparse
import html
import logging
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.page_app import bare_app  # noqa: E402
from tests.support.page_samples import SAMPLES  # noqa: E402
from tests.support.tools import find_chromium  # noqa: E402

PICTURES = ROOT / "build" / "pictures"
KEPT = ROOT / "docs" / "pictures"
WIDTHS = {1280: 860, 390: 844}
#: What the README shows: page, language and width.
CHOSEN = (
    ("login-password", "zh_CN", 1280),
    ("login-consent", "zh_CN", 390),
    ("account-sessions", "zh_CN", 390),
    ("error-unknown_client", "zh_CN", 390),
)


@dataclass(frozen=True, slots=True)
class Picture:
    """One page in one language and width."""

    page: str
    locale: str
    width: int
    scheme: str

    @property
    def file(self) -> str:
        """The name of its file."""
        dark = "-dark" if self.scheme == "dark" else ""
        return f"{self.page}-{self.locale}-{self.width}{dark}.png"


def main() -> int:
    """Serve the pages on loopback, photograph them, and write the sheet; 1 where no Chromium is found."""
    wanted = _parse()
    chromium = find_chromium()
    if chromium is None:
        print("No Chromium was found; name one in IDP_CHROMIUM.", file=sys.stderr)
        return 1
    names = [s.name for s in SAMPLES if not wanted.names or any(part in s.name for part in wanted.names)]
    pictures = [
        Picture(name, locale, width, wanted.scheme)
        for locale in wanted.locales.split(",")
        for width in map(int, wanted.widths.split(","))
        for name in names
    ]
    if not wanted.names:
        shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True, exist_ok=True)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = bare_app(supported=tuple(wanted.locales.split(",")), translations=wanted.translations)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # Chromium's sandbox refuses root.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        for done, picture in enumerate(_taken(browser, f"http://127.0.0.1:{server.server_port}", pictures), 1):
            print(f"\r{done}/{len(pictures)} {picture.file:<60}", end="", flush=True)
        browser.close()
    server.shutdown()
    _write_sheet(names)
    if wanted.keep:
        _keep()
    print(f"\n{PICTURES.relative_to(ROOT) / 'index.html'}")
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="only pages whose name contains one of these")
    parser.add_argument("--locales", default="zh_CN,en")
    parser.add_argument("--widths", default=",".join(map(str, WIDTHS)))
    parser.add_argument("--scheme", choices=["light", "dark"], default="light")
    parser.add_argument("--translations", help="other directories of translations")
    parser.add_argument("--keep", action="store_true", help="renew the README's pictures in docs/pictures")
    return parser.parse_args()


def _taken(browser: Browser, address: str, pictures: list[Picture]) -> Iterator[Picture]:
    """Take the pictures, a context for each language and width, and yield each once it is there."""
    for locale, width in dict.fromkeys((each.locale, each.width) for each in pictures):
        group = [each for each in pictures if (each.locale, each.width) == (locale, width)]
        context = browser.new_context(
            viewport={"width": width, "height": WIDTHS.get(width, 860)},
            locale=locale.replace("_", "-"),
            color_scheme=group[0].scheme,
        )
        page = context.new_page()
        # The form that sends itself would leave the page.
        page.route("**/form_post.js", lambda route: route.fulfill(body=""))
        for picture in group:
            page.goto(f"{address}/sample/{picture.page}")
            page.screenshot(path=PICTURES / picture.file, full_page=True)
            yield picture
        context.close()


def _write_sheet(names: list[str]) -> None:
    """Write the page that shows every picture that lies there, a row for each page."""
    rows = []
    for name in names:
        # "home" is no "home-person": what follows the name is a language.
        files = [path.name for path in sorted(PICTURES.glob(f"{name}-*.png")) if _page_of(path.name) == name]
        shown = "".join(
            f'<figure><a href="{html.escape(file)}"><img src="{html.escape(file)}" alt="" loading="lazy"></a>'
            f"<figcaption>{html.escape(file.removeprefix(name + '-').removesuffix('.png'))}</figcaption></figure>"
            for file in files
        )
        rows.append(f'<section id="{name}"><h2>{html.escape(name)}</h2><div>{shown}</div></section>')
    (PICTURES / "index.html").write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Pages of Yihao</title><style>'
        "body{font:15px system-ui,sans-serif;background:#e9edef;margin:1rem}section>div{display:flex;gap:1rem;"
        "flex-wrap:wrap;align-items:flex-start}figure{margin:0;background:#fff;padding:.4rem}"
        "img{height:22rem;width:auto}</style>"
        f"<h1>Pages</h1><p>{len(names)} pages and states.</p>{''.join(rows)}</html>",
        encoding="utf-8",
    )


def _page_of(file: str) -> str:
    name = file.removesuffix(".png").removesuffix("-dark")
    return name.rsplit("-", 2)[0]


def _keep() -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    for name, locale, width in CHOSEN:
        source = PICTURES / Picture(name, locale, width, "light").file
        if source.exists():
            shutil.copyfile(source, KEPT / source.name)


if __name__ == "__main__":
    sys.exit(main())
