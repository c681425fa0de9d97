"""Consents: what a person let a client have, item by item, with the text that was shown (PIPL art. 14-15).

The functions work within the caller's transaction. A consent ends; it is never deleted.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from clients.models import Consent, ConsentItem
from idp.audit.events import Event
from idp.audit.log import Origin, record
from idp.core.ids import new_id
from idp.storage.json_rows import json_rows
from idp.storage.upsert import insert_into


@dataclass(frozen=True, slots=True)
class ConsentedItem:
    """One scope or claim as it was shown; `separate` where the law wants an answer of its own for it."""

    name: str
    kind: str
    separate: bool
    text_digest: str


@dataclass(frozen=True, slots=True)
class GrantedItem:
    """A live item of a consent."""

    name: str
    kind: str
    separate: bool
    granted_at: datetime


@dataclass(frozen=True, slots=True)
class LiveConsent:
    """A consent that still stands, for the person to look at and withdraw."""

    id: str
    client_id: str
    granted_at: datetime
    items: tuple[GrantedItem, ...]
    #: Who gave it for the person, where it was not themself.
    actor_person: str | None = None


def with_granted(statement: sa.Select[Any], person_id: Any, client_id: Any) -> sa.Select[Any]:
    """Return the statement with a row for each live item, named `granted`, for those that read more at once."""
    return (
        statement.add_columns(ConsentItem.name.label("granted"))
        .outerjoin(
            Consent,
            sa.and_(Consent.person_id == person_id, Consent.client_id == client_id, Consent.withdrawn_at.is_(None)),
        )
        .outerjoin(ConsentItem, sa.and_(ConsentItem.consent_id == Consent.id, ConsentItem.withdrawn_at.is_(None)))
    )


def granted_names(person_id: Any, client_id: Any, *, is_postgresql: bool) -> sa.ScalarSelect[Any]:
    """Return the names of what the person lets the client have now as JSON, for statements that read more at once."""
    return json_rows(
        [ConsentItem.name],
        sa.and_(
            Consent.person_id == person_id,
            Consent.client_id == client_id,
            Consent.withdrawn_at.is_(None),
            ConsentItem.withdrawn_at.is_(None),
        ),
        joined=sa.join(Consent, ConsentItem, ConsentItem.consent_id == Consent.id),
        is_postgresql=is_postgresql,
    )


def granted(session: Session, person_id: str, client_id: str) -> frozenset[str]:
    """Return the names of what the person lets the client have now."""
    return frozenset(
        session.scalars(
            sa.select(ConsentItem.name)
            .join(Consent, Consent.id == ConsentItem.consent_id)
            .where(*_is_live(person_id), Consent.client_id == client_id, ConsentItem.withdrawn_at.is_(None))
        )
    )


def grant(
    session: Session,
    person_id: str,
    client_id: str,
    items: Sequence[ConsentedItem],
    *,
    locale: str,
    at: datetime,
    origin: Origin,
) -> bool:
    """Add what is new to the person's consent to the client; False where nothing was.

    An item whose text has changed since counts as new: its digest is replaced, the old one is in the audit.
    """
    if not items:
        return False
    consent_id = _open_consent(session, person_id, client_id, at=at, origin=origin)
    # An item that ended by itself has a row too; what it said does not stand any more.
    known: dict[str, str | None] = {
        row.name: row.text_digest if row.withdrawn_at is None else None
        for row in session.execute(
            sa.select(ConsentItem.name, ConsentItem.text_digest, ConsentItem.withdrawn_at).where(
                ConsentItem.consent_id == consent_id
            )
        )
    }
    fresh = {item.name: item for item in items if known.get(item.name) != item.text_digest}
    for item in fresh.values():
        values = _item_values(item, locale=locale, at=at)
        if item.name in known:
            session.execute(
                sa.update(ConsentItem)
                .where(ConsentItem.consent_id == consent_id, ConsentItem.name == item.name)
                .values(values)
            )
        else:
            session.execute(sa.insert(ConsentItem).values(consent_id=consent_id, name=item.name, **values))
    if fresh:
        record(
            session,
            Event.CONSENT_GRANTED,
            at=at,
            person_id=person_id,
            client_id=client_id,
            origin=origin,
            details=_audit_details(fresh, locale),
        )
    return bool(fresh)


def withdraw(
    session: Session,
    person_id: str,
    *,
    consent_id: str | None = None,
    client_id: str | None = None,
    at: datetime,
    origin: Origin,
) -> bool:
    """End the person's consent, named by its id or by the client; False where none of theirs stood."""
    if (consent_id is None) == (client_id is None):
        raise ValueError("name the consent either by its id or by its client")
    which = Consent.id == consent_id if consent_id is not None else Consent.client_id == client_id
    # The person stands in the statement: nobody ends another one's consent by its id.
    ended = session.execute(
        sa.update(Consent)
        .where(*_is_live(person_id), which)
        .values(withdrawn_at=at)
        .returning(Consent.id, Consent.client_id)
    ).one_or_none()
    if ended is None:
        return False
    names = session.scalars(
        sa.update(ConsentItem)
        .where(ConsentItem.consent_id == ended.id, ConsentItem.withdrawn_at.is_(None))
        .values(withdrawn_at=at)
        .returning(ConsentItem.name)
    ).all()
    record(
        session,
        Event.CONSENT_WITHDRAWN,
        at=at,
        person_id=person_id,
        client_id=ended.client_id,
        origin=origin,
        details={"items": sorted(names)},
    )
    return True


def withdraw_all(session: Session, person_id: str, *, at: datetime) -> int:
    """End every consent of the person for something that the caller audits; return how many stood."""
    ended = session.scalars(
        sa.update(Consent).where(*_is_live(person_id)).values(withdrawn_at=at).returning(Consent.id)
    ).all()
    session.execute(
        sa.update(ConsentItem)
        .where(ConsentItem.consent_id.in_(ended), ConsentItem.withdrawn_at.is_(None))
        .values(withdrawn_at=at)
    )
    return len(ended)


def end_items(session: Session, client_id: str, names: Collection[str], *, at: datetime) -> int:
    """End these items of everybody's consents to a client, for a change that the caller audits; return how many.

    They must be asked for anew: what is different now is not what people said yes to (PIPL art. 14).
    """
    of_client = sa.select(Consent.id).where(Consent.client_id == client_id, Consent.withdrawn_at.is_(None))
    return len(
        session.execute(
            sa.update(ConsentItem)
            .where(
                ConsentItem.consent_id.in_(of_client),
                ConsentItem.name.in_(names),
                ConsentItem.withdrawn_at.is_(None),
            )
            .values(withdrawn_at=at)
            .returning(ConsentItem.consent_id)
        ).all()
    )


def list_for(session: Session, person_id: str) -> tuple[LiveConsent, ...]:
    """Return every consent of the person that still stands, the newest first."""
    consents = session.execute(
        sa.select(Consent.id, Consent.client_id, Consent.granted_at, Consent.actor_person)
        .where(*_is_live(person_id))
        .order_by(Consent.granted_at.desc(), Consent.id)
    ).all()
    items: dict[str, list[GrantedItem]] = {row.id: [] for row in consents}
    for row in session.execute(
        sa.select(
            ConsentItem.consent_id,
            ConsentItem.name,
            ConsentItem.kind,
            ConsentItem.separate,
            ConsentItem.granted_at,
        )
        .where(ConsentItem.consent_id.in_(list(items)), ConsentItem.withdrawn_at.is_(None))
        .order_by(ConsentItem.name)
    ):
        items[row.consent_id].append(GrantedItem(row.name, row.kind, row.separate, row.granted_at))
    return tuple(
        LiveConsent(row.id, row.client_id, row.granted_at, tuple(items[row.id]), row.actor_person) for row in consents
    )


def _is_live(person_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return Consent.person_id == person_id, Consent.withdrawn_at.is_(None)


def _open_consent(session: Session, person_id: str, client_id: str, *, at: datetime, origin: Origin) -> str:
    """Return the id of the one live consent, made here where there was none, held until the end."""
    values = {
        "id": new_id(),
        "person_id": person_id,
        "client_id": client_id,
        "granted_at": at,
        "actor_person": origin.actor_person,
        "on_behalf_of": origin.on_behalf_of,
        "office": origin.office,
    }
    where: dict[str, Any] = {
        "index_elements": ["person_id", "client_id"],
        "index_where": sa.text("withdrawn_at IS NULL"),
    }
    session.execute(insert_into(session, Consent).values(values).on_conflict_do_nothing(**where))
    return session.scalars(
        sa.select(Consent.id).where(*_is_live(person_id), Consent.client_id == client_id).with_for_update()
    ).one()


def _item_values(item: ConsentedItem, *, locale: str, at: datetime) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "separate": item.separate,
        "text_digest": item.text_digest,
        "locale": locale,
        "granted_at": at,
        "withdrawn_at": None,
    }


def _audit_details(items: Mapping[str, ConsentedItem], locale: str) -> dict[str, Any]:
    return {"items": {name: item.text_digest for name, item in sorted(items.items())}, "locale": locale}
