"""From a service's own code to what it means, by a table and by nothing else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from realname.providers.answer import Answer, Outcome

# Figures of results, or words in letters. Anything else may be what the service quotes back: somebody's number.
_CODE = re.compile(r"-?[0-9]{1,6}|[A-Za-z][A-Za-z.]{0,79}")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code means, and whether the service charges for saying it."""

    outcome: Outcome
    is_charged: bool = False


#: A table of one service's codes; a code stands for exactly one meaning.
Meanings = Mapping[str, Meaning]


def judge(provider: str, meanings: Meanings, code: str, *, request_id: str) -> Answer:
    """Return the answer that the code stands for; one that the table lacks says nothing about the person."""
    if _CODE.fullmatch(code) is None:
        return unavailable(provider, "answer", request_id=request_id)
    meaning = meanings.get(code, Meaning(Outcome.UNAVAILABLE))
    return Answer(meaning.outcome, provider, code, request_id, is_charged=meaning.is_charged)


def unavailable(
    provider: str, reason: str, *, request_id: str = "", is_charged: bool = False, was_asked: bool = True
) -> Answer:
    """Return the answer for what is no answer; the reason is ours."""
    return Answer(Outcome.UNAVAILABLE, provider, f"local.{reason}", request_id, is_charged, was_asked)


def not_asked(provider: str, reason: str) -> Answer:
    """Return the answer for a question that the service would not take, so that it is not sent."""
    return Answer(Outcome.BAD_INPUT, provider, f"local.{reason}", was_asked=False)
