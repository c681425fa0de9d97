"""Steps on the console's pages that several tests take."""

import io
import re
from typing import Any

from idp.house.build import House
from idp.house.imports import build_import_job
from idp.linking import undoing
from idp.linking.journal import Change
from tests.support.houses import TestPerson
from tests.support.relying_party import FormBrowser

_NEW = "/console/systems/gjj/imports"


def file_of(person: TestPerson, *more: str) -> bytes:
    """A file as an older system writes it: one row of somebody who is here, and others."""
    rows = ["zgzh,xm,sfzh,sjhm", f"1001,{person.name},{person.number},{person.mobile.removeprefix('+86')}"]
    rows += [f"{1002 + at},李四{at},,1390013{at:04d}" for at in range(5)]
    return ("\n".join([*rows, *more]) + "\n").encode("gb18030")


def send(browser: FormBrowser, content: bytes, **more: Any) -> int:
    """Upload a file by the form of its page."""
    browser.open(f"{_NEW}/new")
    fields = {"kind": "full", "file": (io.BytesIO(content), "export.csv"), **more}
    return browser.submit(fields, f"{_NEW}/upload").status_code


def agree(browser: FormBrowser, **changed: str) -> None:
    """Agree to the columns that are guessed on the page at hand."""
    chosen = {}
    for name, options in re.findall(r'<select[^>]*name="(column_[0-9]+)"[^>]*>(.*?)</select>', browser.text, re.S):
        found = re.search(r'<option selected value="([^"]*)"', options)
        chosen[name] = found[1] if found else ""
    browser.submit(chosen | changed, f"{browser.path}/columns")


def work(house: House) -> None:
    """Do what a worker does: lead imports on, and take back what is to be."""
    build_import_job(house.ground).run()
    database, now = house.ground.database, house.ground.clock.now()
    with database.read() as session:
        waiting = undoing.waiting_undos(session)
    for number in waiting:
        step: object = True
        while step is not None:
            with database.transaction() as session:
                step = undoing.carry_on(session, number, change=Change(at=now))
