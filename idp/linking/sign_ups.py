"""New accounts of an older system, born linked: it tells of the account while the person is logged in to it from here.

Nothing can be taken over by this: the account did not exist before, and the person is the one whom the system has
before it. Below level 3, or after ten minutes, the account is proposed to them like any other.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.results import Ok, Refused
from idp.crypto.keyring import Keyring
from idp.linking import links
from idp.linking.contents import LegacyRow
from idp.linking.digests import Digests
from idp.linking.journal import Change, EventKind
from idp.linking.link_models import Link, MatchKey, MergeEvent
from idp.linking.taking_in import Compared, take_in
from idp.linking.vocabulary import ControlKind, LinkState, NumberState, Situation
from idp.persons.identity_level import identity_level
from idp.persons.models import Person
from idp.persons.vocabulary import PersonStatus

#: What an activation needs (`docs/merging.md`): proved so far, and logged in so and so lately.
LEVEL = 3
FRESH = timedelta(minutes=10)

_REASON = "signed_up"


class SignUpProblem(StrEnum):
    """Why a new account is not taken."""

    KNOWN = "known"  # the system had this account before, so it has to be claimed like any other
    NOBODY = "nobody"  # the person is suspended, closed, or not here at all


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account that a system has just opened for the person before it; `level` and time are those of the login."""

    system_number: int
    reference: str = field(repr=False)
    login: str = field(repr=False)
    person_id: str
    level: int
    auth_time: datetime


class SignUps:
    """Takes new accounts."""

    def __init__(self, *, keyring: Keyring) -> None:
        self._keyring = keyring

    def take(self, session: Session, new: NewAccount, *, at: datetime) -> Ok[LinkState] | Refused:
        """Keep the account and link it; return whether the link is active or proposed, or a `SignUpProblem`."""
        status = session.scalar(sa.select(Person.status).where(Person.id == new.person_id))
        if status != PersonStatus.ACTIVE:
            return Refused(SignUpProblem.NOBODY)
        compared = self._compared(session, new.person_id)
        taken = take_in(
            session,
            self._keyring,
            system_number=new.system_number,
            row=LegacyRow(reference=new.reference, login=new.login),
            compared=compared,
            at=at,
            only_new=True,
        )
        if not taken.is_new:
            return self._told_before(session, taken.account_id, new.person_id)
        change = Change(at=at, actor_person=new.person_id, reason=_REASON)
        proposed = links.propose(
            session,
            system_number=new.system_number,
            account_id=taken.account_id,
            person_id=new.person_id,
            situation=Situation.FOUND,
            change=change,
        )
        assert isinstance(proposed, Ok)  # noqa: S101 - the account is a moment old
        is_fresh = at - new.auth_time <= FRESH
        if not is_fresh or new.level < LEVEL or identity_level(session, new.person_id, at) < LEVEL:
            return Ok(LinkState.PROPOSED)
        links.activate(session, proposed.value, proof=ControlKind.SIGN_UP, change=change)
        return Ok(LinkState.ACTIVE)

    def _told_before(self, session: Session, account_id: int, person_id: str) -> Ok[LinkState] | Refused:
        """Answer the same again to the same again; an account that was there before was never new."""
        mine = sa.select(Link.state).where(
            Link.account_id == account_id,
            Link.person_id == person_id,
            sa.exists().where(
                MergeEvent.link_id == Link.id,
                MergeEvent.kind == EventKind.LINK_PROPOSED,
                MergeEvent.reason == _REASON,
            ),
        )
        state = session.scalar(mine)
        return Refused(SignUpProblem.KNOWN) if state is None else Ok(LinkState(state))

    def _compared(self, session: Session, person_id: str) -> Compared:
        """Return the person's own digests, so that a later file with their number and name changes nothing."""
        version = Digests(keyring=self._keyring).version
        key = session.scalar(
            sa.select(MatchKey).where(
                MatchKey.person_id == person_id,
                MatchKey.key_version == version,
                MatchKey.is_former_number.is_(False),
                MatchKey.is_former_name.is_(False),
            )
        )
        if key is None:
            return Compared(version)
        return Compared(
            version, number_index=key.number_index, pair_index=key.pair_index, number_state=NumberState.VALID
        )
