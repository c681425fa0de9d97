"""The decider about for whom somebody acts: asked once, by hint or by the person, and never guessed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from idp.core.oauth_errors import LoginRequired, UnmetAuthenticationRequirements
from idp.login.next_step import Failed, PersonFacts, Step, next_step
from idp.login.party import party_of
from idp.login.progress import Progress
from idp.login.request import Demands
from idp.sessions.service import LiveSession
from realname.levels.level import LevelTable, Row

NOW = datetime(2026, 3, 2, tzinfo=UTC)
LEVELS = LevelTable(rows=(Row(1, 1, 1, False), Row(2, 2, 1, False)), ceilings={"portal": 4}, acr_prefix="urn:x:")
PARENT, CHILD, OTHER = "p" * 22, "c" * 22, "o" * 22
SESSION = LiveSession(
    id="s" * 22,
    person_id=PARENT,
    channel="portal",
    aal=1,
    amr=("pwd",),
    auth_time=NOW,
    created_at=NOW,
    expires_at=NOW + timedelta(hours=8),
    device_id=None,
    is_staff=False,
    last_seen_at=NOW,
)
GUARDIAN = PersonFacts(ial=2, has_totp=False, granted=frozenset(), wards=(CHILD,))


def decide(
    progress: Progress | None = None, demands: Demands | None = None, facts: PersonFacts = GUARDIAN
) -> Step | Failed:
    return next_step(
        demands or Demands(), progress or Progress(), SESSION, facts, LEVELS, channel="portal", offered_ial=0, now=NOW
    )


def chosen(party: str, chooser: str = PARENT) -> Progress:
    return Progress().acting_for(party, chooser=chooser)


def test_a_guardian_is_asked_once() -> None:
    """Before consent, which is about whoever is chosen; who acts for nobody is not asked."""
    wants_consent = Demands(ward_consent_needed=frozenset({"profile"}))
    assert decide(demands=wants_consent) is Step.CHOOSE_PARTY
    assert decide(chosen(CHILD), wants_consent) is Step.CONSENT
    assert decide(chosen(CHILD), wants_consent, replace(GUARDIAN, granted=frozenset({"profile"}))) is Step.DONE
    assert decide(chosen(PARENT), wants_consent) is Step.DONE
    assert decide(chosen(PARENT), Demands(consent_needed=frozenset({"profile"}))) is Step.CONSENT
    assert decide(facts=replace(GUARDIAN, wards=())) is Step.DONE


@pytest.mark.parametrize("progress", [chosen(OTHER), chosen(CHILD, chooser=OTHER)])
def test_a_choice_counts_for_who_made_it_and_while_it_may_be_made(progress: Progress) -> None:
    """A child of nobody here, or a choice of somebody who was logged in before: asked again."""
    assert decide(progress) is Step.CHOOSE_PARTY
    assert decide(chosen(CHILD)) is Step.DONE


def test_whoever_proves_themself_here_chooses_anew() -> None:
    """Unless it is the one who chose."""
    mine = Progress().proved(PARENT, "pwd", NOW, known_device=True).acting_for(CHILD, chooser=PARENT)
    assert mine.proved(PARENT, "otp", NOW, known_device=True).party == CHILD
    assert mine.proved(OTHER, "pwd", NOW, known_device=True).party is None
    assert Progress.from_document(mine.as_document()) == mine


def test_a_choice_takes_back_what_was_agreed_to_for_another() -> None:
    """Consent is about one person."""
    agreed = chosen(PARENT).answered(allowed=True)
    assert agreed.consented and not agreed.acting_for(CHILD, chooser=PARENT).consented


def test_silence_is_for_oneself_and_a_hint_for_whom_it_names() -> None:
    """`prompt=none` asks nobody; the subject that a client names is the one that answers, or none."""
    silent = frozenset({"none"})
    assert party_of(Demands(prompt=silent), Progress(), PARENT, (CHILD,)) == PARENT
    assert decide(demands=Demands(prompt=silent)) is Step.DONE
    for prompt in (frozenset(), silent):
        assert party_of(Demands(prompt=prompt, hint_person=CHILD), Progress(), PARENT, (CHILD,)) == CHILD
        assert party_of(Demands(prompt=prompt, hint_person=PARENT), Progress(), PARENT, (CHILD,)) == PARENT
    refused = decide(demands=Demands(prompt=silent, hint_person=OTHER))
    assert isinstance(refused, Failed) and isinstance(refused.error, LoginRequired)
    assert decide(demands=Demands(hint_person=OTHER)) is Step.IDENTIFY
    assert decide(demands=Demands(hint_person=CHILD)) is Step.DONE


def test_the_level_is_asked_of_who_acts() -> None:
    """Before anybody is asked for whom."""
    essential = Demands(minimum_level=2, minimum_is_essential=True)
    assert decide(demands=essential) is Step.CHOOSE_PARTY
    refused = decide(demands=essential, facts=replace(GUARDIAN, ial=1))
    assert isinstance(refused, Failed) and isinstance(refused.error, UnmetAuthenticationRequirements)
