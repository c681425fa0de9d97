"""Whom a change of a link is told to; worded and sent on the floors above."""

from typing import Protocol

from sqlalchemy.orm import Session

from idp.linking.accounts import AccountView
from idp.linking.links import LinkView


class Notices(Protocol):
    """Puts notices into the outbox, in the transaction of the change that they tell of."""

    def activated(self, session: Session, link: LinkView, account: AccountView) -> None:
        """Tell the person, and the phone in the legacy row where it is not theirs."""

    def contested(self, session: Session, person_id: str, account: AccountView) -> None:
        """Tell whose link is suspended because somebody else showed that the account could be theirs."""

    def rejected(self, session: Session, link: LinkView, account: AccountView) -> None:
        """Tell those who keep the older system that a person says: this account is not mine."""

    def unlinked(self, session: Session, link: LinkView, account: AccountView) -> None:
        """Tell the person that an account is theirs no more."""

    def decided(self, session: Session, person_id: str, account: AccountView) -> None:
        """Tell a person that an account was found to be theirs, and is proposed to them."""

    def merged(self, session: Session, person_id: str) -> None:
        """Tell a person that their two accounts here are one now."""

    def subjects_replaced(self, session: Session, sector: str) -> None:
        """Tell those who keep a sector's clients that somebody whom they knew twice has one subject now."""
