"""The one that a person chose among several accounts of theirs in a system."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.results import Ok, Refused
from idp.linking import links
from idp.linking.journal import Change, EventKind, record
from idp.linking.link_models import Link
from idp.linking.vocabulary import LinkState


def choose_main(session: Session, link_id: int, person_id: str, *, change: Change) -> Ok[links.LinkView] | Refused:
    """Make an active link the main one of its person in its system; the one before it is so no more."""
    link = links.find(session, link_id, hold=True)
    if link is None or link.person_id != person_id:
        return Refused(links.LinkProblem.NOT_THERE)
    if link.state is not LinkState.ACTIVE:
        return Refused(links.LinkProblem.STATE)
    same_system = sa.and_(Link.person_id == person_id, Link.system_number == link.system_number)
    former = session.scalar(
        sa.update(Link).where(same_system, Link.is_main, Link.id != link_id).values(is_main=False).returning(Link.id)
    )
    row = session.scalars(
        sa.update(Link).where(Link.id == link_id).values(is_main=True).returning(Link),
        execution_options={"populate_existing": True},
    ).one()
    if not link.is_main:
        record(
            session,
            EventKind.MAIN_CHOSEN,
            change,
            system_number=link.system_number,
            account_id=link.account_id,
            person_id=person_id,
            link_id=link_id,
            details={"instead_of": former},
        )
    return Ok(links.view(row))
