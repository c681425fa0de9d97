"""What the codes of the gateway to the national network identity service mean; the protocol is ours."""

from types import MappingProxyType

from realname.providers.answer import Outcome
from realname.providers.meaning import Meaning, Meanings

PASSED, UNFINISHED = "passed", "unfinished"

#: `code` of an answer that refuses to begin.
BEGIN_CODES: Meanings = MappingProxyType(
    {
        "limited": Meaning(Outcome.LIMITED),
        "unavailable": Meaning(Outcome.UNAVAILABLE),
    }
)

#: `code` of a result, but `unfinished`.
RESULT_CODES: Meanings = MappingProxyType(
    {
        PASSED: Meaning(Outcome.MATCH, is_charged=True),
        "failed": Meaning(Outcome.MISMATCH, is_charged=True),  # the password is wrong, or the face is another
        "unknown": Meaning(Outcome.NO_RECORD),  # the person has no valid credential (网证)
        "cancelled": Meaning(Outcome.ABANDONED),
        "expired": Meaning(Outcome.ABANDONED),
        "attack": Meaning(Outcome.RISK),
        "limited": Meaning(Outcome.LIMITED),
        "unavailable": Meaning(Outcome.UNAVAILABLE),  # the national service gave the gateway no answer
    }
)
