"""Links at the console: found by account or person, read, taken back; nothing in clear in an address."""

from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from idp.audit.models import AuditEvent
from idp.linking.link_models import Link, NoLink
from idp.linking.systems import SystemView
from tests.support.console import Office
from tests.support.houses import TestPerson
from tests.support.legacy_accounts import add_account, proved_person, propose, row_of, state_of


@dataclass(frozen=True)
class Linked:
    """A person with an account proposed to them."""

    person: TestPerson
    account: int
    link: int


@pytest.fixture
def linked(office: Office, system: SystemView) -> Linked:
    person = proved_person(office.house, office.register, 214)
    account = add_account(office.house, system.number, row_of(person))
    return Linked(person, account, propose(office.house, system.number, account, person))


def searches(office: Office) -> list[tuple[str | None, str | None]]:
    with office.house.ground.database.read() as session:
        found = sa.select(AuditEvent).where(AuditEvent.event == "legacy.person_searched").order_by(AuditEvent.at)
        return [(row.actor_person, row.person_id) for row in session.scalars(found)]


def test_an_account_is_found_by_its_reference(office: Office, system: SystemView, linked: Linked) -> None:
    """The page names it by an id of ours and shows it masked, with its links and what happened."""
    browser = office.reviewer()
    browser.open("/console/links")
    reference = row_of(linked.person).reference
    browser.submit({"system": system.code, "reference": f" {reference} "}, "/console/links/accounts")
    assert browser.path == f"/console/systems/{system.code}/accounts/{linked.account}"
    for clear in (reference, linked.person.number, linked.person.name, linked.person.mobile.removeprefix("+86")):
        assert clear not in browser.text
    assert "待本人确认" in browser.text and "历史记录" in browser.text


def test_a_reference_that_is_not_here_is_said_to_be_so(office: Office, system: SystemView, linked: Linked) -> None:
    """At the field, and without a word about other systems."""
    browser = office.reviewer()
    browser.open("/console/links")
    answer = browser.submit({"system": system.code, "reference": "GJJ-none"}, "/console/links/accounts")
    assert answer.status_code == 422 and "没有此标识的账户" in browser.text


def test_a_person_is_found_by_their_number_and_the_search_is_recorded(office: Office, linked: Linked) -> None:
    """The number is posted; the address has an opaque id; the audit names who looked and whom they found."""
    browser = office.reviewer()
    browser.open("/console/links")
    browser.submit({"number": linked.person.number}, "/console/links/persons")
    assert browser.path == f"/console/links/persons/{linked.person.id}"
    assert linked.person.number not in browser.text and linked.person.name not in browser.text
    assert searches(office) == [(office.staff["郑复核"].id, linked.person.id)]


def test_a_person_without_links_in_the_department_is_not_found(
    office: Office, linked: Linked, other_system: SystemView
) -> None:
    """Whether somebody has an account here at all is told to nobody; the search is recorded without them."""
    browser = office.reviewer("韩复核", "health")
    browser.open("/console/links")
    answer = browser.submit({"number": linked.person.number}, "/console/links/persons")
    known = browser.text_without_token.replace(linked.person.number, "")
    assert answer.status_code == 422
    nobody = "11010519491231002X"
    browser.submit({"number": nobody}, "/console/links/persons")
    assert browser.text_without_token.replace(nobody, "") == known
    assert searches(office) == [(office.staff["韩复核"].id, None)] * 2
    assert browser.client.get(f"/console/links/persons/{linked.person.id}").status_code == 404


def test_an_administrator_takes_a_link_back_with_a_reason(office: Office, linked: Linked) -> None:
    """It ends, is never proposed again, and the audit has who and why."""
    browser = office.admin()
    browser.open(f"/console/links/{linked.link}/undo")
    browser.submit({"reason": "nonsense"}, f"/console/links/{linked.link}/undo")
    assert state_of(office.house, linked.link) == "proposed"
    browser.submit({"reason": "wrong_person"}, f"/console/links/{linked.link}/undo")
    assert state_of(office.house, linked.link) == "undone" and "已撤回" in browser.text
    with office.house.ground.database.read() as session:
        assert session.scalars(sa.select(NoLink.person_id)).all() == [linked.person.id]
        row = session.scalars(sa.select(AuditEvent).where(AuditEvent.event == "legacy.link_undone")).one()
    assert (row.actor_person, row.reason) == (office.staff["周管理"].id, "wrong_person")


def test_a_link_that_ended_is_not_ended_again(office: Office, linked: Linked) -> None:
    """Two administrators at once: the second is told that it is not possible any more."""
    browser = office.admin()
    browser.open(f"/console/links/{linked.link}/undo")
    for _ in range(2):
        browser.submit({"reason": "mistake"}, f"/console/links/{linked.link}/undo")
    assert "当前状态下不能进行此操作" in browser.text
    with office.house.ground.database.read() as session:
        assert len(session.scalars(sa.select(Link)).all()) == 1


def test_a_link_of_another_department_is_not_there(office: Office, linked: Linked, other_system: SystemView) -> None:
    """An administrator elsewhere can neither see nor end it by its number."""
    browser = office.admin("韩管理", "health")
    path = f"/console/links/{linked.link}/undo"
    assert browser.client.get(path).status_code == 404
    browser.open("/console")
    assert browser.submit({"reason": "mistake"}, path).status_code == 404
    assert state_of(office.house, linked.link) == "proposed"
