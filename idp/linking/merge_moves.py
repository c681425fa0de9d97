"""What moves when two persons become one, and back: each kind of thing by one function and its inverse.

Credentials, proofings and sessions never move. Each function says by ids what it did, so that exactly this is taken
back later, and what changed meanwhile is left and named. All within the caller's transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from clients.models import Consent
from idp.linking import links
from idp.linking.journal import Change, EventKind, record
from idp.linking.link_models import AttributeClaim, Link, NoLink
from idp.linking.vocabulary import OWNING_STATES, LinkState
from idp.persons.models import Contact, ContactIndex, Identifier, IdentifierIndex, Mandate
from idp.persons.vocabulary import ContactState, IdentifierState, PartyKind
from idp.storage.upsert import insert_into
from idp.tokens.models import Subject

_LIVE = (LinkState.PROPOSED, *sorted(OWNING_STATES))


@dataclass(frozen=True, slots=True)
class Pair:
    """Who goes and who stays."""

    merged: str
    survivor: str


def move_links(session: Session, pair: Pair, change: Change) -> list[int]:
    """Give the survivor every live link; of two for one account the proposal ends."""
    moved = []
    theirs = {each.account_id: each for each in links.of_person(session, pair.survivor)}
    for link in links.of_person(session, pair.merged):
        other = theirs.get(link.account_id)
        if other is not None:
            spare = other if other.state is LinkState.PROPOSED and link.state in OWNING_STATES else link
            links.expire(session, spare.id, change=change)
            if spare is link:
                continue
        _give_link(session, link.id, pair.survivor, change)
        moved.append(link.id)
    return moved


def move_links_back(session: Session, pair: Pair, moved: Sequence[int], change: Change, *, since: Any) -> list[int]:
    """Give them back where nothing happened to them since; return those that stay."""
    kept = []
    for link_id in moved:
        row = session.scalar(
            sa.select(Link).where(Link.id == link_id).with_for_update().execution_options(populate_existing=True)
        )
        if row is None or row.person_id != pair.survivor or row.state not in _LIVE or row.changed_at > since:
            kept.append(link_id)
        else:
            _give_link(session, link_id, pair.merged, change)
    return kept


def copy_marks(session: Session, pair: Pair) -> list[int]:
    """Let what was said of one hold for both: accounts that are not theirs; return those that are new."""
    return _copy_marks(session, pair.merged, pair.survivor)


def drop_marks(session: Session, pair: Pair, copied: Sequence[int]) -> None:
    """Take those marks away again."""
    session.execute(sa.delete(NoLink).where(NoLink.person_id == pair.survivor, NoLink.account_id.in_(copied)))


def end_claims(session: Session, pair: Pair, change: Change) -> list[str]:
    """End what sources say of who goes: it is sealed for them alone, and made anew for who stays."""
    live = (AttributeClaim.person_id == pair.merged, AttributeClaim.ended_at.is_(None))
    return list(
        session.scalars(sa.update(AttributeClaim).where(*live).values(ended_at=change.at).returning(AttributeClaim.id))
    )


def reopen_claims(session: Session, ended: Sequence[str]) -> None:
    """Let those count again."""
    session.execute(sa.update(AttributeClaim).where(AttributeClaim.id.in_(ended)).values(ended_at=None))


def move_consents(session: Session, pair: Pair, change: Change) -> tuple[list[str], list[str]]:
    """Give the survivor the consents to clients that they had none for, end the others; return both by id."""
    own = sa.select(Consent.client_id).where(Consent.person_id == pair.survivor, Consent.withdrawn_at.is_(None))
    live = (Consent.person_id == pair.merged, Consent.withdrawn_at.is_(None))
    ended = session.scalars(
        sa.update(Consent).where(*live, Consent.client_id.in_(own)).values(withdrawn_at=change.at).returning(Consent.id)
    ).all()
    moved = session.scalars(sa.update(Consent).where(*live).values(person_id=pair.survivor).returning(Consent.id)).all()
    return list(moved), list(ended)


def move_consents_back(session: Session, pair: Pair, moved: Sequence[str]) -> list[str]:
    """Give them back where they still stand; return those that stay."""
    back = session.scalars(
        sa.update(Consent)
        .where(Consent.id.in_(moved), Consent.person_id == pair.survivor, Consent.withdrawn_at.is_(None))
        .values(person_id=pair.merged)
        .returning(Consent.id)
    ).all()
    return sorted(set(moved) - set(back))


def move_subjects(session: Session, pair: Pair) -> tuple[list[list[Any]], list[str]]:
    """Let every `sub` name the survivor: the one that a sector knew stays, of two the survivor's is told from now on.

    Returns sector, sub and whether it was primary for each, and the sectors that knew both.
    """
    own = set(session.scalars(sa.select(Subject.sector).where(Subject.person_id == pair.survivor, Subject.is_primary)))
    moved, both = [], []
    for row in session.scalars(sa.select(Subject).where(Subject.person_id == pair.merged)).all():
        moved.append([row.sector, row.sub, row.is_primary])
        if row.is_primary and row.sector in own:
            both.append(row.sector)
        row.is_primary = row.is_primary and row.sector not in own
        row.person_id = pair.survivor
    session.flush()
    return moved, sorted(both)


def move_subjects_back(session: Session, pair: Pair, moved: Sequence[Sequence[Any]]) -> None:
    """Let those name who went again; a client that met the survivor by one of them meets them anew."""
    for sector, sub, was_primary in moved:
        session.execute(
            sa.update(Subject)
            .where(Subject.sector == sector, Subject.sub == sub, Subject.person_id == pair.survivor)
            .values(person_id=pair.merged, is_primary=was_primary)
        )


def end_numbers(session: Session, pair: Pair, change: Change) -> list[str]:
    """Make the numbers of who goes former ones, by which nobody is found any more; return the rows."""
    held = (Identifier.person_id == pair.merged, Identifier.state == IdentifierState.CURRENT)
    ended = session.scalars(
        sa.update(Identifier)
        .where(*held)
        .values(state=IdentifierState.FORMER, valid_to=change.at)
        .returning(Identifier.id)
    ).all()
    session.execute(sa.update(IdentifierIndex).where(IdentifierIndex.identifier_id.in_(ended)).values(is_current=False))
    return list(ended)


def restore_numbers(session: Session, ended: Sequence[str]) -> list[str]:
    """Make them current again where nobody else has them since; return those that stay former."""
    kept = []
    for identifier_id in ended:
        try:
            with session.begin_nested():
                session.execute(
                    sa.update(Identifier)
                    .where(Identifier.id == identifier_id, Identifier.state == IdentifierState.FORMER)
                    .values(state=IdentifierState.CURRENT, valid_to=None)
                )
                session.execute(
                    sa.update(IdentifierIndex)
                    .where(IdentifierIndex.identifier_id == identifier_id)
                    .values(is_current=True)
                )
        except IntegrityError:
            kept.append(identifier_id)
    return kept


def end_contacts(session: Session, pair: Pair, change: Change) -> list[str]:
    """End the contacts of who goes, so that the same person can verify them for who stays; return the rows."""
    held = (Contact.person_id == pair.merged, Contact.state == ContactState.CURRENT)
    ended = session.scalars(
        sa.update(Contact).where(*held).values(state=ContactState.FORMER, ended_at=change.at).returning(Contact.id)
    ).all()
    session.execute(sa.update(ContactIndex).where(ContactIndex.contact_id.in_(ended)).values(is_current=False))
    return list(ended)


def restore_contacts(session: Session, ended: Sequence[str]) -> list[str]:
    """Make them current again where nobody verified them since; return those that stay ended."""
    kept = []
    for contact_id in ended:
        try:
            with session.begin_nested():
                session.execute(
                    sa.update(Contact)
                    .where(Contact.id == contact_id, Contact.state == ContactState.FORMER)
                    .values(state=ContactState.CURRENT, ended_at=None)
                )
                session.execute(
                    sa.update(ContactIndex).where(ContactIndex.contact_id == contact_id).values(is_current=True)
                )
        except IntegrityError:
            kept.append(contact_id)
    return kept


def move_mandates(session: Session, pair: Pair) -> tuple[list[str], list[str]]:
    """Let the survivor act for whom the other acted, and be acted for by whom the other was; return both by id."""
    acts = session.scalars(
        sa.update(Mandate)
        .where(Mandate.person_id == pair.merged, Mandate.revoked_at.is_(None))
        .values(person_id=pair.survivor)
        .returning(Mandate.id)
    ).all()
    acted_for = session.scalars(
        sa.update(Mandate)
        .where(Mandate.party_kind == PartyKind.PERSON, Mandate.party_id == pair.merged, Mandate.revoked_at.is_(None))
        .values(party_id=pair.survivor)
        .returning(Mandate.id)
    ).all()
    return list(acts), list(acted_for)


def move_mandates_back(session: Session, pair: Pair, acts: Sequence[str], acted_for: Sequence[str]) -> None:
    """Take that back."""
    session.execute(
        sa.update(Mandate).where(Mandate.id.in_(acts), Mandate.person_id == pair.survivor).values(person_id=pair.merged)
    )
    session.execute(
        sa.update(Mandate)
        .where(Mandate.id.in_(acted_for), Mandate.party_id == pair.survivor)
        .values(party_id=pair.merged)
    )


def _give_link(session: Session, link_id: int, person_id: str, change: Change) -> None:
    row = session.execute(
        sa.update(Link)
        .where(Link.id == link_id)
        .values(person_id=person_id, changed_at=change.at, is_main=False)
        .returning(Link.system_number, Link.account_id, Link.state)
    ).one()
    record(
        session,
        EventKind.LINK_MOVED,
        change,
        system_number=row.system_number,
        account_id=row.account_id,
        person_id=person_id,
        link_id=link_id,
        before=row.state,
        after=row.state,
    )


def _copy_marks(session: Session, source: str, target: str) -> list[int]:
    rows = session.scalars(sa.select(NoLink).where(NoLink.person_id == source)).all()
    copied = []
    for row in rows:
        made = session.scalar(
            insert_into(session, NoLink)
            .values(
                account_id=row.account_id,
                person_id=target,
                system_number=row.system_number,
                reason=row.reason,
                by_person=target if row.by_person == source else row.by_person,
                at=row.at,
            )
            .on_conflict_do_nothing()
            .returning(NoLink.account_id)
        )
        if made is not None:
            copied.append(made)
    return copied
