"""Show every page with made-up data: `python scripts/gallery.py [name part …]`, into build/pictures."""

import argparse
import logging
import sys
import threading
from pathlib import Path

from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.page_app import bare_app  # noqa: E402
from tests.support.page_samples import SAMPLES  # noqa: E402

PICTURES = ROOT / "build" / "pictures"
WIDTHS = {"desktop": 1280, "phone": 390}


def main() -> None:
    """Serve the pages on loopback and photograph them in each language, width and colour scheme."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only pages whose name contains one of these")
    parser.add_argument("--locales", default="zh_CN,en")
    parser.add_argument("--widths", default="desktop,phone")
    parser.add_argument("--scheme", choices=["light", "dark"], default="light")
    parser.add_argument("--translations", help="other directories of translations")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    wanted = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    PICTURES.mkdir(parents=True, exist_ok=True)
    locales = wanted.locales.split(",")
    app = bare_app(supported=tuple(locales), translations=wanted.translations)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/sample/"
    chosen = [s.name for s in SAMPLES if not wanted.names or any(n in s.name for n in wanted.names)]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=wanted.chromium, args=["--no-sandbox"])
        for locale in locales:
            for width in wanted.widths.split(","):
                context = browser.new_context(
                    viewport={"width": WIDTHS[width], "height": 860},
                    locale=locale.replace("_", "-"),
                    color_scheme=wanted.scheme,
                )
                page = context.new_page()
                page.on("console", lambda m: print(m.text, file=sys.stderr))
                # The form that sends itself would leave the page.
                page.route("**/form_post.js", lambda route: route.fulfill(body=""))
                for name in chosen:
                    page.goto(address + name)
                    page.screenshot(path=PICTURES / f"{name}-{locale}-{width}-{wanted.scheme}.png", full_page=True)
                context.close()
        browser.close()
    server.shutdown()


if __name__ == "__main__":
    main()
