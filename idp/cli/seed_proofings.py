"""Made-up people of a seed file who are to be proved: the register of the same file is asked about them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from idp.audit.log import NOWHERE
from idp.core.clock import civil_date
from idp.core.errors import ConfigError
from idp.core.ids import new_id
from idp.core.results import Ok
from idp.house.build import House
from idp.login.raising import evidence_of
from realname.documents.parse import parse_number
from realname.proofing.method import Method
from realname.providers.answer import Outcome
from realname.providers.question import Question


def prove_person(house: House, person: Mapping[str, Any]) -> str:
    """Prove a person by number, name and mobile and return what was done; raises ConfigError where they disagree."""
    login_name, now = str(person["login_name"]), house.ground.clock.now()
    number = parse_number(str(person.get("number", "")), today=civil_date(now))
    if not isinstance(number, Ok):
        raise ConfigError(f"people: {login_name} is to be verified and has no valid number.")
    with house.ground.database.read() as session:
        found = house.people.directory.find_by_login(session, login_name)
        assert found is not None  # noqa: S101 - seeded before
        if house.people.directory.current_number(session, found.person_id) is not None:
            return ""
    proofing = house.login.proofing
    question = Question(number.value, str(person["name"]), person.get("mobile"))
    answer = proofing.verifier.verify(question)
    if answer.outcome is not Outcome.MATCH:
        raise ConfigError(f"people: {login_name} is to be verified, but the records say {answer.outcome}.")
    valid = timedelta(days=house.settings.realname.name_valid_days)
    evidence = evidence_of(new_id(), Method.MOBILE, question, answer, at=now, valid=valid)
    with house.ground.database.transaction() as session:
        proofing.proved.carry_out(
            session,
            found.person_id,
            evidence,
            presented=("pwd", "otp", "sms"),
            keep=None,
            locale=house.settings.locales.default,
            origin=NOWHERE,
        )
    return f"person {login_name} verified"
