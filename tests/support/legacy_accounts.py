"""Older systems with accounts, and proposals of them, for tests of what people make of these."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.clock import civil_date
from idp.core.ids import new_id
from idp.core.results import Ok
from idp.house.build import House
from idp.linking import links
from idp.linking.contents import LegacyRow, StoredPassword
from idp.linking.digests import Digests
from idp.linking.journal import Change
from idp.linking.link_models import Link, MergeCase
from idp.linking.models import LegacyAccount, LegacySystem
from idp.linking.taking_in import Compared, take_in
from idp.linking.vocabulary import Cutover, LinkState, NumberState, Situation
from idp.persons.contact_numbers import parse_mobile
from idp.persons.departments import create_department
from idp.persons.models import Department
from idp.sessions.models import SsoSession
from idp.sessions.service import LiveSession
from realname.documents.parse import parse_number
from tests.support.houses import TestPerson
from tests.support.proofed import prove

OLD_PASSWORD = "Kite-42-orchard"  # made up, on no list


def add_system(house: House, code: str = "housing-fund", **values: Any) -> int:
    """Make an older system whose passwords are kept as they are, and return its number."""
    now = house.ground.clock.now()
    with house.ground.database.transaction() as session:
        department = session.scalar(sa.select(Department.id).where(Department.code == "old"))
        if department is None:
            made = create_department(session, code="old", name="示例市住房公积金管理中心", at=now)
            assert isinstance(made, Ok)
            department = made.value
        row = LegacySystem(
            **{
                "code": code,
                "name": "住房公积金",
                "department_id": department,
                "state": "active",
                "rules": {},
                "rules_version": 1,
                "password_scheme": "plain",
                "is_real_name_verified": False,
                "holds_organisations": False,
                "pays_out": False,
                "vouching": "off",
                "cutover": Cutover.LEGACY_ONLY,
                "created_at": now,
                "changed_at": now,
                **values,
            }
        )
        session.add(row)
        session.flush()
        return row.number


def row_of(person: TestPerson, **changed: str) -> LegacyRow:
    """Return what an older system says of somebody, with what is not theirs in it."""
    row = LegacyRow(
        reference=f"GJJ-{person.login_name}",
        login=f"old-{person.login_name}",
        number=person.number,
        name=person.name,
        mobile=person.mobile,
    )
    return replace(row, **changed)


def add_account(
    house: House, system: int, row: LegacyRow, *, password: str | None = OLD_PASSWORD, **compared: Any
) -> int:
    """Bring an account here as a batch of one and return its id."""
    stored = StoredPassword(password) if password is not None else None
    with house.ground.database.transaction() as session:
        taken = take_in(
            session,
            house.ground.keyring,
            system_number=system,
            row=row,
            compared=replace(compare(house, row), **compared),
            at=house.ground.clock.now(),
            password=stored,
        )
    return taken.account_id


def compare(house: House, row: LegacyRow) -> Compared:
    """Return the digests of a row that is written as we write."""
    digests = Digests(keyring=house.ground.keyring)
    number = parse_number(row.number, today=civil_date(house.ground.clock.now()))
    mobile = parse_mobile(row.mobile)
    has_mobile = isinstance(mobile, Ok)
    return Compared(
        key_version=digests.version,
        number_index=digests.number(number.value) if isinstance(number, Ok) else None,
        pair_index=digests.pair(number.value, row.name) if isinstance(number, Ok) else None,
        name_mobile_index=digests.name_mobile(row.name, mobile.value) if has_mobile else None,  # type: ignore[union-attr]
        mobile_index=digests.mobile(mobile.value) if has_mobile else None,  # type: ignore[union-attr]
        number_state=NumberState.VALID if isinstance(number, Ok) else NumberState.MISSING,
    )


def propose(
    house: House, system: int, account: int, person: TestPerson, *, situation: Situation = Situation.FOUND
) -> int:
    """Propose an account to somebody, as a batch does, and return the link's number."""
    with house.ground.database.transaction() as session:
        made = links.propose(
            session,
            system_number=system,
            account_id=account,
            person_id=person.id,
            situation=situation,
            change=Change(house.ground.clock.now()),
        )
    assert isinstance(made, Ok), made
    return made.value


def proved_person(house: House, register_person: Any, sequence: int, *, name: str = "王小红") -> TestPerson:
    """Make somebody whose face was compared, with a number of their own."""
    from tests.unit.realname.documents.numbers import make_resident_number

    number = make_resident_number(birth="19900307", sequence=f"{sequence:03d}")
    person: TestPerson = register_person(name=name, number=number)
    prove(house, person.id, name=name, number=number, level=3, method="face")
    return person


def log_in(
    house: House, person: TestPerson, *, amr: tuple[str, ...] = ("pwd", "sms"), minutes_ago: int = 0
) -> LiveSession:
    """Open a session as a login by these methods did, so long ago."""
    now = house.ground.clock.now()
    row = SsoSession(
        id=new_id(),
        handle_hash=new_id(),
        person_id=person.id,
        is_staff=False,
        channel="portal",
        aal=2 if len(amr) > 1 else 1,
        amr=list(amr),
        auth_time=now - timedelta(minutes=minutes_ago),
        is_vouched=True,
        device_label="test",
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(hours=8),
    )
    with house.ground.database.transaction() as session:
        session.add(row)
        session.flush()
        live = house.protocol.sessions.find_by_id(session, row.id)
    assert live is not None
    return live


def state_of(house: House, link: int) -> LinkState:
    """Return the state of a link."""
    with house.ground.database.read() as session:
        return LinkState(session.scalars(sa.select(Link.state).where(Link.id == link)).one())


def owner_of(house: House, account: int) -> str | None:
    """Return whose the account is now: the person of its active link."""
    with house.ground.database.read() as session:
        owned = sa.select(Link.person_id).where(Link.account_id == account, Link.state == LinkState.ACTIVE)
        return session.scalar(owned)


def cases_of(house: House, account: int) -> list[MergeCase]:
    """Return the cases about an account, the oldest first."""
    with house.ground.database.read() as session:
        found = sa.select(MergeCase).where(MergeCase.account_id == account)
        return list(session.scalars(found.order_by(MergeCase.opened_at, MergeCase.id)))


def change_account(session: Session, account: int, **values: Any) -> None:
    """Let the source say something else of an account, without a new version."""
    session.execute(sa.update(LegacyAccount).where(LegacyAccount.account_id == account).values(**values))
