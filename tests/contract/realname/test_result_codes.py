"""Every code that the vendors document stands for one outcome; the lists are made by scripts/verification_codes.py."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from realname.providers import aliyun_codes, tencent_codes
from realname.providers.answer import Outcome
from tests.contract.realname import scripted

FIXTURES = Path(__file__).parent / "fixtures"
(TENCENT_FILE,) = FIXTURES.glob("tencent-faceid-*.json")
(ALIYUN_FILE,) = FIXTURES.glob("aliyun-cloudauth-*.json")
TENCENT = json.loads(TENCENT_FILE.read_text(encoding="utf-8"))
ALIYUN = json.loads(ALIYUN_FILE.read_text(encoding="utf-8"))
SETTLED = (Outcome.MATCH, Outcome.MISMATCH, Outcome.NO_RECORD)


def test_the_lists_are_those_of_the_installed_clients() -> None:
    """A newer client of a vendor needs a newer list."""
    command = [sys.executable, "scripts/verification_codes.py", "--check"]
    done = subprocess.run(command, cwd=FIXTURES.parents[3], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_lists_are_not_empty() -> None:
    """A change of the clients' comments must not make the lists shrink unnoticed."""
    assert {action: len(codes) for action, codes in TENCENT["Result"].items()} == {
        "IdCardVerification": 8,
        "CheckIdNameDate": 9,
        "PhoneVerification": 9,
    }
    assert len(TENCENT["Error.Code"]) >= 95
    assert len(TENCENT["Text.LivenessInfoTag"]) == 14
    assert ALIYUN["BizCode"] == {"Id2MetaVerify": ["1", "2", "3"], "Mobile3MetaDetailVerify": ["1", "2", "3"]}
    assert len(ALIYUN["SubCode"]["Mobile3MetaDetailVerify"]) == 6


@pytest.mark.parametrize(
    ("table", "documented"),
    [
        (tencent_codes.NAME_RESULTS, TENCENT["Result"]["IdCardVerification"]),
        (tencent_codes.CARD_RESULTS, TENCENT["Result"]["CheckIdNameDate"]),
        (tencent_codes.MOBILE_RESULTS, TENCENT["Result"]["PhoneVerification"]),
        (tencent_codes.ERRORS, TENCENT["Error.Code"]),
        (tencent_codes.FACE_TAGS, TENCENT["Text.LivenessInfoTag"]),
        ({**tencent_codes.FACE_RESULTS, "0": None, "17": None}, TENCENT["Text.ErrCode"]["codes"]),
        (aliyun_codes.NAME_RESULTS, ALIYUN["BizCode"]["Id2MetaVerify"]),
        (aliyun_codes.MOBILE_RESULTS, ALIYUN["SubCode"]["Mobile3MetaDetailVerify"]),
        (aliyun_codes.BIZ_CODES.values(), ALIYUN["BizCode"]["Mobile3MetaDetailVerify"]),
        (aliyun_codes.FACE_RESULTS, ALIYUN["documents"]["SubCode"]["DescribeFaceVerify"]),
        ({**aliyun_codes.PAIR_CODES, "200": None}, ALIYUN["documents"]["Code"]["Id2MetaVerify"]),
        ({**aliyun_codes.PAIR_CODES, "200": None}, ALIYUN["documents"]["Code"]["Mobile3MetaDetailVerify"]),
        ({**aliyun_codes.FACE_CODES, "200": None}, ALIYUN["documents"]["Code"]["InitFaceVerify"]),
        (
            {*aliyun_codes.FACE_CODES, *aliyun_codes.FACE_UNFINISHED, "200"},
            ALIYUN["documents"]["Code"]["DescribeFaceVerify"],
        ),
    ],
    ids=[
        "tencent name",
        "tencent card",
        "tencent mobile",
        "tencent errors",
        "tencent tags",
        "tencent face",
        "aliyun name",
        "aliyun mobile",
        "aliyun mobile, brief",
        "aliyun face",
        "aliyun name codes",
        "aliyun mobile codes",
        "aliyun begin codes",
        "aliyun fetch codes",
    ],
)
def test_every_documented_code_has_a_meaning(table, documented: list[str]) -> None:
    """A code without a meaning is a decision that nobody made."""
    assert [code for code in documented if code not in table] == []


@pytest.mark.parametrize(
    ("table", "matches", "mismatches", "no_records"),
    [
        (tencent_codes.NAME_RESULTS, {"0"}, {"-1"}, {"-5"}),
        (tencent_codes.CARD_RESULTS, {"0"}, {"-1"}, {"-7"}),
        (tencent_codes.MOBILE_RESULTS, {"0"}, {"-4"}, {"-9"}),
        (
            tencent_codes.ERRORS,
            set(),
            {"FailedOperation.IdNameMisMatch", "FailedOperation.CompareLowSimilarity"},
            {"FailedOperation.IdNoExistSystem", "FailedOperation.IdPhotoNoExist"},
        ),
        (tencent_codes.FACE_RESULTS, set(), {"2006", "2016"}, {"2005", "2007"}),
        (tencent_codes.FACE_TAGS, set(), set(), set()),
        (aliyun_codes.NAME_RESULTS, {"1"}, {"2"}, {"3"}),
        (aliyun_codes.MOBILE_RESULTS, {"101"}, {"201", "202", "203", "204"}, {"301"}),
        (aliyun_codes.FACE_RESULTS, {"200"}, {"201", "204", "207"}, {"202", "203"}),
        (aliyun_codes.PAIR_CODES, set(), set(), set()),
        (aliyun_codes.FACE_CODES, set(), set(), set()),
        (aliyun_codes.GATEWAY, set(), set(), set()),
    ],
)
def test_no_other_code_speaks_about_the_person(table, matches, mismatches, no_records) -> None:
    """Only the codes named here match, mismatch or say that there is no record."""
    found = {outcome: {code for code, meaning in table.items() if meaning.outcome is outcome} for outcome in SETTLED}
    assert found == {Outcome.MATCH: matches, Outcome.MISMATCH: mismatches, Outcome.NO_RECORD: no_records}


@pytest.mark.parametrize(
    ("table", "charged"),
    [
        (tencent_codes.NAME_RESULTS, {"0", "-1"}),
        (tencent_codes.CARD_RESULTS, {"0", "-1"}),
        (tencent_codes.MOBILE_RESULTS, {"0", "-4"}),
        (tencent_codes.ERRORS, set()),
        (aliyun_codes.NAME_RESULTS, {"1", "2", "3"}),
        (aliyun_codes.MOBILE_RESULTS, {"101", "201", "202", "203", "204", "301"}),
        (aliyun_codes.PAIR_CODES, set()),
        (aliyun_codes.FACE_CODES, set()),
    ],
)
def test_what_is_charged_is_what_the_documents_charge(table, charged: set[str]) -> None:
    """Tencent documents it by code; of Alibaba whatever the source said counts as charged."""
    assert {code for code, meaning in table.items() if meaning.is_charged} == charged


@pytest.mark.parametrize("code", TENCENT["Text.ErrCode"]["codes"])
def test_tencents_faces_follow_their_table(code: str) -> None:
    """Each documented end comes out as the table says, and only 0 matches."""
    answer = scripted.tencent_text(ErrCode=int(code)).answer
    assert (answer.outcome is Outcome.MATCH) == (code == "0")
    if code in tencent_codes.FACE_RESULTS:
        assert (answer.outcome, answer.code) == (tencent_codes.FACE_RESULTS[code].outcome, code)


@pytest.mark.parametrize("code", ALIYUN["documents"]["SubCode"]["DescribeFaceVerify"])
def test_aliyuns_faces_follow_their_table(code: str) -> None:
    """Each documented end comes out as the table says, and only 200 matches, even where 210 claims to have passed."""
    passed = "T" if code in ("200", "210") else "F"
    answer = scripted.aliyun_result(Passed=passed, SubCode=code).answer
    assert (answer.outcome, answer.code) == (aliyun_codes.FACE_RESULTS[code].outcome, code)
    assert (answer.outcome is Outcome.MATCH) == (code == "200")


@pytest.mark.parametrize("code", TENCENT["Error.Code"])
def test_tencents_refusals_follow_their_table(code: str) -> None:
    """A refusal means the same in every action, and is free."""
    error = {"Code": code, "Message": "110101199003071233"}
    answers = [
        scripted.tencent_name(Error=error),
        scripted.tencent_mobile(Error=error),
        scripted.tencent_face({"Response": {"RequestId": "r", "Error": error}}).fetch("order.TOKEN").answer,
    ]
    assert {(answer.outcome, answer.code, answer.is_charged) for answer in answers} == {
        (tencent_codes.ERRORS[code].outcome, code, False)
    }
