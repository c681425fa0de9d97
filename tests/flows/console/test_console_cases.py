"""Cases at the console: taken, decided by two who do not know of one another, and seen in clear once."""

import re
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from idp.audit.models import AuditEvent
from idp.linking.journal import Change
from idp.linking.link_models import Link, MergeCase
from idp.linking.single_cases import Candidate, open_case
from idp.linking.systems import SystemView
from idp.linking.vocabulary import CaseKind
from tests.support.console import Office
from tests.support.houses import TestPerson
from tests.support.legacy_accounts import add_account, proved_person, row_of
from tests.support.relying_party import FormBrowser


@dataclass(frozen=True)
class Disputed:
    """An account whose number is a person's, under another name."""

    case: str
    person: TestPerson
    account: int

    @property
    def path(self) -> str:
        return f"/console/cases/{self.case}"


@pytest.fixture
def disputed(office: Office, system: SystemView) -> Disputed:
    person = proved_person(office.house, office.register, 214, name="王小红")
    account = add_account(office.house, system.number, row_of(person, name="王晓虹"))
    with office.house.ground.database.transaction() as session:
        case = open_case(
            session,
            CaseKind.DISPUTED_NUMBER,
            [Candidate(person.id, 0.6, {"number": 100, "name": 40})],
            system_number=system.number,
            account_id=account,
            change=Change(office.clock.now()),
        )
    return Disputed(case, person, account)


def state(office: Office, disputed: Disputed) -> str:
    with office.house.ground.database.read() as session:
        return session.scalars(sa.select(MergeCase.state).where(MergeCase.id == disputed.case)).one()


def decide(browser: FormBrowser, disputed: Disputed, verdict: str = "link", **more: str) -> int:
    """Take the case and decide it by what its page offers."""
    browser.open(disputed.path)
    browser.submit({}, f"{disputed.path}/take")
    version = re.search(r'name="version"[^>]*value="([0-9]+)"', browser.text)
    assert version is not None, browser.text
    value = f"link {disputed.person.id}" if verdict == "link" else verdict
    fields = {"version": version[1], "verdict": value, "reason": "name_variant", "note": "", **more}
    return browser.submit(fields, f"{disputed.path}/decide").status_code


def test_the_queue_lists_what_lies_in_the_department(
    office: Office, disputed: Disputed, other_system: SystemView
) -> None:
    """Filtered by kind, and empty for who reviews elsewhere."""
    here, elsewhere = office.reviewer(), office.reviewer("韩复核", "health")
    here.open("/console/cases")
    assert disputed.path in here.text
    here.open("/console/cases?kind=contested")
    assert disputed.path not in here.text
    elsewhere.open("/console/cases")
    assert disputed.path not in elsewhere.text
    assert elsewhere.client.get(disputed.path).status_code == 404


def test_two_people_decide_and_the_second_does_not_see_the_first(office: Office, disputed: Disputed) -> None:
    """The first decision is hidden until the second; what they agree on is a proposal and no access."""
    first, second = office.reviewer("郑复核"), office.admin("周管理")
    assert decide(first, disputed, note="只有我知道") == 200
    assert state(office, disputed) == "second_opinion" and "只有我知道" in first.text
    second.open(disputed.path)
    assert "只有我知道" not in second.text and "郑复核" not in second.text
    decide(second, disputed)
    assert state(office, disputed) == "closed"
    second.open(disputed.path)
    assert "只有我知道" in second.text and "郑复核" in second.text
    with office.house.ground.database.read() as session:
        link = session.scalars(sa.select(Link)).one()
    assert (link.person_id, link.state) == (disputed.person.id, "proposed")


def test_nobody_decides_twice(office: Office, disputed: Disputed) -> None:
    """Who decided gets neither the case nor the form again, and a form of theirs from before is refused."""
    browser = office.reviewer()
    decide(browser, disputed)
    browser.open(disputed.path)
    assert "/take" not in browser.text and "/decide" not in browser.text
    fields = {"version": "2", "verdict": "no_link", "reason": "other_person"}
    browser.submit(fields, f"{disputed.path}/decide")
    assert state(office, disputed) == "second_opinion"


def test_who_has_not_taken_a_case_cannot_decide_it(office: Office, disputed: Disputed) -> None:
    """A posted decision without the case in hand changes nothing."""
    browser = office.reviewer()
    browser.open(disputed.path)
    fields = {"version": "1", "verdict": "no_link", "reason": "other_person"}
    browser.submit(fields, f"{disputed.path}/decide")
    assert state(office, disputed) == "open"


def test_a_case_is_one_persons_at_a_time(office: Office, disputed: Disputed) -> None:
    """Taken by one it is shown as such to others, until it is given back."""
    first, second = office.reviewer("郑复核"), office.reviewer("冯复核")
    first.open(disputed.path)
    first.submit({}, f"{disputed.path}/take")
    second.open(disputed.path)
    assert "/take" not in second.text
    second.submit({}, f"{disputed.path}/take")
    assert "正由他人处理" in second.text
    first.submit({}, f"{disputed.path}/release")
    second.submit({}, f"{disputed.path}/take")
    assert "暂由您处理" in second.text


def test_a_decision_on_an_older_version_is_refused(office: Office, disputed: Disputed) -> None:
    """Somebody else decided since the page was shown: look again."""
    browser = office.reviewer()
    browser.open(disputed.path)
    browser.submit({}, f"{disputed.path}/take")
    with office.house.ground.database.transaction() as session:
        session.execute(sa.update(MergeCase).values(version=MergeCase.version + 1))
    fields = {"version": "1", "verdict": "no_link", "reason": "other_person"}
    browser.submit(fields, f"{disputed.path}/decide")
    assert state(office, disputed) == "open" and "页面打开后内容已有变化" in browser.text


def test_it_is_masked_until_somebody_who_has_it_gives_a_reason(office: Office, disputed: Disputed) -> None:
    """Clear values come once, in the answer to the request, with a row of the audit for whose they are."""
    browser = office.reviewer()
    browser.open(disputed.path)
    clear = (disputed.person.number, "王晓虹", "王小红")
    assert not any(each in browser.text for each in clear)
    browser.submit({"why": "compare_name"}, f"{disputed.path}/clear")
    assert not any(each in browser.text for each in clear)  # it is not theirs yet
    browser.submit({}, f"{disputed.path}/take")
    answer = browser.submit({"why": "compare_name"}, f"{disputed.path}/clear")
    assert all(each in browser.text for each in clear)
    assert answer.headers["Cache-Control"] == "no-store"
    browser.open(disputed.path)
    assert not any(each in browser.text for each in clear)
    with office.house.ground.database.read() as session:
        rows = session.scalars(sa.select(AuditEvent).where(AuditEvent.event == "merge_case.unmasked")).all()
    assert {row.actor_person for row in rows} == {office.staff["郑复核"].id}
    assert disputed.person.id in {row.person_id for row in rows}
