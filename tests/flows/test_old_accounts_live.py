"""Older systems that are asked at the login itself, and how their answers compare with our copy until the cut-over."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from idp.audit.log import NOWHERE
from idp.audit.models import AuditEvent
from idp.config.settings import LegacyLoginSettings, LiveSourceSettings
from idp.core.clock import civil_date
from idp.linking import cutover
from idp.linking.accounts import Accounts
from idp.linking.cutover import Comparison, CutoverRefused
from idp.linking.models import ImportBatch
from idp.linking.vocabulary import Cutover
from tests.flows.test_old_accounts import at_page, typed
from tests.support.old_accounts import OLD_PASSWORD, OldSystem, md5

NUMBER = "339901199003071244"
QUERY = "SELECT ref AS reference, login, name, number, pw AS password FROM users WHERE login = :login"


class OldDatabase:
    """The older system's own database, a file."""

    def __init__(self, file: Path) -> None:
        self.url = f"sqlite:///{file}"
        self._engine = sa.create_engine(self.url, poolclass=sa.NullPool)
        self.run("CREATE TABLE users (login text, ref text, name text, number text, pw text)")

    def add(self, login: str = "zhang01", password: str = OLD_PASSWORD) -> None:
        values = {"login": login, "ref": f"GR-{login}", "pw": md5(password), "number": NUMBER}
        self.run("INSERT INTO users VALUES (:login, :ref, '张三', :number, :pw)", **values)

    def run(self, statement: str, **values: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.text(statement), values)


@pytest.fixture
def old(tmp_path):
    return OldDatabase(tmp_path / "old.db")


@pytest.fixture
def overrides(old):
    source = LiveSourceSettings(kind="sql", url=old.url, query=QUERY)
    return {"legacy_logins": LegacyLoginSettings(offered=True, live={"shebao": source}, breaker_failures=2)}


@pytest.fixture
def system(house):
    return OldSystem(house)


def is_shown(app, **more):
    browser = at_page(app)
    browser.submit(typed(**more))
    return browser.path.endswith("/shown")


def test_an_account_that_no_file_brought_lands_as_a_batch_of_one(app, house, system, old):
    old.add()
    assert is_shown(app)
    with house.ground.database.read() as session:
        batch = session.scalars(sa.select(ImportBatch)).one()
        view = Accounts(keyring=house.ground.keyring).find(session, system.view.number, _only_account(session))
    assert (batch.kind, batch.state) == ("single", "done")
    assert (view.row.reference, view.row.number, view.row.name) == ("GR-zhang01", NUMBER, "张三")
    assert view.pair_index is not None
    account = system.account(view.account_id)
    assert account.password_hash.startswith("$argon2id$")
    assert account.credential is None


def _only_account(session):
    from idp.linking.models import LegacyAccount

    return session.scalars(sa.select(LegacyAccount.account_id)).one()


@pytest.mark.parametrize("more", [{"password": "wrong"}, {"login": "nobody"}])
def test_what_was_not_shown_leaves_no_account(app, system, old, more):
    """Strangers must not fill our tables from the older system's."""
    old.add()
    assert not is_shown(app, **more)
    assert system.accounts() == 0
    assert is_shown(app)


def test_the_second_time_it_is_the_same_account(app, system, old):
    old.add()
    assert is_shown(app)
    assert is_shown(app)
    assert system.accounts() == 1


def test_an_account_that_a_file_brought_stays_that_account(app, house, system, old):
    """The living row says more than the file did: a new version of one account."""
    account_id = system.add()
    old.add()
    assert is_shown(app)
    assert system.account(account_id).version == 2


def test_a_password_changed_at_the_older_system_counts_and_the_old_one_does_not(app, system, old):
    system.add()
    old.add(password="Changed-there-2")
    assert not is_shown(app)
    assert is_shown(app, password="Changed-there-2")


def test_while_the_older_system_is_down_our_copy_answers(app, house, system, old):
    system.add()
    old.run("DROP TABLE users")
    assert is_shown(app)
    assert not is_shown(app, password="wrong")


def test_after_the_cutover_the_older_system_is_not_asked(app, house, system, old):
    """Forward and back one step at a time, each with its audit row."""
    system.add()
    old.add(password="Changed-there-2")
    set_to(house, Cutover.BOTH)
    set_to(house, Cutover.PLATFORM_ONLY)
    assert is_shown(app)
    set_to(house, Cutover.BOTH)
    assert not is_shown(app)
    with house.ground.database.read() as session:
        rows = session.execute(
            sa.select(AuditEvent.details).where(AuditEvent.event == "legacy.cutover_changed")
        ).scalars()
        assert [row["after"] for row in rows] == ["both", "platform_only", "both"]


def set_to(house, to, code="shebao"):
    with house.ground.database.transaction() as session:
        return cutover.switch(session, code, to, at=house.ground.clock.now(), origin=NOWHERE)


@pytest.mark.parametrize(
    ("here", "to"),
    [
        (Cutover.LEGACY_ONLY, Cutover.PLATFORM_ONLY),
        (Cutover.LEGACY_ONLY, Cutover.LEGACY_ONLY),
        (Cutover.PLATFORM_ONLY, Cutover.LEGACY_ONLY),
    ],
)
def test_no_step_of_a_cutover_is_left_out(house, here, to):
    OldSystem(house, "tax", cutover=here)
    with pytest.raises(CutoverRefused):
        set_to(house, to, "tax")
    assert set_to(house, Cutover.BOTH, "tax") is here


def test_a_system_that_is_not_there_has_no_switch(house):
    with pytest.raises(CutoverRefused):
        set_to(house, Cutover.BOTH, "nowhere")


def test_while_both_answer_their_answers_are_compared(app, house, clock, system, old):
    """Counted by day; nothing but the counts is kept, and a blocked try compares nothing."""
    set_to(house, Cutover.BOTH)
    for login in ("same", "changed", "closed"):
        system.add(login)
    old.add("same")
    old.add("changed", password="Changed-there-2")
    old.add("new")
    assert is_shown(app, login="same")
    assert not is_shown(app, login="same", password="wrong")
    assert not is_shown(app, login="changed")
    assert is_shown(app, login="changed", password="Changed-there-2")
    assert not is_shown(app, login="closed")
    assert is_shown(app, login="new")
    today = civil_date(clock.now())
    with house.ground.database.read() as session:
        report = cutover.report(session, system.view.number, first=today, last=today)
        later = today + timedelta(days=1)
        nothing = cutover.report(session, system.view.number, first=later, last=later)
    assert report.counts == {
        Comparison.BOTH_RIGHT: 1,
        Comparison.BOTH_WRONG: 1,
        Comparison.ONLY_PLATFORM: 2,
        Comparison.ONLY_LEGACY: 1,
        Comparison.NOT_COPIED: 1,
    }
    assert (report.compared, report.differing) == (6, 4)
    assert (nothing.compared, nothing.differing) == (0, 0)


def test_an_older_system_that_is_down_is_told_apart_from_one_that_differs(app, house, clock, system, old):
    set_to(house, Cutover.BOTH)
    system.add()
    old.run("DROP TABLE users")
    assert is_shown(app)
    today = civil_date(clock.now())
    with house.ground.database.read() as session:
        report = cutover.report(session, system.view.number, first=today, last=today)
    assert report.counts == {Comparison.NO_ANSWER: 1}
    assert report.compared == 0


def test_before_both_answer_nothing_is_compared(app, house, clock, system, old):
    system.add()
    old.add()
    assert is_shown(app)
    today = civil_date(clock.now())
    with house.ground.database.read() as session:
        assert cutover.report(session, system.view.number, first=today, last=today).counts == {}
