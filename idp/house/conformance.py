"""What the throw-away data of the conformance profile begins with: one person who has every claim, at level 2."""

import json

import sqlalchemy as sa

from idp.core.clock import civil_date
from idp.core.errors import ConfigError
from idp.core.ids import new_id
from idp.core.results import Ok
from idp.house.build import House
from idp.persons.models import Proofing
from idp.persons.registration import NewPerson
from idp.persons.vocabulary import AttributeName
from idp.persons.vouching import vouch
from realname.documents.parse import parse_number

LOGIN_NAME = "alice"
PASSWORD = "alice-password"  # noqa: S105 - known to everybody, in this profile only
# The made-up number of GB 11643's own example.
_NUMBER = "11010519491231002X"
# With the password alone (aal 1) this identity level reaches level 2 of a login.
_LEVEL = 3
_SOURCE = "conformance"
_FACTS = {
    AttributeName.GIVEN_NAME: "Alice",
    AttributeName.FAMILY_NAME: "Zhang",
    AttributeName.MIDDLE_NAME: "Mei",
    AttributeName.NICKNAME: "Ali",
    AttributeName.PREFERRED_USERNAME: LOGIN_NAME,
    AttributeName.PROFILE: "https://people.example/alice",
    AttributeName.PICTURE: "https://people.example/alice.png",
    AttributeName.WEBSITE: "https://alice.example/",
    AttributeName.GENDER: "female",
    AttributeName.BIRTHDATE: "1949-12-31",
    AttributeName.ZONEINFO: "Asia/Shanghai",
    AttributeName.LOCALE: "zh-CN",
    AttributeName.ADDRESS: json.dumps(
        {
            "formatted": "1 Made-up Road\nChaoyang, Beijing 100000\nCN",
            "street_address": "1 Made-up Road",
            "locality": "Chaoyang",
            "region": "Beijing",
            "postal_code": "100000",
            "country": "CN",
        }
    ),
}


def add_person(house: House) -> None:
    """Write the person that suites log in as; raises ContactTaken where they exist already.

    The password is written as it is, exempt from the policy; there is no second factor.
    """
    people, now = house.people, house.ground.clock.now()
    number = parse_number(_NUMBER, today=civil_date(now))
    if not isinstance(number, Ok):
        raise ConfigError("the conformance profile's number is not valid")
    new = NewPerson(
        name="Alice Mei Zhang",
        number=number.value,
        mobile="+8613800138000",
        email="alice@people.example",
        email_verified=True,
        login_name=LOGIN_NAME,
        password_hash=people.passwords.hash(PASSWORD),
    )
    with house.ground.database.transaction() as session:
        person_id = people.registration.register(session, new)
        for name, value in _FACTS.items():
            people.attributes.set(session, person_id, name, value, source=_SOURCE, level=_LEVEL, at=now)
        proofing_id = new_id()
        session.execute(
            sa.insert(Proofing).values(
                id=proofing_id, person_id=person_id, level=_LEVEL, method=_SOURCE, provider=_SOURCE, proved_at=now
            )
        )
        vouch(session, person_id, ("pwd", "sms"), at=now)
        for claimed in people.identifiers.of(session, person_id):
            people.identifiers.set_current(session, claimed.id, proofing_id=proofing_id, at=now)
