"""Why a step of the login was refused; the web floor words these, the audit keeps finer ones."""

from dataclasses import dataclass
from enum import StrEnum

from idp.persons.password_policy import PasswordProblem


class Refusal(StrEnum):
    """Unknown, wrong and locked are one reason outside; the audit row alone tells them apart."""

    CREDENTIALS = "wrong_credentials"
    CURRENT_PASSWORD = "wrong_password"  # noqa: S105
    OLD_ACCOUNT = "wrong_old_account"
    CODE = "wrong_code"
    MOBILE_SAME = "mobile_same"
    PASSWORD_SAME = "password_same"  # noqa: S105
    STAFF_TOTP = "staff_totp"  # the app of staff stays as long as the role
    STAFF_LOGIN_FIRST = "staff_login_first"  # the app of staff is set up at their first staff login
    NOT_NOW = "unavailable"
    TOO_MANY_CODES = "too_many_codes"
    NUMBER = "number_invalid"
    REGISTERED_NUMBER = "wrong_registered_number"
    NAME = "name_invalid"
    MOBILE = "mobile_invalid"
    TOO_YOUNG = "too_young"
    NUMBER_DIFFERS = "number_differs"  # the account belongs to another number, which was proved
    PROOFING_MISMATCH = "proofing_mismatch"
    PROOFING_NO_RECORD = "proofing_no_record"
    PROOFING_BAD_INPUT = "proofing_bad_input"
    PROOFING_LIMITED = "proofing_limited"
    PROOFING_UNAVAILABLE = "proofing_unavailable"
    PROOFING_RISK = "proofing_risk"
    PROOFING_ABANDONED = "proofing_abandoned"
    PROOFING_TRIES = "proofing_tries"
    PROOFING_DISPUTED = "proofing_disputed"
    FACE_DEVICE = "face_device"  # the service's script said nothing of the browser, or nonsense
    COUNTER_CODE = "counter_code"  # no visit has it
    COUNTER_READER = "counter_reader"  # not of an office that the clerk works in
    COUNTER_OWN = "counter_own"  # nobody proves themself
    COUNTER_HOUSEHOLD = "counter_household"  # nor somebody they live with
    COUNTER_MOVED = "counter_moved"  # somebody else was faster, or it is over
    COUNTER_SAME_CLERK = "counter_same_clerk"  # the second pair of eyes is somebody else's
    COUNTER_NAME = "counter_name"  # what was typed does not go on where the card ends
    COUNTER_NOTE = "counter_note"  # a doubt needs words
    MATTER_OVER = "matter_over"  # decided meanwhile, or too old
    MATTER_ALONE = "matter_alone"  # who proposed it is no clerk there any more
    MATTER_NAME = "matter_name"
    MATTER_WORDS = "matter_words"  # what it rests on is missing
    MATTER_ACCOUNT = "matter_account"  # no system, or no account of it
    MATTER_GUARDIAN_NUMBER = "matter_guardian_number"
    MATTER_GUARDIAN_NAME = "matter_guardian_name"
    PARTY = "party"  # not among those for whom they act
    CASE_UNKNOWN = "case_unknown"  # or of another counter's
    CASE_OWN = "case_own"  # it concerns the clerk, or somebody they live with or are guardian of
    CASE_TOOK_PART = "case_took_part"  # they saw one of the two
    CASE_OVER = "case_over"  # closed meanwhile, or nothing that a word closes
    NOT_MINOR = "not_minor"
    NOT_A_GUARDIAN_YET = "not_a_guardian_yet"  # who asks is not proved, or no adult
    GUARDIANSHIP = "guardianship"  # one reason outside, whatever is wrong about somebody else's child
    MINOR_OWN_ACCOUNT = "minor_own_account"  # told to none but a guardian
    OLD_PASSWORD = "old_password"  # noqa: S105 - of an account in an older system, or no such account there
    OLD_PASSWORD_TRIES = "old_password_tries"  # noqa: S105
    NETWORK_IDENTITY_DIFFERS = "network_identity_differs"  # the account is known by another one, which was proved
    NETWORK_IDENTITY_NUMBER = "network_identity_number"  # it must assert the number that the account has
    NETWORK_IDENTITY_MOBILE = "network_identity_mobile"  # and the mobile must be held in that name
    PASSWORD_TOO_SHORT = "password_too_short"  # noqa: S105
    PASSWORD_TOO_LONG = "password_too_long"  # noqa: S105
    PASSWORD_COMMON = "password_common"  # noqa: S105
    PASSWORD_PERSONAL = "password_personal"  # noqa: S105


@dataclass(frozen=True, slots=True)
class FieldRefusal:
    """Which field of a form was refused and why."""

    name: str
    reason: Refusal


_PASSWORD_PROBLEMS = {
    PasswordProblem.TOO_SHORT: Refusal.PASSWORD_TOO_SHORT,
    PasswordProblem.TOO_LONG: Refusal.PASSWORD_TOO_LONG,
    PasswordProblem.BLOCKLISTED: Refusal.PASSWORD_COMMON,
    PasswordProblem.CONTAINS_CONTEXT: Refusal.PASSWORD_PERSONAL,
}


def password_refusal(problem: str) -> Refusal:
    """Return the refusal that a `PasswordProblem` is told as."""
    return _PASSWORD_PROBLEMS[PasswordProblem(problem)]
