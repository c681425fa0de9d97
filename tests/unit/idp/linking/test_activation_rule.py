"""Who may make a link active: each refusal beside what is accepted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from idp.linking.activation_rule import OLDEST_LOGIN, ActivationProblem, Facts, Login, Pair, problem_of
from idp.linking.control import LIFE, ControlProof
from idp.linking.vocabulary import ControlKind, HolderKind, Situation, SourceState

AT = datetime(2026, 3, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def proof(kind: ControlKind, **values: Any) -> ControlProof:
    return ControlProof(7, kind, AT, "handle", **values)


PASSWORD, PHONE = proof(ControlKind.PASSWORD), proof(ControlKind.PHONE)
COUNTER, VOUCHED = proof(ControlKind.COUNTER), proof(ControlKind.VOUCHED)
GOOD = Facts(
    is_person_active=True,
    ial=3,
    login=Login(3, timedelta()),
    pair=Pair.EQUAL,
    holder=HolderKind.PERSON,
    source=SourceState.ACTIVE,
    situation=Situation.FOUND,
    is_contradictory=False,
    is_refused=False,
    is_decided=False,
    has_open_case=False,
    is_contested=False,
    has_other_owner=False,
    is_vouching=False,
    proof=PASSWORD,
    proof_age=timedelta(),
)
AT_COUNTER = replace(GOOD, login=None, proof=COUNTER)


@pytest.mark.parametrize(
    "facts",
    [
        GOOD,
        replace(GOOD, proof=PHONE),
        replace(GOOD, proof=VOUCHED, is_vouching=True),
        AT_COUNTER,
        replace(GOOD, login=Login(4, OLDEST_LOGIN), proof_age=LIFE),
        replace(GOOD, source=SourceState.INACTIVE),
        replace(GOOD, proof=replace(PASSWORD, shared_by=5)),
        replace(GOOD, proof=replace(PHONE, shared_by=3)),
        replace(GOOD, situation=Situation.FOUND_MULTIPLE),
    ],
)
def test_the_pair_and_control_shown_just_now_in_a_fresh_login_suffice(facts: Facts) -> None:
    """Each way in, up to its limits."""
    assert problem_of(facts) is None


REFUSED = [
    ({"is_person_active": False}, ActivationProblem.PERSON),
    ({"ial": 2}, ActivationProblem.IDENTITY),
    ({"pair": Pair.UNPROVED}, ActivationProblem.IDENTITY),
    ({"login": None}, ActivationProblem.LEVEL),
    ({"login": Login(2, timedelta())}, ActivationProblem.LEVEL),
    ({"login": Login(3, OLDEST_LOGIN + TICK)}, ActivationProblem.OLD_LOGIN),
    ({"holder": HolderKind.ORGANISATION}, ActivationProblem.HOLDER),
    ({"holder": HolderKind.TEST}, ActivationProblem.HOLDER),
    ({"source": SourceState.DECEASED}, ActivationProblem.DECEASED),
    ({"source": SourceState.GONE}, ActivationProblem.GONE),
    ({"is_refused": True}, ActivationProblem.REFUSED_BEFORE),
    ({"has_open_case": True}, ActivationProblem.CASE_OPEN),
    ({"is_contested": True}, ActivationProblem.CASE_OPEN),
    ({"pair": Pair.NO_NUMBER}, ActivationProblem.NO_NUMBER),
    ({"pair": Pair.OTHER_NUMBER}, ActivationProblem.OTHER_NUMBER),
    ({"pair": Pair.OTHER_NAME}, ActivationProblem.OTHER_NAME),
    ({"is_contradictory": True}, ActivationProblem.CONTRADICTORY),
    ({"proof": None}, ActivationProblem.PROOF_MISSING),
    ({"proof_age": LIFE + TICK}, ActivationProblem.PROOF_OLD),
    ({"proof": replace(PASSWORD, is_default=True)}, ActivationProblem.PASSWORD_DEFAULT),
    ({"proof": replace(PASSWORD, shared_by=6)}, ActivationProblem.PASSWORD_SHARED),
    ({"proof": replace(PHONE, shared_by=4)}, ActivationProblem.PHONE_SHARED),
    ({"proof": VOUCHED}, ActivationProblem.NOT_VOUCHED),
    ({"has_other_owner": True}, ActivationProblem.OTHER_OWNER),
]


@pytest.mark.parametrize(("changed", "problem"), REFUSED)
def test_whatever_is_missing_is_named(changed: dict[str, Any], problem: ActivationProblem) -> None:
    """One thing differs from what is accepted, and it alone refuses."""
    assert problem_of(replace(GOOD, **changed)) is problem


def test_every_problem_is_tested() -> None:
    """No refusal without the test of it."""
    assert {problem for _, problem in REFUSED} == set(ActivationProblem)


@pytest.mark.parametrize("pair", [Pair.NO_NUMBER, Pair.OTHER_NUMBER, Pair.OTHER_NAME])
def test_two_people_settle_what_the_pair_does_not_say(pair: Pair) -> None:
    """A case decided by two, with control shown; or two clerks before whom the person stands."""
    doubtful = {"pair": pair, "is_contradictory": True}
    assert problem_of(replace(GOOD, is_decided=True, **doubtful)) is None
    assert problem_of(replace(AT_COUNTER, **doubtful)) is None
    assert problem_of(replace(GOOD, is_decided=True, proof=None, **doubtful)) is ActivationProblem.PROOF_MISSING


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"is_person_active": False}, ActivationProblem.PERSON),
        ({"ial": 2}, ActivationProblem.IDENTITY),
        ({"pair": Pair.UNPROVED}, ActivationProblem.IDENTITY),
        ({"holder": HolderKind.ORGANISATION}, ActivationProblem.HOLDER),
        ({"source": SourceState.DECEASED}, ActivationProblem.DECEASED),
        ({"is_refused": True}, ActivationProblem.REFUSED_BEFORE),
        ({"is_contested": True}, ActivationProblem.CASE_OPEN),
        ({"has_other_owner": True}, ActivationProblem.OTHER_OWNER),
    ],
)
def test_the_counter_settles_no_more_than_that(changed: dict[str, Any], problem: ActivationProblem) -> None:
    """Who is not proved, whose the account is not, and what somebody else claims, stays refused there."""
    assert problem_of(replace(AT_COUNTER, **changed)) is problem


def test_an_open_case_gives_way_to_two_clerks() -> None:
    """They decide it with the person before them."""
    assert problem_of(replace(AT_COUNTER, has_open_case=True)) is None


@pytest.mark.parametrize(
    "changed",
    [{"situation": Situation.FOUND_MULTIPLE}, {"situation": None}, {"is_decided": True, "pair": Pair.NO_NUMBER}],
)
def test_a_source_speaks_for_the_one_account_of_a_pair_alone(changed: dict[str, Any]) -> None:
    """Several accounts, or a pair that two people had to settle, need a proof of control."""
    vouched = replace(GOOD, proof=VOUCHED, is_vouching=True)
    assert problem_of(replace(vouched, **changed)) is ActivationProblem.NOT_VOUCHED
