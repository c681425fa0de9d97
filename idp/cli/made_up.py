"""Made-up people and clients in any number, for trying out how a full house behaves.

Everything follows from the place in the row, so that a second run finds what a first one wrote.
"""

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from idp.core.clock import civil_date
from idp.core.errors import ConfigError
from idp.core.results import Ok
from idp.house.build import House
from idp.persons.bulk_registration import register_many
from idp.persons.registration import NewPerson
from idp.storage.engine import take_time
from realname.documents.check_character import mod_11_2
from realname.documents.document_number import DocumentNumber
from realname.documents.parse import parse_number

#: What everybody made up here types; made up too.
PASSWORD = "made-up-willow-bridge-31"  # noqa: S105
#: More have no number left that could not be somebody's.
MOST_PEOPLE = 1_000_000

_BATCH = 500
_DIVISION = "110105"
# Nobody born then was alive when numbers of 18 characters came in, so none of these was ever given out.
_FIRST_BIRTH = date(1851, 1, 1)
_PER_DAY = 1000
_FAMILY_NAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
_GIVEN_NAMES = "明芳伟娜敏静丽强磊军洋勇艳杰娟涛超秀霞平刚桂英华玉兰海燕文辉云峰"


def login_name(place: int) -> str:
    """Return the login name of the person at that place, counted from 0."""
    return f"made-up-{place:07d}"


def client_id(place: int) -> str:
    """Return the id of the client at that place, counted from 0."""
    return f"made-up-{place:05d}"


def client_document(place: int) -> dict[str, Any]:
    """Return the client at that place in the form of a seed file; all of them share one secret."""
    return {
        "client_id": client_id(place),
        "client_secret_file": "made-up-clients.secret",
        "client_name": f"Made-up service {place}",
        "redirect_uris": [f"https://service-{place:05d}.example/callback"],
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        "response_types": ["code"],
        "scope": "openid profile",
        "token_endpoint_auth_method": "client_secret_basic",
        "id_token_signed_response_alg": "ES256",
    }


def seed_people(house: House, count: int) -> list[str]:
    """See that the first `count` made-up people are there and return what was done; raises ConfigError.

    Every batch is a transaction, so a run that is broken off goes on where it was.
    """
    if count and not house.settings.demo_people:
        raise ConfigError("--made-up-people: demo_people is false here. Leave the option out, or use another profile.")
    if count > MOST_PEOPLE:
        raise ConfigError(f"--made-up-people: at most {MOST_PEOPLE} can be made up.")
    database, made = house.ground.database, 0
    # One hash for all: a strong one of each would take days, and nobody's secret is at stake.
    password_hash = house.people.passwords.hash(PASSWORD) if count else ""
    for start in range(0, count, _BATCH):
        places = range(start, min(start + _BATCH, count))
        with database.transaction() as session:
            take_time(session)
            missing = _missing(session, house, places)
            people = [_person(place, house, password_hash) for place in missing]
            register_many(session, house.ground.keyring, people, at=house.ground.clock.now())
        made += len(missing)
    if made and not database.is_sqlite:
        with database.transaction() as session:
            take_time(session)
            session.execute(sa.text("ANALYZE"))  # plans made for empty tables would scan them whole
    return [f"{made} made-up people created"] if made else []


def number_at(place: int, *, today: date) -> DocumentNumber:
    """Return the document number at that place: well formed, all different, nobody's."""
    birth = _FIRST_BIRTH + timedelta(days=place // _PER_DAY)
    digits = f"{_DIVISION}{birth:%Y%m%d}{place % _PER_DAY:03d}"
    parsed = parse_number(digits + mod_11_2(digits), today=today)
    assert isinstance(parsed, Ok)  # noqa: S101 - made so above
    return parsed.value


def name_at(place: int) -> str:
    """Return the name at that place; many share one, as people do."""
    families, givens = len(_FAMILY_NAMES), len(_GIVEN_NAMES)
    name = _FAMILY_NAMES[place % families] + _GIVEN_NAMES[place // families % givens]
    return name + _GIVEN_NAMES[place // (families * givens) % givens]


def mobile_at(place: int) -> str:
    """Return the mobile at that place; no operator gives out numbers that begin like this."""
    return f"+86160{place:08d}"


def _missing(session: Session, house: House, places: range) -> list[int]:
    """List the places of nobody; they are filled in order, so the ends mostly tell."""

    def is_taken(place: int) -> bool:
        return house.people.directory.find_by_login(session, login_name(place)) is not None

    if is_taken(places[-1]):
        return []
    if not is_taken(places[0]):
        return list(places)
    return [place for place in places if not is_taken(place)]


def _person(place: int, house: House, password_hash: str) -> NewPerson:
    return NewPerson(
        name=name_at(place),
        number=number_at(place, today=civil_date(house.ground.clock.now())),
        mobile=mobile_at(place),
        login_name=login_name(place),
        password_hash=password_hash,
    )
