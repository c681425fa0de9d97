"""A whole life at the provider: everything that a person can leave in it, by the real flows where there are any."""

from dataclasses import dataclass, field
from secrets import randbelow
from typing import Any

import sqlalchemy as sa
from flask import Flask

from idp.core.ids import new_id
from idp.house.build import House
from idp.linking import links
from idp.linking.survivorship import Survivorship
from idp.linking.vocabulary import ControlKind
from idp.persons import mobile_releases
from idp.persons.ciphers import PersonCiphers
from idp.persons.models import Department, Mandate, Proofing
from idp.persons.roles import Role, grant_role
from idp.persons.vocabulary import AttributeName, ContactKind
from idp.storage.base import Base
from realname.proofing.models import DeathReport
from tests.support import legacy_world
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import PASSWORD
from tests.support.legacy_world import LegacyWorld
from tests.support.relying_party import FormBrowser, RelyingParty, make_client, parameters_of
from tests.support.sent import code_of, work

Row = tuple[Any, ...]
_AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"


@dataclass
class Life:
    """A person, the browser they are logged in with, and what a client of theirs holds."""

    id: str
    mobile: str
    browser: FormBrowser = field(repr=False)
    party: RelyingParty
    tokens: dict[str, Any] = field(repr=False)


_NAME = "张小明"


def registered(house: House, app: Flask, number: str, mobile: str) -> FormBrowser:
    """Return the browser of somebody who opened an account just now."""
    browser = FormBrowser(app)
    browser.client.environ_base["HTTP_USER_AGENT"] = _AGENT
    browser.open("/register")
    form = {"number": number, "name": "王小红", "mobile": mobile[3:], "password": PASSWORD, "terms": "y"}
    browser.submit(form)
    browser.submit({"code": code_of(house, "registration_code", mobile)})
    return browser


def live(house: House, app: Flask, clock: FrozenClock, *, number: str, mobile: str) -> Life:
    """Let somebody register, use a client, prove things, forget a password; at the end a recovery waits."""
    browser = registered(house, app, number, mobile)
    with house.ground.database.read() as session:
        found = house.people.directory.find_by_mobile(session, mobile)
    assert found is not None
    party = make_client(
        house, policy={"require_consent": True}, backchannel_logout_uri="https://portal.example.gov.cn/logout"
    )
    tokens = _used_client(app, browser, party)
    _proved(house, clock, found.person_id, mail=f"{mobile[3:]}@example.gov.cn")
    _elsewhere(house, found.person_id, number)
    _lost(house, app, mobile, number)
    work(house)
    clock.advance(seconds=120)
    return Life(found.person_id, mobile, browser, party, tokens)


def rows_of(house: House) -> dict[str, set[Row]]:
    """Return every row of every table, as text: two pictures of a database can be compared."""
    with house.ground.database.read() as session:
        return {
            table.name: {tuple(repr(value) for value in row) for row in session.execute(sa.select(table))}
            for table in Base.metadata.sorted_tables
        }


def _used_client(app: Flask, browser: FormBrowser, party: RelyingParty) -> dict[str, Any]:
    browser.open(party.authorize_path(scope="openid profile offline_access"))
    browser.submit({"decision": "allow"})
    answer = party.redeem(app.test_client(), parameters_of(browser.location)["code"])
    tokens: dict[str, Any] = answer.get_json()
    assert "refresh_token" in tokens
    return tokens


def _proved(house: House, clock: FrozenClock, person_id: str, *, mail: str) -> None:
    """Give the person what no page gives yet, by the rooms' own functions where there are any."""
    now, people = clock.now(), house.people
    with house.ground.database.transaction() as session:
        people.contacts.set_current(session, person_id, ContactKind.EMAIL, mail, at=now)
        proofing = {"id": new_id(), "person_id": person_id, "level": 2, "method": "match", "provider": "made-up"}
        session.execute(sa.insert(Proofing).values(**proofing, evidence_digest="digest", proved_at=now))
        number = people.identifiers.of(session, person_id)[0]
        people.identifiers.set_current(session, number.id, proofing_id=str(proofing["id"]), at=now)
        mandate = {"party_kind": "organisation", "party_id": "organisation-1", "scope": ["tax"], "valid_from": now}
        session.execute(
            sa.insert(Mandate).values(id=new_id(), person_id=person_id, evidence_digest="digest", **mandate)
        )
        # A death that was reported and taken back: the account is as it was.
        death = {
            "person_id": person_id,
            "source": "certificate",
            "evidence_digest": "digest",
            "status_before": "active",
        }
        session.execute(sa.insert(DeathReport).values(id=new_id(), **death, reported_at=now, reversed_at=now))
        department = {"id": new_id(), "name": "Office", "state": "active", "created_at": now}
        session.execute(sa.insert(Department).values(code=new_id(), **department))
        grant_role(session, person_id, Role.DEVELOPER, str(department["id"]), by=None, at=now)
        people.recovery_codes.generate(session, person_id, at=now)
        people.totp.enrol(session, person_id, account_label="x", at=now)
        held = people.contacts.of(session, person_id)[0]
        releases = {"contact_id": held.id, "person_id": person_id, "objection_hash": new_id()}
        mobile_releases.start(session, **releases, at=now, due_at=now)


def _elsewhere(house: House, person_id: str, number: str) -> None:
    """Bring an account of an older system here, which is found and becomes the person's."""
    world, now = LegacyWorld(house), house.ground.clock.now()
    with house.ground.database.transaction() as session:
        name = {"source": "made-up", "level": 2, "at": now}
        house.people.attributes.set(session, person_id, AttributeName.FULL_NAME, _NAME, **name)
    world.refresh(person_id)
    world.run(
        world.add_system(f"s{new_id().lower()}"),
        [legacy_world.Row("1", number, _NAME, f"+86154{randbelow(10**8):08d}")],
    )
    (link,) = [each for each in world.links() if each.person_id == person_id]
    with house.ground.database.transaction() as session:
        links.activate(session, link.id, proof=ControlKind.PASSWORD, change=world.change())
        ciphers = PersonCiphers(keyring=house.ground.keyring, clock=house.ground.clock)
        Survivorship(keyring=house.ground.keyring, ciphers=ciphers).recompute(session, person_id, at=now)


def _lost(house: House, app: Flask, mobile: str, number: str) -> None:
    stranger = FormBrowser(app)
    stranger.open("/account")
    stranger.submit({"identifier": mobile, "password": "wrong-one-entirely"})
    stranger.open("/recovery")
    stranger.submit({"identifier": mobile})
    stranger.submit({"code": code_of(house, "recovery_code", mobile)})
    if stranger.path.endswith("/recovery/proof"):
        stranger.submit({}, stranger.path.replace("/proof", "/wait"))
    assert stranger.path.endswith("/recovery/number"), stranger.path
    stranger.submit({"number": number})
    assert stranger.path.endswith("/recovery/waiting"), stranger.path
