"""Write the code lists of the verification services anew, from the vendors' own clients as they are installed.

    .venv/bin/python scripts/verification_codes.py            write tests/contract/realname/fixtures/*.json
    .venv/bin/python scripts/verification_codes.py --check    only compare; 1 where a list is out of date

Read are the sources of the clients: module constants, and the lists of values in the comments. Codes that the
clients do not list come from the vendors' documents and stand below, each with its source.
"""

import argparse
import json
import re
import sys
from importlib.metadata import distribution
from pathlib import Path

FIXTURES = Path(__file__).resolve().parent.parent / "tests" / "contract" / "realname" / "fixtures"

TENCENT = "tencentcloud-sdk-python-faceid"
ALIYUN = "alibabacloud_cloudauth20190307"

# Text.ErrCode of GetDetectInfoEnhanced.
_TENCENT_FACE_SOURCE = (
    "Tencent Cloud, error codes of the mobile H5 comparison (document 1061/55390), from public copies of it; "
    "1006, 2002, 2003, 2005-2008 and 3001, which are the mainland service's only, as its users list them"
)
_TENCENT_FACE = (
    "0 1 2 3 4 8 9 10 11 14 15 16 17 202 1001 1002 1003 1004 1005 1006 1101 1102 1103 1104 1105 1106 1107 1108 1109 "
    "1201 1202 1203 1204 1205 1206 1207 1208 1209 1210 1301 1302 1303 1401 2001 2002 2003 2004 2005 2006 2007 2008 "
    "2009 2010 2011 2012 2013 2014 2015 2016 3001"
)

# Code and SubCode of cloudauth.
_ALIYUN_SOURCE = (
    "Alibaba Cloud, API metadata of cloudauth 2019-03-07 and the help pages of the actions, from public copies of "
    "them; 427, and SubCode 207-222, as its users list them"
)
_ALIYUN_PAIR = "200 400 401 402 403 404 405 406 410 411 412 424 500"
_ALIYUN_INIT = "200 400 401 402 404 405 410 411 412 414 415 416 417 418 419 420 421 422 423 427 500"
_ALIYUN_DESCRIBE = "200 400 401 402 403 404 406 410 411 412 424 500"
_ALIYUN_SUB_CODES = "200 201 202 203 204 205 206 207 209 210 220 221 222"


def main() -> int:
    """Write or compare; return 0 where all is as it should be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing")
    arguments = parser.parse_args()
    outdated = 0
    for name, content in (("tencent-faceid", _tencent()), ("aliyun-cloudauth", _aliyun())):
        file = FIXTURES / f"{name}-{content['sdk'].rpartition(' ')[2]}.json"
        text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
        if file.exists() and file.read_text(encoding="utf-8") == text:
            continue
        outdated += 1
        print(f"{file.name} is out of date")
        if not arguments.check:
            for old in FIXTURES.glob(f"{name}-*.json"):
                old.unlink()
            file.write_text(text, encoding="utf-8")
    return 1 if outdated and arguments.check else 0


def _tencent() -> dict[str, object]:
    models = _source(TENCENT, "tencentcloud/faceid/v20180301/models.py")
    errors = _source(TENCENT, "tencentcloud/faceid/v20180301/errorcodes.py")
    results = {
        action: re.findall(r"^ *(-?[0-9]+)[:：]", _parameter(models, f"{action}Response", "Result"), re.MULTILINE)
        for action in ("IdCardVerification", "CheckIdNameDate", "PhoneVerification")
    }
    tags = re.findall(r"<br>([0-9]{2})-", _parameter(models, "DetectInfoText", "LivenessInfoTag"))
    return {
        "how": "scripts/verification_codes.py",
        "sdk": f"{TENCENT} {distribution(TENCENT).version}",
        "Result": results,
        "Error.Code": re.findall(r"^[A-Z_]+ = '([A-Za-z.]+)'$", errors, re.MULTILINE),
        "Text.LivenessInfoTag": tags,
        "Text.ErrCode": {"source": _TENCENT_FACE_SOURCE, "codes": _TENCENT_FACE.split()},
    }


def _aliyun() -> dict[str, object]:
    def listed(file: str, field: str) -> list[str]:
        source = _source(ALIYUN, f"alibabacloud_cloudauth20190307/models/{file}.py")
        comment = re.search(rf"((?:^ +#.*\n)+) +self\.{field} = {field}$", source, re.MULTILINE)
        return re.findall(r"\*\*([0-9]+)\*\*[:：]", comment[1]) if comment else []

    return {
        "how": "scripts/verification_codes.py",
        "sdk": f"{ALIYUN} {distribution(ALIYUN).version}",
        "BizCode": {
            "Id2MetaVerify": listed("_id_2meta_verify_response_body", "biz_code"),
            "Mobile3MetaDetailVerify": listed("_mobile_3meta_detail_verify_response_body", "biz_code"),
        },
        "SubCode": {"Mobile3MetaDetailVerify": listed("_mobile_3meta_detail_verify_response_body", "sub_code")},
        "documents": {
            "source": _ALIYUN_SOURCE,
            "Code": {
                "Id2MetaVerify": _ALIYUN_PAIR.split(),
                "Mobile3MetaDetailVerify": _ALIYUN_PAIR.split(),
                "InitFaceVerify": _ALIYUN_INIT.split(),
                "DescribeFaceVerify": _ALIYUN_DESCRIBE.split(),
            },
            "SubCode": {"DescribeFaceVerify": _ALIYUN_SUB_CODES.split()},
        },
    }


def _source(package: str, file: str) -> str:
    return Path(str(distribution(package).locate_file(file))).read_text(encoding="utf-8")


def _parameter(models: str, name: str, parameter: str) -> str:
    """Return what the documentation of a class says of one of its parameters."""
    start = models.index(f"class {name}(")
    begin = models.index(f":param _{parameter}:", start)
    return models[begin : models.index(f":type {parameter}:", begin)]


if __name__ == "__main__":
    sys.exit(main())
