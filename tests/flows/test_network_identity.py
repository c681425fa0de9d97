"""The national network identity: what it raises with a number and without, and everything by which it must not."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from structlog.testing import capture_logs

from demo.simulators.face_sessions import Choice
from demo.simulators.verification import VerificationSimulator
from demo.simulators.verification_service import Fault
from idp.config.settings import RealNameSettings
from idp.house.build import House
from idp.persons.vocabulary import IdentifierState
from tests.support.frozen_clock import FrozenClock
from tests.support.houses import TestPerson
from tests.support.hunting import database_as_text, found_in
from tests.support.network_identity import (
    CHILD,
    ME,
    SOMEBODY_ELSE,
    gateway_settings,
    ial_of,
    identity_states,
    service_url,
    serving_gateway,
    show,
)
from tests.support.proofing import LEVEL, asked_for, claims_of, in_register, prove, state_of
from tests.support.relying_party import FormBrowser, RelyingParty, make_client, parameters_of
from tests.support.sent import audited, code_of

Register = Callable[..., TestPerson]


@pytest.fixture
def gateway(clock: FrozenClock) -> Iterator[VerificationSimulator]:
    with serving_gateway(clock) as simulator:
        yield simulator


@pytest.fixture
def overrides(gateway: VerificationSimulator) -> dict[str, Any]:
    return {"realname": RealNameSettings(**gateway_settings(gateway))}


@pytest.fixture
def party(house: House) -> RelyingParty:
    return make_client(house)


@pytest.fixture
def me(house: House, register_person: Register) -> TestPerson:
    person = register_person()
    in_register(house, person)
    return person


def use_network_identity(browser: FormBrowser, *, with_number: bool = False) -> None:
    """Press the button of the first page."""
    browser.submit({"with_number": "y"} if with_number else {}, f"{browser.path}/network")


def at_service(app: Flask, party: RelyingParty, person: TestPerson, level: int = 3) -> FormBrowser:
    """Return the browser at the link to the service, without the number."""
    browser = asked_for(app, party, person, level)
    use_network_identity(browser)
    return browser


def with_number(house: House, app: Flask, party: RelyingParty, person: TestPerson, level: int = 3) -> FormBrowser:
    """Return the browser at the link to the service, the mobile shown, so that the number can be joined."""
    browser = asked_for(app, party, person, level)
    use_network_identity(browser, with_number=True)
    browser.submit({"code": code_of(house, "proofing_code", person.mobile)})
    return browser


def second_factor(house: House, browser: FormBrowser, person: TestPerson) -> None:
    """Show the mobile, where level 3 still lacks a second factor."""
    assert browser.path.endswith("/login/factor"), browser.path
    browser.submit({})
    browser.submit({"code": code_of(house, "login_code", person.mobile)})


def answer_of(app: Flask, party: RelyingParty, browser: FormBrowser) -> dict[str, Any]:
    answer: dict[str, Any] = party.redeem(app.test_client(), parameters_of(browser.location)["code"]).get_json()
    return answer


def test_without_a_number_the_person_is_known_by_the_application_id_alone(
    house: House, app: Flask, party: RelyingParty, me: TestPerson
) -> None:
    """Level 3 by the credential and two factors; the typed number stays claimed, and is nobody's."""
    browser = at_service(app, party, me)
    browser.open(show(service_url(browser)))
    second_factor(house, browser, me)
    assert claims_of(answer_of(app, party, browser)["id_token"])["acr"] == f"{LEVEL}3"
    assert state_of(house, me) is IdentifierState.CLAIMED and identity_states(house, me) == ["current"]
    assert [row.details["method"] for row in audited(house, "proofing.recorded", me.id) if row.details] == [
        "network_identity"
    ]
    assert ial_of(house, me) == 3


def test_with_number_and_a_mobile_in_that_name_both_are_the_persons(
    house: House, app: Flask, party: RelyingParty, me: TestPerson
) -> None:
    """Nothing is typed but the code: number and name are the service's word, the mobile the source's."""
    browser = with_number(house, app, party, me)
    browser.open(show(service_url(browser)))
    claims = claims_of(answer_of(app, party, browser)["id_token"])
    assert claims["acr"] == f"{LEVEL}3" and set(claims["amr"]) >= {"pwd", "sms"}
    assert state_of(house, me) is IdentifierState.CURRENT and identity_states(house, me) == ["current"]


def test_with_number_and_a_mobile_in_another_name_the_number_waits(
    house: House, app: Flask, party: RelyingParty, register_person: Register
) -> None:
    """The identity counts all the same; the number becomes the person's by such a mobile, or at the counter."""
    person = register_person()
    in_register(house, person, mobiles=("+8613900000000",))
    browser = with_number(house, app, party, person)
    browser.open(show(service_url(browser)))
    assert "code=" in browser.location
    assert state_of(house, person) is IdentifierState.CLAIMED and ial_of(house, person) == 3


def test_who_has_a_number_is_raised_with_it_alone(
    house: House, app: Flask, party: RelyingParty, me: TestPerson, clock: FrozenClock
) -> None:
    """The form does not let them leave it out; the same number as before leads to level 3."""
    prove(house, asked_for(app, party, me), me)
    assert state_of(house, me) is IdentifierState.CURRENT and ial_of(house, me) == 2
    clock.advance(seconds=61)
    browser = asked_for(app, party, me, 3)
    assert 'name="with_number"' not in browser.text
    use_network_identity(browser)
    browser.submit({"code": code_of(house, "proofing_code", me.mobile)})
    browser.open(show(service_url(browser)))
    assert "code=" in browser.location and ial_of(house, me) == 3


def test_another_number_than_the_accounts_raises_nothing(
    house: House, app: Flask, party: RelyingParty, me: TestPerson, clock: FrozenClock
) -> None:
    """Somebody else's network identity in an account that is proved already: a number changes at a counter."""
    in_register(
        house, TestPerson("", SOMEBODY_ELSE.name, SOMEBODY_ELSE.number, "+8613900000001", ""), mobiles=(me.mobile,)
    )
    prove(house, asked_for(app, party, me), me)
    clock.advance(seconds=61)
    browser = with_number(house, app, party, me)
    browser.open(show(service_url(browser), SOMEBODY_ELSE))
    assert "另一个已核验的证件号码" in browser.text and ial_of(house, me) == 2
    assert identity_states(house, me) == []
    assert audited(house, "proofing.refused", me.id)[-1].details["code"] == "local.another_number"


def test_another_network_identity_than_the_accounts_raises_nothing(
    house: House, app: Flask, party: RelyingParty, me: TestPerson, clock: FrozenClock
) -> None:
    """Who is known by one is not known by somebody else's as well."""
    browser = at_service(app, party, me)
    browser.open(show(service_url(browser)))
    clock.advance(days=1_096)
    assert ial_of(house, me) == 1
    again = at_service(app, party, me)
    again.open(show(service_url(again), SOMEBODY_ELSE))
    assert ial_of(house, me) == 1 and identity_states(house, me) == ["current"]
    assert audited(house, "proofing.refused", me.id)[-1].details["code"] == "local.another_identity"
    again = at_service(app, party, me)
    again.open(show(service_url(again), ME))
    assert ial_of(house, me) == 3 and identity_states(house, me) == ["current"]


def test_one_network_identity_in_two_accounts_is_disputed(
    house: House, app: Flask, party: RelyingParty, register_person: Register
) -> None:
    """Neither is raised, both are told, and the page says what to do without a word of whose the other is."""
    first, second = register_person(), register_person(number=SOMEBODY_ELSE.number, name=SOMEBODY_ELSE.name)
    for person in (first, second):
        browser = at_service(app, party, person)
        browser.open(show(service_url(browser)))
    assert "另一个账户" in browser.text
    assert found_in(browser.text, first.number, first.name, first.mobile) == []
    assert (ial_of(house, first), ial_of(house, second)) == (1, 1)
    assert identity_states(house, first) == identity_states(house, second) == ["disputed"]
    assert [row.reason for row in audited(house, "identifier.contested", first.id)] == ["disputed"]


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (Choice.NOT_ALIKE, "未能确认是您本人"),
        (Choice.UNKNOWN, "没有有效的网证"),
        (Choice.ATTACK, "未被接受"),
        (Choice.CANCEL, "重新开始"),
    ],
)
def test_any_other_end_raises_nothing(
    house: House, app: Flask, party: RelyingParty, me: TestPerson, choice: Choice, words: str
) -> None:
    """The person is told what to do next, stays as they are, and can begin again."""
    browser = at_service(app, party, me)
    browser.open(show(service_url(browser), choice=choice))
    assert words in browser.text and ial_of(house, me) == 1
    assert browser.path.endswith("/verify") and identity_states(house, me) == []


def test_shown_in_another_browser_it_counts_for_nobody(
    house: House, app: Flask, party: RelyingParty, me: TestPerson
) -> None:
    """Relayed: begun here, the address sent to somebody, finished there. Neither browser gets anything by it."""
    browser = at_service(app, party, me)
    back = show(service_url(browser))
    victim = FormBrowser(app)
    victim.open(back)
    assert victim.response is not None and victim.response.status_code >= 400
    for guessed in ("", "?came=guessed"):
        browser.open(back.partition("?")[0] + guessed)
        assert browser.response is not None and browser.response.status_code >= 400
    browser.open(back.partition("/return")[0])
    browser.submit({}, back.partition("/return")[0] + "/result")
    assert ial_of(house, me) == 1 and identity_states(house, me) == []


def test_a_return_counts_once(house: House, app: Flask, party: RelyingParty, me: TestPerson) -> None:
    """The address of the way back, opened again, finds nothing."""
    browser = with_number(house, app, party, me)
    back = show(service_url(browser))
    browser.open(back)
    assert "code=" in browser.location
    browser.open(back)
    assert browser.response is not None and browser.response.status_code >= 400
    assert len(audited(house, "proofing.recorded", me.id)) == 1


def test_what_was_begun_ends_with_its_time(
    house: House, app: Flask, party: RelyingParty, me: TestPerson, clock: FrozenClock
) -> None:
    browser = at_service(app, party, me)
    back = show(service_url(browser))
    clock.advance(seconds=601)
    browser.open(back)
    assert browser.response is not None and not browser.response.headers.get("Location") and ial_of(house, me) == 1


def test_a_result_for_another_order_raises_nobody(
    house: House, app: Flask, party: RelyingParty, me: TestPerson, gateway: VerificationSimulator
) -> None:
    """Rightly signed and about somebody else's request: a risk, not asked for again."""
    browser = at_service(app, party, me)
    back = show(service_url(browser))
    gateway.fault = Fault.ANOTHER_PERSON
    browser.open(back)
    assert ial_of(house, me) == 1 and browser.path.endswith("/verify")
    assert audited(house, "proofing.refused", me.id)[-1].details["code"] == "local.another_order"


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.GARBAGE, Fault.TRUNCATED, Fault.DROP, Fault.REPLAY])
def test_a_result_that_cannot_be_read_is_asked_for_again(
    house: House, app: Flask, party: RelyingParty, me: TestPerson, gateway: VerificationSimulator, fault: Fault
) -> None:
    """Late, broken off, nonsense or an earlier answer: the try is given back, and asking again helps."""
    browser = with_number(house, app, party, me)
    back = show(service_url(browser))
    gateway.fault = fault
    browser.open(back)
    assert browser.path.endswith("/verify/network") and ial_of(house, me) == 1
    gateway.fault = Fault.NONE
    browser.submit({}, f"{browser.path}/result")
    assert "code=" in browser.location and ial_of(house, me) == 3


def test_who_is_under_fourteen_comes_with_a_guardian(
    house: House, app: Flask, party: RelyingParty, me: TestPerson
) -> None:
    """The asserted number says so; nothing is raised, whoever holds the telephone."""
    browser = with_number(house, app, party, me)
    browser.open(show(service_url(browser), CHILD))
    assert "监护人" in browser.text and ial_of(house, me) == 1


def test_tries_of_one_person_come_to_an_end(house: House, app: Flask, party: RelyingParty, me: TestPerson) -> None:
    """Each beginning counts, so nobody guesses passwords at the service through us."""
    browser = asked_for(app, party, me, 3)
    for _ in range(4):
        first = browser.path
        use_network_identity(browser)
        if browser.path.endswith("/network"):
            browser.open(show(service_url(browser), choice=Choice.NOT_ALIKE))
        assert browser.path == first
    assert "一小时" in browser.text
    reasons = [row.reason for row in audited(house, "proofing.refused", me.id)]
    assert sorted(filter(None, reasons)) == ["mismatch"] * 3 + ["too_many_tries"]


def test_the_number_can_be_joined_later_by_the_persons_own_assertion(
    house: House, app: Flask, party: RelyingParty, me: TestPerson, clock: FrozenClock
) -> None:
    """From the account centre: the same identity once more, with the number."""
    browser = at_service(app, party, me)
    browser.open(show(service_url(browser)))
    clock.advance(seconds=61)
    centre = FormBrowser(app)
    centre.open("/account")
    centre.log_in(me)
    assert 'id="join-number"' in centre.text
    centre.open("/verify/number")
    centre.log_in(me)
    use_network_identity(centre, with_number=True)
    centre.submit({"code": code_of(house, "proofing_code", me.mobile)})
    centre.open(show(service_url(centre)))
    assert centre.path == "/account" and 'id="join-number"' not in centre.text
    assert state_of(house, me) is IdentifierState.CURRENT and identity_states(house, me) == ["current"]


def test_nothing_of_the_person_stands_where_it_must_not(
    house: House, app: Flask, party: RelyingParty, me: TestPerson, gateway: VerificationSimulator
) -> None:
    """Number, name, mobile and application id are hunted in every table, the log, every address, and the tokens."""
    visited: list[str] = []
    with capture_logs() as lines:
        browser = with_number(house, app, party, me)
        away = service_url(browser)
        gateway.fault = Fault.GARBAGE
        browser.open(show(away))  # refused once, so that this is looked at as well
        visited += [browser.path, away]
        gateway.fault = Fault.NONE
        browser.submit({}, f"{browser.path}/result")
        visited.append(browser.location)
        tokens = answer_of(app, party, browser)
        house.ground.reads.flush()
    application_id = gateway.service.application_id_of(me.number)  # type: ignore[attr-defined]
    places = [database_as_text(house), repr(lines), *visited, str(claims_of(tokens["id_token"]))]
    assert "network_identity" in places[0] and "request" in places[1]
    for place in places:
        assert found_in(place, me.number, me.number[:17], me.name, me.mobile, application_id) == []


def test_the_counter_is_always_offered(app: Flask, party: RelyingParty, me: TestPerson) -> None:
    """The network identity is voluntary, and beside other ways (order 173 of 2025)."""
    browser = asked_for(app, party, me, 3)
    assert 'id="network-submit"' in browser.text and "政务服务大厅" in browser.text
