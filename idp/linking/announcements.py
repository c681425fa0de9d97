"""Telling an older system what changed: a security event token pushed to it (RFC 8417, RFC 8935), signed and retried.

What is pushed is a page of the change feed, and the cursor moves when the system has taken it. So nothing is lost
when it was away for a day, nothing has to be queued for each of a million changes, and whoever would rather ask
finds the same at the mapping API.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from clients.client import Client
from clients.registry import ClientRegistry
from idp.core.clock import Clock
from idp.linking.changes import ChangeFeed, Cursor, News
from idp.linking.models import LegacySystem, LegacySystemClient
from idp.outbound.fetcher import Fetcher, OutboundRefused
from idp.outbox.models import Delivery
from idp.outbox.queue import Claimed, DeliveryKind, DeliveryState, Queue
from idp.outbox.worker import Attempt, Ending
from idp.storage.engine import Database
from idp.tokens.jwt import JwtSigner

#: The one event of such a token.
CHANGES_EVENT = "urn:yihao:event:mapping-changes"
_TYP = "secevent+jwt"  # RFC 8417 §2.3
_CONTENT_TYPE = "application/secevent+jwt"  # RFC 8935 §2.1
_AT_ONCE = 100
# About a day and a half by the outbox's waiting times; after that the next look begins anew.
_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class _Listener:
    system_number: int
    system_code: str
    client_id: str
    uri: str
    told: Cursor


class Announcements:
    """Looks for news, and delivers them; the handler of deliveries of kind `mapping_changes`."""

    def __init__(
        self,
        *,
        database: Database,
        queue: Queue,
        clients: ClientRegistry,
        feed: ChangeFeed,
        signer: JwtSigner,
        fetcher: Fetcher,
        clock: Clock,
        issuer: str,
    ) -> None:
        self._database = database
        self._queue = queue
        self._clients = clients
        self._feed = feed
        self._signer = signer
        self._fetcher = fetcher
        self._clock = clock
        self._issuer = issuer

    def look(self) -> int:
        """Put in a delivery for every listener that has news and none on its way; return how many."""
        with self._database.read() as session:
            waiting = [
                each
                for each in _listeners(session)
                if not _is_on_its_way(session, each) and self._feed.has_news(session, each.system_number, each.told)
            ]
        for each in waiting:
            with self._database.transaction() as session:
                self._queue.enqueue(
                    session,
                    DeliveryKind.MAPPING_CHANGES,
                    {"system_number": each.system_number, "client_id": each.client_id},
                    max_attempts=_ATTEMPTS,
                    client_id=each.client_id,
                )
        return len(waiting)

    def __call__(self, delivery: Claimed) -> Attempt:
        """Push the next page of changes; 202 means that the system has it (RFC 8935 §2.2)."""
        with self._database.read() as session:
            found = [
                each
                for each in _listeners(session)
                if each.system_number == delivery.payload["system_number"]
                and each.client_id == delivery.payload["client_id"]
            ]
        client = self._clients.find(found[0].client_id) if found else None
        if client is None:
            return Attempt(Ending.HOPELESS, "nobody listens")
        listener = found[0]
        news = self._feed.after(listener.system_number, client.sector, listener.told, limit=_AT_ONCE)
        if news.changes:
            try:
                answer = self._fetcher.post(
                    listener.uri, body=self._token(client, listener, news).encode(), content_type=_CONTENT_TYPE
                )
            except OutboundRefused as error:
                return Attempt(Ending.FAILED, f"refused: {error.reason}")
            if answer.status not in (200, 202, 204):
                return Attempt(Ending.FAILED, f"status {answer.status}")
        self._move_on(listener, news.cursor)
        return Attempt(Ending.DELIVERED)

    def _token(self, client: Client, listener: _Listener, news: News) -> str:
        """Return the token; the same page has the same `jti`, so that a second arrival is known (RFC 8417 §2.2)."""
        event = {
            "system": listener.system_code,
            "cursor": str(news.cursor),
            "more": news.more,
            "changes": [
                {
                    "kind": each.kind,
                    "account": each.reference,
                    "at": int(each.at.timestamp()),
                    **({"sub": each.sub} if each.sub else {}),
                }
                for each in news.changes
            ],
        }
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": client.client_id,
            "iat": self._clock.epoch(),
            "jti": f"{listener.system_code}-{listener.told}-{news.cursor}",
            "events": {CHANGES_EVENT: event},
        }
        return self._signer.sign(claims, algorithm=client.id_token_signed_response_alg, typ=_TYP)

    def _move_on(self, listener: _Listener, cursor: Cursor) -> None:
        """Note what was told, unless another delivery has told more meanwhile."""
        with self._database.transaction() as session:
            session.execute(
                sa.update(LegacySystemClient)
                .where(
                    LegacySystemClient.system_number == listener.system_number,
                    LegacySystemClient.client_id == listener.client_id,
                    LegacySystemClient.told_position == listener.told.position,
                    LegacySystemClient.told_leaf == listener.told.leaf,
                )
                .values(told_position=cursor.position, told_leaf=cursor.leaf)
            )


def _listeners(session: Session) -> tuple[_Listener, ...]:
    rows = session.execute(
        sa.select(LegacySystemClient, LegacySystem.code)
        .join(LegacySystem, LegacySystem.number == LegacySystemClient.system_number)
        .order_by(LegacySystemClient.system_number, LegacySystemClient.client_id)
    )
    return tuple(
        _Listener(row.system_number, code, row.client_id, row.events_uri, Cursor(row.told_position, row.told_leaf))
        for row, code in rows
        if row.events_uri is not None
    )


def _is_on_its_way(session: Session, listener: _Listener) -> bool:
    """Tell whether a delivery waits or is being tried; of two systems of one client the second waits its turn."""
    found = sa.select(Delivery.id).where(
        Delivery.client_id == listener.client_id,
        Delivery.kind == DeliveryKind.MAPPING_CHANGES,
        Delivery.state.in_((DeliveryState.PENDING, DeliveryState.SENDING)),
    )
    return session.scalar(found.limit(1)) is not None
