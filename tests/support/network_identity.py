"""The gateway's stand-in beside a house, and a person's way through its page."""

import http.client
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode, urlsplit

import sqlalchemy as sa
from pydantic import SecretStr

from demo.simulators.face_sessions import Choice
from demo.simulators.network_gateway import NetworkGateway
from demo.simulators.people import Person
from demo.simulators.verification import VerificationSimulator
from idp.house.build import House
from idp.persons.identity_level import identity_level
from idp.persons.models import Identifier
from realname.documents.application_id import NETWORK_IDENTITY
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.relying_party import FormBrowser

SECRET = "s3cret-of-the-gateway-and-of-nobody-else"
ME = Person("11010519491231002X", "张小明")
SOMEBODY_ELSE = Person("440308199901101512", "李小红")
CHILD = Person("110105202001015553", "张小小")


@contextmanager
def serving_gateway(clock: FrozenClock) -> Iterator[VerificationSimulator]:
    """Serve the gateway's stand-in, on the clock of the house."""
    service = NetworkGateway(secret=SECRET, people=[ME, SOMEBODY_ELSE, CHILD])
    simulator = VerificationSimulator(service, now=lambda: clock.now().timestamp())
    simulator.start()
    try:
        yield simulator
    finally:
        simulator.stop()


def gateway_settings(gateway: VerificationSimulator, **more: Any) -> dict[str, Any]:
    """Return the settings that lead to it."""
    return {
        "network_identity": "gateway",
        "network_identity_endpoint": gateway.url,
        "network_identity_secret": SecretStr(SECRET),
        **more,
    }


def service_url(browser: FormBrowser) -> str:
    """Return the address to which the page sends the browser."""
    found = re.search(r'id="network-go" href="([^"]+)"', browser.text)
    assert found is not None, browser.text
    return found[1]


def show(url: str, who: Person = ME, choice: Choice = Choice.PASS) -> str:
    """Do what the service's page asks for, in whichever browser, and return where it leads."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc)
    connection.request("GET", parts.path)
    page = connection.getresponse().read().decode()
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token is not None
    form = urlencode({"token": token[1], "choice": choice, "number": who.number})
    connection.request("POST", parts.path, form, {"Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 303
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def ial_of(house: House, person: TestPerson) -> int:
    """Return the identity level of a person now."""
    with house.ground.database.read() as session:
        return identity_level(session, person.id, house.ground.clock.now())


def identity_states(house: House, person: TestPerson) -> list[str]:
    """Return the states of every application id that the person ever had."""
    with house.ground.database.read() as session:
        return list(
            session.scalars(
                sa.select(Identifier.state)
                .where(Identifier.person_id == person.id, Identifier.type == NETWORK_IDENTITY)
                .order_by(Identifier.valid_from, Identifier.id)
            )
        )
