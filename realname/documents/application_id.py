"""The 网络身份应用标识: the code by which the national network identity service names one person to one platform.

Pairwise and of no meaning outside (order 173 of 2025): no document number, nothing that anybody types or is told.
"""

import re
from dataclasses import dataclass
from datetime import date

from idp.core.results import Ok
from realname.documents.parse import parse_number

#: What the kind is called in the database; no `DocumentType` has the value.
NETWORK_IDENTITY = "network_identity"
# The form is not published. Long enough to be nobody's by chance, and compared to the letter: it may be Base64.
_FORM = re.compile(r"[A-Za-z0-9+/=_.-]{16,128}")


@dataclass(frozen=True, slots=True, repr=False)
class ApplicationId:
    """A person as the national service names them to us; `canonical` is it as it came, and its repr shows nothing."""

    canonical: str

    @property
    def type(self) -> str:
        """The kind under which it is kept and indexed, beside the kinds of documents."""
        return NETWORK_IDENTITY

    def __repr__(self) -> str:
        return "ApplicationId(…)"


def read_application_id(value: object, *, today: date) -> ApplicationId | None:
    """Return the application id that `value` is, None for anything else; never raises.

    What reads as a document number is none: a gateway that puts the number there would make it a name of the person.
    """
    if not isinstance(value, str) or _FORM.fullmatch(value) is None:
        return None
    return None if isinstance(parse_number(value, today=today), Ok) else ApplicationId(value)
