"""A person before the register: what it says of them, and the way through the pages."""

import json
from datetime import timedelta
from typing import Any

from flask import Flask

from idp.core.clock import civil_date
from idp.core.hashing import decode_base64url
from idp.core.ids import new_id
from idp.core.results import Ok
from idp.house.build import House
from idp.persons.vocabulary import IdentifierState
from realname.documents.document_number import DocumentNumber
from realname.documents.parse import parse_number
from realname.proofing.evidence import Evidence
from realname.proofing.method import Method
from realname.providers.register.entry import Entry
from tests.support.houses import TestPerson
from tests.support.relying_party import FormBrowser, RelyingParty
from tests.support.sent import code_of

LEVEL = "urn:yihao:level:"


def number_of(house: House, text: str) -> DocumentNumber:
    """Return the number in the text."""
    parsed = parse_number(text, today=civil_date(house.ground.clock.now()))
    assert isinstance(parsed, Ok)
    return parsed.value


def in_register(house: House, person: TestPerson, *, mobiles: tuple[str, ...] | None = None, **facts: Any) -> None:
    """Let the register say of the person what they say themselves, and that the mobile is theirs."""
    held = (person.mobile,) if mobiles is None else mobiles
    entry = Entry(number_of(house, person.number), facts.pop("name", person.name), mobiles=held, **facts)
    with house.ground.database.transaction() as session:
        house.register.entries.put(session, [entry])


def asked_for(app: Flask, party: RelyingParty, person: TestPerson, level: int = 2, **parameters: Any) -> FormBrowser:
    """Return the browser of a person from whom a client asks a level, logged in and at the next page."""
    browser = FormBrowser(app)
    browser.open(party.authorize_path(acr_values=f"{LEVEL}{level}", **parameters))
    browser.log_in(person)
    return browser


def type_in(browser: FormBrowser, person: TestPerson, **changed: str) -> None:
    """Fill in name and number."""
    browser.submit({"name": person.name, "number": person.number, **changed})


def show_mobile(house: House, browser: FormBrowser, person: TestPerson) -> None:
    """Type the code that was sent to the mobile."""
    browser.submit({"code": code_of(house, "proofing_code", person.mobile)})


def prove(house: House, browser: FormBrowser, person: TestPerson) -> None:
    """Go the whole way, from the page that asks for name and number."""
    type_in(browser, person)
    show_mobile(house, browser, person)


def state_of(house: House, person: TestPerson) -> IdentifierState | None:
    """Return the state of the person's number, None where they have none that counts or is claimed."""
    with house.ground.database.read() as session:
        return house.people.directory.profile(session, person.id).number_state


def claims_of(token: str) -> dict[str, Any]:
    """Return what a signed token says; the signature has its own tests."""
    claims: dict[str, Any] = json.loads(decode_base64url(token.split(".")[1]))
    return claims


def evidence_of(house: House, person: TestPerson, method: Method, **changed: str) -> Evidence:
    """Return evidence about the person as a source would give it now, good for a year."""
    now = house.ground.clock.now()
    return Evidence(
        handle=new_id(),
        method=method,
        provider="made-up",
        code="made-up.match",
        request_id=new_id(),
        number=number_of(house, changed.get("number", person.number)),
        name=changed.get("name", person.name),
        mobile=person.mobile if method is Method.MOBILE else None,
        proved_at=now,
        valid_until=now + timedelta(days=365),
        keep_until=now + timedelta(days=1),
    )
