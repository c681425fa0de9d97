"""Objections of whoever has the phone that an older system knows, against a link that the system alone vouched for.

The token came to that phone with the notice; who shows it within 72 hours has the link suspended and two people decide.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.log import Origin, record
from idp.core.clock import Clock
from idp.linking import links
from idp.linking.accounts import Accounts
from idp.linking.journal import Change
from idp.linking.links import LinkView
from idp.linking.models import LegacySystem
from idp.linking.single_cases import Candidate, open_case
from idp.linking.vocabulary import CaseKind, LinkState
from idp.login.link_notices import LinkNotices
from idp.storage.engine import Database


class LinkObjections:
    """Takes them; a token that is wrong, late or used is answered as one that never was."""

    def __init__(self, *, database: Database, accounts: Accounts, notices: LinkNotices, clock: Clock) -> None:
        self._database = database
        self._accounts = accounts
        self._notices = notices
        self._clock = clock

    def system_of(self, token: str) -> str | None:
        """Return the name of the system that an objection would be about, None where there is nothing to object to."""
        with self._database.read() as session:
            link = self._open(session, token, self._clock.now(), hold=False)
            if link is None:
                return None
            return session.scalar(sa.select(LegacySystem.name).where(LegacySystem.number == link.system_number))

    def object(self, token: str, *, origin: Origin) -> bool:
        """Suspend the link and open a case; False where there is nothing to object to."""
        now = self._clock.now()
        change = Change(now, reason="objection")
        with self._database.transaction() as session:
            link = self._open(session, token, now, hold=True)
            if link is None:
                return False
            links.suspend(session, link.id, change=change)
            case_id = open_case(
                session,
                CaseKind.CONTESTED,
                [Candidate(link.person_id, 1.0, {"has": str(link.proof), "link": link.id})],
                system_number=link.system_number,
                account_id=link.account_id,
                change=change,
            )
            details = {"system": link.system_number, "account": link.account_id, "case": case_id}
            record(session, Event.LINK_OBJECTED, at=now, person_id=link.person_id, origin=origin, details=details)
            account = self._accounts.find(session, link.system_number, link.account_id)
            if account is not None:
                self._notices.contested(session, link.person_id, account)
            return True

    def _open(self, session: Session, token: str, now: datetime, *, hold: bool) -> LinkView | None:
        link_id = self._notices.link_of_objection(token)
        link = links.find(session, link_id, hold=hold) if link_id is not None else None
        if link is None or link.state is not LinkState.ACTIVE:
            return None
        return link if link.objection_until is not None and now < link.objection_until else None
