"""The words that the columns of this room hold: states, kinds and names."""

from enum import StrEnum


class PersonStatus(StrEnum):
    """Whether a person may log in; only `active` may."""

    ACTIVE = "active"
    PREPARED = "prepared"  # by a system, not yet activated by the person: nobody can get in
    SUSPENDED = "suspended"
    MERGED = "merged"
    CLOSED = "closed"


class IdentifierState(StrEnum):
    """What is known about a document number of a person."""

    CLAIMED = "claimed"  # typed by somebody; not unique, never found, never released
    CURRENT = "current"  # proved; names one person
    FORMER = "former"
    DISPUTED = "disputed"


class ContactKind(StrEnum):
    """What a person is reached or named by; the value is the kind of its blind index too."""

    MOBILE = "mobile"
    EMAIL = "email"
    LOGIN_NAME = "login_name"


class ContactState(StrEnum):
    """What is known about a contact."""

    CLAIMED = "claimed"  # typed, never answered from
    CURRENT = "current"  # verified, names one person
    FORMER = "former"


class CredentialKind(StrEnum):
    """What a person authenticates with."""

    PASSWORD = "password"  # noqa: S105
    TOTP = "totp"
    RECOVERY_CODE = "recovery_code"
    PASSKEY = "passkey"


class CredentialState(StrEnum):
    """Whether a credential counts."""

    PENDING = "pending"  # enrolled, not yet confirmed by a first use
    ACTIVE = "active"
    USED = "used"  # a single-use one that was spent
    ENDED = "ended"


class PartyKind(StrEnum):
    """For whom somebody acts."""

    PERSON = "person"


class MandateScope(StrEnum):
    """What a guardian may do for a minor; each is a mandate of its own, because each has its own end."""

    ACCOUNT = "account"  # everything of an account that nobody but the guardian has, until the 14th birthday
    GUARDIAN = "guardian"  # agree to what asks for a guardian, and opens nothing by itself; until the 18th


class AttributeName(StrEnum):
    """The facts kept about a person, named as the claims of OpenID Connect Core §5.1 where those exist."""

    FULL_NAME = "full_name"
    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    MIDDLE_NAME = "middle_name"
    NICKNAME = "nickname"
    PREFERRED_USERNAME = "preferred_username"
    PROFILE = "profile"
    PICTURE = "picture"
    WEBSITE = "website"
    GENDER = "gender"
    BIRTHDATE = "birthdate"
    ZONEINFO = "zoneinfo"
    LOCALE = "locale"
    ADDRESS = "address"  # a JSON object (§5.1.1)


#: The source of what a person typed about themself.
SOURCE_SELF = "self"
#: The source of what a system said about somebody for whom it prepared an account.
SOURCE_PREPARED = "prepared"
