"""What a verification service answered, in one model for all of them."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What an answer means.

    Only a match raises anything. No record, and whatever says that there was no real answer, neither raises nor
    lowers: the person goes on as they are, and the counter is offered.
    """

    MATCH = "match"
    MISMATCH = "mismatch"
    NO_RECORD = "no_record"  # the source does not know the number; no word about the person's honesty
    BAD_INPUT = "bad_input"  # the service will not take number, name or mobile as they are
    LIMITED = "limited"  # too many questions: ours, about this number, or for today's budget
    UNAVAILABLE = "unavailable"  # no answer, a late one, or one that cannot be read
    ABANDONED = "abandoned"  # the person stopped on the service's pages, or let their time pass
    RISK = "risk"  # the service suspects an attack: a mask, a screen, a stolen number


@dataclass(frozen=True, slots=True)
class Answer:
    """An outcome with its evidence: the service, its own code and request id, and whether it was paid for.

    `code` is the service's or begins with `local.`; neither it nor `request_id` holds anything of the person.
    """

    outcome: Outcome
    provider: str
    code: str
    request_id: str = ""
    is_charged: bool = False
    #: False where certainly nothing reached the service, so that asking again costs nothing twice.
    was_asked: bool = True

    @property
    def is_settled(self) -> bool:
        """Tell whether the source itself spoke about the person, so that asking again says the same."""
        return self.outcome in (Outcome.MATCH, Outcome.MISMATCH, Outcome.NO_RECORD)
