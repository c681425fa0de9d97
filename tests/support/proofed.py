"""Persons whose identity was proved, and what they agreed to, straight in the database: as proofing leaves them."""

from datetime import timedelta

import sqlalchemy as sa

from clients import consents
from clients.consents import ConsentedItem
from idp.audit.log import NOWHERE
from idp.core.clock import civil_date
from idp.core.ids import new_id
from idp.core.results import Ok
from idp.house.build import House
from idp.persons.models import Proofing
from idp.persons.vocabulary import AttributeName, IdentifierState
from idp.persons.vouching import vouch
from realname.documents.parse import parse_number
from realname.release.identity_claims import APPROVABLE

NAME, NUMBER = "张小明", "11010519491231002X"
PURPOSE = "办理住房公积金提取"


def add_proofing(house: House, person_id: str, *, level: int = 2, method: str = "name", days: int = 365) -> str:
    """Write a proofing that is valid for so many days, and return its id."""
    proofing_id, now = new_id(), house.ground.clock.now()
    with house.ground.database.transaction() as session:
        session.add(
            Proofing(
                id=proofing_id,
                person_id=person_id,
                level=level,
                method=method,
                provider="test",
                provider_request_id="request-of-the-service",
                proved_at=now,
                valid_until=now + timedelta(days=days),
            )
        )
        vouch(session, person_id, ("pwd", "sms"), at=now)
    return proofing_id


def prove(
    house: House,
    person_id: str,
    *,
    name: str = NAME,
    number: str = NUMBER,
    level: int = 2,
    method: str = "name",
    days: int = 365,
) -> str:
    """Make the number the person's current one and the name proved; return the proofing's id."""
    proofing_id, now = add_proofing(house, person_id, level=level, method=method, days=days), house.ground.clock.now()
    people, parsed = house.people, parse_number(number, today=civil_date(now))
    assert isinstance(parsed, Ok)
    with house.ground.database.transaction() as session:
        identifier_id = people.identifiers.claim(session, person_id, parsed.value, at=now)
        made = people.identifiers.set_current(session, identifier_id, proofing_id=proofing_id, at=now)
        assert isinstance(made, Ok), made
        people.attributes.set(session, person_id, AttributeName.FULL_NAME, name, source="test", level=level, at=now)
    return proofing_id


def revoke(house: House, proofing_id: str) -> None:
    """End a proofing before its time."""
    with house.ground.database.transaction() as session:
        session.execute(
            sa.update(Proofing).where(Proofing.id == proofing_id).values(revoked_at=house.ground.clock.now())
        )


def end_number(house: House, person_id: str, state: IdentifierState) -> None:
    """Take the current number away: a former or a disputed one."""
    with house.ground.database.transaction() as session:
        found = house.people.directory.current_number(session, person_id)
        assert found is not None
        assert house.people.identifiers.end(session, found.id, state, at=house.ground.clock.now())


def approve(house: House, client_id: str, *names: str, purpose: str = PURPOSE) -> None:
    """Approve a client for identity claims, all of them where none is named."""
    house.protocol.approvals.approve(client_id, names or tuple(APPROVABLE), purpose)


def agree(house: House, person_id: str, client_id: str, *items: str) -> None:
    """Write the person's consent to these items, as the consent page would."""
    shown = [ConsentedItem(name, "claim", separate=True, text_digest="digest of the text") for name in items]
    with house.ground.database.transaction() as session:
        consents.grant(
            session, person_id, client_id, shown, locale="zh-CN", at=house.ground.clock.now(), origin=NOWHERE
        )
