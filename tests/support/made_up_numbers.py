"""Numbers of people who are no one, each another one, for houses in which many are proved."""

import itertools

from realname.documents.check_character import mod_11_2
from tests.support.cards import CITIZEN, MadeUpCard

_PLACES = itertools.count()


def new_number() -> str:
    """Return a valid number that this process did not return before; a man's, born in January 1980."""
    day, place = divmod(next(_PLACES), 400)
    digits = f"110105198001{1 + day % 28:02d}{2 * place + 101:03d}"
    return digits + mod_11_2(digits)


def card_of(number: str, name: str = "张小明", **changed: str) -> MadeUpCard:
    """Return the card of such a number."""
    return CITIZEN.but(number=number, name=name, birth=number[6:14], sex="1", **changed)
