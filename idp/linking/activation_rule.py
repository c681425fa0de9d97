"""Whether a link may become active: one pure function of what is known of the person, the account and the proof.

Proof of control and the pair of number and name are needed both: a password can be guessed or given away, and a row can
carry a relative's number. What the pair does not carry, two people decide: in a case beforehand, or at a counter.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from idp.linking.control import LIFE, MOST_IDENTITIES, MOST_SHARING, ControlProof
from idp.linking.vocabulary import ControlKind, HolderKind, Situation, SourceState

#: The least identity level of a person, and level of the login in which they act.
LEAST_LEVEL = 3
#: How old that login may be.
OLDEST_LOGIN = timedelta(minutes=10)


class Pair(StrEnum):
    """How the row's number and name stand to the person's proved ones."""

    EQUAL = "equal"
    NO_NUMBER = "no_number"  # the row has none that could be compared
    OTHER_NUMBER = "other_number"
    OTHER_NAME = "other_name"
    UNPROVED = "unproved"  # the person has no number that is theirs


class ActivationProblem(StrEnum):
    """Why a link does not become active."""

    PERSON = "person"  # suspended, closed, dead
    IDENTITY = "identity"  # the person is not proved far enough
    LEVEL = "level"  # this login is worth too little
    OLD_LOGIN = "old_login"
    HOLDER = "holder"  # an organisation's account, or a test row
    DECEASED = "deceased"  # the source says that its holder died
    GONE = "gone"  # the source does not have the account any more
    REFUSED_BEFORE = "refused_before"  # others said that it is not this person's
    CASE_OPEN = "case_open"
    NO_NUMBER = "no_number"
    OTHER_NUMBER = "other_number"
    OTHER_NAME = "other_name"
    CONTRADICTORY = "contradictory"  # the row speaks against its own number
    PROOF_MISSING = "proof_missing"  # of another account, or none at all
    PROOF_OLD = "proof_old"
    PASSWORD_DEFAULT = "password_default"  # noqa: S105
    PASSWORD_SHARED = "password_shared"  # noqa: S105
    PHONE_SHARED = "phone_shared"
    NOT_VOUCHED = "not_vouched"  # the source does not speak for its accounts, or not for this one
    OTHER_OWNER = "other_owner"


_PAIR_PROBLEMS = {
    Pair.NO_NUMBER: ActivationProblem.NO_NUMBER,
    Pair.OTHER_NUMBER: ActivationProblem.OTHER_NUMBER,
    Pair.OTHER_NAME: ActivationProblem.OTHER_NAME,
    Pair.UNPROVED: ActivationProblem.IDENTITY,
}
#: What two people can settle, in a case or at a counter; everything else stays refused there as well.
SETTLED_BY_TWO = frozenset(_PAIR_PROBLEMS.values()) - {ActivationProblem.IDENTITY} | {ActivationProblem.CONTRADICTORY}


@dataclass(frozen=True, slots=True)
class Login:
    """The login in which somebody acts."""

    level: int
    age: timedelta


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rule reads. `login` is None at a counter, where the person stands before two clerks.

    `is_decided` says that two people decided in a case that the account is this person's, `is_vouching` that the source
    was allowed to speak for its accounts.
    """

    is_person_active: bool
    ial: int
    login: Login | None
    pair: Pair
    holder: HolderKind
    source: SourceState
    situation: Situation | None
    is_contradictory: bool
    is_refused: bool
    is_decided: bool
    has_open_case: bool
    is_contested: bool
    has_other_owner: bool
    is_vouching: bool
    proof: ControlProof | None
    proof_age: timedelta


def problem_of(facts: Facts) -> ActivationProblem | None:
    """Return why the link may not become active, None where it may.

    Whoever owns the account already is asked last: only who could have it otherwise may contest it.
    """
    at_counter = facts.proof is not None and facts.proof.kind is ControlKind.COUNTER
    problem = _of_person(facts, at_counter=at_counter) or _of_account(facts, at_counter=at_counter)
    if problem is None and not at_counter:
        problem = _of_pair(facts) or _of_proof(facts)
    if problem is None and facts.has_other_owner:
        problem = ActivationProblem.OTHER_OWNER
    return problem


def problem_of_person(*, is_active: bool, ial: int, has_number: bool, login: Login | None) -> ActivationProblem | None:
    """Return why somebody can make no account theirs in a login, None where they can; None for it is no login."""
    if not is_active:
        return ActivationProblem.PERSON
    if ial < LEAST_LEVEL or not has_number:
        return ActivationProblem.IDENTITY
    if login is None or login.level < LEAST_LEVEL:
        return ActivationProblem.LEVEL
    return ActivationProblem.OLD_LOGIN if login.age > OLDEST_LOGIN else None


def _of_person(facts: Facts, *, at_counter: bool) -> ActivationProblem | None:
    return problem_of_person(
        is_active=facts.is_person_active,
        ial=facts.ial,
        has_number=facts.pair is not Pair.UNPROVED,
        login=Login(LEAST_LEVEL, timedelta()) if at_counter else facts.login,  # two clerks stand for it
    )


def _of_account(facts: Facts, *, at_counter: bool) -> ActivationProblem | None:
    if facts.holder is not HolderKind.PERSON:
        return ActivationProblem.HOLDER
    if facts.source is SourceState.DECEASED:
        return ActivationProblem.DECEASED
    if facts.source is SourceState.GONE:
        return ActivationProblem.GONE
    if facts.is_refused:
        return ActivationProblem.REFUSED_BEFORE
    # Two clerks with the person before them are as good as a case, but not where somebody else is its other side.
    if facts.is_contested or (facts.has_open_case and not at_counter):
        return ActivationProblem.CASE_OPEN
    return None


def _of_pair(facts: Facts) -> ActivationProblem | None:
    if facts.is_decided:
        return None
    if facts.pair is not Pair.EQUAL:
        return _PAIR_PROBLEMS[facts.pair]
    return ActivationProblem.CONTRADICTORY if facts.is_contradictory else None


def _of_proof(facts: Facts) -> ActivationProblem | None:
    proof = facts.proof
    if proof is None:
        return ActivationProblem.PROOF_MISSING
    if facts.proof_age > LIFE:
        return ActivationProblem.PROOF_OLD
    if proof.kind is ControlKind.PASSWORD:
        if proof.is_default:
            return ActivationProblem.PASSWORD_DEFAULT
        return ActivationProblem.PASSWORD_SHARED if proof.shared_by > MOST_SHARING else None
    if proof.kind is ControlKind.PHONE:
        return ActivationProblem.PHONE_SHARED if proof.shared_by > MOST_IDENTITIES else None
    # A source speaks for the one account that it has of a pair, and never where anything is open to doubt.
    is_certain = facts.is_vouching and facts.pair is Pair.EQUAL and facts.situation is Situation.FOUND
    return None if is_certain else ActivationProblem.NOT_VOUCHED
