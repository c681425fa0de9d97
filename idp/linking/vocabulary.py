"""The words of merging: states, situations and reasons, as the tables keep them."""

from enum import StrEnum


class SystemState(StrEnum):
    """Whether an older system still has a part here."""

    ACTIVE = "active"
    ENDED = "ended"  # no file of it is taken, and no login begins with it


class BatchState(StrEnum):
    """Where an import stands; only `approved` ones are applied, and only by a second person's word."""

    UPLOADED = "uploaded"  # the file lies here, its columns are not agreed to yet
    STAGING = "staging"  # a worker reads it
    MATCHING = "matching"  # a worker makes the dry run
    REVIEW = "review"  # the dry run can be read; waits for a second person
    APPROVED = "approved"  # waits for a worker
    APPLYING = "applying"
    DONE = "done"
    STOPPED = "stopped"  # by a safeguard or a fault; says which
    CANCELLED = "cancelled"
    UNDOING = "undoing"
    UNDONE = "undone"


class NumberState(StrEnum):
    """What the number of a legacy row is worth."""

    VALID = "valid"  # well formed as written, or 15 digits brought to 18
    MISSING = "missing"
    PLACEHOLDER = "placeholder"
    MASKED = "masked"
    DAMAGED = "damaged"  # a spreadsheet took its last digits
    INVALID = "invalid"  # wrong check character, date or length
    OTHER_DOCUMENT = "other_document"  # a passport or the like, which no person is found by


class HolderKind(StrEnum):
    """Whose account a row is."""

    PERSON = "person"
    ORGANISATION = "organisation"
    TEST = "test"


class SourceState(StrEnum):
    """What the older system says of the account itself."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    DECEASED = "deceased"
    GONE = "gone"  # no longer in the latest full file


class Situation(StrEnum):
    """What matching found for an account (`docs/merging.md`); recomputed by every run, never decided by hand."""

    FOUND = "found"  # number and name are one person's, who has one such account in the system
    FOUND_MULTIPLE = "found_multiple"  # the same, with several accounts in the system
    FOUND_FORMER = "found_former"  # number and name are one person's, but the number is a former one
    CONTRADICTED = "contradicted"  # the pair is found, but phone or birth date speak against it
    DISPUTED = "disputed"  # the number is somebody's, the name differs
    DECEASED = "deceased"  # the pair is found, the person or the row says dead
    ENTERPRISE = "enterprise"  # an organisation's account
    TEST = "test"
    ABSENT = "absent"  # a valid number that nobody here has
    UNQUALIFIED = "unqualified"  # no usable number
    AMBIGUOUS = "ambiguous"  # more than one person fits
    LINKED = "linked"  # linked already
    CHANGED = "changed"  # linked already, and number or name changed at the source
    GONE = "gone"  # linked already, and no longer at the source
    REFUSED = "refused"  # fits somebody who said, or of whom was said, that it is not theirs


class Action(StrEnum):
    """What a system's rules do with a situation; none of them gives access."""

    PROPOSE = "propose"
    OPEN_CASE = "open_case"
    WAIT = "wait"  # matched again when somebody enrols
    SUSPEND = "suspend"
    KEEP = "keep"
    NOTHING = "nothing"


class LinkState(StrEnum):
    """The life of a link; only an active one has any effect."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REJECTED = "rejected"  # "not mine"
    EXPIRED = "expired"
    REVOKED = "revoked"  # unlinked after it was active
    UNDONE = "undone"


#: One account has one owner: at most one of these for an account, held by the database.
OWNING_STATES = frozenset({LinkState.ACTIVE, LinkState.SUSPENDED})
#: From these nothing leads back.
ENDED_STATES = frozenset({LinkState.REJECTED, LinkState.EXPIRED, LinkState.REVOKED, LinkState.UNDONE})


class ControlKind(StrEnum):
    """How a person showed that a legacy account is in their hands."""

    PASSWORD = "password"  # noqa: S105
    PHONE = "phone"
    COUNTER = "counter"
    SIGN_UP = "sign_up"  # the account was opened while they were logged in there from here
    VOUCHED = "vouched"  # by the source, where two administrators switched that on


class CaseKind(StrEnum):
    """What a human must decide."""

    DISPUTED_NUMBER = "disputed_number"
    DECEASED = "deceased"
    AMBIGUOUS = "ambiguous"
    FORMER_NUMBER = "former_number"
    ENTERPRISE = "enterprise"
    CONTRADICTED = "contradicted"  # the pair is found, but other fields speak against it
    CANDIDATE = "candidate"  # no usable number, but something else fits
    CONTESTED = "contested"  # claimed by one person while active for another
    TWO_PERSONS = "two_persons"  # two persons here that are one


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    SECOND_OPINION = "second_opinion"  # one has decided, another must
    SPLIT = "split"  # the two differed: a third looks at it
    CLOSED = "closed"


class Verdict(StrEnum):
    """What somebody decided in a case."""

    LINK = "link"  # the account is this candidate's: proposed to them, or activated before them at a counter
    NO_LINK = "no_link"  # of none of these
    MERGE = "merge"
    KEEP_APART = "keep_apart"


class Stage(StrEnum):
    """Which look at a case a decision was."""

    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    AUDIT = "audit"


class Cutover(StrEnum):
    """Who answers logins of an older system's users."""

    LEGACY_ONLY = "legacy_only"
    BOTH = "both"  # with a comparison of the two answers
    PLATFORM_ONLY = "platform_only"
