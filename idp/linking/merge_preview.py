"""What would become of everything if two persons were made one: counted, before anything is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from clients.models import Consent
from idp.linking import links
from idp.linking.merge_moves import Pair
from idp.persons.models import Mandate
from idp.sessions.service import Sessions
from idp.tokens.models import Subject


class MergeProblem(StrEnum):
    """Why two persons are not made one, or not separated again."""

    NOT_THERE = "not_there"
    NOT_DECIDED = "not_decided"  # no case of these two was decided so, by two people
    NOT_ACTIVE = "not_active"
    NOT_PROVED = "not_proved"  # who would stay has no number that is theirs
    NOT_SHOWN = "not_shown"  # the person did not log in to both just now
    STAFF = "staff"  # who would go holds a staff role: it is ended first
    DONE_BEFORE = "done_before"


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of everything; counts, and sectors by name."""

    links: int
    links_ending: int  # proposals of accounts that the other has too
    consents_moving: int
    consents_ending: int
    sectors_keeping: tuple[str, ...]  # they knew who goes, and go on by the same `sub`
    sectors_replacing: tuple[str, ...]  # they knew both, and are told
    mandates: int
    sessions_ending: int
    problem: MergeProblem | None


def preview_of(session: Session, sessions: Sessions, pair: Pair, problem: MergeProblem | None) -> Preview:
    """Return what would happen, with why it cannot happen now."""
    theirs = {each.account_id for each in links.of_person(session, pair.survivor)}
    going = links.of_person(session, pair.merged)
    clients, own_clients = set(_clients(session, pair.merged)), set(_clients(session, pair.survivor))
    sectors, own_sectors = set(_sectors(session, pair.merged)), set(_sectors(session, pair.survivor))
    is_acting = sa.or_(Mandate.person_id == pair.merged, Mandate.party_id == pair.merged)
    mandates = sa.select(sa.func.count()).select_from(Mandate).where(is_acting, Mandate.revoked_at.is_(None))
    return Preview(
        links=sum(each.account_id not in theirs for each in going),
        links_ending=sum(each.account_id in theirs for each in going),
        consents_moving=len(clients - own_clients),
        consents_ending=len(clients & own_clients),
        sectors_keeping=tuple(sorted(sectors - own_sectors)),
        sectors_replacing=tuple(sorted(sectors & own_sectors)),
        mandates=session.scalar(mandates) or 0,
        sessions_ending=len(sessions.list_live(session, pair.merged)),
        problem=problem,
    )


def _clients(session: Session, person_id: str) -> Sequence[str]:
    live = (Consent.person_id == person_id, Consent.withdrawn_at.is_(None))
    return session.scalars(sa.select(Consent.client_id).where(*live)).all()


def _sectors(session: Session, person_id: str) -> Sequence[str]:
    own = (Subject.person_id == person_id, Subject.is_primary)
    return session.scalars(sa.select(Subject.sector).where(*own)).all()
