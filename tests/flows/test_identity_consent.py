"""Giving identity data away: what the person is asked, what is kept of it, what they see afterwards, where it ends."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from structlog.testing import capture_logs

from clients.models import ConsentItem
from idp.audit.canonical import ROW
from idp.audit.events import Event
from idp.core.hashing import decode_base64url
from idp.house.build import House
from tests.support import proofed
from tests.support.account_centre import logged_in
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.proofed import PURPOSE
from tests.support.relying_party import FormBrowser, RelyingParty, make_client, parameters_of
from tests.support.sent import audited

Register = Callable[..., TestPerson]
SCOPE = "openid identity id_number"
CLAIMS = json.dumps(
    {
        "userinfo": {
            "birthdate": None,
            "verified_claims": {"verification": {"trust_framework": None}, "claims": {"age_over_18": None}},
        }
    }
)
ITEMS = ["identity", "id_number", "birthdate", "age_over_18", "verified_claims"]


@pytest.fixture
def person(house: House, register_person: Register) -> TestPerson:
    """A citizen whose number and name were found in the register."""
    found = register_person()
    proofed.prove(house, found.id, name=found.name, number=found.number)
    return found


@pytest.fixture
def party(house: House) -> RelyingParty:
    made = make_client(house, scope=f"{SCOPE} age profile offline_access")
    proofed.approve(house, made.client_id)
    return made


def asked(app: Flask, party: RelyingParty, person: TestPerson, **parameters: Any) -> FormBrowser:
    """Return a browser at the consent page."""
    browser = FormBrowser(app)
    browser.open(party.authorize_path(**{"scope": SCOPE, "claims": CLAIMS, **parameters}))
    browser.log_in(person)
    assert browser.path.endswith("/consent"), browser.path
    return browser


def allow(browser: FormBrowser, *items: str) -> None:
    browser.submit({"decision": "allow", "granted": list(items)})


def tokens_of(app: Flask, party: RelyingParty, browser: FormBrowser) -> dict[str, Any]:
    answer = party.redeem(app.test_client(), parameters_of(browser.location)["code"])
    body: dict[str, Any] = answer.get_json()
    return body


def userinfo(app: Flask, token: str) -> Any:
    return app.test_client().get("/oauth/userinfo", headers={"Authorization": f"Bearer {token}"})


def items_of(house: House) -> dict[str, ConsentItem]:
    with house.ground.database.read() as session:
        return {row.name: row for row in session.scalars(sa.select(ConsentItem))}


def test_each_item_has_its_own_tick_and_purpose(
    house: House, app: Flask, party: RelyingParty, person: TestPerson
) -> None:
    """Chinese first, each by itself, with what for (PIPL art. 17, 29); one without its tick, and nothing is given."""
    browser = asked(app, party, person)
    for item in ITEMS:
        assert f'value="{item}"' in browser.text
    assert browser.text.count(f"用途：{PURPOSE}") == len(ITEMS)
    assert "您身份证件的完整号码" in browser.text and "仅告知是或否，不提供出生日期" in browser.text
    assert person.number not in browser.text and person.name not in browser.text
    allow(browser, *ITEMS[1:])
    assert browser.path.endswith("/consent") and items_of(house) == {}
    allow(browser, *ITEMS)
    token = tokens_of(app, party, browser)["access_token"]
    told = userinfo(app, token).get_json()
    assert told["id_number"] == person.number and told["real_name"] == person.name
    assert told["verified_claims"]["claims"] == {"age_over_18": True}


def test_refusing_gives_nothing(house: House, app: Flask, party: RelyingParty, person: TestPerson) -> None:
    """The client learns that it was refused, and nothing else."""
    browser = asked(app, party, person)
    browser.submit({"decision": "deny"})
    assert parameters_of(browser.location)["error"] == "access_denied"
    assert items_of(house) == {}


def test_what_was_agreed_to_is_kept_with_its_text(
    house: House, app: Flask, clock: FrozenClock, party: RelyingParty, person: TestPerson
) -> None:
    """Kind, that it was separate, a digest of the text with the purpose, the language and the time."""
    allow(asked(app, party, person), *ITEMS)
    items = items_of(house)
    assert items.keys() == set(ITEMS)
    kinds = {name: item.kind for name, item in items.items()}
    assert kinds == {name: "scope" if name in SCOPE.split() else "claim" for name in ITEMS}
    assert all(item.separate and item.locale == "zh-CN" for item in items.values())
    before = {name: item.text_digest for name, item in items.items()}
    # The same words under another purpose are another text.
    clock.advance(seconds=1)
    proofed.approve(house, party.client_id, "birthdate", purpose="核对退休年龄")
    allow(asked(app, party, person), *ITEMS)
    after = {name: item.text_digest for name, item in items_of(house).items()}
    assert {name for name in ITEMS if before[name] != after[name]} == {"birthdate"}
    (_, again) = audited(house, Event.CONSENT_GRANTED, person.id)
    assert again.details is not None and again.details["items"] == {"birthdate": after["birthdate"]}


def test_nobody_agrees_to_what_they_did_not_read(
    house: House, app: Flask, party: RelyingParty, person: TestPerson
) -> None:
    """A purpose that changed while the page was open is shown first; then the same ticks count."""
    browser = asked(app, party, person)

    def send() -> None:
        """Send the form with everything that it holds, as browsers do."""
        found = re.search(r'name="shown"[^>]*value="([^"]+)"', browser.text)
        assert found is not None
        browser.submit({"decision": "allow", "granted": ITEMS, "shown": found[1]})

    proofed.approve(house, party.client_id, "id_number", purpose="核对退休年龄")
    send()
    assert browser.path.endswith("/consent") and items_of(house) == {}
    assert "请重新阅读" in browser.text and "用途：核对退休年龄" in browser.text and "checked" not in browser.text
    send()
    assert "code" in parameters_of(browser.location) and items_of(house).keys() == set(ITEMS)


def test_what_was_agreed_to_is_not_asked_again(app: Flask, party: RelyingParty, person: TestPerson) -> None:
    """The next login of the same client goes through; more than that is asked about."""
    allow(asked(app, party, person), *ITEMS)
    browser = FormBrowser(app)
    browser.open(party.authorize_path(scope=SCOPE, claims=CLAIMS))
    browser.log_in(person)
    assert "code" in parameters_of(browser.location)
    browser.open(party.authorize_path(scope=f"{SCOPE} age", prompt="none"))
    assert parameters_of(browser.location)["error"] == "consent_required"


def test_the_account_shows_what_is_given_and_ends_it(
    house: House, app: Flask, party: RelyingParty, person: TestPerson
) -> None:
    """Each item with its purpose, when data was last given; withdrawn, tokens are worth nothing."""
    browser = asked(app, party, person)
    allow(browser, *ITEMS)
    token = tokens_of(app, party, browser)["access_token"]
    centre = logged_in(app, person)
    centre.open("/account/applications")
    assert centre.text.count(f"用途：{PURPOSE}") == len(ITEMS)
    assert "真实姓名和脱敏证件号码" in centre.text and "最近一次提供身份信息" not in centre.text
    assert userinfo(app, token).status_code == 200
    house.ground.releases.flush()
    centre.open("/account/applications")
    assert "最近一次提供身份信息" in centre.text
    handle = centre.text.split("/account/applications/")[1].split("/withdraw")[0]
    centre.submit({}, f"/account/applications/{handle}/withdraw")
    assert userinfo(app, token).status_code == 401
    assert all(item.withdrawn_at is not None for item in items_of(house).values())


def test_number_and_name_stand_nowhere_but_in_the_answer(
    house: House, app: Flask, party: RelyingParty, person: TestPerson
) -> None:
    """Hunted in logs, addresses, tokens, the grant and the audit after everything that could carry them."""
    with capture_logs() as lines:
        browser = asked(app, party, person)
        allow(browser, *ITEMS)
        tokens = tokens_of(app, party, browser)
        http = app.test_client()
        told = userinfo(app, tokens["access_token"]).text
        introspected = http.post(
            "/oauth/introspect", data={"token": tokens["access_token"]}, headers=party.basic()
        ).text
        wrong = json.dumps({"userinfo": {"id_number": {"value": person.number}}})
        browser.open(party.authorize_path(scope=SCOPE, claims=wrong))
        assert parameters_of(browser.location)["error"] == "invalid_request"
        house.ground.releases.flush()
        house.ground.reads.flush()
    logged = repr(lines)
    with house.ground.database.read() as session:
        audit = str(session.execute(sa.select(ROW)).all())
        grants = str(session.execute(sa.text("SELECT claims, scope, sub FROM token_grants")).all())
    payloads = [tokens[name].split(".")[1] for name in ("id_token", "access_token")]
    claims = [decode_base64url(each).decode() for each in payloads]
    places = [logged, browser.location, audit, grants, *claims]
    assert person.number in told and person.number in introspected
    escaped = json.dumps(person.name)[1:-1]
    for place in places:
        for secret in (person.number, person.number[6:14], person.name, escaped, "1949-12-31"):
            assert secret not in place
    assert Event.IDENTITY_RELEASED in audit and "request" in logged
