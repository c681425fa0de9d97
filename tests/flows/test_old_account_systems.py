"""How an older system is said to keep passwords, where it is asked live, and many who try at once; both databases."""

import dataclasses
from collections import Counter

import pytest
import sqlalchemy as sa

from idp.audit.log import NOWHERE
from idp.audit.models import AuditEvent
from idp.config.merging import LegacyLoginSettings, LiveSourceSettings
from idp.config.settings import Settings
from idp.core.errors import ConfigError
from idp.core.results import Ok, Refused
from idp.house.legacy_logins import build_legacy_logins, build_live_sources
from idp.linking.default_passwords import BadPattern
from idp.linking.legacy_logins import LegacyLoginProblem
from idp.linking.login_systems import BadPasswordRule, login_system, login_systems, set_password_rule
from idp.linking.models import LegacySystem
from idp.linking.password_rule import PasswordEncoding, PasswordRule
from tests.support.old_accounts import OLD_PASSWORD, OldSystem
from tests.support.sent import at_once


def set_rule(house, rule, code="shebao", patterns=()):
    with house.ground.database.transaction() as session:
        at = house.ground.clock.now()
        set_password_rule(session, house.ground.keyring, code, rule, patterns=patterns, at=at, origin=NOWHERE)


def test_scheme_encoding_key_and_patterns_are_kept_and_the_key_is_sealed(house):
    """The audit tells which scheme, and neither key nor pattern."""
    OldSystem(house)
    rule = PasswordRule("des_ecb", encoding=PasswordEncoding.GBK, secret=b"zw@2008!")
    set_rule(house, rule, patterns=["Zw@{number:-6}"])
    with house.ground.database.read() as session:
        found = login_system(session, house.ground.keyring, "shebao")
        row = session.scalars(sa.select(LegacySystem)).one()
        details = session.scalars(
            sa.select(AuditEvent.details).where(AuditEvent.event == "legacy.passwords_set").order_by(AuditEvent.at)
        ).all()
    assert (found.rule, found.patterns) == (rule, ("Zw@{number:-6}",))
    assert b"zw@2008!" not in row.secret
    assert {"system": row.number, "scheme": "des_ecb", "encoding": "gbk", "patterns": 1} in details
    assert "zw@2008" not in repr(found)


@pytest.mark.parametrize(
    ("rule", "patterns", "code"),
    [
        (PasswordRule("rot13"), (), "shebao"),
        (PasswordRule("des_ecb"), (), "shebao"),
        (PasswordRule("md5", secret=b"zw@2008!"), (), "shebao"),
        (PasswordRule("des_ecb", secret=b"x" * 65), (), "shebao"),
        (PasswordRule("md5"), ("a",) * 21, "shebao"),
        (PasswordRule("md5"), (), "nowhere"),
    ],
)
def test_an_impossible_rule_is_refused(house, rule, patterns, code):
    OldSystem(house)
    with pytest.raises(BadPasswordRule):
        set_rule(house, rule, code, patterns)
    set_rule(house, PasswordRule("sha1"))


def test_a_pattern_that_cannot_be_read_is_refused(house):
    OldSystem(house)
    with pytest.raises(BadPattern):
        set_rule(house, PasswordRule("md5"), patterns=["{password}"])


def test_a_wrong_scheme_is_mended_by_naming_the_right_one(house):
    system = OldSystem(house, scheme="sha1")
    system.add()
    logins = build_legacy_logins(house.ground, house.people)
    assert isinstance(logins.prove("shebao", "zhang01", OLD_PASSWORD, origin=NOWHERE), Refused)
    set_rule(house, PasswordRule("md5"))
    assert isinstance(logins.prove("shebao", "zhang01", OLD_PASSWORD, origin=NOWHERE), Ok)


def test_systems_that_are_closed_or_have_no_passwords_are_not_offered(house):
    OldSystem(house, "shebao")
    OldSystem(house, "hall", scheme="none")
    OldSystem(house, "tax")
    with house.ground.database.transaction() as session:
        session.execute(sa.update(LegacySystem).where(LegacySystem.code == "tax").values(state="closed"))
    with house.ground.database.read() as session:
        assert [each.code for each in login_systems(session, house.ground.keyring)] == ["shebao"]
        live = login_systems(session, house.ground.keyring, live=["hall", "tax"])
    assert [each.code for each in live] == ["hall", "shebao"]
    logins = build_legacy_logins(house.ground, house.people)
    answer = logins.prove("tax", "zhang01", OLD_PASSWORD, origin=NOWHERE)
    assert answer == Refused(LegacyLoginProblem.UNKNOWN_SYSTEM)


def test_two_first_logins_at_once_both_count_and_leave_one_hash(house):
    account_id = (system := OldSystem(house)).add()
    logins = build_legacy_logins(house.ground, house.people)

    def first() -> object:
        return type(logins.prove("shebao", "zhang01", OLD_PASSWORD, origin=NOWHERE))

    assert at_once(2, first) == [Ok, Ok]
    account = system.account(account_id)
    assert account.credential is None
    assert house.people.passwords.verify(OLD_PASSWORD, account.password_hash)


def test_many_at_once_get_no_more_tries_than_one_after_another(house):
    """Counting and comparing is one statement, before the password is looked at."""
    OldSystem(house).add()
    logins, limit = build_legacy_logins(house.ground, house.people), house.settings.login.tries_before_lock

    def guess() -> object:
        return logins.prove("shebao", "zhang01", "wrong", origin=NOWHERE).reason

    reasons = Counter(at_once(limit * 2, guess))
    assert reasons == {LegacyLoginProblem.WRONG_PASSWORD: limit, LegacyLoginProblem.BLOCKED: limit}


def test_who_is_logged_in_is_not_shut_out_by_strangers(house, register_person):
    """Their tries are counted apart, and are as few."""
    OldSystem(house).add()
    logins, limit = build_legacy_logins(house.ground, house.people), house.settings.login.tries_before_lock
    person = register_person()
    for _ in range(limit + 1):
        logins.prove("shebao", "zhang01", "wrong", origin=NOWHERE)
    answer = logins.prove("shebao", "zhang01", OLD_PASSWORD, origin=NOWHERE)
    assert answer == Refused(LegacyLoginProblem.BLOCKED)
    assert isinstance(logins.prove("shebao", "zhang01", OLD_PASSWORD, origin=NOWHERE, by=person.id), Ok)
    for _ in range(limit):
        logins.prove("shebao", "zhang01", "wrong", origin=NOWHERE, by=person.id)
    answer = logins.prove("shebao", "zhang01", OLD_PASSWORD, origin=NOWHERE, by=person.id)
    assert answer == Refused(LegacyLoginProblem.BLOCKED)


class TestLiveSettings:
    """What an operator writes of a live source is checked when the house is built."""

    @pytest.fixture
    def built(self, house, tmp_path):
        (tmp_path / "secret").write_text("reads-and-nothing-else\n")

        def build(**source):
            given = {
                "kind": "sql",
                "url": "postgresql+psycopg://reader@127.0.0.1:1/old",
                "query": "SELECT :login AS reference",
            } | source
            settings = LegacyLoginSettings(live={"shebao": LiveSourceSettings(**given)})
            ground = dataclasses.replace(house.ground, settings=Settings(legacy_logins=settings))
            return build_live_sources(ground)

        return build

    @pytest.mark.parametrize(
        "source",
        [
            {},
            {"columns": {"reference": "ref"}},
            {"kind": "http", "url": "https://old.example.test/accounts"},
            {"kind": "ldap", "url": "ldaps://old.example.test", "base": "dc=example"},
            {"kind": "ldap", "url": "ldap://old.example.test", "base": "dc=example", "start_tls": True},
        ],
    )
    def test_what_can_be_one_is_built(self, built, tmp_path, source):
        assert set(built(secret_file=tmp_path / "secret", **source)) == {"shebao"}

    @pytest.mark.parametrize(
        "source",
        [
            {"columns": {"password_of_the_king": "pw"}},
            {"query": "SELECT 1"},
            {"url": "nosuch://old"},
            {"kind": "ldap", "url": "ldap://old.example.test"},
            {"kind": "ldap", "url": "ldaps://old.example.test", "ca_file": "/nowhere/ca.pem"},
            {"secret_file": "/nowhere/secret"},
        ],
    )
    def test_what_cannot_be_one_stops_the_start(self, built, source):
        with pytest.raises(ConfigError):
            built(**source)
