"""Whether one may act for another at this instant: the mandate stands, and who acts is proved themself.

Asked again at every use of what it gave, so it is one rule, as a column for statements that read more at once.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.persons import mandates
from idp.persons.identity_level import is_valid_proofing
from idp.persons.models import Proofing
from realname.proofing.guardianship import LEAST_IAL


def may_act_column(actor_id: Any, person_id: Any, at: Any) -> sa.ColumnElement[bool]:
    """Return what `may_act` tells as a column."""
    is_proved = sa.exists().where(is_valid_proofing(actor_id, at), Proofing.level >= LEAST_IAL)
    return sa.and_(mandates.acts_column(actor_id, person_id, at), is_proved)


def may_act(session: Session, actor_id: str, person_id: str, *, at: datetime) -> bool:
    """Tell whether this person may act for that one now, towards clients and as if for themself."""
    return bool(session.scalar(sa.select(may_act_column(actor_id, person_id, at))))
