"""Steps on the console's pages that several tests take."""

import re

from idp.house.build import House
from idp.house.imports import build_import_job
from idp.linking import undoing
from idp.linking.journal import Change
from tests.support.relying_party import FormBrowser


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
