"""OpenID Connect for Identity Assurance 1.0: reading requests, and the answers that they get."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realname.documents.document_number import DocumentType
from realname.release.evidence import CHECK_METHODS, DOCUMENT_TYPES, verification_of
from realname.release.identity_claims import APPROVABLE
from realname.release.values import Proved
from realname.release.verification_request import MalformedRequest, read_verified_claims
from realname.release.verified_claims import answer_verified_claims
from tests.unit.realname.release.proofs import NAME, NOW, NUMBER, proofing, proved

PLAIN: dict[str, Any] = {"verification": {"trust_framework": None}, "claims": {"real_name": None}}
DOCUMENT = {"type": {"value": "document"}}


def answer(
    asked: Any,
    *proofings: Any,
    someone: Proved | None = None,
    approved: frozenset[str] = APPROVABLE,
    allowed: frozenset[str] | None = None,
) -> Any:
    """Return what a request gets, from reading it to the answer."""
    template = read_verified_claims(asked, approved)
    if template is None:
        return None
    return answer_verified_claims(
        template, someone or proved(), proofings or (proofing(),), allowed=allowed or approved, now=NOW
    )


def asking(**verification: Any) -> dict[str, Any]:
    """Return a request for the name with this verification."""
    return {**PLAIN, "verification": {"trust_framework": None, **verification}}


def test_only_what_was_asked_for_is_told() -> None:
    """Claims and elements of verification come where they are named (§5.4), the trust framework always."""
    assert answer(PLAIN) == {
        "verification": {"trust_framework": "cn_yihao_realname"},
        "claims": {"real_name": NAME},
    }
    asked = asking(assurance_level=None, time=None, evidence=[DOCUMENT | {"document_details": {"type": None}}])
    assert answer(asked)["verification"] == {
        "trust_framework": "cn_yihao_realname",
        "assurance_level": "ial2",
        "time": "2026-11-21T08:00:00Z",
        "evidence": [{"type": "document", "document_details": {"type": "cn_resident_id"}}],
    }


def test_evidence_tells_how_it_was_checked() -> None:
    """The document and the checks in the predefined words; never a number of it or a service's id."""
    asked = asking(evidence=[DOCUMENT | {"document_details": None, "check_details": [{"check_method": None}]}])
    (evidence,) = answer(asked, proofing(3, "face"))["verification"]["evidence"]
    assert evidence == {
        "type": "document",
        "document_details": {"type": "cn_resident_id", "issuer": {"country_code": "CHN"}},
        "check_details": [{"check_method": "data"}, {"check_method": "bvr"}],
    }
    assert NUMBER not in str(answer(asked))


def test_a_method_that_is_not_known_is_told_without_checks() -> None:
    """Better nothing than a word that is not true; the rest of the evidence stands."""
    asked = asking(evidence=[DOCUMENT | {"check_details": [{"check_method": None}]}])
    assert answer(asked, proofing(2, "by hand"))["verification"]["evidence"] == [{"type": "document"}]
    wanted = asking(evidence=[DOCUMENT | {"check_details": [{"check_method": {"value": "data"}}]}])
    assert answer(wanted, proofing(2, "by hand")) is None
    assert answer(wanted, proofing(2, "name")) is not None


def test_every_kind_of_document_has_its_word() -> None:
    """No kind is left over, and no two share one."""
    assert DOCUMENT_TYPES.keys() == set(DocumentType)
    assert len(set(DOCUMENT_TYPES.values())) == len(DocumentType)


@pytest.mark.parametrize(
    ("verification", "is_met"),
    [
        ({"trust_framework": {"value": "cn_yihao_realname"}}, True),
        ({"trust_framework": {"values": ["eidas", "cn_yihao_realname"]}}, True),
        ({"trust_framework": {"value": "eidas"}}, False),
        ({"assurance_level": {"value": "ial3"}}, True),
        ({"assurance_level": {"values": ["ial2", "ial4"]}}, False),
        ({"assurance_level": {"value": "high"}}, False),
        ({"time": {"max_age": 86_400}}, True),
        ({"time": {"max_age": 86_399}}, False),
        ({"time": {"value": "2026-11-20T08:00:00Z"}}, False),
        ({"evidence": [DOCUMENT]}, True),
        ({"evidence": [{"type": {"value": "vouch"}}]}, False),
        ({"evidence": [{"type": {"value": "vouch"}}, DOCUMENT]}, True),  # linked by OR
        ({"evidence": [DOCUMENT | {"document_details": {"type": {"value": "cn_resident_id"}}}]}, True),
        ({"evidence": [DOCUMENT | {"document_details": {"type": {"values": ["passport"]}}}]}, False),
        ({"evidence": [DOCUMENT | {"document_details": {"type": {"value": "cn_taiwan_travel_permit"}}}]}, False),
        ({"evidence": [DOCUMENT | {"check_details": [{"check_method": {"value": "bvr"}}]}]}, True),
        ({"evidence": [DOCUMENT | {"check_details": [{"check_method": {"value": "pvp"}}]}]}, False),
        ({"evidence": [DOCUMENT | {"check_details": [{"check_method": {"values": ["pvp", "data"]}}]}]}, True),
        ({"assurance_process": None}, True),  # not known here, and not restricted
        ({"assurance_process": {"policy": {"value": "strict"}}}, False),  # no restriction is passed over (§5.5.1)
        ({"evidence": [DOCUMENT | {"document_details": {"document_number": {"value": NUMBER}}}]}, False),
        ({"evidence": [DOCUMENT | {"document_details": {"document_number": None}}]}, True),
    ],
)
def test_a_restriction_is_met_or_the_whole_element_is_left_out(verification: dict[str, Any], is_met: bool) -> None:
    """§5.5 and §5.7.4: never an error, never part of it. The proof is of level 3 and a day old."""
    found = answer(asking(**verification), proofing(3, "face", NOW - timedelta(days=1)))
    assert (found is not None) is is_met


def test_the_strongest_proof_that_fits_is_told() -> None:
    """Of several valid proofings the highest, and a restriction finds a lower one too."""
    proofs = (proofing(2), proofing(4, "counter", NOW - timedelta(days=9)), proofing(3, "face"))
    for asked, level in ((None, "ial4"), ({"value": "ial2"}, "ial2"), ({"values": ["ial2", "ial3"]}, "ial3")):
        assert answer(asking(assurance_level=asked), *proofs)["verification"]["assurance_level"] == level
    recent = asking(assurance_level=None, time={"max_age": 3600})
    assert answer(recent, *proofs)["verification"]["assurance_level"] == "ial3"


def test_what_is_not_allowed_is_left_out_and_an_empty_answer_with_it() -> None:
    """Claims without approval or consent are left out (§5.7.2, §5.7.3), and where none is left the element (§5.7.5)."""
    both = {**PLAIN, "claims": {"real_name": None, "id_number": None}}
    assert answer(both)["claims"] == {"real_name": NAME, "id_number": NUMBER}
    assert answer(both, approved=frozenset({"real_name"}))["claims"] == {"real_name": NAME}
    assert answer(both, allowed=frozenset({"id_number"}))["claims"] == {"id_number": NUMBER}
    assert answer(both, approved=frozenset({"gender"})) is None
    assert answer(both, allowed=frozenset({"gender"})) is None
    assert answer({**PLAIN, "claims": {"eye_colour": None}}) is None


def test_without_a_proof_there_is_nothing() -> None:
    """No valid proofing, or one of level 1, verifies anything."""
    template = read_verified_claims(PLAIN, APPROVABLE)
    assert template is not None
    for proofs in ((), (proofing(1),)):
        assert answer_verified_claims(template, proved(), proofs, allowed=APPROVABLE, now=NOW) is None


def test_an_array_is_answered_element_by_element() -> None:
    """Each element that can be met gets its answer, in its order (§5.6); an array of none is left out."""
    strict = asking(assurance_level={"value": "ial4"})
    age = {**PLAIN, "claims": {"age_over_18": None}}
    found = answer([strict, PLAIN, age])
    assert [each["claims"] for each in found] == [{"real_name": NAME}, {"age_over_18": True}]
    assert answer([strict]) is None


def test_names_may_carry_a_language() -> None:
    """As everywhere (OpenID Connect Core §5.2)."""
    asked = {**PLAIN, "claims": {"real_name#zh-Hans-CN": None, "real_name#bo": None, "gender#zh": None}}
    assert answer(asked)["claims"] == {"real_name#zh-Hans-CN": NAME}


def test_nothing_that_was_sent_is_kept_but_words_of_ours() -> None:
    """The template that a grant keeps holds no text of the request."""
    asked = {
        "verification": {"trust_framework": {"values": ["SECRET", "cn_yihao_realname"], "SECRET": 1}, "SECRET": "x"},
        "claims": {"real_name": {"essential": True, "purpose": "SECRET"}, "SECRET": None},
    }
    assert "SECRET" not in str(read_verified_claims(asked, APPROVABLE))


@pytest.mark.parametrize(
    "asked",
    [
        None,
        "real_name",
        [],
        [PLAIN] * 11,
        [PLAIN, "x"],
        {},
        {"claims": {"real_name": None}},
        {"verification": {}, "claims": {"real_name": None}},
        {"verification": {"time": None}, "claims": {"real_name": None}},
        {**PLAIN, "claims": {}},
        {**PLAIN, "claims": {"real_name": "x"}},
        {**PLAIN, "claims": ["real_name"]},
        asking(trust_framework="cn_yihao_realname"),
        asking(trust_framework={"value": 1}),
        asking(trust_framework={"values": []}),
        asking(trust_framework={"value": "a", "values": ["a"]}),
        asking(time={"max_age": -1}),
        asking(time={"max_age": True}),
        asking(time={"max_age": "1"}),
        asking(time={"max_age": 1.5}),
        asking(time=1),
        asking(evidence=None),
        asking(evidence=[]),
        asking(evidence=[DOCUMENT] * 11),
        asking(evidence=["document"]),
        asking(evidence=[{}]),  # §5.4: an entry names its type …
        asking(evidence=[{"type": None}]),
        asking(evidence=[{"type": {"values": ["document"]}}]),  # … by value alone
        asking(evidence=[DOCUMENT | {"document_details": "x"}]),
        asking(evidence=[DOCUMENT | {"check_details": {}}]),
        asking(a={"b": {"c": {"d": {"e": {"f": {"g": {"h": None}}}}}}}),
    ],
)
def test_a_malformed_request_is_refused(asked: Any) -> None:
    """Told by a text of ours that repeats nothing of it."""
    with pytest.raises(MalformedRequest) as refused:
        read_verified_claims(asked, APPROVABLE)
    assert "real_name" not in str(refused.value)


_WORDS = st.sampled_from(
    [
        "verification",
        "claims",
        "trust_framework",
        "evidence",
        "type",
        "value",
        "values",
        "max_age",
        "time",
        "document",
        "check_details",
        "document_details",
        "real_name",
        "real_name#zh",
        "cn_yihao_realname",
        "SENT",
    ]
)
_LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _WORDS
_JSON = st.recursive(
    _LEAVES, lambda below: st.lists(below, max_size=3) | st.dictionaries(_WORDS, below, max_size=4), max_leaves=12
)


@given(_JSON, _JSON)
def test_whatever_is_sent_ends_as_a_template_of_ours_or_a_refusal(verification: Any, claims: Any) -> None:
    """No other end, and no word of the request in what is kept or answered."""
    for asked in (verification, {"verification": verification, "claims": claims}):
        try:
            template = read_verified_claims(asked, APPROVABLE)
        except MalformedRequest:
            continue
        assert "SENT" not in str(template)
        if template is not None:
            found = answer_verified_claims(template, proved(), (proofing(),), allowed=APPROVABLE, now=NOW)
            assert found is None or "SENT" not in str(found)


def test_a_long_way_down_is_refused() -> None:
    """Nesting ends in a refusal, not in a stack."""
    deep: Any = None
    for _ in range(900):
        deep = {"a": deep}
    with pytest.raises(MalformedRequest):
        read_verified_claims(deep, APPROVABLE)


@pytest.mark.parametrize("member", [{"value": NAME}, {"values": [NAME, "李四"]}, {"value": None}])
def test_a_value_is_refused(member: Any) -> None:
    """An answer to "is it this one?" would tell without consent; approved or not, and under a language tag too."""
    for name in ("real_name", "real_name#zh"):
        for approved in (APPROVABLE, frozenset[str]()):
            with pytest.raises(MalformedRequest):
                read_verified_claims({**PLAIN, "claims": {name: member}}, approved)


def test_the_whole_verification_holds_nothing_of_the_person() -> None:
    """Whatever is asked for: no name, no number, no provider."""
    for method in CHECK_METHODS:
        told = str(verification_of(proofing(4, method), DocumentType.RESIDENT_ID))
        assert NUMBER not in told and NAME not in told
