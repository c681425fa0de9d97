"""Who is known by a network identity alone, before clients (order 173 of 2025, art. 7 to 9; IDA 1.0 §5.7).

What is told of a person never says more than was proved: no number at the level of an assertion that named none,
and no name there but the service's own word.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from idp.audit.log import NOWHERE
from idp.core.clock import civil_date
from idp.core.ids import new_id
from idp.core.results import Ok
from idp.persons.vouching import vouch
from realname.documents.application_id import ApplicationId
from realname.documents.parse import parse_number
from realname.proofing.evidence import Evidence
from realname.proofing.method import Method
from realname.release.identity_claims import APPROVABLE
from tests.protocol.desk import AGES, IDENTITY, SCOPE, VERIFIED, Desk, asking
from tests.protocol.provider import Provider
from tests.support import proofed
from tests.support.proofed import NAME, NUMBER

ID = ApplicationId("AbCdEfGh01234567")


class Counterpart:
    """A person with a claimed number and a typed name, before a client that is approved for everything."""

    def __init__(self, provider: Provider, desk: Desk) -> None:
        self.provider = provider
        house = provider.house
        parsed = parse_number(NUMBER, today=civil_date(provider.clock.now()))
        assert isinstance(parsed, Ok)
        self.number = parsed.value
        self.person = provider.person(NAME, number=self.number)
        proofed.agree(house, self.person.id, desk.party.client_id, *APPROVABLE, "identity", "id_number", "age")
        self._party = desk.party

    def proved(self, method: Method, **changes: Any) -> None:
        """Record evidence of the method, with the password presented."""
        now, house = self.provider.clock.now(), self.provider.house
        evidence = Evidence(
            handle=new_id(),
            method=method,
            provider="network_identity" if method is Method.NETWORK_IDENTITY else "made-up",
            code="made-up",
            request_id=new_id(),
            number=self.number,
            name=NAME,
            mobile=None,
            proved_at=now,
            valid_until=now + timedelta(days=365),
            keep_until=now + timedelta(days=1),
        )
        with house.ground.database.transaction() as session:
            recorded = house.login.proofing.proved.carry_out(
                session,
                self.person.id,
                replace(evidence, **changes),
                presented=("pwd", "sms"),
                keep=None,
                locale="zh_CN",
                origin=NOWHERE,
            )
            assert recorded is not None
            vouch(session, self.person.id, ("pwd", "sms"), at=now)

    def told(self, **claims: Any) -> dict[str, Any]:
        desk = Desk(self.provider, self.person, self.provider.browser(self.person), self._party)
        return desk.told(SCOPE, **claims)


@pytest.fixture
def bare(provider: Provider, desk: Desk) -> Counterpart:
    # The desk's own person proved the usual number; here it is somebody else's.
    proofed.end_number(provider.house, desk.person.id, "former")  # type: ignore[arg-type]
    return Counterpart(provider, desk)


WITHOUT: dict[str, Any] = {"number": None, "name": None, "application_id": ID}


def test_nothing_is_told_of_who_is_known_by_the_application_id_alone(bare: Counterpart) -> None:
    """Level 3, and neither the number they typed, nor their name, nor an age; nor any evidence of a document."""
    bare.proved(Method.NETWORK_IDENTITY, **WITHOUT)
    assert bare.told(claims=asking("birthdate", "real_name", verified=VERIFIED)) == {}


def test_the_name_is_told_if_the_service_said_it(bare: Counterpart) -> None:
    bare.proved(Method.NETWORK_IDENTITY, **{**WITHOUT, "name": NAME})
    told = bare.told(claims=asking(verified={"verification": {"trust_framework": None}, "claims": {"real_name": None}}))
    assert told.pop("verified_claims")["claims"] == {"real_name": NAME}
    assert told == {"real_name": NAME}


@pytest.mark.parametrize("method", [Method.NAME, Method.MOBILE])
@pytest.mark.parametrize("is_first", [True, False])
def test_number_and_name_of_level_2_are_lent_nothing(bare: Counterpart, method: Method, is_first: bool) -> None:
    """Neither a number and a name that many know, nor a mobile in that name, beside anybody's network identity.

    Who proved the number by a mobile first has one; without it the network identity raises them no more.
    """
    order = [(method, {}), (Method.NETWORK_IDENTITY, WITHOUT)]
    for each, changes in order if is_first else reversed(order):
        bare.proved(each, **changes)
    assert bare.told(claims=asking("birthdate", "real_name", verified=VERIFIED)) == {}


def test_joined_the_number_is_told_with_its_own_evidence(bare: Counterpart) -> None:
    """By the identity's own assertion: a document, checked by an electronic identity of the state, at level 3."""
    bare.proved(Method.NETWORK_IDENTITY, **WITHOUT)
    bare.proved(Method.NETWORK_IDENTITY, application_id=ID)
    told = bare.told(
        claims=asking(
            verified={
                "verification": {
                    "trust_framework": None,
                    "assurance_level": None,
                    "evidence": [{"type": {"value": "document"}, "check_details": [{"check_method": None}]}],
                },
                "claims": {"id_number": None},
            }
        )
    )
    verified = told.pop("verified_claims")
    assert verified["claims"] == {"id_number": NUMBER}
    assert verified["verification"]["assurance_level"] == "ial3"
    assert verified["verification"]["evidence"][0]["check_details"] == [{"check_method": "auth"}]
    assert told == {**IDENTITY, **AGES, "id_number": NUMBER}


def test_by_a_face_the_evidence_is_the_faces(bare: Counterpart) -> None:
    """The assertion without a number is no evidence of it, however lately it was made."""
    bare.proved(Method.NETWORK_IDENTITY, **WITHOUT)
    bare.proved(Method.FACE)
    asked = {
        "verification": {
            "trust_framework": None,
            "evidence": [{"type": {"value": "document"}, "check_details": [{"check_method": {"value": "auth"}}]}],
        },
        "claims": {"id_number": None},
    }
    assert "verified_claims" not in bare.told(claims=asking(verified=asked))
