"""Where a person can be reached: mainland mobile numbers (E.164) and e-mail addresses (RFC 5321)."""

import re
from enum import StrEnum

from idp.core.results import Ok, Refused
from realname.documents.folding import fold_number

#: Longer texts are refused unread; an address has at most 254 characters (RFC 5321 §4.5.3.1.3).
MAX_TYPED_LENGTH = 300
MAX_EMAIL_LENGTH = 254
MAX_LOCAL_PART_LENGTH = 64  # RFC 5321 §4.5.3.1.1

# Dashes that people and word processors put between the groups, and the full-width plus.
_SIGNS = {ord(dash): None for dash in "-\u2010\u2011\u2012\u2013\u2014\uff0d"} | {0xFF0B: "+"}

_PHONE_CHARACTERS = re.compile(r"\+?[0-9]+")
# The country code without its plus is common in older tables and cannot be mistaken: 13 digits.
_MAINLAND_MOBILE = re.compile(r"(?:\+86|0086|86)?(1[3-9][0-9]{9})")

_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")  # §4.1.2
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?=[a-z]){_LABEL}")


class ContactProblem(StrEnum):
    """Why a text is not an address at which one can reach a person."""

    EMPTY = "empty"
    LENGTH = "length"
    CHARACTERS = "characters"
    NOT_A_MOBILE = "not_a_mobile"
    NOT_AN_EMAIL = "not_an_email"


def parse_mobile(text: str) -> Ok[str] | Refused:
    """Return a mainland mobile number as `+861XXXXXXXXXX`, or a `ContactProblem`; never raises.

    Spaces, dashes, full-width figures and the prefixes +86, 0086 and 86 are understood. Whether
    the number is in service, or whose it is, is not known here.
    """
    if len(text) > MAX_TYPED_LENGTH:
        return Refused(ContactProblem.LENGTH)
    number = fold_number(text).translate(_SIGNS)
    if not number:
        return Refused(ContactProblem.EMPTY)
    if not _PHONE_CHARACTERS.fullmatch(number):
        return Refused(ContactProblem.CHARACTERS)
    match = _MAINLAND_MOBILE.fullmatch(number)
    return Ok(f"+86{match[1]}") if match else Refused(ContactProblem.NOT_A_MOBILE)


def parse_email(text: str) -> Ok[str] | Refused:
    """Return an e-mail address with its domain in lower case, or a `ContactProblem`; never raises.

    ASCII only: no quoted local part, no address literal, no internationalised address; a domain has at
    least two labels. The local part keeps its case, which only the receiving host may judge (RFC 5321 §2.4).
    """
    if len(text) > MAX_TYPED_LENGTH:
        return Refused(ContactProblem.LENGTH)
    address = text.strip(" \u3000")
    if not address:
        return Refused(ContactProblem.EMPTY)
    if len(address) > MAX_EMAIL_LENGTH:
        return Refused(ContactProblem.LENGTH)
    if not address.isascii():
        return Refused(ContactProblem.CHARACTERS)
    local, at, domain = address.partition("@")
    domain = domain.lower()
    if not at or not _LOCAL_PART.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        return Refused(ContactProblem.NOT_AN_EMAIL)
    if len(local) > MAX_LOCAL_PART_LENGTH:
        return Refused(ContactProblem.LENGTH)
    return Ok(f"{local}@{domain}")
