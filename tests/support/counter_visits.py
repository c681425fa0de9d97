"""What came of visits at a counter."""

import re

import sqlalchemy as sa
from flask import Flask

from idp.audit.models import AuditEvent
from idp.house.build import House
from idp.persons.models import Proofing
from tests.support.counter import Hall
from tests.support.houses import TestPerson
from tests.support.proofing import claims_of
from tests.support.relying_party import FormBrowser, RelyingParty, parameters_of


def tokens_of(app: Flask, party: RelyingParty, browser: FormBrowser) -> dict[str, str]:
    """Redeem the code that the browser carries back."""
    answer: dict[str, str] = party.redeem(app.test_client(), parameters_of(browser.location)["code"]).get_json()
    return answer


def acr_of(app: Flask, party: RelyingParty, browser: FormBrowser) -> str:
    """Return the level that the ID token tells."""
    return str(claims_of(tokens_of(app, party, browser)["id_token"])["acr"])


def counted(house: House, person: TestPerson) -> list[tuple[int, str]]:
    """Return level and method of the proofings that count."""
    with house.ground.database.read() as session:
        rows = session.execute(
            sa.select(Proofing.level, Proofing.method).where(
                Proofing.person_id == person.id, Proofing.revoked_at.is_(None)
            )
        )
        return [tuple(row) for row in rows]


def refusals(house: House) -> list[str | None]:
    """Return why clerks were refused, or refused somebody, in order."""
    with house.ground.database.read() as session:
        rows = session.scalars(
            sa.select(AuditEvent).where(AuditEvent.event == "counter.refused").order_by(AuditEvent.at)
        )
        return [row.reason for row in rows]


def found_code(first: FormBrowser, visit: str) -> str:
    """Return the code that the first clerk's page tells to give to a colleague."""
    first.open(visit)
    found = re.search(r"[B-Z]{4}-[B-Z]{4}", first.text)
    assert found is not None
    return found[0]


def second_signs(hall: Hall, first: FormBrowser, visit: str) -> None:
    """Let a further clerk look at the visit of the first one, and sign."""
    second = hall.add_clerk()
    hall.admit(second, found_code(first, visit))
    second.submit({"is_same": "y"}, f"{second.path}/second")
