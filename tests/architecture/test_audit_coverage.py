"""Every route and command that changes something leaves exactly the audit rows that it should; both databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
import pytest
import sqlalchemy as sa
from flask import Flask
from pydantic import SecretStr

from idp.audit.canonical import ROW
from idp.cli import (
    clients,
    devices,
    keys,
    legacy,
    legacy_batches,
    legacy_logins,
    legacy_upkeep,
    persons,
    proofings,
    register,
    roles,
    seed,
)
from idp.cli import mapping as mapping_commands
from idp.cli.main import cli
from idp.config.merging import LegacyLoginSettings
from idp.config.settings import RealNameSettings, RegistrationSettings
from idp.house.build import House
from idp.web.door import Door
from tests.support.audit_scenarios import (
    account,
    cases,
    commands,
    console,
    counter,
    links,
    login,
    mapping,
    matters,
    mobile,
    proofing,
    protocol,
    recovery,
    staff,
)
from tests.support.audit_scenarios import (
    legacy as legacy_commands,
)
from tests.support.audit_scenarios.proofing import NO_GATEWAY
from tests.support.audit_scenarios.stage import Scenario, Stage
from tests.support.frozen_clock import FrozenClock

_PARTS = {
    "login": login.scenarios,
    "staff": staff.scenarios,
    "recovery": recovery.scenarios,
    "mobile": mobile.scenarios,
    "account": account.scenarios,
    "links": links.scenarios,
    "proofing": proofing.scenarios,
    "counter": counter.scenarios,
    "matters": matters.scenarios,
    "cases": cases.scenarios,
    "console": console.scenarios,
    "protocol": protocol.scenarios,
    "mapping": mapping.scenarios,
    "commands": commands.scenarios,
    "legacy": legacy_commands.scenarios,
}
#: Routes that change nothing of record; `test_the_rest_changes_nothing` drives those that a page can reach.
_WITHOUT_CHANGE = {
    "POST home.set_language": "a cookie of the browser",
    "POST login.cancel": "ends a parked login, which lives in the short-lived store",
    "POST logout.end_session_post": "parks the request; the confirmation ends the session",
    "POST verify.new_visit": "shows another code, which lives in the short-lived store",
    "POST counter.card": "asks the reader; its answer is a row of its own",
    "POST counter.matter_card": "likewise",
    "POST verify.face": "begins a comparison at a service; what comes of it: tests/flows/test_face.py",
    "POST verify.face_start": "likewise: tests/flows/test_face_script.py",
    "POST verify.face_result": "likewise",
    "POST /api/v1/devices/wanted": "writes when the device was last seen, once a minute at most",
    "POST network_identity.result": "likewise: tests/flows/test_network_identity.py",
    "POST console.find_account": "only looks; its page shows the account masked",
    "POST console.take_file": "as console.upload, of a folder: tests/flows/console/test_console_imports.py",
    "POST console.accept_stop": "tests/flows/console/test_console_stops.py",
    "POST console.approve_undo": "above a hundred links: tests/flows/console/test_console_imports.py",
    "POST console.unmask_case": "changes nothing; its rows: tests/flows/console/test_console_cases.py",
    "POST oauth.authorize_post": "parks the request; what follows is a GET",
}
_COMMANDS_WITHOUT_CHANGE = {
    "migrate": "changes the tables, which hold the log itself; Alembic keeps the revision",
    "run": "serves",
    "worker": "works; its tasks have their own tests",
    "doctor": "only looks",
    "client claims": "only looks",
    "department list": "only looks",
    "role list": "only looks",
    "device list": "only looks",
    "mapping list": "only looks",
    "proofing cases": "only looks",
    "proofing deaths": "only looks",
    "keys init": "tests/unit/idp/jobs covers what it creates",
    "keys status": "only looks",
    "keys rotate": "tests/flows/test_key_rotation.py follows a rotation through all its phases",
    "keys withdraw": "likewise",
    "keys new-kek": "writes a file",
    "keys rotate-kek": "tests/flows/test_key_rotation.py",
    "legacy system list": "only looks",
    "legacy system show": "only looks",
    "legacy sniff": "only looks",
    "legacy dry-run": "only looks",
    "legacy status": "only looks",
    "legacy report": "only looks",
    "legacy schemes": "only looks",
    "legacy kept": "only looks",
    "legacy verify": "only looks",
    "legacy seal": "seals the journal, which is the record itself",
    "legacy match-keys": "makes derived rows anew: tests/contract/linking/test_match_keys.py",
    "legacy approve-undo": "above a hundred links: tests/contract/linking/test_undoing.py",
    "legacy comparison": "only looks",
    "audit verify": "only looks",
    "audit seal": "seals rows, which are the record themselves",
    "audit drop-month": "tests/unit/idp/audit/test_sealing.py",
    "audit resume": "tests/unit/idp/audit/test_sealing.py",
}
#: Tables that hold no change of record: counters, single-use marks, deliveries, and the log itself.
_BOOKKEEPING = {"login_tries", "used_proofs", "outbox", "audit_events", "audit_counters", "known_devices"}
# Which keys a process holds is noted by wall time, whatever the requests do.
_BOOKKEEPING |= {"key_instances"}


@pytest.fixture
def overrides() -> dict[str, Any]:
    realname = RealNameSettings(
        network_identity="gateway", network_identity_endpoint=NO_GATEWAY, network_identity_secret=SecretStr("s" * 32)
    )
    return {
        "registration": RegistrationSettings(dynamic="open"),
        "realname": realname,
        "legacy_logins": LegacyLoginSettings(offered=True),
    }


@pytest.fixture
def stage(house: House, app: Flask, clock: FrozenClock, register_person: Any, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """The stage, with commands that work on the test's own house."""
    of_merging = (legacy, legacy_batches, legacy_logins, legacy_upkeep, mapping_commands)
    for module in (*of_merging, clients, devices, keys, persons, proofings, register, roles, seed):
        monkeypatch.setattr(module, "house_or_exit", lambda: house)
    return Stage(house, app, clock, register_person)


def rows_of(house: House) -> dict[str, str]:
    """Return every audit row by its id, named by its event and, where it tells, the kind of thing."""
    with house.ground.database.read() as session:
        found = session.execute(sa.select(ROW.c.id, ROW.c.event, ROW.c.details)).all()
    return {row.id: " ".join(filter(None, (row.event, (row.details or {}).get("kind")))) for row in found}


@contextmanager
def written_tables(house: House) -> Iterator[set[str]]:
    """Collect the tables that the block writes to through SQLAlchemy."""
    tables: set[str] = set()

    def collect(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        words = statement.split()
        if words[0] in ("INSERT", "UPDATE", "DELETE"):
            tables.add(words[1 if words[0] == "UPDATE" else 2].strip('"'))

    engine = house.ground.database.engine
    sa.event.listen(engine, "before_cursor_execute", collect)
    try:
        yield tables
    finally:
        sa.event.remove(engine, "before_cursor_execute", collect)


def routes_of(app: Flask, house: House) -> set[str]:
    """Return every route that takes POST, PUT or DELETE, at the door and behind it."""
    behind = {
        f"{method} {rule.endpoint}"
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if method in ("POST", "PUT", "PATCH", "DELETE")
    }
    door = Door(house, app.wsgi_app)
    at_door = {f"{method} {path}" for path, methods in door._routes.items() for method in methods if method != "GET"}
    return behind | at_door


def commands_of(command: click.Command, name: str = "") -> set[str]:
    """Return every command, with the names of its groups."""
    if not isinstance(command, click.Group):
        return {name}
    return {each for sub, found in command.commands.items() for each in commands_of(found, f"{name} {sub}".strip())}


def driven(*, routes: bool) -> set[str]:
    """Return what the scenarios drive: routes, which begin with their method, or commands."""
    keys = {scenario.key for part in _PARTS.values() for scenario in part.all}
    return {key for key in keys if key.split()[0].isupper() is routes}


def test_every_changing_route_has_a_scenario_or_a_reason(app: Flask, house: House) -> None:
    """A new route fails here until it is driven below, or is said to change nothing and why."""
    assert driven(routes=True) & set(_WITHOUT_CHANGE) == set()
    assert driven(routes=True) | set(_WITHOUT_CHANGE) == routes_of(app, house)


def test_every_command_has_a_scenario_or_a_reason() -> None:
    """The same for the commands of operators."""
    assert driven(routes=False) & set(_COMMANDS_WITHOUT_CHANGE) == set()
    assert driven(routes=False) | set(_COMMANDS_WITHOUT_CHANGE) == commands_of(cli)


@pytest.mark.parametrize("part", _PARTS)
def test_each_change_leaves_its_rows_once(stage: Stage, part: str) -> None:
    """One request, one change, one row of its kind: none is missing, none is written twice."""
    faults = [fault for scenario in _PARTS[part].all if (fault := _play(stage, scenario))]
    assert faults == []


def _play(stage: Stage, scenario: Scenario) -> str:
    stage.clock.advance(seconds=120)  # out of the reach of the limits of the scenario before
    act = scenario.prepare(stage)
    before = rows_of(stage.house)
    with written_tables(stage.house) as tables:
        act()
    left = sorted(name for row_id, name in rows_of(stage.house).items() if row_id not in before)
    assert len(set(scenario.rows)) == len(scenario.rows)
    if left != sorted(scenario.rows):
        return f"{scenario.prepare.__name__} ({scenario.key}): {left} instead of {sorted(scenario.rows)}"
    if tables - _BOOKKEEPING and not left:
        return f"{scenario.prepare.__name__} ({scenario.key}): wrote {tables - _BOOKKEEPING} without a row"
    return ""


def test_the_rest_changes_nothing(stage: Stage) -> None:
    """Routes that are said to change nothing write no table of record and leave no row."""
    person, party = stage.register(), stage.client()
    browser, waiting = stage.logged_in(person), stage.at_login(party)
    with written_tables(stage.house) as tables:
        before = rows_of(stage.house)
        browser.submit({"locale": "en", "next": "/account"}, "/language")
        waiting.submit({}, waiting.path.replace("/login", "/cancel"))
        stage.http.post("/oauth/logout", data={"client_id": party.client_id})
        stage.http.post("/oauth/authorize", data=party.authorize_path().partition("?")[2])
        assert rows_of(stage.house) == before
    assert tables - _BOOKKEEPING == set()
