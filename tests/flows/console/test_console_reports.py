"""Reports: the worker counts, pages and files show what it counted."""

import csv
import io

from idp.house.upkeep import build_upkeep
from idp.linking.systems import SystemView
from tests.support.console import Office
from tests.support.legacy_accounts import add_account, proved_person, propose, row_of


def test_reports_show_what_the_worker_counted(office: Office, system: SystemView) -> None:
    """Before the first count nothing is shown as nothing; afterwards page, first page and file have the numbers."""
    browser = office.reviewer()
    browser.open("/console/reports")
    assert "尚未统计" in browser.text
    person = proved_person(office.house, office.register, 214)
    account = add_account(office.house, system.number, row_of(person))
    propose(office.house, system.number, account, person)
    assert office.house.console.statistics.is_due()
    assert office.house.console.statistics.count() == 1
    browser.open("/console/reports")
    assert 'data-value="1"' in browser.text and "data-chart" in browser.text
    browser.open("/console")
    assert "后台统计时间" in browser.text
    answer = browser.open(f"/console/reports/{system.code}.csv")
    assert answer.mimetype == "text/csv" and answer.headers["Cache-Control"] == "no-store"
    (line,) = csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff")))
    assert (line["accounts"], line["with_password"], line["links_proposed"]) == ("1", "1", "1")
    assert person.number not in browser.text and person.name not in browser.text


def test_a_file_of_another_department_is_not_there(
    office: Office, system: SystemView, other_system: SystemView
) -> None:
    """Exports follow the same rule as pages."""
    browser = office.reviewer()
    assert browser.client.get(f"/console/reports/{other_system.code}.csv").status_code == 404


def test_the_worker_counts(office: Office) -> None:
    """It is one of its tasks."""
    assert "legacy statistics" in {task.name for task in build_upkeep(office.house)._tasks}
