"""The decider about a mobile that somebody else proved, or that was taken off."""

from datetime import UTC, datetime

import pytest

from idp.login.next_step import PersonFacts, Step, next_step
from idp.login.progress import Progress
from idp.login.request import Demands
from realname.levels.level import LevelTable

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def decide(*methods: str, known_device: bool = False, answered: bool = False, **facts: bool) -> object:
    progress = Progress()
    for method in methods:
        progress = progress.proved("p", method, NOW, known_device=known_device)
    progress = progress.about_mobile() if answered else progress
    found = PersonFacts(ial=1, granted=frozenset(), **({"has_totp": False} | facts))
    levels = LevelTable(rows=(), ceilings={}, acr_prefix="urn:x:")
    return next_step(Demands(), progress, None, found, levels, channel="portal", offered_ial=0, now=NOW)


@pytest.mark.parametrize(
    ("methods", "known_device", "step"),
    [
        (["pwd"], False, Step.ESTABLISH),  # a password from anywhere does not speak for the account
        (["pwd"], True, Step.KEEP_MOBILE),
        (["pwd", "otp"], False, Step.KEEP_MOBILE),
        (["pwd", "sms"], False, Step.KEEP_MOBILE),
        (["sms"], True, Step.KEEP_MOBILE),
        (["sms"], False, Step.IDENTIFY),
    ],
)
def test_a_contested_mobile_is_asked_about_of_who_may_answer(
    methods: list[str], known_device: bool, step: Step
) -> None:
    """Two factors, or a device that the person is known by; answered once, the login goes on."""
    assert decide(*methods, known_device=known_device, mobile_contested=True) is step
    if step is Step.KEEP_MOBILE:
        assert decide(*methods, known_device=known_device, mobile_contested=True, answered=True) is Step.ESTABLISH


def test_a_lost_mobile_is_asked_for_after_all_proofs() -> None:
    """The second factor comes first; whoever proved everything gives another number, or puts it off."""
    assert decide("pwd", mobile_lost=True, has_totp=True) is Step.TOTP
    assert decide("pwd", "otp", mobile_lost=True, has_totp=True) is Step.BIND_MOBILE
    assert decide("pwd", mobile_lost=True) is Step.BIND_MOBILE
    assert decide("pwd", mobile_lost=True, answered=True) is Step.ESTABLISH
    assert decide("pwd") is Step.ESTABLISH


def test_an_answer_is_ones_own() -> None:
    """A proof by somebody else in the same interaction is asked anew."""
    progress = Progress().proved("p", "pwd", NOW, known_device=True).about_mobile()
    assert progress.proved("p", "otp", NOW, known_device=True).mobile_answered
    assert not progress.proved("q", "pwd", NOW, known_device=True).mobile_answered
    assert Progress.from_document(progress.as_document()).mobile_answered
