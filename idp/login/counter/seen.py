"""What a clerk states of somebody whose card was read."""

from dataclasses import dataclass, field

from idp.core.errors import LoginRefused
from idp.core.results import Ok
from idp.login.counter.visit import Presented
from idp.login.refusal import Refusal
from idp.persons.contact_numbers import parse_mobile
from realname.documents.names import clean_name
from realname.proofing.counter import Comparison, Doubt, continues

#: Doubts that a name answers which the clerk wrote out.
NAME_DOUBTS = frozenset({Doubt.NAME_CUT, Doubt.NAME_UNREADABLE})


@dataclass(frozen=True, slots=True)
class Seen:
    """How the clerk compared, the whole name where the card cuts it, words on any doubt, and a newcomer's mobile."""

    comparison: Comparison
    name: str = field(default="", repr=False)
    note: str = field(default="", repr=False)
    mobile: str = field(default="", repr=False)

    def require_note(self, doubts: frozenset[Doubt]) -> None:
        """Raise LoginRefused where something is open and the clerk wrote nothing about it."""
        if doubts and not self.note:
            raise LoginRefused(Refusal.COUNTER_NOTE)

    def parsed_mobile(self) -> str:
        """Return the mobile in E.164; raises LoginRefused where it is none."""
        mobile = parse_mobile(self.mobile)
        if not isinstance(mobile, Ok):
            raise LoginRefused(Refusal.MOBILE)
        parsed: str = mobile.value
        return parsed

    def whole_name(self, card: Presented, doubts: frozenset[Doubt]) -> str:
        """Return the name as the card has it, or as it was written out; raises LoginRefused where that is another."""
        if not doubts & NAME_DOUBTS:
            return card.name
        cleaned = clean_name(self.name or card.name)
        if not isinstance(cleaned, Ok):
            raise LoginRefused(Refusal.NAME)
        if Doubt.NAME_UNREADABLE not in doubts and not continues(cleaned.value, card.name):
            raise LoginRefused(Refusal.COUNTER_NAME)
        return str(cleaned.value)
