"""OpenID Connect for Identity Assurance 1.0: requests for verified_claims, their answers, discovery."""

import json
from typing import Any

import pytest

from realname.release.identity_claims import APPROVABLE, IDENTITY_CLAIMS
from tests.protocol.desk import SCOPE, VERIFIED, Desk, asking
from tests.protocol.provider import EMBEDDED, Provider
from tests.support import proofed
from tests.support.proofed import NAME, NUMBER


def test_verified_claims_with_what_was_asked_of_them(desk: Desk) -> None:
    """Claims beside how they were verified (IDA §5.3-5.4): framework, level, time, document and check."""
    verification = {
        "trust_framework": {"value": "cn_yihao_realname"},
        "assurance_level": {"values": ["ial2", "ial3"]},
        "time": {"max_age": 31_536_000},
        "evidence": [
            {
                "type": {"value": "document"},
                "check_details": [{"check_method": None}],
                "document_details": {"type": None},
            }
        ],
    }
    asked = asking(verified={"verification": verification, "claims": {"real_name": None, "age_over_18": None}})
    assert desk.told("openid", claims=asked) == {
        "verified_claims": {
            "verification": {
                "trust_framework": "cn_yihao_realname",
                "assurance_level": "ial2",
                "time": "2026-03-02T08:30:00Z",
                "evidence": [
                    {
                        "type": "document",
                        "check_details": [{"check_method": "data"}],
                        "document_details": {"type": "cn_resident_id"},
                    }
                ],
            },
            "claims": {"real_name": NAME, "age_over_18": True},
        }
    }


def test_several_sets_are_answered_one_by_one(desk: Desk) -> None:
    """What cannot be met is left out, without an error (IDA §5.6, §5.7.4)."""
    at_four = {"trust_framework": None, "assurance_level": {"value": "ial4"}}
    sets = [{**VERIFIED, "verification": at_four}, VERIFIED]
    found = desk.told("openid", claims=asking(verified=sets))["verified_claims"]
    assert [each["claims"] for each in found] == [{"real_name": NAME, "id_number": NUMBER}]
    proofed.add_proofing(desk.provider.house, desk.person.id, level=4, method="counter")
    assert len(desk.told("openid", claims=asking(verified=sets))["verified_claims"]) == 2
    elsewhere = {**VERIFIED, "verification": {"trust_framework": {"value": "eidas"}}}
    assert desk.told("openid", claims=asking(verified=elsewhere)) == {}


@pytest.mark.parametrize("place", ["userinfo", "id_token"])
@pytest.mark.parametrize("member", [{"value": NUMBER}, {"values": [NUMBER]}])
def test_a_value_is_refused(desk: Desk, place: str, member: dict[str, Any]) -> None:
    """An answer would tell whether the person is the one thought of; the same claim without a value is taken."""
    verified = {"verification": {"trust_framework": None}, "claims": {"id_number": member}}
    for members in ({"id_number": member}, {"real_name#zh": member}, {"verified_claims": verified}):
        claims = json.dumps({place: members})
        assert desk.provider.answer(desk.browser, desk.party, claims=claims)["error"] == "invalid_request"
    assert "code" in desk.provider.answer(desk.browser, desk.party, scope="openid", claims=asking("id_number"))


def test_a_malformed_request_is_refused(desk: Desk) -> None:
    """Where verified_claims is not of its form (IDA §5.3-5.5); the same request well formed is taken."""
    for verified in ([], {"claims": {"real_name": None}}, {**VERIFIED, "claims": {}}, [VERIFIED] * 11, "x"):
        claims = asking(verified=verified)
        assert desk.provider.answer(desk.browser, desk.party, claims=claims)["error"] == "invalid_request"
    assert "code" in desk.provider.answer(desk.browser, desk.party, scope="openid", claims=asking(verified=VERIFIED))


def test_an_id_token_never_holds_them(desk: Desk) -> None:
    """Asked for there they are not given, essential or not, and that is no error (Core §5.5.1): it travels in URLs."""
    members = {"real_name": {"essential": True}, "id_number": None, "birthdate": None, "verified_claims": VERIFIED}
    tokens = desk.tokens(f"{SCOPE} profile", claims=json.dumps({"id_token": members, "userinfo": members}))
    claims = desk.provider.claims_of(tokens["id_token"])
    assert not APPROVABLE & claims.keys()
    assert NUMBER not in str(claims) and NAME not in str(claims)
    access = desk.provider.claims_of(tokens["access_token"], typ="at+jwt")
    assert not APPROVABLE & access.keys()
    assert desk.userinfo(tokens["access_token"])["verified_claims"]["claims"]["id_number"] == NUMBER


@EMBEDDED
def test_discovery_tells_what_there_is(provider: Provider) -> None:
    """The members of IDA §8, and each claim and scope that a client can get."""
    metadata = provider.http.get("/.well-known/openid-configuration").get_json()
    assert metadata["verified_claims_supported"] is True
    assert metadata["trust_frameworks_supported"] == ["cn_yihao_realname"]
    assert metadata["evidence_supported"] == ["document"]
    assert "cn_resident_id" in metadata["documents_supported"] and len(metadata["documents_supported"]) == 5
    assert set(metadata["documents_check_methods_supported"]) == {"data", "bvr", "auth", "token", "vcrypt", "pvp"}
    assert set(metadata["claims_in_verified_claims_supported"]) == set(IDENTITY_CLAIMS)
    assert set(metadata["claims_supported"]) >= APPROVABLE
    assert {"identity", "id_number", "age"} <= set(metadata["scopes_supported"])
