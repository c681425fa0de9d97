"""What a system's rules do with each situation: data, versioned, and checked before anything runs by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from idp.core.results import Ok, Refused
from idp.linking.vocabulary import Action, Situation

#: What may be done in each situation; the first is what is done where nothing is agreed. A proposal needs a number
#: and a name that are one living person's, so no rule can make one of less.
ALLOWED: Mapping[Situation, tuple[Action, ...]] = MappingProxyType(
    {
        Situation.FOUND: (Action.PROPOSE, Action.OPEN_CASE, Action.NOTHING),
        Situation.FOUND_MULTIPLE: (Action.PROPOSE, Action.OPEN_CASE, Action.NOTHING),
        Situation.FOUND_FORMER: (Action.OPEN_CASE, Action.NOTHING),
        Situation.CONTRADICTED: (Action.OPEN_CASE, Action.NOTHING),
        Situation.DISPUTED: (Action.OPEN_CASE, Action.NOTHING),
        Situation.DECEASED: (Action.OPEN_CASE, Action.NOTHING),
        Situation.ENTERPRISE: (Action.NOTHING, Action.OPEN_CASE),
        Situation.TEST: (Action.NOTHING,),
        Situation.ABSENT: (Action.WAIT, Action.NOTHING),
        Situation.UNQUALIFIED: (Action.OPEN_CASE, Action.WAIT, Action.NOTHING),
        Situation.AMBIGUOUS: (Action.OPEN_CASE, Action.NOTHING),
        Situation.LINKED: (Action.KEEP,),
        Situation.CHANGED: (Action.SUSPEND,),
        Situation.GONE: (Action.SUSPEND, Action.KEEP),
        Situation.REFUSED: (Action.NOTHING,),
    }
)


class RulesProblem(StrEnum):
    """Why a document is no set of rules."""

    NOT_A_MAP = "not_a_map"
    UNKNOWN_SITUATION = "unknown_situation"
    UNKNOWN_ACTION = "unknown_action"
    NOT_ALLOWED = "not_allowed"  # the situation bears no such action


@dataclass(frozen=True, slots=True)
class Rules:
    """The action for each situation, all of them named."""

    actions: Mapping[Situation, Action]

    def action(self, situation: Situation) -> Action:
        """Return what is done in a situation."""
        return self.actions[situation]

    def document(self) -> dict[str, Any]:
        """Return the rules as they are stored."""
        return {str(situation): str(action) for situation, action in self.actions.items()}


DEFAULT_RULES = Rules(MappingProxyType({situation: actions[0] for situation, actions in ALLOWED.items()}))


def parse_rules(document: object) -> Ok[Rules] | Refused:
    """Return rules from their document, with defaults for what it leaves out, or a `RulesProblem`."""
    if not isinstance(document, Mapping):
        return Refused(RulesProblem.NOT_A_MAP)
    actions = dict(DEFAULT_RULES.actions)
    for name, word in document.items():
        if name not in set(Situation):
            return Refused(RulesProblem.UNKNOWN_SITUATION)
        if word not in set(Action):
            return Refused(RulesProblem.UNKNOWN_ACTION)
        if Action(word) not in ALLOWED[Situation(name)]:
            return Refused(RulesProblem.NOT_ALLOWED)
        actions[Situation(name)] = Action(word)
    return Ok(Rules(MappingProxyType(actions)))
