"""No audit row holds what identifies a person: not in clear, not encoded, not as a digest without a key."""

import base64
import hashlib
import json
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from idp.audit.canonical import ROW
from idp.config.settings import RegistrationSettings
from idp.house.build import House
from tests.support.audit_scenarios import account, login, proofing, protocol, recovery, staff
from tests.support.audit_scenarios.stage import Stage
from tests.support.frozen_clock import FrozenClock
from tests.support.hunting import found_in

NAME, NUMBER, MOBILE, LOGIN = "欧阳测试", "11010519491231002X", "+8613712345678", "ouyang-test-login"


@pytest.fixture
def overrides() -> dict[str, Any]:
    return {"registration": RegistrationSettings(dynamic="open")}


def rows_as_text(house: House) -> str:
    with house.ground.database.read() as session:
        rows = session.execute(sa.select(ROW)).mappings().all()
    return "\n".join(json.dumps(dict(row), default=str, ensure_ascii=False) for row in rows)


@pytest.mark.parametrize("part", ["login", "staff", "recovery", "account", "proofing", "protocol"])
def test_no_flow_leaves_personal_data(
    house: House, app: Flask, clock: FrozenClock, register_person: Any, part: str
) -> None:
    """After every scenario of a part, with one person's data throughout, no row holds any of it."""
    modules = {
        "login": login,
        "recovery": recovery,
        "account": account,
        "proofing": proofing,
        "protocol": protocol,
        "staff": staff,
    }
    people: list[Any] = []

    def register(**extra: Any) -> Any:
        count = len(people)
        # Where a scenario needs a number of its own, that one is hunted.
        number = extra.get("number", NUMBER)
        names = {"name": NAME, "number": number, "mobile": f"{MOBILE[:-3]}{count:03d}", "login_name": f"{LOGIN}{count}"}
        people.append(register_person(**{**extra, **names}))
        return people[-1]

    stage = Stage(house, app, clock, register)
    for scenario in modules[part].scenarios.all:
        clock.advance(seconds=120)
        scenario.prepare(stage)()
    typed = [f"+86139{number:08d}" for number in range(next(stage.numbers))]
    text = rows_as_text(house)
    assert len(text) > 1_000
    assert found_in(text, NAME, NUMBER, "王小红", LOGIN, *(each.mobile for each in people), *typed) == []
    assert found_in(text, *(each.login_name for each in people), *(each.number for each in people)) == []


def test_what_is_typed_in_the_wrong_place_is_not_kept(
    house: House, app: Flask, clock: FrozenClock, register_person: Any
) -> None:
    """A number typed as login name, client or token leaves no trace in the log."""
    stage = Stage(house, app, clock, register_person)
    browser = stage.at_login()
    browser.submit({"identifier": NUMBER, "password": NAME})
    http = stage.http
    http.post("/oauth/token", data={"client_id": NUMBER, "client_secret": NAME, "grant_type": MOBILE})
    http.post("/oauth/userinfo", headers={"Authorization": f"Bearer {NUMBER}"})
    http.get("/oauth/authorize", query_string={"client_id": NUMBER, "login_hint": MOBILE})
    assert found_in(rows_as_text(house), NUMBER, NAME, MOBILE) == []


def test_the_search_finds_what_it_should() -> None:
    """The search itself sees a value in clear, encoded and digested."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(NUMBER.encode()).digest()).decode()
    for text in (f"x{NUMBER}y", NUMBER.encode().hex(), digest, base64.b64encode(NAME.encode()).decode()):
        assert found_in(text, NUMBER, NAME) != []
