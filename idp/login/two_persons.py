"""What two members of staff decide together about somebody: one proposes, another decides, neither has a part in it.

Whether they are staff who may is asked by the pages that they use. Here it is asked that they are two, that the
matter is neither's own, and, where the register knows it, that neither is a guardian of those whom it is about, lives
with them, or with the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations, product

from sqlalchemy.orm import Session

from idp.audit.log import Origin
from idp.persons.directory import Directory
from idp.persons.vocabulary import PersonStatus
from idp.storage.engine import Database
from realname.documents.document_number import DocumentNumber
from realname.providers.register.standing import Standing
from realname.providers.register.verifier import RegisterVerifier


class PairProblem(StrEnum):
    """Why two persons cannot decide this."""

    ONE_PERSON = "one_person"
    NOT_ACTIVE = "not_active"
    OWN_MATTER = "own_matter"
    TOOK_PART = "took_part"  # in what led to this decision
    HOUSEHOLD = "household"


@dataclass(frozen=True, slots=True)
class Decision:
    """Who proposed and who decided, where, and the keyed digest of what they saw."""

    proposed_by: str
    decided_by: str
    office: str
    evidence_digest: str

    @property
    def pair(self) -> tuple[str, str]:
        """Both."""
        return (self.proposed_by, self.decided_by)

    def origin(self, origin: Origin) -> Origin:
        """Return where the request came from, with who decided."""
        return replace(origin, actor_person=self.decided_by, office=self.office)


class TwoPersons:
    """Asks the rule; opens a read of its own and asks the register, so never within a transaction."""

    def __init__(self, *, database: Database, directory: Directory, register: RegisterVerifier) -> None:
        self._database = database
        self._directory = directory
        self._register = register

    def problem(
        self,
        decision: Decision,
        *,
        about: Sequence[str],
        numbers: Sequence[DocumentNumber] = (),
        took_part: Sequence[str] = (),
    ) -> PairProblem | None:
        """Return why these two may not decide, None where they may.

        `about` are the persons whom it concerns, `numbers` further ones who may have no account, `took_part` are
        those who decided what this rests on. Raises StoreUnavailable or DecryptionFailed.
        """
        return self.of_deciders(decision.pair, about=about, numbers=numbers, took_part=took_part)

    def of_deciders(
        self,
        deciders: Sequence[str],
        *,
        about: Sequence[str],
        numbers: Sequence[DocumentNumber] = (),
        took_part: Sequence[str] = (),
    ) -> PairProblem | None:
        """Return the same for everybody who has a part in a decision, of whom there may be one so far, or three."""
        if len(set(deciders)) < len(deciders):
            return PairProblem.ONE_PERSON
        if set(deciders) & set(about):
            return PairProblem.OWN_MATTER
        if set(deciders) & set(took_part):
            return PairProblem.TOOK_PART
        with self._database.read() as session:
            if not all(self._is_active(session, each) for each in deciders):
                return PairProblem.NOT_ACTIVE
            own = [self._directory.proved_number(session, each) for each in deciders]
            theirs = [*numbers, *(self._directory.proved_number(session, each) for each in about)]
        named = {(each.type, each.canonical) for each in numbers}
        if any(number is not None and (number.type, number.canonical) in named for number in own):
            return PairProblem.OWN_MATTER
        mine, concerned = self._standings(own), self._standings(theirs)
        if any(number is not None and each.has_guardian(number) for number in own for each in concerned):
            return PairProblem.OWN_MATTER
        apart = (*combinations(mine, 2), *product(mine, concerned))
        return PairProblem.HOUSEHOLD if any(one.shares_household(other) for one, other in apart) else None

    def _is_active(self, session: Session, person_id: str) -> bool:
        person = self._directory.load(session, person_id)
        return person is not None and person.status is PersonStatus.ACTIVE

    def _standings(self, numbers: Sequence[DocumentNumber | None]) -> list[Standing]:
        found = [self._register.standing(number) for number in numbers if number is not None]
        return [each for each in found if each is not None]
