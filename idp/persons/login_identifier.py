"""What somebody typed to say who they are: one parse decides what it is (never the request)."""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from idp.core.results import Ok, Refused
from idp.persons.contact_numbers import parse_email, parse_mobile
from idp.persons.vocabulary import ContactKind
from realname.documents.document_number import DocumentType
from realname.documents.folding import fold_number
from realname.documents.parse import parse_number

#: Longer texts are cut before they are digested; nothing that long is known to anybody.
MAX_TYPED_LENGTH = 300

_LOGIN_NAME = re.compile(r"[a-z][a-z0-9._-]{2,31}")
# Shapes of document numbers that start with letters: a login name like them could shadow somebody's number.
_LIKE_A_NUMBER = re.compile(r"[a-z]{3}[0-9]{12}|[hm][0-9]{8}(?:[0-9]{2})?")


class LoginNameProblem(StrEnum):
    """Why a text cannot be a login name."""

    CHARACTERS = "characters"
    LIKE_A_NUMBER = "like_a_number"


@dataclass(frozen=True, slots=True)
class LoginIdentifier:
    """A parsed identifier. `contact` or `document` says where it is looked up; both are None for nonsense."""

    canonical: str = field(repr=False)
    contact: ContactKind | None = None
    document: DocumentType | None = None

    @property
    def kind(self) -> str | None:
        """The kind of blind index that it is found under, or None."""
        return self.contact or self.document


def parse_login_name(text: str) -> Ok[str] | Refused:
    """Return a login name in lower case, or a `LoginNameProblem`.

    3 to 32 characters of a-z, 0-9, dot, dash and underscore that start with a letter.
    """
    name = text.strip(" ").lower()
    if not text.isascii() or not _LOGIN_NAME.fullmatch(name):
        return Refused(LoginNameProblem.CHARACTERS)
    if _LIKE_A_NUMBER.fullmatch(name):
        return Refused(LoginNameProblem.LIKE_A_NUMBER)
    return Ok(name)


def fold_email(email: str) -> str:
    """Return the spelling that an address is indexed by; two that differ in case alone are one."""
    return email.lower()


def read_login_identifier(text: str, *, today: date) -> LoginIdentifier:
    """Return what `text` is: mobile, e-mail, document number, login name or nothing known; never raises.

    `today` is the civil day, for the birth date within a number. No text is two of them.
    """
    text = text[:MAX_TYPED_LENGTH]
    if isinstance(mobile := parse_mobile(text), Ok):
        return LoginIdentifier(mobile.value, contact=ContactKind.MOBILE)
    if isinstance(email := parse_email(text), Ok):
        return LoginIdentifier(fold_email(email.value), contact=ContactKind.EMAIL)
    if isinstance(number := parse_number(text, today=today), Ok):
        return LoginIdentifier(number.value.canonical, document=number.value.type)
    if isinstance(name := parse_login_name(text), Ok):
        return LoginIdentifier(name.value, contact=ContactKind.LOGIN_NAME)
    return LoginIdentifier(fold_number(text))
