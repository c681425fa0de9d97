"""What a house has sent, written and asked; and acts at the same moment."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any, TypeVar

import sqlalchemy as sa

from idp.audit.models import AuditEvent
from idp.house.build import House
from idp.house.deliveries import build_worker
from idp.outbox.queue import DeliveryKind
from idp.web.message_texts import render_message

T = TypeVar("T")


def sent(house: House, template: str, to: str | None = None) -> list[dict[str, Any]]:
    """Return the messages of a template, the newest first, all or those to one contact.

    The worker runs before: requests to get back in are looked up by it, never by a page.
    """
    work(house)
    found = house.protocol.queue.recent(DeliveryKind.MESSAGE, most=200)
    return [each for _, each in found if each["template"] == template and to in (None, each["to"])]


def work(house: House) -> None:
    """Let a worker do everything that is due."""
    worker = build_worker(house, render=render_message)
    while worker.run_once():
        pass


def code_of(house: House, template: str, to: str) -> str:
    """Return the code in the newest message; move the clock between two of them."""
    return str(sent(house, template, to)[0]["parameters"]["code"])


def audited(house: House, event: str, person_id: str) -> list[AuditEvent]:
    """Return the audit rows of one kind about one person, oldest first."""
    with house.ground.database.read() as session:
        return list(
            session.scalars(
                sa.select(AuditEvent)
                .where(AuditEvent.event == event, AuditEvent.person_id == person_id)
                .order_by(AuditEvent.at, AuditEvent.id)
            )
        )


@contextmanager
def counted_statements(house: House) -> Iterator[list[str]]:
    """Collect the statements that the block sends to the database of record."""
    statements: list[str] = []

    def collect(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    engine = house.ground.database.engine
    sa.event.listen(engine, "before_cursor_execute", collect)
    try:
        yield statements
    finally:
        sa.event.remove(engine, "before_cursor_execute", collect)


def at_once(count: int, act: Callable[[], T]) -> list[T | Exception]:
    """Do the same in that many threads, started together; an exception is a result."""
    barrier = Barrier(count)

    def run(_place: int) -> T | Exception:
        barrier.wait(timeout=30)
        try:
            return act()
        except Exception as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))
