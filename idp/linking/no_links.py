"""What was said not to be somebody's: it is never proposed to them again."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.linking.journal import Change
from idp.linking.link_models import NoLink
from idp.storage.upsert import insert_into


def is_refused(session: Session, account_id: int, person_id: str, *, by_others: bool = False) -> bool:
    """Tell whether it was said that an account is not this person's; `by_others` leaves out what they said themself."""
    refused = sa.select(NoLink.account_id).where(NoLink.account_id == account_id, NoLink.person_id == person_id)
    if by_others:
        refused = refused.where(NoLink.by_person.is_distinct_from(person_id))
    return session.scalar(refused) is not None


def forbid(
    session: Session, system_number: int, account_id: int, person_id: str, *, reason: str, change: Change
) -> None:
    """Mark that an account is not this person's, so that no run proposes it to them again."""
    session.execute(
        insert_into(session, NoLink)
        .values(
            account_id=account_id,
            person_id=person_id,
            system_number=system_number,
            reason=reason,
            by_person=change.actor_person,
            at=change.at,
        )
        .on_conflict_do_nothing()
    )
