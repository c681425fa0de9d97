"""Older systems that are asked while somebody logs in; one suite over every kind."""

import pytest
import sqlalchemy as sa

from connectors.legacy import ldap as ldap_module
from connectors.legacy import sql as sql_module
from connectors.legacy.live import GuardedSource, LiveAnswer, LiveRow, Word, live_row
from connectors.legacy.sql import SqlSource
from idp.core.errors import ConfigError, ConnectorError
from realname.providers.breaker import Breaker
from tests.contract.live_sources.conftest import ACCOUNTS, COLUMNS, QUERY, fill, make_http, make_ldap
from tests.contract.messaging.conftest import MovableClock
from tests.interop.certificates import make_certificates
from tests.support.process import free_port

PASSWORD = ACCOUNTS[0][5]


def test_the_one_account_of_a_login_is_found(live):
    row = live.source.find("zhang")
    assert (row.reference, row.login, row.name) == ("GR1", "zhang", "张三")
    assert (row.number, row.mobile) == ("339901199003071244", "15400001234")


@pytest.mark.parametrize("login", ["nobody", "twice"])
def test_a_login_that_names_nobody_in_particular_finds_nothing(live, login):
    assert live.source.find(login) is None
    assert live.source.find("li").reference == "GR2"


@pytest.mark.parametrize(
    "login",
    [
        "*",
        "z*",
        "zhang)(uid=*",
        "*)(|(uid=*",
        "zhang\\",
        "' OR '1'='1",
        "zhang'--",
        "zhang; DROP TABLE users",
        "zha\0ng",
    ],
    ids=ascii,
)
def test_what_was_typed_is_a_value_and_no_piece_of_the_question(live, login):
    """RFC 4515 §3 for directories; a bound parameter for databases."""
    assert live.source.find(login) is None
    assert live.source.find("zhang").reference == "GR1"


def test_a_system_that_judges_passwords_says_right_or_wrong(live):
    right = live.source.verify("zhang", PASSWORD)
    assert right is (True if live.judges else None)
    assert live.source.verify("zhang", "wrong") is (False if live.judges else None)
    assert live.source.verify("nobody", PASSWORD) is (False if live.judges else None)
    assert live.source.verify("twice", "one") is (False if live.judges else None)


def test_the_guard_makes_one_answer_of_both_questions(live):
    guard = GuardedSource(source=live.source, breaker=breaker(MovableClock()), clock=MovableClock())
    assert guard.ask("zhang", PASSWORD).word is (Word.RIGHT if live.judges else Word.COMPARE)
    assert guard.ask("zhang", "wrong").word is (Word.WRONG if live.judges else Word.COMPARE)
    assert guard.ask("nobody", PASSWORD) == LiveAnswer(Word.WRONG)


@pytest.mark.parametrize(("login", "password"), [("zhang", ""), ("", PASSWORD), ("zhang", "x" * 257), ("z" * 257, "x")])
def test_an_empty_or_endless_text_is_asked_of_nobody(live, login, password):
    """A directory takes an empty password for no login at all and says yes (RFC 4513 §5.1.2)."""
    guard = GuardedSource(source=live.source, breaker=breaker(MovableClock()), clock=MovableClock())
    assert guard.ask(login, password) == LiveAnswer(Word.WRONG)


def breaker(clock):
    return Breaker(failures=2, pause_seconds=30, clock=clock)


class Counting:
    """A source that fails, or answers late, and counts how often it was asked."""

    def __init__(self, clock=None, *, seconds=0, row=None):
        self.asked = []
        self.clock, self.seconds, self.row = clock, seconds, row

    def find(self, login):
        self.asked.append("find")
        if self.clock:
            self.clock.move(seconds=self.seconds)
            return self.row
        raise ConnectorError("down")

    def verify(self, login, password):
        self.asked.append("verify")
        return self.row is not None


def test_a_system_that_failed_several_times_is_left_alone_for_a_while():
    clock, source = MovableClock(), Counting()
    guard = GuardedSource(source=source, breaker=breaker(clock), clock=clock)
    for _ in range(5):
        assert guard.ask("zhang", PASSWORD).word is Word.UNAVAILABLE
    assert len(source.asked) == 2
    clock.move(seconds=31)
    guard.ask("zhang", PASSWORD)
    assert len(source.asked) == 3


@pytest.mark.parametrize(("seconds", "word"), [(1, Word.RIGHT), (3, Word.UNAVAILABLE)])
def test_a_late_first_answer_asks_no_second_question(seconds, word):
    clock = MovableClock()
    source = Counting(clock, seconds=seconds, row=LiveRow("GR1"))
    guard = GuardedSource(source=source, breaker=breaker(clock), clock=clock)
    assert guard.ask("zhang", PASSWORD).word is word


def test_known_and_unknown_logins_cost_as_many_questions():
    clock = MovableClock()
    counts = []
    for row in (LiveRow("GR1"), None):
        source = Counting(clock, row=row)
        GuardedSource(source=source, breaker=breaker(clock), clock=clock).ask("zhang", PASSWORD)
        counts.append(source.asked)
    assert counts == [["find", "verify"]] * 2


def test_an_absurd_cell_is_no_account():
    assert live_row({"reference": "GR1", "name": "x" * 2000}).reference == "GR1"
    assert live_row({"reference": "", "name": "x"}) is None
    for cell in ("x" * 2001, "a\0b"):
        with pytest.raises(ConnectorError):
            live_row({"reference": "GR1", "name": cell})


def test_a_row_shows_nothing_of_its_holder():
    assert "GR1" not in repr(LiveAnswer(Word.RIGHT, LiveRow("GR1", name="张三")))


# --- directories


def test_a_directory_whose_certificate_nobody_vouches_for_learns_no_password(directory, tmp_path):
    """The bind would carry it."""
    stranger = make_certificates(tmp_path)
    with pytest.raises(ConnectorError):
        make_ldap(directory.tls, stranger.ca).verify("zhang", PASSWORD)


def test_start_tls_protects_a_plain_port(directory, certificates):
    source = make_ldap(directory.plain, certificates.ca, start_tls=True)
    assert source.verify("zhang", PASSWORD) is True
    assert source.verify("zhang", "wrong") is False


def test_a_plain_directory_is_refused(directory, certificates):
    with pytest.raises(ConfigError):
        make_ldap(directory.plain, certificates.ca)


def test_a_directory_that_refuses_our_own_bind_gives_no_answer(directory, certificates):
    with pytest.raises(ConnectorError):
        make_ldap(directory.tls, certificates.ca, bind_password="other").find("zhang")


def test_a_directory_that_is_gone_gives_no_answer(certificates):
    with pytest.raises(ConnectorError):
        make_ldap(f"ldaps://127.0.0.1:{free_port()}", certificates.ca).find("zhang")


def test_a_login_attribute_is_the_name_of_one(directory, certificates):
    with pytest.raises(ConfigError):
        ldap_module.LdapSource(url=directory.tls, base="", login_attribute="uid=*)(cn", columns={}, start_tls=True)


# --- databases


def test_a_query_that_writes_fails(make_postgres_database):
    """The transaction is read-only, whatever the operator's query says."""
    url = fill(str(make_postgres_database()))
    source = SqlSource(url=url, query="DELETE FROM users WHERE login = :login RETURNING ref AS reference", columns={})
    with pytest.raises(ConnectorError):
        source.find("zhang")
    assert SqlSource(url=url, query=QUERY, columns={}).find("zhang").reference == "GR1"


def test_a_query_that_writes_fails_on_sqlite(tmp_path):
    url = fill(f"sqlite:///{tmp_path / 'old.db'}")
    source = SqlSource(url=url, query="DELETE FROM users WHERE login = :login RETURNING ref AS reference", columns={})
    with pytest.raises(ConnectorError):
        source.find("zhang")
    assert SqlSource(url=url, query=QUERY, columns={}).find("zhang").reference == "GR1"


def test_a_slow_query_is_cut_off(make_postgres_database, monkeypatch):
    monkeypatch.setattr(sql_module, "TIMEOUT_SECONDS", 0.05)
    url = fill(str(make_postgres_database()))
    slow = "SELECT ref AS reference FROM users, pg_sleep(60) WHERE login = :login"
    with pytest.raises(ConnectorError):
        SqlSource(url=url, query=slow, columns={}).find("zhang")


@pytest.mark.parametrize(
    "query", ["SELECT 1", "SELECT :other", "SELECT :login, :other", "SELECT :login; DELETE FROM users", ""]
)
def test_a_query_is_one_statement_with_the_login_alone(query):
    with pytest.raises(ConfigError):
        SqlSource(url="sqlite://", query=query, columns={})


def test_a_database_without_a_driver_is_named_at_the_start():
    with pytest.raises(ConfigError):
        SqlSource(url="nosuch://host/db", query=QUERY, columns={})


def test_columns_may_be_named_apart_from_the_query(tmp_path):
    url = fill(f"sqlite:///{tmp_path / 'old.db'}")
    columns = {"reference": "ref", "password": "pw"}
    row = SqlSource(url=url, query="SELECT * FROM users WHERE login = :login", columns=columns).find("zhang")
    assert (row.reference, row.password, row.name) == ("GR1", PASSWORD, "")


def test_a_database_that_is_gone_gives_no_answer_and_no_quotation(tmp_path):
    source = SqlSource(url=f"sqlite:///{tmp_path / 'none' / 'old.db'}", query=QUERY, columns={})
    with pytest.raises(ConnectorError) as caught:
        source.find("zhang")
    assert "zhang" not in str(caught.value)
    assert isinstance(caught.value.__context__, sa.exc.SQLAlchemyError)
    assert caught.value.__suppress_context__


# --- services


def test_a_service_that_does_not_know_us_gives_no_answer(service):
    with pytest.raises(ConnectorError):
        make_http(service, token="other").find("zhang")
    assert make_http(service).find("zhang").reference == "GR1"


class Scripted:
    """A fetcher that gives one answer."""

    def __init__(self, body, status=200):
        self.body, self.status, self.headers = body, status, {}

    def post(self, url, **_):
        return self


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"not json", b'{"account": "GR1"}', b'{"account": {"employeeNumber": ["GR1"]}}', b"{}"]
)
def test_an_answer_that_cannot_be_read_is_none(body):
    source = make_http("http://127.0.0.1:1")
    source._fetcher = Scripted(body)
    with pytest.raises(ConnectorError):
        source.find("zhang")


@pytest.mark.parametrize("body", [b"{}", b'{"verified": "true"}', b'{"verified": 1}'])
def test_neither_yes_nor_no_is_no_answer(body):
    source = make_http("http://127.0.0.1:1")
    source._fetcher = Scripted(body)
    with pytest.raises(ConnectorError):
        source.verify("zhang", PASSWORD)
    source._fetcher = Scripted(b'{"verified": true}')
    assert source.verify("zhang", PASSWORD) is True


def test_every_column_is_joined_to_a_field():
    from connectors.legacy.live import LIVE_FIELDS

    assert set(COLUMNS) <= LIVE_FIELDS
