"""What a request costs: its page, its statements, hashes and deliveries; counted, never timed."""

import re
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from idp.house.build import House
from idp.outbox.models import Delivery
from idp.persons import passwords
from tests.support.relying_party import FormBrowser
from tests.support.sent import counted_statements


@dataclass(frozen=True, slots=True)
class Cost:
    """What a request was answered with, and what that cost; statements by their text."""

    status: int
    page: str
    statements: tuple[str, ...]
    hashes: int
    deliveries: int


class Meter:
    """Sends forms and measures them."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        self._house = house
        self._hashes = 0
        real = passwords._bytes  # every hash that is made or compared begins here

        def counting(password: str) -> bytes:
            self._hashes += 1
            return real(password)

        monkeypatch.setattr(passwords, "_bytes", counting)

    def submit(self, browser: FormBrowser, fields: dict[str, str]) -> Cost:
        """Send the form of the browser's page."""
        self._hashes, before = 0, self._deliveries()
        with counted_statements(self._house) as statements:
            response = browser.submit(fields)
        page = browser.text_without_token
        for typed in fields.values():
            page = page.replace(typed, "-")
        page = re.sub(r"/i/[A-Za-z0-9_-]{22}/", "/i/-/", page)
        return Cost(response.status_code, page, tuple(statements), self._hashes, self._deliveries() - before)

    def _deliveries(self) -> int:
        with self._house.ground.database.read() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(Delivery)) or 0
