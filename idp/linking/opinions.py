"""What somebody says of a case, what becomes of it, and who says whether they are too near to say anything."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from idp.linking.vocabulary import CaseState, Verdict
from realname.documents.document_number import DocumentNumber


class ReasonCode(StrEnum):
    """Why somebody decided so; what more there is to say stands in the note."""

    SAME_PERSON = "same_person"
    NAME_VARIANT = "name_variant"  # traditional and simplified, a dot, a rare character
    FORMER_NAME = "former_name"
    FORMER_NUMBER = "former_number"
    NUMBER_MISTYPED = "number_mistyped"
    RELATIVE = "relative"  # somebody else's number was given
    OTHER_PERSON = "other_person"
    ORGANISATION = "organisation"
    DECEASED = "deceased"
    NOT_ENOUGH = "not_enough"  # to tell


class Impartiality(Protocol):
    """Who says whether people are too near to what they decide; asks the register, so never within a transaction."""

    def of_deciders(
        self, deciders: Sequence[str], *, about: Sequence[str], numbers: Sequence[DocumentNumber] = ()
    ) -> StrEnum | None:
        """Return why these may not decide about those, None where they may."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody says of a case; `version` is of the case as they saw it."""

    version: int
    verdict: Verdict
    reason_code: ReasonCode
    person_id: str | None = None
    note: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a case by an opinion."""

    state: CaseState
    outcome: str | None = None
