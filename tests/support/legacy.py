"""Older systems for tests: a system, accounts of it, links, and a client that speaks for it."""

from typing import Any

import sqlalchemy as sa

from idp.core.ids import new_id
from idp.core.results import Ok
from idp.house.build import House
from idp.linking import links
from idp.linking.contents import LegacyRow, StoredPassword
from idp.linking.digests import Digests
from idp.linking.journal import Change
from idp.linking.link_models import MergeEvent
from idp.linking.models import LegacySystem
from idp.linking.taking_in import Compared, take_in
from idp.linking.vocabulary import ControlKind, Cutover, Situation
from idp.persons.models import Department


def add_system(house: House, code: str = "shebao", **agreed: Any) -> int:
    """Add an older system of a department of its own, and return its number."""
    now = house.ground.clock.now()
    values: dict[str, Any] = {
        "name": "社会保险",
        "state": "active",
        "rules": {},
        "rules_version": 1,
        "is_real_name_verified": True,
        "holds_organisations": False,
        "pays_out": False,
        "vouching": "off",
        "cutover": Cutover.LEGACY_ONLY,
        **agreed,
    }
    with house.ground.database.transaction() as session:
        department = Department(id=new_id(), code=f"of-{code}", name="社保局", state="active", created_at=now)
        session.add(department)
        session.flush()
        system = LegacySystem(code=code, department_id=department.id, created_at=now, changed_at=now, **values)
        session.add(system)
        session.flush()
        return system.number


def add_account(
    house: House, system_number: int, reference: str, *, password: StoredPassword | None = None, **fields: str
) -> int:
    """Take an account in as its system would tell of it, and return its id."""
    with house.ground.database.transaction() as session:
        taken = take_in(
            session,
            house.ground.keyring,
            system_number=system_number,
            row=LegacyRow(reference=reference, **fields),
            compared=Compared(Digests(keyring=house.ground.keyring).version),
            at=house.ground.clock.now(),
            password=password,
        )
    return taken.account_id


def propose(house: House, system_number: int, account_id: int, person_id: str, **because: Any) -> int:
    """Propose an account to a person, and return the link's id."""
    with house.ground.database.transaction() as session:
        made = links.propose(
            session,
            system_number=system_number,
            account_id=account_id,
            person_id=person_id,
            situation=because.pop("situation", Situation.FOUND),
            change=Change(at=house.ground.clock.now(), **because),
        )
    assert isinstance(made, Ok), made
    return made.value


def link(house: House, system_number: int, account_id: int, person_id: str) -> int:
    """Bind an account to a person as their own proof would, and return the link's id."""
    link_id = propose(house, system_number, account_id, person_id)
    change(house, "activate", link_id, proof=ControlKind.PHONE)
    return link_id


def change(house: House, how: str, link_id: int, **values: Any) -> None:
    """Let something happen to a link: suspend, resume, reject, revoke, expire, undo."""
    with house.ground.database.transaction() as session:
        done = getattr(links, how)(session, link_id, change=Change(at=house.ground.clock.now()), **values)
    assert isinstance(done, Ok), done


def seal(house: House) -> None:
    """Give every event that has none its place in the sealed journal: one batch more."""
    with house.ground.database.transaction() as session:
        position = (session.scalar(sa.select(sa.func.max(MergeEvent.seal_position))) or 0) + 1
        unsealed = session.scalars(
            sa.select(MergeEvent.sequence).where(MergeEvent.seal_position.is_(None)).order_by(MergeEvent.sequence)
        ).all()
        for leaf, sequence in enumerate(unsealed):
            session.execute(
                sa.update(MergeEvent)
                .where(MergeEvent.sequence == sequence)
                .values(seal_position=position, seal_leaf=leaf)
            )
