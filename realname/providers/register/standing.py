"""What the register says of a number to those who decide the hard cases."""

import hmac
from dataclasses import dataclass, field
from datetime import date

from realname.documents.document_number import DocumentNumber, Sex


@dataclass(frozen=True, slots=True)
class Standing:
    """One number's standing; `name` is the register's own spelling. Its repr shows nothing of the person.

    `household` is a keyed digest: equal for two numbers of one household, as long as both were asked for now.
    """

    name: str = field(repr=False)
    birth_date: date | None = field(default=None, repr=False)
    sex: Sex | None = field(default=None, repr=False)
    valid_until: date | None = field(default=None, repr=False)
    deceased_on: date | None = field(default=None, repr=False)
    guardians: tuple[DocumentNumber, ...] = field(default=(), repr=False)
    household: str | None = field(default=None, repr=False)

    def has_guardian(self, number: DocumentNumber) -> bool:
        """Tell whether the holder of that number acts for this person."""
        same = [
            each.type is number.type and hmac.compare_digest(each.canonical, number.canonical)
            for each in self.guardians
        ]
        return any(same)

    def shares_household(self, other: "Standing") -> bool:
        """Tell whether both live in one household, as far as the register knows."""
        if self.household is None or other.household is None:
            return False
        return hmac.compare_digest(self.household, other.household)
