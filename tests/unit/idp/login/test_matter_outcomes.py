"""What clerks are told of a decision: every reason of every rule has an outcome, and every outcome its own words."""

from enum import StrEnum

import pytest
from flask import Flask
from flask_babel import force_locale

from idp.core.results import Ok, Refused
from idp.login.counter.carrying_out import outcome_of
from idp.login.counter.matter import MatterKind, Outcome
from idp.login.deaths import DeathProblem
from idp.login.guardianships import GuardianshipProblem
from idp.login.two_persons import PairProblem
from idp.web.matter_wording import matter_outcome_text, matter_text
from realname.proofing.deaths import CloseProblem
from realname.proofing.guardianship import GuardianProblem
from tests.support.page_app import bare_app

_RULES: tuple[type[StrEnum], ...] = (DeathProblem, CloseProblem, PairProblem, GuardianProblem, GuardianshipProblem)
_PROBLEMS = [problem for rule in _RULES for problem in rule]


@pytest.fixture(scope="module")
def bare() -> Flask:
    return bare_app()


def test_every_reason_is_an_outcome_of_its_own() -> None:
    """None is unknown, and no two are told as one."""
    outcomes = [outcome_of(Refused(problem)) for problem in _PROBLEMS]
    assert len(set(outcomes)) == len(_PROBLEMS)
    assert Outcome.DONE not in outcomes
    assert outcome_of(Ok(None)) is Outcome.DONE


@pytest.mark.parametrize("language", ["zh_Hans_CN", "en"])
@pytest.mark.parametrize("kind", list(MatterKind))
def test_every_outcome_has_words(bare: Flask, kind: MatterKind, language: str) -> None:
    """In both languages, no two alike, and none the neutral text of an unknown one."""
    with bare.test_request_context(), force_locale(language):
        unknown = matter_outcome_text(kind, "nothing that is known")
        texts = [matter_outcome_text(kind, outcome) for outcome in Outcome]
        done = matter_text(kind).done
    assert len({*texts, unknown}) == len(Outcome) + 1
    assert texts[list(Outcome).index(Outcome.DONE)] == done
