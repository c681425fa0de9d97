"""OpenID Connect Core at the authorization endpoint: prompt, max_age, hints, levels, claims and languages."""

import json
from typing import Any

import pytest

from tests.protocol.provider import EMBEDDED, Provider
from tests.support.houses import PASSWORD
from tests.support.relying_party import parameters_of

pytestmark = EMBEDDED
LOGIN, CONSENT = 'id="identifier"', 'name="decision"'


def test_prompt_none_never_shows_a_page(provider: Provider) -> None:
    """login_required without a session, consent_required without consent, else the answer (§3.1.2.1, §3.1.2.6)."""
    trusted, strange = provider.client(), provider.client(policy={})
    assert provider.answer(provider.browser(), trusted, prompt="none")["error"] == "login_required"
    browser = provider.browser(provider.person())
    assert provider.answer(browser, strange, prompt="none")["error"] == "consent_required"
    assert provider.answer(browser, trusted, prompt="none")["code"]


@pytest.mark.parametrize("prompt", ["login", "select_account", "login consent"])
def test_prompt_login_asks_again(provider: Provider, prompt: str) -> None:
    """A person who has a session logs in anew all the same, and auth_time tells it (§3.1.2.1)."""
    party, browser = provider.client(), provider.browser(provider.person())
    browser.open(party.authorize_path(prompt=prompt))
    assert LOGIN in browser.text


def test_prompt_consent_asks_again(provider: Provider) -> None:
    """Also a client that needs no consent, or has it, is decided about again (§3.1.2.1); a no is access_denied."""
    person = provider.person()
    for policy in ({"require_consent": False}, {}):
        party, browser = provider.client(policy=policy), provider.browser(person)
        for decision, outcome in (("allow", "code"), ("deny", "error")):
            browser.open(party.authorize_path(prompt="consent"))
            assert CONSENT in browser.text and LOGIN not in browser.text
            browser.submit({"decision": decision})
            assert outcome in parameters_of(browser.location)


@pytest.mark.parametrize("prompt", ["none login", "none none consent", "create", "login x", "NONE"])
def test_an_odd_prompt_is_refused(provider: Provider, prompt: str) -> None:
    """`none` stands alone and unknown values are errors (§3.1.2.1)."""
    assert provider.answer(provider.browser(), provider.client(), prompt=prompt)["error"] == "invalid_request"


def test_max_age_asks_again_when_the_login_is_older(provider: Provider) -> None:
    """As old as asked for will do, older not (§3.1.2.1); the client's own default_max_age counts like it."""
    browser = provider.browser(provider.person())
    party, default = provider.client(), provider.client(default_max_age=60)
    provider.clock.advance(seconds=60)
    assert provider.answer(browser, party, prompt="none", max_age="60")["code"]
    assert provider.answer(browser, default, prompt="none")["code"]
    provider.clock.advance(seconds=1)
    assert provider.answer(browser, party, prompt="none", max_age="60")["error"] == "login_required"
    assert provider.answer(browser, default, prompt="none")["error"] == "login_required"
    browser.open(party.authorize_path(max_age="60"))
    assert LOGIN in browser.text


def test_max_age_zero_is_prompt_login(provider: Provider) -> None:
    """Even in the second of the last login (§3.1.2.1)."""
    browser, party = provider.browser(provider.person()), provider.client()
    assert provider.answer(browser, party, prompt="none", max_age="0")["error"] == "login_required"


@pytest.mark.parametrize("max_age", ["-1", "1.5", "x", "\u0661", "1" * 10, "0x1", " 1"])
def test_a_max_age_that_is_no_number_is_refused(provider: Provider, max_age: str) -> None:
    """A whole number of seconds, in plain digits (§3.1.2.1)."""
    assert provider.answer(provider.browser(), provider.client(), max_age=max_age)["error"] == "invalid_request"


def test_a_hint_names_who_must_answer(provider: Provider) -> None:
    """Of the same person: the answer; of another one: login_required, or the login page (§3.1.2.1)."""
    party, person, other = provider.client(), provider.person(), provider.person("李四")
    browser = provider.browser(person)
    hint = provider.tokens(browser, party)["id_token"]
    assert provider.answer(browser, party, prompt="none", id_token_hint=hint)["code"]
    elsewhere = provider.browser(other)
    assert provider.answer(elsewhere, party, prompt="none", id_token_hint=hint)["error"] == "login_required"
    elsewhere.open(party.authorize_path(id_token_hint=hint))
    assert LOGIN in elsewhere.text


def test_an_expired_hint_is_still_a_hint(provider: Provider) -> None:
    """Its age does not matter, only whose it is (§3.1.2.1)."""
    party, browser = provider.client(), provider.browser(provider.person())
    hint = provider.tokens(browser, party)["id_token"]
    provider.clock.advance(minutes=20)
    assert provider.answer(browser, party, prompt="none", id_token_hint=hint)["code"]


def test_a_hint_that_is_none_of_ours_is_refused(provider: Provider) -> None:
    """Of another client, forged, or another kind of JWT (§3.1.2.1; RFC 8725 §3.12)."""
    party = provider.client(userinfo_signed_response_alg="ES256")
    browser = provider.browser(provider.person())
    tokens = provider.tokens(browser, party)
    head, payload, _ = tokens["id_token"].split(".")
    of_another = provider.tokens(browser, provider.client())["id_token"]
    signed_userinfo = provider.userinfo(tokens["access_token"]).text
    for hint in (of_another, f"{head}.{payload}.AAAA", "x", "..", tokens["access_token"], signed_userinfo):
        assert provider.answer(browser, party, id_token_hint=hint)["error"] == "invalid_request"


def test_another_person_who_logs_in_is_not_taken_for_the_hinted_one(provider: Provider, register_person: Any) -> None:
    """The request ends with login_required instead of somebody else's code (§3.1.2.1)."""
    party, hinted, other = provider.client(), provider.person(), register_person("李四")
    hint = provider.tokens(provider.browser(hinted), party)["id_token"]
    browser = provider.browser()
    browser.open(party.authorize_path(id_token_hint=hint))
    browser.log_in(other)
    assert parameters_of(browser.location)["error"] == "login_required"


def test_a_subject_asked_for_by_value_works_like_a_hint(provider: Provider) -> None:
    """`claims` with a `sub` value (§5.5.1), which must not contradict the hint."""
    party, person = provider.client(), provider.person()
    browser = provider.browser(person)
    tokens = provider.tokens(browser, party)
    sub = provider.claims_of(tokens["id_token"])["sub"]
    wanted = json.dumps({"id_token": {"sub": {"value": sub}}})
    assert provider.answer(browser, party, prompt="none", claims=wanted)["code"]
    assert provider.answer(provider.browser(provider.person()), party, prompt="none", claims=wanted)["error"] == (
        "login_required"
    )
    other = json.dumps({"userinfo": {"sub": {"value": "somebody"}}})
    answer = provider.answer(browser, party, claims=other, id_token_hint=tokens["id_token"])
    assert answer["error"] == "invalid_request"


def test_a_login_hint_is_filled_in_but_never_a_document_number(provider: Provider) -> None:
    """The login page starts with the hint (§3.1.2.1); a number in an address is dropped (decision 9)."""
    party = provider.client()
    for hint, is_shown in (("zhang.san", True), ("11010519491231002X", False), ('"><script>', False)):
        browser = provider.browser()
        browser.open(party.authorize_path(login_hint=hint))
        assert LOGIN in browser.text and (hint in browser.text) == is_shown


def test_ui_locales_choose_the_language(provider: Provider) -> None:
    """The first one that is spoken here (§3.1.2.1); unknown ones are no error."""
    party = provider.client()
    for wanted, lang in (("en zh-CN", 'lang="en"'), ("xx zh-CN", 'lang="zh'), ("xx '\"", 'lang="zh')):
        browser = provider.browser()
        browser.open(party.authorize_path(ui_locales=wanted))
        assert lang in browser.text, wanted


def test_a_voluntary_level_is_told_and_an_essential_one_must_be_met(provider: Provider) -> None:
    """acr_values are a wish, which the person may decline; for an essential acr they are asked to log in (§5.5.1.1).

    Whoever does not go is refused: tests/flows/test_proofing.py.
    """
    password_hash = provider.house.people.passwords.hash(PASSWORD)
    party, person = provider.client(), provider.person(password_hash=password_hash)
    browser = provider.browser(person)
    out_of_reach, wanted, least = "urn:yihao:level:4", "urn:yihao:level:2", "urn:yihao:level:1"
    browser.open(party.authorize_path(acr_values=out_of_reach))
    browser.log_in(person)
    browser.submit({}, f"{browser.path}/later")
    tokens = party.redeem(provider.http, parameters_of(browser.location)["code"]).get_json()
    assert provider.claims_of(tokens["id_token"])["acr"] == least
    essential = json.dumps({"id_token": {"acr": {"essential": True, "values": [wanted]}}})
    browser.open(party.authorize_path(claims=essential))
    assert browser.path.endswith("/login")
    provider.prove(person, 2)
    tokens = provider.tokens(browser, party, claims=essential)
    assert provider.claims_of(tokens["id_token"])["acr"] == wanted


def test_any_listed_level_will_do_and_unknown_ones_are_skipped(provider: Provider) -> None:
    """Unknown wishes never fail (mission, Levels); an essential level that is none of ours can never be met."""
    browser, party = provider.browser(provider.person()), provider.client()
    assert provider.answer(browser, party, acr_values="urn:other:loa:9")["code"]
    for values, outcome in (
        (["urn:other:loa:9", "urn:yihao:level:1"], "code"),
        (["urn:other:loa:9"], "error"),
    ):
        claims = json.dumps({"id_token": {"acr": {"essential": True, "values": values}}})
        assert outcome in provider.answer(browser, party, claims=claims)
    assert provider.answer(browser, party, claims=json.dumps({"id_token": {"acr": {"essential": True}}}))["code"]


def test_a_second_factor_is_asked_for_where_it_helps(provider: Provider) -> None:
    """By claims as by acr_values; without one enrolled the level stays what it is (§5.5.1.1)."""
    person, party = provider.person(), provider.client()
    provider.prove(person, 3)
    strong = provider.browser(person, amr=("otp", "pwd"))
    claims = json.dumps({"id_token": {"acr": {"value": "urn:yihao:level:3"}}})
    tokens = provider.tokens(strong, party, claims=claims)
    body = provider.claims_of(tokens["id_token"])
    assert (body["acr"], body["amr"]) == ("urn:yihao:level:3", ["otp", "pwd"])


@pytest.mark.parametrize(
    "claims",
    [
        "x",
        "[]",
        "1",
        "null",
        '{"userinfo":1}',
        '{"userinfo":{"name":1}}',
        '{"id_token":{"acr":{"values":"x"}}}',
        '{"id_token":{"acr":{"essential":true,"values":[1]}}}',
        '{"id_token":{"sub":{"value":["x"]}}}',
        '{"id_token":{"sub":{"value":"a"}},"userinfo":{"sub":{"value":"b"}}}',
        '{"a":NaN}',
        "[" * 4_000,
        '{"a":"' + "x" * 4_100 + '"}',
    ],
)
def test_a_malformed_claims_parameter_is_refused(provider: Provider, claims: str) -> None:
    """Not JSON, of another form, deep or long: invalid_request (§5.5)."""
    assert provider.answer(provider.browser(), provider.client(), claims=claims)["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("request", "request_not_supported"),
        ("request_uri", "request_uri_not_supported"),
        ("registration", "registration_not_supported"),
    ],
)
def test_what_is_not_supported_is_named(provider: Provider, name: str, error: str) -> None:
    """Each has an error of its own (§3.1.2.6)."""
    assert provider.answer(provider.browser(), provider.client(), **{name: "x"})["error"] == error


def test_consent_is_asked_once_and_for_what_is_new(provider: Provider) -> None:
    """The person sees what the client wants (§3.1.2.4); claims asked for by name are covered by their scope."""
    party, browser = provider.client(policy={}), provider.browser(provider.person())
    browser.open(party.authorize_path())
    assert CONSENT in browser.text
    browser.submit({"decision": "allow"})
    assert parameters_of(browser.location)["code"]
    assert provider.answer(browser, party)["code"]
    more = json.dumps({"userinfo": {"email": None}})
    assert provider.answer(browser, party, prompt="none", claims=more)["error"] == "consent_required"
