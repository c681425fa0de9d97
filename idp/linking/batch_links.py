"""What became of the links that a batch proposed."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.linking.link_models import Link
from idp.linking.vocabulary import LinkState
from idp.storage.engine import take_time


def links_of_batch(session: Session, number: int) -> Mapping[LinkState, int]:
    """Return the links that an import proposed, by their present state."""
    take_time(session)
    rows = session.execute(
        sa.select(Link.state, sa.func.count()).where(Link.batch_number == number).group_by(Link.state)
    )
    return {LinkState(state): count for state, count in rows}
