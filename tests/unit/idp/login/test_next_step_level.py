"""The decider, alone: what a login that is too low for what is asked needs next."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.oauth_errors import InteractionRequired, UnmetAuthenticationRequirements
from idp.login.next_step import Failed, PersonFacts, Step, next_step
from idp.login.progress import Progress
from idp.login.request import Demands
from idp.sessions.service import LiveSession, authenticator_level
from realname.levels.level import LevelTable, Row
from tests.support.frozen_clock import START

LEVELS = LevelTable(
    rows=(Row(1, 1, 1), Row(2, 2, 1), Row(3, 3, 2), Row(4, 4, 3, or_presence=True)),
    ceilings={"portal": 4, "hotline": 2},
    acr_prefix="urn:yihao:level:",
)
PERSON, ID = "p" * 22, "s" * 22
HERE = Progress(person_id=PERSON, amr=("pwd",), proved_at=START, session_id=ID)


def session(*amr: str) -> LiveSession:
    return LiveSession(
        id=ID,
        person_id=PERSON,
        channel="portal",
        aal=authenticator_level(amr),
        amr=tuple(sorted(amr)),
        auth_time=START,
        created_at=START,
        expires_at=START + timedelta(hours=8),
        device_id=None,
        is_staff=False,
        last_seen_at=START,
    )


def decide(
    level: int,
    *,
    ial: int = 1,
    amr: tuple[str, ...] = ("pwd",),
    has_totp: bool = False,
    offered: int = 3,
    essential: bool = False,
    progress: Progress = HERE,
    prompt: frozenset[str] = frozenset(),
    channel: str = "portal",
) -> Step | type:
    demands = Demands(minimum_level=level, minimum_is_essential=essential, prompt=prompt)
    facts = PersonFacts(ial=ial, has_totp=has_totp, granted=frozenset())
    found = next_step(demands, progress, session(*amr), facts, LEVELS, channel=channel, offered_ial=offered, now=START)
    return type(found.error) if isinstance(found, Failed) else found


@pytest.mark.parametrize(
    ("case", "step"),
    [
        ({"level": 1}, Step.DONE),
        ({"level": 2}, Step.PROVE),
        ({"level": 2, "ial": 2}, Step.DONE),
        ({"level": 3, "ial": 2}, Step.PROVE),
        ({"level": 3, "ial": 3}, Step.MOBILE_FACTOR),
        ({"level": 3, "ial": 3, "has_totp": True}, Step.TOTP),
        ({"level": 3, "ial": 3, "amr": ("pwd", "sms")}, Step.DONE),
        ({"level": 3, "ial": 3, "amr": ("sms",)}, Step.DONE),  # a password would be needed: told by acr
        ({"level": 3, "ial": 2, "offered": 2}, Step.DONE),  # no face here: told by acr
        ({"level": 3, "ial": 2, "offered": 2, "essential": True}, Step.PROVE),  # the page shows the counter
        ({"level": 4, "ial": 3}, Step.DONE),
        ({"level": 4, "ial": 3, "essential": True}, Step.PROVE),
        ({"level": 2, "offered": 0}, Step.DONE),
        ({"level": 2, "offered": 0, "essential": True}, UnmetAuthenticationRequirements),
        ({"level": 2, "prompt": frozenset({"none"})}, InteractionRequired),
        ({"level": 2, "progress": replace(HERE, proofing_put_off=True)}, Step.DONE),
        (
            {"level": 2, "essential": True, "progress": replace(HERE, proofing_put_off=True)},
            UnmetAuthenticationRequirements,
        ),
        ({"level": 2, "progress": Progress()}, Step.IDENTIFY),  # an open session alone raises nobody
    ],
)
def test_the_way_up(case: dict[str, object], step: object) -> None:
    """Led up where it can be reached here, told where not, and refused only where it is essential."""
    assert decide(**case) == step  # type: ignore[arg-type]


@given(
    level=st.integers(1, 4),
    ial=st.integers(1, 4),
    offered=st.sampled_from([0, 2, 3]),
    essential=st.booleans(),
    has_totp=st.booleans(),
    amr=st.sampled_from([("pwd",), ("pwd", "sms"), ("otp", "pwd"), ("sms",)]),
    put_off=st.booleans(),
)
def test_an_essential_level_is_reached_or_refused(
    level: int, ial: int, offered: int, essential: bool, has_totp: bool, amr: tuple[str, ...], put_off: bool
) -> None:
    """Done is only said of an essential level that is reached; no step is repeated that was done."""
    found = decide(
        level,
        ial=ial,
        offered=offered,
        essential=essential,
        has_totp=has_totp,
        amr=amr,
        progress=replace(HERE, proofing_put_off=put_off),
    )
    standing = {"ial": ial, "aal": authenticator_level(amr)}
    reached = {1: True, 2: standing["ial"] >= 2, 3: standing["ial"] >= 3 and standing["aal"] >= 2, 4: False}[level]
    if essential:
        assert (found is Step.DONE) == reached
    if found is Step.TOTP:
        assert has_totp and "otp" not in amr
    if found is Step.MOBILE_FACTOR:
        assert "sms" not in amr and not put_off


@pytest.mark.parametrize(
    ("progress", "step"),
    [
        (HERE, Step.PROVE),
        (HERE.proved_by("name"), Step.PROVE),
        (HERE.proved_by("mobile"), Step.PROVE),
        (HERE.proved_by("face"), Step.DONE),
        (HERE.proved_by("network_identity"), Step.DONE),
        (HERE.without_proofing(), Step.DONE),
        (Progress(), Step.IDENTIFY),
    ],
)
def test_who_came_to_be_proved_is_led_there(progress: Progress, step: Step) -> None:
    """Also where the level is reached already: name and mobile only lead on to the face."""
    demands, facts = Demands(wants_proof=True), PersonFacts(ial=3, has_totp=False, granted=frozenset())
    found = next_step(demands, progress, session("pwd"), facts, LEVELS, channel="portal", offered_ial=3, now=START)
    assert found is step
