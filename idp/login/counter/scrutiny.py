"""What is known beside a card: whose it is here, who else proved its number, and who lives with whom."""

from datetime import date
from typing import Protocol

from sqlalchemy.orm import Session

from idp.core.clock import Clock, civil_date
from idp.core.results import Ok
from idp.login.counter.card_standing import is_denied
from idp.login.counter.visit import Presented
from idp.persons.holders import Holders
from idp.persons.identifiers import Identifiers, KnownIdentifier
from idp.persons.vocabulary import IdentifierState
from idp.storage.engine import Database
from realname.documents.document_number import DocumentNumber
from realname.documents.parse import parse_number
from realname.proofing.counter import Circumstances
from realname.providers.register.standing import Standing


class Households(Protocol):
    """Who says who lives with whom."""

    def standing(self, number: DocumentNumber) -> Standing | None:
        """Return what the register says of a number, None where it does not know it."""


class Scrutiny:
    """Looks at a card from every side. `households` is None where no register of ours says anything."""

    def __init__(
        self,
        *,
        database: Database,
        identifiers: Identifiers,
        holders: Holders,
        households: Households | None,
        clock: Clock,
    ) -> None:
        self._database = database
        self._identifiers = identifiers
        self._holders = holders
        self._households = households
        self._clock = clock

    def circumstances(self, person_id: str, clerk: str, card: Presented) -> Circumstances:
        """Return what is known; raises StoreUnavailable where the register cannot be asked now."""
        number = self.number_of(card)
        with self._database.read() as session:
            own = self._current(session, person_id) if person_id else None  # a newcomer has none
            levels = self._holders.levels_of_others(session, person_id, number)
        register = self._households.standing(number) if self._households is not None else None
        return Circumstances(
            has_other_number=own is not None and (own.type, own.canonical) != (number.type, number.canonical),
            levels_of_others=levels,
            name_may_be_cut=card.name_may_be_cut,
            has_private_use=card.has_private_use,
            shares_household=self.shares_household(clerk, register),
            is_deceased=register is not None and register.deceased_on is not None,
            is_card_replaced=is_denied(card),
        )

    def is_own(self, clerk: str, card: Presented) -> bool:
        """Tell whether the card is the clerk's own, under any number that they ever gave."""
        with self._database.read() as session:
            return self._identifiers.has(session, clerk, self.number_of(card))

    def shares_household(self, clerk: str, register: Standing | None) -> bool | None:
        """Tell whether a clerk lives with the card's holder; None where a register should say and does not.

        Without a register of ours the clerk's own declaration has to do, which is a field of their form.
        """
        if self._households is None:
            return False
        with self._database.read() as session:
            own = self._current(session, clerk)
        parsed = parse_number(own.canonical, today=self._today()) if own is not None else None
        mine = self._households.standing(parsed.value) if isinstance(parsed, Ok) else None
        if register is None or mine is None or register.household is None or mine.household is None:
            return None
        return mine.shares_household(register)

    def lives_with(self, clerk: str, card: Presented) -> bool | None:
        """Tell the same of a card."""
        if self._households is None:
            return False
        return self.shares_household(clerk, self._households.standing(self.number_of(card)))

    def number_of(self, card: Presented) -> DocumentNumber:
        """Return the number on the card, which was parsed when it was read."""
        parsed = parse_number(card.number, today=self._today())
        assert isinstance(parsed, Ok)  # noqa: S101 - the reader's answer was refused otherwise
        return parsed.value

    def _current(self, session: Session, person_id: str) -> KnownIdentifier | None:
        known = self._identifiers.of(session, person_id)
        return next((each for each in known if each.state is IdentifierState.CURRENT), None)

    def _today(self) -> date:
        return civil_date(self._clock.now())
