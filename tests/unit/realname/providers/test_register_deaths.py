"""Which entries say a death that nobody has acted on: none is lost, none is acted on for ever; both databases."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from idp.house.build import House
from realname.providers.register import deaths
from realname.providers.register.deaths import Word
from realname.providers.register.models import RegisterDeath, RegisterEntry
from tests.support.register import NUMBER, OTHER_NUMBER, entry_of, put

DIED = {"deceased_on": "2026-02-20"}
HOUR = timedelta(hours=1)


def pending(house: House) -> tuple[Word, ...]:
    with house.ground.database.read() as session:
        return deaths.pending(session, house.ground.keyring, at=house.ground.clock.now(), limit=10)


def look(house: House, *words: Word, later: timedelta = timedelta()) -> None:
    with house.ground.database.transaction() as session:
        deaths.looked_at(session, words, at=house.ground.clock.now() + later)


def kept(house: House) -> int:
    with house.ground.database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(RegisterDeath)) or 0


@pytest.mark.parametrize("known", [False, True])
def test_a_death_is_noted_with_its_entry(house: House, known: bool) -> None:
    """Whether the entry is new or was there; a life is not, nor the same death said twice."""
    put(house, entry_of(OTHER_NUMBER))
    if known:
        put(house, entry_of())
    assert pending(house) == ()
    put(house, entry_of(**DIED))
    (word,) = pending(house)
    assert (word.number.canonical, word.deceased_on, word.version) == (NUMBER, date(2026, 2, 20), 1)
    put(house, entry_of(**DIED))
    put(house, entry_of(**DIED, mobiles="13712345678"))
    assert pending(house) == (word,)


def test_a_word_is_looked_at_twice_and_then_forgotten(house: House) -> None:
    """The second time an hour later; looking again in between changes nothing."""
    put(house, entry_of(**DIED))
    words = pending(house)
    look(house, *words)
    assert pending(house) == () and kept(house) == 1
    look(house, *words, later=HOUR - timedelta(seconds=1))
    assert kept(house) == 1
    look(house, *words, later=HOUR)
    assert kept(house) == 0


def test_a_word_that_changes_while_it_is_looked_at_waits_anew(house: House) -> None:
    """What was looked at was the older one; the newer says no death any more, and is acted on too."""
    put(house, entry_of(**DIED))
    older = pending(house)
    put(house, entry_of())
    look(house, *older)
    (newer,) = pending(house)
    assert (newer.deceased_on, newer.version) == (None, 2)
    look(house, newer)
    assert pending(house) == ()


def test_an_entry_that_ends_takes_its_word_along(house: House) -> None:
    """Nothing is left that points at it."""
    put(house, entry_of(**DIED))
    with house.ground.database.transaction() as session:
        house.register.entries.end(session, list(session.scalars(sa.select(RegisterEntry.id))))
    assert kept(house) == 0
