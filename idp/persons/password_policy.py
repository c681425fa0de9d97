"""Which passwords are accepted: length and a blocklist, no composition (NIST SP 800-63B-4 §3.1.1.2)."""

from collections.abc import Collection, Sequence
from enum import StrEnum
from importlib import resources
from pathlib import Path

from idp.core.results import Ok, Refused
from realname.documents.document_number import DocumentNumber

#: Longer ones are refused before anything is computed: hashing must not become a lever against us.
MAX_LENGTH = 256

#: Names of this product; whoever guesses tries them first.
PRODUCT_WORDS = ("yihao", "一号通")

# Shorter context words would refuse passwords by chance.
_MIN_CONTEXT_LENGTH = 4
_MAX_PATTERN_UNIT = 4
_MIN_RUN = 3


class PasswordProblem(StrEnum):
    """Why a password is not accepted."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    BLOCKLISTED = "blocklisted"
    CONTAINS_CONTEXT = "contains_context"


def load_blocklist(extra: Path | None = None) -> frozenset[str]:
    """Return the common passwords that come with the product and those of an operator's own file.

    One password a line, UTF-8. Raises OSError when the operator's file cannot be read.
    """
    own = resources.files("idp.persons").joinpath("data/common_passwords.txt").read_text("utf-8")
    text = own if extra is None else own + "\n" + extra.read_text("utf-8")
    return frozenset(_fold(line) for line in text.splitlines() if line)


def context_words(
    *,
    number: DocumentNumber | None = None,
    mobile: str | None = None,
    email: str | None = None,
    login_name: str | None = None,
) -> tuple[str, ...]:
    """Return what somebody who knows the person would try: parts of number, mobile, e-mail, login name."""
    words: list[str] = []
    if number is not None:
        words += (number.canonical, number.canonical[-6:])
        if number.birth_date is not None:
            born = number.birth_date.strftime("%Y%m%d")
            words += (born, born[2:])
    if mobile is not None:
        words += (mobile.removeprefix("+86"), mobile[-8:])
    if email is not None:
        words.append(email.partition("@")[0])
    if login_name is not None:
        words.append(login_name)
    return tuple(words)


class PasswordPolicy:
    """Lengths by who it is for, one blocklist for all; characters are counted, not bytes."""

    def __init__(self, *, citizen_length: int, staff_length: int, blocklist: Collection[str]) -> None:
        self._citizen_length = citizen_length
        self._staff_length = staff_length
        self._blocklist = frozenset(_fold(word) for word in blocklist)

    def least_length(self, *, is_staff: bool) -> int:
        """Return how many characters are asked for."""
        return self._staff_length if is_staff else self._citizen_length

    def check(self, password: str, *, is_staff: bool, context: Sequence[str]) -> Ok[None] | Refused:
        """Return Ok or a `PasswordProblem`; no kind of character is asked for, case counts for nothing."""
        if len(password) > MAX_LENGTH:
            return Refused(PasswordProblem.TOO_LONG)
        if len(password) < self.least_length(is_staff=is_staff):
            return Refused(PasswordProblem.TOO_SHORT)
        if self.is_common(password):
            return Refused(PasswordProblem.BLOCKLISTED)
        folded = _fold(password)
        words = (_fold(word) for word in (*PRODUCT_WORDS, *context))
        if any(word in folded for word in words if len(word) >= _MIN_CONTEXT_LENGTH):
            return Refused(PasswordProblem.CONTAINS_CONTEXT)
        return Ok(None)

    def is_common(self, password: str) -> bool:
        """Tell whether many have the password or one like it; case counts for nothing."""
        folded = _fold(password)
        unit = _unit(folded)
        if folded in self._blocklist or unit in self._blocklist:
            return True
        return len(unit) <= _MAX_PATTERN_UNIT or _is_made_of_runs(unit)


def _fold(text: str) -> str:
    # Case alone: what is compared here is never what is hashed.
    return text.casefold()


def _unit(text: str) -> str:
    """Return the shortest text whose repetition, cut at the end, is `text`; `text` itself if there is none.

    A cut is allowed only after two whole repetitions, or names that end as they begin would be caught.
    """
    for size in range(1, len(text) // 2 + 1):
        if text[size:] == text[:-size]:
            return text[:size]
    return text


def _is_made_of_runs(text: str) -> bool:
    """Tell whether all of it is runs such as 12345, cba or 7777; after 9 comes 0, as on the keys."""
    place = 0
    while place < len(text):
        length = max(_run_length(text, place, step) for step in (-1, 0, 1))
        if length < _MIN_RUN:
            return False
        place += length
    return True


def _run_length(text: str, start: int, step: int) -> int:
    end = start + 1
    while end < len(text) and text[end] == _next(text[end - 1], step):
        end += 1
    return end - start


def _next(char: str, step: int) -> str:
    if step > 0 and char == "9":
        return "0"
    if step < 0 and char == "0":
        return "9"
    return chr(min(max(ord(char) + step, 0), 0x10FFFF))
