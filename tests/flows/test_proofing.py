"""From a typed number to a proven person, inside the login of a client that asks for a level."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from idp.house.build import House
from idp.persons.models import Proofing
from idp.persons.vocabulary import IdentifierState
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.proofing import LEVEL, asked_for, claims_of, in_register, prove, show_mobile, state_of, type_in
from tests.support.relying_party import FormBrowser, RelyingParty, make_client, parameters_of
from tests.support.sent import audited, counted_statements, sent

Register = Callable[..., TestPerson]
ESSENTIAL = '{"id_token": {"acr": {"essential": true, "values": ["urn:yihao:level:2"]}}}'


@pytest.fixture
def party(house: House) -> RelyingParty:
    return make_client(house)


def acr_of(app: Flask, party: RelyingParty, browser: FormBrowser) -> str:
    """Redeem the code that the browser carries back and return the level that the ID token tells."""
    answer = party.redeem(app.test_client(), parameters_of(browser.location)["code"]).get_json()
    return str(claims_of(answer["id_token"])["acr"])


def proofings(house: House, person: TestPerson) -> list[Proofing]:
    with house.ground.database.read() as session:
        return list(session.scalars(sa.select(Proofing).where(Proofing.person_id == person.id)))


def test_name_number_and_mobile_lead_to_level_2(
    house: House, app: Flask, party: RelyingParty, register_person: Register
) -> None:
    """The person goes on inside the same login, and the number becomes theirs."""
    person = register_person()
    in_register(house, person)
    browser = asked_for(app, party, person)
    assert browser.path.endswith("/verify")
    assert state_of(house, person) is IdentifierState.CLAIMED
    prove(house, browser, person)
    assert acr_of(app, party, browser) == f"{LEVEL}2"
    assert state_of(house, person) is IdentifierState.CURRENT


def test_a_mobile_in_another_name_leaves_the_number_claimed(
    house: House, app: Flask, party: RelyingParty, register_person: Register
) -> None:
    """Number and name still agree, so the level is reached; but many know a number and a name."""
    person = register_person()
    in_register(house, person, mobiles=("+8613900000000",))
    browser = asked_for(app, party, person)
    prove(house, browser, person)
    assert acr_of(app, party, browser) == f"{LEVEL}2"
    assert state_of(house, person) is IdentifierState.CLAIMED


def test_without_showing_the_mobile_the_number_stays_claimed(
    house: House, app: Flask, party: RelyingParty, register_person: Register
) -> None:
    """Whoever may not have the phone at hand goes on with name and number alone."""
    person = register_person()
    in_register(house, person)
    browser = asked_for(app, party, person)
    type_in(browser, person)
    browser.submit({}, browser.path.replace("/code", "/without-mobile"))
    assert acr_of(app, party, browser) == f"{LEVEL}2"
    assert state_of(house, person) is IdentifierState.CLAIMED


@pytest.mark.parametrize(
    ("change", "words"),
    [({"name": "李小红"}, "不一致"), ({"number": "440308199901101512"}, "没有这个号码")],
)
def test_what_does_not_agree_raises_nothing(
    house: House, app: Flask, party: RelyingParty, register_person: Register, change: dict[str, str], words: str
) -> None:
    """A mismatch and a number that the register does not know are told apart, and neither lowers anything."""
    person = register_person()
    in_register(house, person)
    browser = asked_for(app, party, person)
    type_in(browser, person, **change)
    show_mobile(house, browser, person)
    assert words in browser.text and browser.path.endswith("/verify")
    assert proofings(house, person) == []
    assert [row.reason for row in audited(house, "proofing.refused", person.id)][-1] in ("mismatch", "no_record")
    browser.submit({}, f"{browser.path}/later")
    assert acr_of(app, party, browser) == f"{LEVEL}1"


@pytest.mark.parametrize(
    "change",
    [{"number": "110105194912310021"}, {"number": "11010519491331002X"}, {"name": "张\x07明"}, {"name": ""}],
)
def test_bad_input_costs_no_try(
    house: House, app: Flask, party: RelyingParty, register_person: Register, change: dict[str, str]
) -> None:
    """A wrong check digit, no such day, control characters: named at the field, and nobody is asked."""
    person = register_person()
    browser = asked_for(app, party, person)
    type_in(browser, person, **change)
    assert browser.response is not None and browser.response.status_code == 422
    assert 'aria-invalid="true"' in browser.text
    assert audited(house, "proofing.refused", person.id) == [] and sent(house, "proofing_code") == []


def test_full_width_digits_and_a_small_x_are_the_same_number(
    house: House, app: Flask, party: RelyingParty, register_person: Register
) -> None:
    person = register_person()
    in_register(house, person)
    browser = asked_for(app, party, person)
    prove(house, browser, person.__class__(**{**_fields(person), "number": "１１０１０５１９４９１２３１００２x"}))
    assert state_of(house, person) is IdentifierState.CURRENT


def test_an_essential_level_that_is_put_off_is_an_error(
    house: House, app: Flask, party: RelyingParty, register_person: Register
) -> None:
    """A level is never silently lowered (Unmet Authentication Requirements 1.0 §2)."""
    person = register_person()
    browser = FormBrowser(app)
    browser.open(party.authorize_path(claims=ESSENTIAL))
    browser.log_in(person)
    assert browser.path.endswith("/verify")
    browser.submit({}, f"{browser.path}/later")
    assert parameters_of(browser.location)["error"] == "unmet_authentication_requirements"


def test_without_a_page_the_client_learns_that_one_is_needed(
    app: Flask, party: RelyingParty, register_person: Register
) -> None:
    """prompt=none never shows a page (OpenID Connect Core §3.1.2.6)."""
    browser = asked_for(app, party, register_person(), 1)
    browser.open(party.authorize_path(prompt="none", acr_values=f"{LEVEL}2"))
    assert parameters_of(browser.location)["error"] == "interaction_required"


def test_an_open_session_is_not_enough_to_be_proved(app: Flask, party: RelyingParty, register_person: Register) -> None:
    """Somebody else may sit before it: whoever is proved logged in to this very request."""
    person = register_person()
    browser = asked_for(app, party, person, 1)
    browser.open(party.authorize_path(acr_values=f"{LEVEL}2"))
    assert browser.path.endswith("/login")
    browser.log_in(person)
    assert browser.path.endswith("/verify")


def test_everything_else_of_the_account_ends(
    house: House, app: Flask, party: RelyingParty, register_person: Register
) -> None:
    """In the same transaction: other sessions and every refresh family; every earlier contact is told."""
    person = register_person()
    in_register(house, person)
    elsewhere = asked_for(app, party, person, 1, scope="openid offline_access")
    code = parameters_of(elsewhere.location)["code"]
    kept = party.redeem(app.test_client(), code).get_json()["refresh_token"]
    browser = asked_for(app, party, person)
    prove(house, browser, person)
    refreshed = party.token(app.test_client(), grant_type="refresh_token", refresh_token=kept).get_json()
    assert refreshed["error"] == "invalid_grant"
    elsewhere.open("/account")
    assert elsewhere.path.endswith("/login")
    browser.open("/account")
    assert browser.path == "/account"
    browser.open("/account/activity")
    assert "身份已核验" in browser.text
    assert len(sent(house, "proofed", person.mobile)) == 1


def test_deciding_about_a_level_reads_nothing_more(
    house: House, app: Flask, party: RelyingParty, register_person: Register
) -> None:
    """The level follows from what the login read anyway, whether a client asks for one or not."""
    person = register_person()
    in_register(house, person)
    browser = asked_for(app, party, person)
    prove(house, browser, person)
    counts = []
    for level in (None, f"{LEVEL}1", f"{LEVEL}2"):
        with counted_statements(house) as statements:
            answer = browser.client.get(party.authorize_path(acr_values=level))
        assert "code=" in answer.headers["Location"]
        counts.append(len(statements))
    assert len(set(counts)) == 1, counts


def test_a_proofing_expires(
    house: House, app: Flask, party: RelyingParty, register_person: Register, clock: FrozenClock
) -> None:
    """The level is computed from what is still valid; afterwards the person is led up again."""
    person = register_person()
    in_register(house, person)
    prove(house, asked_for(app, party, person), person)
    clock.advance(seconds=1_095 * 86_400 + 1)
    browser = asked_for(app, party, person)
    assert browser.path.endswith("/verify")
    prove(house, browser, person)
    assert acr_of(app, party, browser) == f"{LEVEL}2"


def test_what_is_withdrawn_ends_at_once(
    house: House, app: Flask, party: RelyingParty, register_person: Register
) -> None:
    """Level, sessions and refresh families in one transaction; the person is told, and others are untouched."""
    person, other = register_person(), register_person(number="440308199901101512")
    for each in (person, other):
        in_register(house, each)
    browser, others = (asked_for(app, party, each, scope="openid offline_access") for each in (person, other))
    kept = []
    for each, open_browser in ((person, browser), (other, others)):
        prove(house, open_browser, each)
        code = parameters_of(open_browser.location)["code"]
        kept.append(party.redeem(app.test_client(), code).get_json()["refresh_token"])
    with house.ground.database.transaction() as session:
        withdraw = house.login.proofing.proved.withdraw
        assert withdraw(session, person.id, reason="fraud", locale="zh_CN")
        assert not withdraw(session, person.id, reason="fraud", locale="zh_CN")
    refreshed = [
        party.token(app.test_client(), grant_type="refresh_token", refresh_token=each).get_json() for each in kept
    ]
    assert refreshed[0]["error"] == "invalid_grant" and refreshed[1]["access_token"]
    browser.open("/account")
    others.open("/account")
    assert browser.path.endswith("/login") and others.path == "/account"
    assert len(sent(house, "proofing_withdrawn", person.mobile)) == 1


def test_the_evidence_names_nobody(house: House, app: Flask, party: RelyingParty, register_person: Register) -> None:
    """Method, service, its request, time and a keyed digest; no number, no name, no picture."""
    person = register_person()
    in_register(house, person)
    prove(house, asked_for(app, party, person), person)
    (proofing,) = proofings(house, person)
    assert (proofing.method, proofing.provider, proofing.level) == ("mobile", "register", 2)
    assert proofing.provider_request_id and len(proofing.evidence_digest or "") == 43
    (row,) = audited(house, "proofing.recorded", person.id)
    told = f"{row.details} {proofing.evidence_digest} {proofing.provider_request_id}"
    assert person.number not in told and person.name not in told and person.mobile not in told


def test_three_wrong_tries_are_followed_by_a_pause(
    house: House, app: Flask, party: RelyingParty, register_person: Register, clock: FrozenClock
) -> None:
    """Counted before the service is asked, per person; after the pause the right one counts."""
    person = register_person()
    in_register(house, person, mobiles=())
    browser = asked_for(app, party, person)
    for _ in range(3):
        type_in(browser, person, name="李小红")
        clock.advance(seconds=61)
        browser.submit({}, browser.path.replace("/code", "/without-mobile"))
        assert "不一致" in browser.text
    type_in(browser, person)
    browser.submit({}, browser.path.replace("/code", "/without-mobile"))
    assert "尝试次数过多" in browser.text
    clock.advance(seconds=3_601)
    browser = asked_for(app, party, person)
    type_in(browser, person)
    browser.submit({}, browser.path.replace("/code", "/without-mobile"))
    assert acr_of(app, party, browser) == f"{LEVEL}2"


def _fields(person: TestPerson) -> dict[str, str]:
    return {name: getattr(person, name) for name in ("id", "name", "number", "mobile", "login_name", "password")}
