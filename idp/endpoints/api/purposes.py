"""The purpose that a system states: kept in the audit, and shown to the person as it stands."""

import re
import unicodedata

from idp.endpoints.api.problems import ApiProblem, MemberProblem, ProblemKind, Unfit

# Five digits in a row are the beginning of a document number, a mobile or a file number that names somebody.
_NUMBER = re.compile(r"[0-9]{5}")


def clean_purpose(text: str) -> str:
    """Return the purpose without outer spaces; raises ApiProblem where nothing is left, or where it holds a number."""
    purpose = text.strip()
    # Full-width and other digits read like ours, so they are looked at like ours.
    figures = "".join(str(unicodedata.decimal(letter, letter)) for letter in unicodedata.normalize("NFKC", purpose))
    shown = re.sub(r"[\s\-.·]", "", figures)
    if len(purpose) < 2 or _NUMBER.search(shown) or not purpose.isprintable():
        raise ApiProblem(ProblemKind.MEMBERS, MemberProblem("purpose", Unfit.INVALID))
    return purpose
