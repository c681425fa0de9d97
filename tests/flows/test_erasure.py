"""Erasing a person: what docs/data-map.yaml promises, held to what is left in the tables."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from click.testing import CliRunner
from flask import Flask

from idp.audit.events import Event
from idp.audit.log import NOWHERE
from idp.cli import persons as commands
from idp.cli.main import cli
from idp.house.build import House
from idp.house.erasure import build_erasure
from idp.login.erasure import Erasure, ErasureRefused, NotErasable, erased_rows
from idp.outbox.models import Delivery
from idp.outbox.queue import DeliveryKind
from idp.persons.ciphers import PersonCiphers, PersonErased
from idp.persons.contacts import ContactTaken
from idp.persons.models import Contact, KnownDevice, Recovery
from idp.persons.registration import NewPerson
from idp.sessions.models import SsoSession
from idp.storage.base import Base
from realname.proofing.counter import Comparison, CounterComparison
from realname.proofing.method import Method
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import PASSWORD, TestPerson
from tests.support.lives import live, rows_of
from tests.support.proofing import evidence_of
from tests.support.relying_party import FormBrowser
from tests.support.sent import audited

Register = Callable[..., TestPerson]
_MAP: dict[str, Any] = yaml.safe_load(
    (Path(__file__).resolve().parents[2] / "docs" / "data-map.yaml").read_text("utf-8")
)
NUMBER, MOBILE = "11010519491231002X", "+8613900139001"
OTHER_NUMBER, OTHER_MOBILE = "H12345678", "+8613900139002"


def columns_that_say(word: str) -> dict[str, frozenset[str]]:
    """Return the columns of each table whose erasure the map calls so."""
    found = {
        table: frozenset(
            name
            for name, column in said["columns"].items()
            if (column.get("erase", said["erase"]) if isinstance(column, dict) else said["erase"]) == word
        )
        for table, said in _MAP["tables"].items()
    }
    return {table: columns for table, columns in found.items() if columns}


@pytest.fixture
def erasure(house: House) -> Erasure:
    return build_erasure(house)


def test_the_list_of_what_goes_is_the_maps(house: House) -> None:
    """Each column that the map calls deleted is erased by a room, and no other is."""
    listed = {each.table.name: each.columns for each in erased_rows(house.ground.keyring)}
    assert listed == columns_that_say("delete")


def test_nothing_is_left_of_a_person_and_nobody_else_loses_anything(
    house: House, app: Flask, clock: FrozenClock, erasure: Erasure
) -> None:
    """Every table that loses something held something of both; afterwards only the other's is there, untouched."""
    live(house, app, clock, number=OTHER_NUMBER, mobile=OTHER_MOBILE)
    others = rows_of(house)
    erased = live(house, app, clock, number=NUMBER, mobile=MOBILE)
    before = rows_of(house)
    done = erasure.erase(erased.id)
    after = rows_of(house)
    for table, columns in columns_that_say("delete").items():
        theirs = before[table] - others[table]
        assert theirs, f"{table}: the test leaves nothing to erase"
        assert done.rows[table] > 0
        _assert_gone(table, columns, theirs, after[table] - others[table])
    for table, rows in others.items():
        assert rows <= after[table], f"{table}: somebody else's row was changed or deleted"


def _assert_gone(table: str, columns: frozenset[str], theirs: set[Any], left: set[Any]) -> None:
    names = list(Base.metadata.tables[table].c.keys())
    if table == "login_tries":
        # Counters of codes are kept under the random id of the code, which is nobody's.
        assert len(left) == len(theirs) - 2
    elif table == "outbox":
        kinds = {row[names.index("kind")] for row in left}
        assert kinds == {repr(DeliveryKind.BACKCHANNEL_LOGOUT.value)}, "only clients are still told"
    elif columns == set(names):
        assert left == set(), table
    else:
        for name in columns:
            place = names.index(name)
            assert not {row[place] for row in theirs} & {row[place] for row in left}, f"{table}.{name}"


def test_what_is_under_the_key_cannot_be_read(house: House, app: Flask, clock: FrozenClock, erasure: Erasure) -> None:
    """Each table whose columns go with the key still has its rows, and nothing opens them."""
    life = live(house, app, clock, number=NUMBER, mobile=MOBILE)
    seen = CounterComparison("device", Comparison.SEEN, frozenset(), "the clerk's words", clock.now())
    evidence = evidence_of(house, TestPerson(life.id, "张小明", NUMBER, MOBILE, ""), Method.COUNTER)
    with house.ground.database.transaction() as session:
        house.login.proofing.proved.carry_out(
            session,
            life.id,
            replace(evidence, counter=seen),
            presented=(),
            keep=None,
            locale="zh_CN",
            origin=NOWHERE,
        )
    sealed = columns_that_say("key")
    assert set(sealed) == {"attributes", "identifiers", "contacts", "counter_records", "attribute_claims"}
    before = rows_of(house)
    erasure.erase(life.id)
    people = house.people
    with house.ground.database.read() as session:
        for table in sealed:
            assert session.scalar(sa.select(sa.func.count()).select_from(Base.metadata.tables[table]))
        for read in (people.attributes.of, people.identifiers.of, people.contacts.of, people.directory.profile):
            with pytest.raises(PersonErased):
                read(session, life.id)
        with pytest.raises(PersonErased):
            PersonCiphers(keyring=house.ground.keyring, clock=clock).of(session, life.id)
        assert people.directory.find_by_mobile(session, MOBILE) is None
    assert {name: before[name] for name in sealed} == {name: rows_of(house)[name] for name in sealed}


def test_everything_that_was_open_ends(house: House, app: Flask, clock: FrozenClock, erasure: Erasure) -> None:
    """Session, access token, refresh token, recovery and a login under way; clients are told by back channel."""
    life = live(house, app, clock, number=NUMBER, mobile=MOBILE)
    http, bearer = app.test_client(), {"Authorization": f"Bearer {life.tokens['access_token']}"}
    asked = life.party.token(http, grant_type="refresh_token", refresh_token=life.tokens["refresh_token"]).get_json()
    assert http.get("/oauth/userinfo", headers=bearer).status_code == 200
    halfway = FormBrowser(app)
    halfway.open("/recovery")
    halfway.submit({"identifier": MOBILE})
    done = erasure.erase(life.id)
    assert (done.ended["sessions"], done.ended["recoveries"], done.ended["consents"]) == (1, 1, 1)
    assert done.ended["mobile_releases"] == 1
    assert (done.ended["token families"], done.ended["roles"], done.ended["mandates"]) == (1, 1, 1)
    assert life.browser.client.get("/account").status_code == 303
    assert http.get("/oauth/userinfo", headers=bearer).status_code == 401
    for token in (life.tokens["refresh_token"], asked["refresh_token"]):
        assert life.party.token(http, grant_type="refresh_token", refresh_token=token).status_code == 400
    halfway.submit({"code": "123456"})
    assert not halfway.path.endswith("/recovery/done")
    clock.advance(days=2)
    again = FormBrowser(app)
    again.open("/account")
    assert again.submit({"identifier": MOBILE, "password": PASSWORD}).status_code == 422
    with house.ground.database.read() as session:
        kinds = session.scalars(sa.select(Delivery.kind).where(Delivery.client_id == life.party.client_id)).all()
    assert kinds == [DeliveryKind.BACKCHANNEL_LOGOUT]


def test_number_and_mobile_are_free_for_somebody_new(
    house: House, app: Flask, clock: FrozenClock, erasure: Erasure
) -> None:
    """Before it the mobile is taken; who registers both afterwards is another person, with the number proved."""
    old = live(house, app, clock, number=NUMBER, mobile=MOBILE)
    with pytest.raises(ContactTaken), house.ground.database.transaction() as session:
        house.people.registration.register(session, NewPerson(name="新人", mobile=MOBILE))
    erasure.erase(old.id)
    new = live(house, app, clock, number=NUMBER, mobile=MOBILE)
    assert new.id != old.id
    with house.ground.database.read() as session:
        found = house.people.directory.find_by_login(session, NUMBER)
    assert found is not None and found.person_id == new.id


def test_what_comes_late_goes_with_the_next_upkeep(
    house: House, app: Flask, clock: FrozenClock, erasure: Erasure, register_person: Register
) -> None:
    """A request that was under way can leave rows after the erasure; they go, and other people's stay."""
    person, other = register_person(), register_person()
    erasure.erase(person.id)
    with house.ground.database.transaction() as session:
        for each in (person, other):
            house.people.devices.remember(session, each.id, "secret", "Chromium", at=clock.now())
    assert erasure.erase_late() == 1
    assert erasure.erase_late() == 0
    with house.ground.database.read() as session:
        assert session.scalars(sa.select(KnownDevice.person_id)).all() == [other.id]


def test_there_is_one_audit_row_without_personal_data(
    house: House, app: Flask, clock: FrozenClock, erasure: Erasure
) -> None:
    """The row counts what went; the sessions and consents that ended leave no rows of their own."""
    life = live(house, app, clock, number=NUMBER, mobile=MOBILE)
    before = rows_of(house)["audit_events"]
    erasure.erase(life.id)
    (row,) = rows_of(house)["audit_events"] - before
    assert not any(secret in "".join(row) for secret in (NUMBER, MOBILE[3:], "王小红"))
    (event,) = audited(house, Event.PERSON_ERASED, life.id)
    assert event.details is not None and event.details["rows"]["credentials"] > 0


def test_a_rehearsal_changes_nothing_and_tells_the_truth(
    house: House, app: Flask, clock: FrozenClock, erasure: Erasure
) -> None:
    """What the dry run counts is what the erasure then counts."""
    life = live(house, app, clock, number=NUMBER, mobile=MOBILE)
    before = rows_of(house)
    rehearsed = erasure.rehearse(life.id)
    assert rows_of(house) == before
    assert erasure.erase(life.id) == rehearsed


def test_a_second_erasure_and_an_unknown_id_are_refused(
    house: House, erasure: Erasure, register_person: Register
) -> None:
    """Both change nothing and leave no row."""
    person = register_person()
    erasure.erase(person.id)
    before = rows_of(house)
    for person_id, reason in ((person.id, NotErasable.ERASED), ("nobody", NotErasable.UNKNOWN)):
        for act in (erasure.erase, erasure.rehearse):
            with pytest.raises(ErasureRefused) as refused:
                act(person_id)
            assert refused.value.reason is reason
    assert rows_of(house) == before


@pytest.fixture
def run(house: House, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setattr(commands, "house_or_exit", lambda: house)
    return lambda *arguments, **options: CliRunner().invoke(cli, ["person", "erase", *arguments], **options)


def test_the_command_shows_asks_and_erases(house: House, run: Callable[..., Any], register_person: Register) -> None:
    """A dry run and a no change nothing; a yes erases."""
    person = register_person()
    for arguments, options in ((["--dry-run"], {}), ([], {"input": "n\n"})):
        result = run(person.id, *arguments, **options)
        assert "contact_indexes" in result.output and person.mobile not in result.output
        assert audited(house, Event.PERSON_ERASED, person.id) == []
    assert run(person.id, input="y\n").exit_code == 0
    assert len(audited(house, Event.PERSON_ERASED, person.id)) == 1
    assert run(person.id, "--yes").exit_code != 0


def test_history_of_the_erased_names_nobody(house: House, app: Flask, clock: FrozenClock, erasure: Erasure) -> None:
    """Rows that stay keep times and kinds; the device that they came from is gone from them."""
    life = live(house, app, clock, number=NUMBER, mobile=MOBILE)
    erasure.erase(life.id)
    with house.ground.database.read() as session:
        sessions = session.scalars(sa.select(SsoSession).where(SsoSession.person_id == life.id)).all()
        recoveries = session.scalars(sa.select(Recovery).where(Recovery.person_id == life.id)).all()
        assert {(row.device_label, row.end_reason) for row in sessions} == {("", "erased")}
        assert {row.device_hash for row in recoveries} == {""} and recoveries[0].cancelled_at is not None
        assert session.scalars(sa.select(Contact.person_id)).all()
