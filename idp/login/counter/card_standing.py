"""Whether the authority knows a card as the valid one: asked once about a card that was read, before a clerk signs.

A chip goes on saying that its card is good after the card was lost and replaced. What the authority denies is a doubt
for two clerks; what it does not know, or cannot say now, changes nothing, and stands in the audit beside the rest.
"""

from dataclasses import replace
from datetime import date
from typing import Any

from idp.core.clock import Clock, civil_date
from idp.login.counter.visit import CardAnswer, Presented
from realname.providers.answer import Outcome
from realname.providers.guarded import GuardedCardVerifier
from realname.providers.question import Question

_DENIALS = frozenset({Outcome.MISMATCH, Outcome.RISK})


class CardStanding:
    """Asks about cards. `verifier` is None where nobody can be asked."""

    def __init__(self, *, verifier: GuardedCardVerifier | None, clock: Clock) -> None:
        self._verifier = verifier
        self._clock = clock

    def asked(self, card: Presented, name: str) -> Presented:
        """Return the card with the authority's answer; one that has an answer is not asked about again.

        `name` is the whole one: the card may cut it, and half a name would be another one. Ask outside of any
        transaction.
        """
        number = card.document(civil_date(self._clock.now()))
        if self._verifier is None or card.answer is not None or number is None:
            return card
        until = card.valid_until
        answer = self._verifier.verify_card(
            Question(number, name),
            valid_from=date.fromisoformat(card.valid_from),
            valid_until=date.fromisoformat(until) if until is not None else None,
        )
        return replace(card, answer=CardAnswer(answer.outcome, answer.provider, answer.code, answer.request_id))


def is_denied(card: Presented) -> bool:
    """Tell whether the authority said that the card is not, or no longer, its holder's."""
    return card.answer is not None and card.answer.outcome in _DENIALS


def details_of(card: Presented | None) -> dict[str, Any]:
    """Return what the audit keeps of the answer; empty where nobody was asked."""
    answer = card.answer if card is not None else None
    if answer is None:
        return {}
    said = {"provider": answer.provider, "outcome": str(answer.outcome), "code": answer.code}
    return {"authority": {**said, "request_id": answer.request_id}}
