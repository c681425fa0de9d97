"""What an assertion of the national network identity proves of an account: one pure rule.

The service names whoever came to it by a code of ours, the application id, and by number and name where the person
lets it. Whether account and number belong together is another question: it takes a mobile that is held in the name,
as for a face, or the counter. Without a number it is not asked; what was presented in the login speaks for the person.

| number of the account | asserted | mobile in that name | comes of it |
|---|---|---|---|
| none that was proved | none | | the person is known by the application id alone |
| none that was proved | one | no | the same: the number waits for such a mobile, or the counter |
| none that was proved | one | yes | application id and number are the person's |
| one | none | | refused: the service must say that it is this number's holder who came |
| one | the same | no | refused: the counter |
| one | the same | yes | application id and number are the person's |
| one | another | | refused: a number changes at the counter |

An account that is known by another application id already is refused, but where the number says that it is the same
person, who got a new network identity.
"""

from enum import StrEnum

from realname.documents.application_id import ApplicationId
from realname.documents.document_number import DocumentNumber


class Proves(StrEnum):
    """What an assertion proves, or why it proves nothing."""

    APPLICATION_ID = "application_id"
    NUMBER_TOO = "number_too"
    NEEDS_NUMBER = "needs_number"
    NEEDS_MOBILE = "needs_mobile"
    ANOTHER_NUMBER = "another_number"
    ANOTHER_IDENTITY = "another_identity"

    @property
    def is_refused(self) -> bool:
        """Tell whether it raises nothing."""
        return self not in (Proves.APPLICATION_ID, Proves.NUMBER_TOO)


def judge_assertion(
    application_id: ApplicationId,
    number: DocumentNumber | None,
    *,
    current_number: str | None,
    known_by: frozenset[ApplicationId],
    has_mobile: bool,
) -> Proves:
    """Return it by the table above.

    `current_number` is what the account's proved number reads, `known_by` its application ids. `has_mobile` tells
    whether the mobile that was shown in this login is held in the asserted name.
    """
    if current_number is not None:
        if number is None:
            return Proves.NEEDS_NUMBER
        if number.canonical != current_number:
            return Proves.ANOTHER_NUMBER
        return Proves.NUMBER_TOO if has_mobile else Proves.NEEDS_MOBILE
    if known_by and application_id not in known_by:
        return Proves.ANOTHER_IDENTITY
    return Proves.NUMBER_TOO if number is not None and has_mobile else Proves.APPLICATION_ID
